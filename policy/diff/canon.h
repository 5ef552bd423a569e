// What a set of rules says about one class of messages for people of certain groups, in one spelling: two sets with the
// same text give this class the same effect for every roster at every instant. The other way round is not promised:
// different texts may mean the same.
//
// Why equal texts decide alike. An effect is the strongest one of the closings in force, without those that are pierced
// (design § 4 "Combination"). The text lists the closings as a set, each with everything that its instants depend on:
// kind, terms, window, zone, holidays, what it makes way for, which entries are one duty, whose core hours count, and
// what pierces it. Left out is what cannot matter: ids, titles, citations, layers, order, repetitions; rules for other
// groups; rules that deliver this class; a rule whose closings another one has with a stronger effect; holidays where
// they are treated as weekdays in any case. Windows that differ in nothing but their days are one window.
//
// Pure.
#pragma once

#include <span>
#include <string>

#include "policy/model/message_class.h"
#include "policy/pack/rules.h"

namespace policy::diff {

std::string canon_of(const pack::Rules& rules, std::span<const std::string> groups, model::MessageClass message_class);

// The parts of it, for comparing rules one by one (policy/diff/settings.h).
std::string text_of(const time::Window& window);    // "mon,tue,holiday 20:00:00-06:00:00"
std::string text_of(const pack::Applies& applies);  // "*" or "a,b"
std::string text_of(const time::Restart& restart);  // "always", "never", "longer-than:15m"
std::string days_of(const time::DaySet& days);
std::string hours_of(const time::Window& window);

}  // namespace policy::diff
