// A diff in German and English. Pure.
#pragma once

#include <vector>

#include "policy/diff/entries.h"
#include "policy/diff/fold.h"
#include "policy/diff/gates.h"
#include "policy/vocabulary/both.h"

namespace policy::diff {

using vocabulary::Both;

constexpr std::size_t kListedMax = 12;  // dates and single intervals that a sentence lists; then "and 40 more"

// "Montags bis freitags, aber nicht an Feiertagen, 18:00–20:00 Uhr: gewöhnliche Nachrichten werden jetzt zurückgehalten
// (vorher zugestellt). Grund: Regel „dv.evening“ ist neu." A sentence for each weekly stretch and one for all single
// ones.
std::vector<Both> sentences(const Folded& folded, const Calendar& calendar, const EntriesDiff& entries);

// "für alle", "für die Gruppe wache", "für alle außer den Gruppen wache und stab"; `audiences` as RulesDiff has it.
Both whom(const std::vector<Audience>& who, std::size_t audiences);
// "ohne Dienstplan, mit Tagdienst"; everything that was tried is one phrase.
Both in_which_lives(const std::vector<Scenario>& lives, const std::vector<Life>& tried);
Both words_of(Life life);

// "Ruheregel „dv.rest“ geändert: Mindestruhe 11h → 10h (schützt weniger)."
Both sentence(const EntryChange& change);

// "schützt mehr", "schützt weniger", "schützt teils mehr, teils weniger", "unverändert".
Both words_of(Direction direction);
// "nichts ändert sich: beide sagen dasselbe (bewiesen)", …
Both words_of(Verdict verdict);

}  // namespace policy::diff
