// One self-contained page: the text of one pack or of several, and where there is one the week chart and its table. No
// scripts, no references to other files or hosts; prints on A4; readable at 320 CSS pixels; contrast of at least 7:1
// (WCAG 2.2 AAA). Deterministic.
#pragma once

#include <optional>
#include <span>

#include "policy/chart/week.h"
#include "policy/render/document.h"

namespace policy::render {

std::string page(std::span<const Document> documents, const std::optional<chart::Week>& week, Language language);

}  // namespace policy::render
