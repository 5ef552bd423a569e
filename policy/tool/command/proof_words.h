// A proof's report for people, in German and English, and as JSON.
//
// JSON: {"ok", "mode": "sweep" | "symbolic", "digest", "from", "to", "people", "duties", "unevaluable",
//   "clock_changes": [instant], "claims": [{"id", "kind", "minimum", "classes", "cite", "verdict": "holds" | "fails" |
//   "not-proven", "reason": error or absent, "places", "failures", "roster_breaches", "interrupted", "suspended_by":
//   [id], "counterexamples": [C], "breaches": [C]}], "rests": [{"id", "covered", "closed_s", "people"}], "exceptions":
//   likewise, "out_of_scope": [family]} C: {"person", "cause": "rules" | "roster" | "interruption", "begin", "end",
//   "found_begin", "found_end", "found_s", "required_s", "before": {"begin", "end"} or null, "after": likewise,
//   "rules": [id], "de", "en", "facts": only of a made-up person, {"groups": [id], "roster": [{"kind", "begin",
//   "end"}], "interruptions": [{"begin", "end"}]}}
#pragma once

#include <boost/json/value.hpp>
#include <ostream>

#include "policy/prove/report.h"
#include "policy/tool/command/words.h"

namespace policy::tool {

// One sentence: who, when, how much of how much, which rules. `zone` is the one that the reader's clock shows.
std::string say(Language language, const time::Zone& zone, const prove::ClaimReport& claim,
                const prove::Counterexample& one);

void print_proof(std::ostream& out, Language language, const time::Zone& zone, const prove::Report& report);
boost::json::object json_of(const time::Zone& zone, const prove::Report& report);

}  // namespace policy::tool
