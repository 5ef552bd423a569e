// A slow reading of design § 4, straight from its table, for tests: it shares nothing with policy/time and
// policy/decide beyond value types, knows only Europe/Berlin from 1996 on and the holidays of Lower Saxony of
// 2025–2027, and asks at single instants whether each closing is in force.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "policy/model/decision.h"
#include "policy/model/facts.h"

namespace policy::decide::oracle {

using Second = std::int64_t;
constexpr Second kDaySeconds = 86400;

struct Rule {
  std::string id;
  int layer = 0;  // 0 law … 3 personal
  std::string kind;
  Second minimum = 0, grace = 0, lead = 0;
  std::string restart = "always";
  Second threshold = 0;
  std::array<bool, 8> days{};
  Second from = 0, to = 0;  // since local midnight
  bool unless_duty = false, unless_on_call = false;
  std::array<int, 4> effects{2, 2, 2, 2};  // as model::Effect
  std::vector<std::string> groups;         // empty: "*"
  bool unset = false;                      // a term is a parameter that nobody has set
  bool from_parameter = false;             // `minimum` or, without one, `grace` is the value of a parameter
};

struct Exception {
  std::string id;
  int layer = 0;
  std::string when = "on-call";  // "on-call", "window", "override", "self-open"
  std::vector<std::string> pierces;
  std::array<bool, 4> classes{};
  std::vector<std::string> groups;  // empty: "*"
  std::array<bool, 8> days{};
  Second from = 0, to = 0;  // since local midnight
  std::string role;
  std::vector<std::string> reasons;
  Second longest = 0;
  int per_week = 0;
};

struct CoreHours {
  std::array<bool, 7> days{};
  Second from = 0, to = 0;
};

// One world: rules, one person.
struct World {
  std::vector<Rule> rules;
  std::vector<Exception> exceptions;
  std::optional<CoreHours> schedule;
  Second duty_gap = 3600;
  model::PersonFacts facts;
  Second around = 0;  // where the facts lie
};

// Days since 1970-01-01, by counting years and months.
Second day_number(int year, int month, int day);
// Directive 2000/84/EC: 01:00 UTC on the last Sunday of March or October.
Second change(int year, int month);

World random_world(std::mt19937_64& random);
// The same rules as packs, one for each layer that has any.
std::vector<std::string> packs_of(const World& world);

struct Answer {
  model::Effect effect = model::Effect::kHold;
  std::vector<std::string> rules;
  bool operator==(const Answer&) const = default;
};

class Reading {
 public:
  explicit Reading(const World& world);
  Answer at(Second t, std::size_t message_class) const;
  bool working(Second t) const { return on_duty(t, 0, 0); }
  // Every instant within [begin, end) at which an answer may change.
  std::vector<Second> candidates(Second begin, Second end) const;

 private:
  struct Span {
    Second begin, end;
  };
  bool closed(const Rule& rule, Second t) const;
  bool in_rest(const Rule& rule, Second t) const;
  bool in_window(const Rule& rule, Second t) const;
  bool on_duty(Second t, Second before, Second after) const;
  bool in_entry(Second t, const std::vector<model::RosterKind>& kinds) const;
  bool in_force(const Exception& exception, Second t) const;
  bool overridden(const Exception& exception, Second t) const;
  void merge_all(std::vector<Span> spans);

  const World& world_;
  std::vector<Span> duties_;
  std::vector<const Rule*> own_;  // strongest layer first, then by id
};

}  // namespace policy::decide::oracle
