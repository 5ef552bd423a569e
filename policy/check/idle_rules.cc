// Rests and exceptions that can never decide anything.
#include <algorithm>

#include "policy/check/collector.h"
#include "policy/check/cover.h"

namespace policy::check {
namespace {

using model::Effect;

constexpr std::size_t kNamedMax = 5;  // rules that a sentence names

std::string names_of(const pack::Rules& rules, const std::vector<std::size_t>& rests) {
  std::string out;
  for (std::size_t i = 0; i < std::min(rests.size(), kNamedMax); ++i)
    out += (out.empty() ? "'" : ", '") + rules.rests[rests[i]].head.id + "'";
  return rests.size() > kNamedMax ? out + ", …" : out;
}

bool contains(const std::vector<std::size_t>& list, std::size_t what) {
  return std::ranges::find(list, what) != list.end();
}

class IdleRules {
 public:
  explicit IdleRules(Collector& found)
      : found_(found),
        rules_(found.rules()),
        cover_(rules_),
        absent_{std::vector<bool>(rules_.rests.size()), std::vector<bool>(rules_.exceptions.size())} {}

  // Weakest layer first, so that of two rules that say the same the stronger one stays. What is found counts as gone
  // for the rest of the search: all of it may be removed together.
  void find() {
    for (std::size_t i = rules_.rests.size(); i-- > 0;) look_at_rest(i);
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < rules_.exceptions.size(); ++i) order.push_back(i);
    std::ranges::stable_sort(order, std::greater<>{}, [&](std::size_t i) { return rules_.exceptions[i].head.layer; });
    for (const std::size_t i : order) look_at_exception(i);
  }

 private:
  void look_at_rest(std::size_t index) {
    const pack::RestRule& rule = rules_.rests[index];
    if (rule.unset) return;  // finding.parameter-unset says what there is to say
    if (std::ranges::all_of(rule.effects, [](Effect e) { return e == Effect::kDeliver; })) {
      absent_.rests[index] = true;
      found_.add("finding.no-effect", rule.head, "rule '" + rule.head.id + "' delivers every class",
                 "remove it or name an effect");
      return;
    }
    std::vector<std::size_t> by;
    const Cover::Absent absent = without_later_layers(rule.head.layer);
    for (std::size_t c = 0; c < rule.effects.size(); ++c) {
      if (rule.effects[c] == Effect::kDeliver) continue;
      const auto covering = cover_.covers(index, c, absent);
      if (!covering) return;
      by.insert(by.end(), covering->begin(), covering->end());
    }
    std::ranges::sort(by);
    by.erase(std::ranges::unique(by).begin(), by.end());
    absent_.rests[index] = true;
    found_.add("finding.unreachable", rule.head,
               "rule '" + rule.head.id + "' never decides anything: whenever it closes, as much is closed by " +
                   names_of(rules_, by),
               "remove it, or give it hours, people or an effect of its own");
  }

  // A law is the floor beneath every agreement: that one protects more does not make the law odd.
  Cover::Absent without_later_layers(pack::Layer layer) const {
    Cover::Absent absent = absent_;
    for (std::size_t i = 0; i < rules_.rests.size(); ++i)
      if (rules_.rests[i].head.layer > layer) absent.rests[i] = true;
    return absent;
  }

  // Why an exception changes nothing for one rule and class.
  enum class Idle : std::uint8_t { kNo, kNeverCloses, kUnless, kOthers };

  Idle idle_for(std::size_t index, std::size_t rest, std::size_t message_class) const {
    const pack::ExceptionRule& exception = rules_.exceptions[index];
    const pack::RestRule& rule = rules_.rests[rest];
    if (rule.effects[message_class] == Effect::kDeliver) return Idle::kNeverCloses;
    if (rule.unset) return Idle::kNo;
    if (rule.unless_on_call && exception.when == pack::ExceptionWhen::kOnCall) return Idle::kUnless;
    if (absent_.rests[rest] || pierced_anyway(index, rest, message_class)) return Idle::kOthers;
    return cover_.covers(rest, message_class, absent_, index) ? Idle::kOthers : Idle::kNo;
  }

  // Another exception is in force whenever this one is, for the same people.
  bool pierced_anyway(std::size_t index, std::size_t rest, std::size_t message_class) const {
    const pack::ExceptionRule& exception = rules_.exceptions[index];
    const auto same_people = [&](const pack::Applies& wider) {
      return wider.everybody ||
             (!exception.applies.everybody && std::ranges::all_of(exception.applies.groups, [&](auto& g) {
               return std::ranges::find(wider.groups, g) != wider.groups.end();
             }));
    };
    const auto same_time = [&](const pack::ExceptionRule& other) {
      if (other.when != exception.when) return false;
      if (other.when == pack::ExceptionWhen::kOnCall) return true;
      const pack::Pack &own = rules_.packs[exception.head.pack], &others = rules_.packs[other.head.pack];
      return other.when == pack::ExceptionWhen::kWindow && other.window == exception.window &&
             own.zone->name() == others.zone->name() && own.holidays->dates() == others.holidays->dates();
    };
    for (std::size_t i = 0; i < rules_.exceptions.size(); ++i) {
      const pack::ExceptionRule& other = rules_.exceptions[i];
      if (i == index || absent_.exceptions[i] || !other.classes[message_class] || !contains(other.pierces, rest))
        continue;
      if (same_time(other) && same_people(other.applies)) return true;
    }
    return false;
  }

  void look_at_exception(std::size_t index) {
    const pack::ExceptionRule& exception = rules_.exceptions[index];
    bool others = false, unless = false, idle = true;
    for (const std::size_t rest : exception.pierces) {
      for (std::size_t c = 0; c < model::kMessageClassCount; ++c) {
        if (!exception.classes[c]) continue;
        const Idle why = idle_for(index, rest, c);
        idle &= why != Idle::kNo;
        others |= why == Idle::kOthers;
        unless |= why == Idle::kUnless;
      }
    }
    if (idle)
      add_idle(index, others, unless);
    else if (exception.when != pack::ExceptionWhen::kSelfOpen)  // which names every rest unless told otherwise
      look_at_parts(index);
  }

  // What the rule itself never closes then; other rules do not matter.
  bool nothing_to_pierce(std::size_t index, std::size_t rest, std::size_t message_class) const {
    const Idle why = idle_for(index, rest, message_class);
    return why == Idle::kNeverCloses || why == Idle::kUnless;
  }

  void look_at_parts(std::size_t index) {
    const pack::ExceptionRule& exception = rules_.exceptions[index];
    const auto classes = [&](auto holds) {
      for (std::size_t c = 0; c < model::kMessageClassCount; ++c)
        if (exception.classes[c] && !holds(c)) return false;
      return true;
    };
    for (const std::size_t rest : exception.pierces) {
      if (!classes([&](std::size_t c) { return nothing_to_pierce(index, rest, c); })) continue;
      found_.add("finding.exception-idle", exception.head,
                 "exception '" + exception.head.id + "' pierces rule '" + rules_.rests[rest].head.id +
                     "', which does not close then for any of its classes",
                 "take the rule out of pierces");
    }
    for (std::size_t c = 0; c < model::kMessageClassCount; ++c) {
      const auto nothing = [&](std::size_t rest) { return nothing_to_pierce(index, rest, c); };
      if (!exception.classes[c] || !std::ranges::all_of(exception.pierces, nothing)) continue;
      found_.add("finding.exception-idle", exception.head,
                 "exception '" + exception.head.id + "' names class '" +
                     std::string(name_of(model::kMessageClasses[c])) + "', which no rule that it pierces closes then",
                 "take the class out of classes");
    }
  }

  void add_idle(std::size_t index, bool others, bool unless) {
    const pack::ExceptionRule& exception = rules_.exceptions[index];
    absent_.exceptions[index] = true;
    const std::string& id = exception.head.id;
    if (others) {
      found_.add(
          "finding.exception-idle", exception.head,
          "exception '" + id + "' changes nothing: where it opens, other rules close or another exception opens anyway",
          "remove it, or let it pierce what else closes");
    } else if (unless) {
      found_.add("finding.exception-idle", exception.head,
                 "exception '" + id + "' changes nothing: the rules that it pierces say unless = [\"on-call\"] already",
                 "remove it, or take on-call out of their unless");
    } else {
      found_.add("finding.exception-idle", exception.head,
                 "exception '" + id + "' changes nothing: the rules that it pierces never close for its classes",
                 "remove it, or name other classes");
    }
  }

  Collector& found_;
  const pack::Rules& rules_;
  Cover cover_;
  Cover::Absent absent_;
};

}  // namespace

void find_idle_rules(Collector& found) { IdleRules(found).find(); }

}  // namespace policy::check
