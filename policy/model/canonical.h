// The facts about one person as bytes: the same for the same facts, in whatever order their entries were given. A
// decision that is replayed names its facts by the SHA-256 of these bytes.
//
//   feierabend-facts 1
//   person anna
//   group wache
//   roster 2026-06-01T06:00:00Z 2026-06-01T14:00:00Z duty
//   interruption 2026-06-01T22:00:00Z 2026-06-01T22:10:00Z
//   override 2026-06-01T22:00:00Z 2026-06-02T00:00:00Z exception.einsatz einsatzleitung grosslage
//   self-opening 2026-06-02T18:00:00Z 2026-06-02T19:00:00Z
//
// One line a fact, each ended by LF; kinds in this order, and within a kind by begin, end and the rest (groups by their
// bytes). What is given twice stands twice. In texts every byte but A-Z a-z 0-9 and - . _ ~ @ , = + : / is written as
// %XX in upper-case hex. An instant outside the years 1 to 9999, with which every decision holds, is written as @ and
// its seconds since 1970.
#pragma once

#include <string>
#include <string_view>

#include "policy/model/facts.h"

namespace policy::model {

constexpr std::size_t kCanonicalBytesMax = 16 * 1024 * 1024;
constexpr std::size_t kCanonicalLineBytesMax = 8192;

// Any facts; only what comes from outside is bounded.
std::string canonical(const PersonFacts& facts);

// Exactly what canonical() writes, and nothing else: canonical(*parse_canonical(text)) == text. Errors, with `where` as
// "name:line": facts.too-large, facts.syntax, facts.order (lines that canonical() would write in another order or
// form).
base::Result<PersonFacts> parse_canonical(std::string_view name, std::string_view text);

}  // namespace policy::model
