// A document as Markdown (CommonMark): klartext.de.md, klartext.en.md. Deterministic; ends with a line feed.
#pragma once

#include "policy/render/document.h"

namespace policy::render {

std::string markdown(const Document& document, Language language);

}  // namespace policy::render
