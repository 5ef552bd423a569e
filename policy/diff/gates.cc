#include "policy/diff/gates.h"

#include <algorithm>
#include <map>

#include "policy/diff/canon.h"

namespace policy::diff {
namespace {

using base::Interval;

constexpr base::Seconds kAWeek{7 * 86400};

// Every audience for which both sets say the same pair of texts is one: it suffices to try one of them.
struct Kind {
  std::vector<Audience> who;
  pack::ClassSet unequal;
};

using Texts = std::vector<std::string>;

std::map<Texts, Kind> kinds_of(const pack::Rules& before, const pack::Rules& after, const Audiences& audiences) {
  std::map<Texts, Kind> kinds;
  for (const Audience& audience : audiences.all) {
    Texts texts;
    pack::ClassSet unequal;
    for (const model::MessageClass c : model::kMessageClasses) {
      texts.push_back(canon_of(before, audience.in, c));
      texts.push_back(canon_of(after, audience.in, c));
      unequal[pack::index_of(c)] = texts.back() != texts[texts.size() - 2];
    }
    Kind& kind = kinds[std::move(texts)];
    kind.who.push_back(audience);
    kind.unequal = unequal;
  }
  return kinds;
}

// The end of the run of touching changes of one class and one pair of effects that begins at `from`: one stretch for
// whoever reads it, whatever the rules behind it.
std::size_t end_of_run(const std::vector<Change>& changes, std::size_t from) {
  std::size_t end = from + 1;
  const auto goes_on = [&](const Change& next) {
    const Change& last = changes[end - 1];
    return next.message_class == last.message_class && next.before == last.before && next.after == last.after &&
           next.span.begin == last.span.end;
  };
  while (end < changes.size() && goes_on(changes[end])) ++end;
  return end;
}

// diff_rules(), "A Case holds …".
std::vector<Change> changes_in(const pack::RuleSet& before, const pack::RuleSet& after, const model::PersonFacts& facts,
                               Interval span) {
  const Interval wider{span.begin - kAWeek - base::kDay, span.end + kAWeek + base::kDay};
  const std::vector<Change> all = changes_of(before, after, facts, wider);
  std::vector<Change> out;
  for (std::size_t from = 0, end = 0; from < all.size(); from = end) {
    end = end_of_run(all, from);
    const bool is_long = all[end - 1].span.end - all[from].span.begin > kAWeek;
    if (!is_long && !span.contains(all[from].span.begin)) continue;
    for (std::size_t i = from; i < end; ++i) {
      Change change = all[i];
      if (is_long) change.span = {std::max(change.span.begin, span.begin), std::min(change.span.end, span.end)};
      if (!change.span.empty()) out.push_back(std::move(change));
    }
  }
  return out;
}

class RulesComparison {
 public:
  RulesComparison(const pack::RuleSet& before, const pack::RuleSet& after, Interval span)
      : before_(before), after_(after), span_(span) {}

  RulesDiff run() {
    const Audiences audiences = audiences_of(before_.rules(), after_.rules());
    out_.audiences = audiences.all.size();
    out_.cut = audiences.cut;
    for (const auto& [texts, kind] : kinds_of(before_.rules(), after_.rules(), audiences))
      if (kind.unequal.any()) compare(kind);
    join_audiences();
    std::ranges::stable_sort(out_.cases, std::greater<>{}, [](const Case& one) { return one.lives.size(); });
    return std::move(out_);
  }

 private:
  void compare(const Kind& kind) {
    pack::ClassSet open = kind.unequal;  // without a witness yet
    const std::size_t first_case = out_.cases.size();
    for (const Scenario& scenario : ordinary_scenarios(before_.rules(), after_.rules(), span_))
      try_out(kind, scenario, pack::ClassSet().set(), open, first_case);
    if (open.any()) {
      for (const Scenario& scenario : mixed_scenarios(before_.rules(), after_.rules(), span_)) {
        if (open.none()) break;
        try_out(kind, scenario, open, open, first_case);
      }
    }
    for (std::size_t c = 0; c < out_.verdicts.size(); ++c) {
      Verdict& verdict = out_.verdicts[c];
      if (kind.unequal[c] && !open[c]) verdict = Verdict::kDiffers;
      if (open[c] && verdict == Verdict::kSame) verdict = Verdict::kNotFound;
    }
  }

  // Audiences with the same cases are one.
  void join_audiences() {
    std::vector<Case> joined;
    for (Case& one : out_.cases) {
      const auto same = [&](const Case& known) { return known.changes == one.changes && known.lives == one.lives; };
      const auto known = std::ranges::find_if(joined, same);
      if (known == joined.end())
        joined.push_back(std::move(one));
      else
        known->who.insert(known->who.end(), one.who.begin(), one.who.end());
    }
    out_.cases = std::move(joined);
  }

  // Notes changes of the `wanted` classes; crosses classes that show any off `open`.
  void try_out(const Kind& kind, const Scenario& scenario, pack::ClassSet wanted, pack::ClassSet& open,
               std::size_t first_case) {
    if (std::ranges::find(out_.lives, scenario.life) == out_.lives.end()) out_.lives.push_back(scenario.life);
    model::PersonFacts facts = scenario.facts;
    facts.groups = kind.who.front().in;
    std::vector<Change> changes = changes_in(before_, after_, facts, scenario.span);
    std::erase_if(changes, [&](const Change& change) { return !wanted[pack::index_of(change.message_class)]; });
    if (changes.empty()) return;
    for (const Change& change : changes) open[pack::index_of(change.message_class)] = false;
    add_directions(changes, out_.directions);
    const auto same = [&](const Case& one) { return one.changes == changes; };
    const auto known =
        std::find_if(out_.cases.begin() + static_cast<std::ptrdiff_t>(first_case), out_.cases.end(), same);
    if (known != out_.cases.end())
      known->lives.push_back(scenario);
    else
      out_.cases.push_back({kind.who, {scenario}, std::move(changes)});
  }

  const pack::RuleSet& before_;
  const pack::RuleSet& after_;
  Interval span_;
  RulesDiff out_;
};

}  // namespace

std::string_view name_of(Verdict verdict) {
  constexpr std::array<std::string_view, 3> kNames{"same", "differs", "not-found"};
  return kNames[static_cast<std::size_t>(verdict)];
}

RosterDiff diff_roster(const pack::RuleSet& before, const pack::RuleSet& after, const model::People& people,
                       Interval span, Look look) {
  RosterDiff out;
  std::map<std::vector<Change>, std::vector<std::string>> alike;
  std::size_t kept = 0;
  for (const auto& [person, facts] : people) {
    ++out.looked_at;
    std::vector<Change> changes = changes_of(before, after, facts, span, look);
    if (changes.empty()) continue;
    add_directions(changes, out.directions);
    const auto known = alike.find(changes);
    if (known != alike.end()) {
      known->second.push_back(person);
    } else if (kept + changes.size() > kChangesMax) {
      ++out.not_listed;
    } else {
      kept += changes.size();
      alike.emplace(std::move(changes), std::vector{person});
    }
  }
  for (auto& [changes, who] : alike) out.alike.push_back({std::move(who), changes});
  std::ranges::stable_sort(out.alike, std::greater<>{}, [](const Alike& one) { return one.people.size(); });
  return out;
}

RulesDiff diff_rules(const pack::RuleSet& before, const pack::RuleSet& after, Interval span) {
  return RulesComparison(before, after, span).run();
}

}  // namespace policy::diff
