// How both writers number a sentence and name its source; inside of policy/render.
#pragma once

#include "policy/render/document.h"

namespace policy::render {

std::string sentence_number(const Block& block, std::size_t index);  // "4.2"
// "Quelle der Sätze 4.1 bis 4.8: ArbZG § 5 (1). Regel dv.rest."
Both source_words(const Block& block);

}  // namespace policy::render
