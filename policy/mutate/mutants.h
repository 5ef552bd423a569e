// Small changes to a pack, each of which some case must notice: what `test --mutate` asks of cases.toml.
//
// A mutant changes one TOML value of the pack; comments and layout do not matter. Every key of the grammar has its
// treatment in grammar.cc (tested: a key without one fails). What is generated:
//
//   durations            a minute more; a minute less, but not below nothing
//   local times          a minute later and earlier, around midnight
//   counts               one more and one less
//   rests, exceptions, [self_open], [schedule] and its hours, alarms, retentions, adaptations, settings of parameters,
//   markers, limits      removed; with a rest go its mentions in `pierces` and [[adapt]] of the same pack, so that a
//   case
//                        must notice it and not the loader
//   days, classes, groups, senders, reasons, unless, pierces, labels, records, purposes
//                        each entry removed
//   effects              one step, in both directions; a class not named counts as held
//   restart              always ↔ never; an absent one counts as always
//   words of a list      every other one (private, clock, payload, action, keep)
//   applies, holidays    removed (the rule is for everybody; no date is a holiday)
//
// What is not, because no decision, setting or refusal can differ, or because another mutant is the same:
//
//   id, version, title, cite, signers   names and texts
//   layer, zone, role, pattern, kind, when, rule, parameter, than
//                                       not bounds: another word is another rule, not this one moved
//   claims                              what `prove` must show; they decide nothing
//   duty_gap, holidays                  where no rest of the pack looks at duties; where it reads no local time
//   applies of an exception             where the rests that it pierces are for no other groups
//   days, classes, groups, pierces, records: the last entry
//                                       an empty list does not load, and a rule for nothing is a rule removed (tested
//                                       there). The last sender becomes a group that nobody has; with the last reason
//                                       or label the key goes, and then any is allowed
//   "*" in groups                       alone it is the last entry; beside others those change nothing
//   an effect "hold" left out           hold is the default
//   an effect that never shows          left to survives(), which proves it: where others always close more
//   "$parameter"                        its value is moved at the [[set]]
//   [devices], [sessions], [push] as a whole
//                                       each of their values is moved
//   [[parameter]] removed               what names it does not load
//
// Values. `edit` changes a copy of the tree that mutants() was given, and nothing else.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "policy/pack/document.h"

namespace policy::mutate {

constexpr std::size_t kMutantsMax = 100'000;  // of one pack; what is beyond is left out

struct Mutant {
  pack::Position at;           // of the value that is changed
  std::string what;            // "minimum of rule 'arbzg.rest' is 11h1m instead of 11h"
  bool about_loading = false;  // a bound for other packs: only a [[load]] case can notice
  std::string rest;            // id of the rest whose effect is changed, else empty
  std::size_t message_class = 0;
  std::function<void(pack::Value& root)> edit;
};

// `root` is a pack that loads.
std::vector<Mutant> mutants(const pack::Value& root);

// Every key that has a treatment, as "family/key" or "family/table/key", sorted: for the test that none is forgotten.
std::vector<std::string> known_keys();

}  // namespace policy::mutate
