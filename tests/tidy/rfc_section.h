// Where a standard says it: whoever reads a declaration of the MLS rooms can look up what it follows, and whoever
// changes it sees against what.
//
// Pure, like the rest of the linter.
#pragma once

#include <span>

#include "tests/tidy/lint.h"

namespace tests::tidy {

// Rule "rfc-section", for headers of clients/mls. A block of lines between blank ones, at namespace scope or in the
// public part of a class, that declares more than a name names a section in its comments: "§ 7.2", "§§ 11, 12" (RFC
// 9420), "RFC 9180 § 5.1". `lines` and `code` (code_of) have the same places.
//
// Which section it is, and whether each declaration of a block has its own, is for people to see.
void find_unsourced(const SourceFile& file, std::span<const std::string_view> lines,
                    std::span<const std::string_view> code, std::vector<Finding>& out);

}  // namespace tests::tidy
