// One self-contained page: text, and where there is one the week chart and its table. No scripts, no references to
// other files or hosts; prints on A4; readable at 320 CSS pixels; contrast of at least 7:1 (WCAG 2.2 AAA).
// Deterministic.
#pragma once

#include <optional>

#include "policy/chart/week.h"
#include "policy/render/document.h"

namespace policy::render {

std::string page(const Document& document, const std::optional<chart::Week>& week, Language language);

}  // namespace policy::render
