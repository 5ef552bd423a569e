// Random worlds for the oracle, and the same as packs.
#include <algorithm>

#include "policy/decide/oracle.h"

namespace policy::decide::oracle {
using model::RosterKind;

namespace {

class Dice {
 public:
  explicit Dice(std::mt19937_64& random) : random_(random) {}
  Second between(Second low, Second high) { return std::uniform_int_distribution<Second>(low, high)(random_); }
  bool one_in(int n) { return between(1, n) == 1; }
  template <typename T>
  T pick(std::initializer_list<T> from) {
    return *(from.begin() + between(0, static_cast<Second>(from.size()) - 1));
  }

 private:
  std::mt19937_64& random_;
};

Rule random_rule(Dice& dice, std::size_t number) {
  Rule rule;
  rule.id = "rest." + std::string(1, static_cast<char>('a' + dice.between(0, 25))) + std::to_string(number);
  rule.layer = static_cast<int>(dice.between(0, 3));
  rule.kind = dice.pick<std::string>({"after-duty", "off-duty", "window", "window", "absence"});
  rule.minimum = dice.between(1, 40) * 1800;
  rule.grace = dice.one_in(2) ? 0 : dice.between(0, 40) * 300;
  rule.lead = dice.one_in(2) ? 0 : dice.between(0, 20) * 300;
  rule.restart = dice.pick<std::string>({"always", "never", "longer-than"});
  rule.threshold = dice.between(0, 6) * 300;
  for (std::size_t i = 0; i < 7; ++i) rule.days[i] = !dice.one_in(3);
  rule.days[0] = true;
  rule.days[7] = dice.one_in(2);
  // Often near the hours of the clock changes.
  const auto clock = [&] { return dice.one_in(3) ? dice.between(12, 42) * 300 : dice.between(0, 287) * 300; };
  rule.from = clock();
  rule.to = dice.one_in(8) ? rule.from : clock();
  rule.unless_duty = dice.one_in(3);
  rule.unless_on_call = dice.one_in(4);
  for (int& effect : rule.effects) effect = static_cast<int>(dice.one_in(2) ? 2 : dice.between(0, 2));
  if (dice.one_in(5)) rule.groups = {dice.pick<std::string>({"wache", "stab"})};
  const bool has_terms = rule.kind == "after-duty" || rule.kind == "off-duty";
  rule.from_parameter = has_terms && dice.one_in(4);
  rule.unset = rule.from_parameter && dice.one_in(3);
  return rule;
}

const std::vector<std::string> kRoles{"einsatzleitung", "stab"};
const std::vector<std::string> kReasons{"grosslage", "ausfall", "uebung"};

Exception random_exception(Dice& dice, const World& world, std::size_t number) {
  Exception exception;
  exception.id = "exception." + std::to_string(number);
  exception.layer = static_cast<int>(dice.between(0, 3));
  exception.when = dice.pick<std::string>({"on-call", "window", "override", "override", "self-open"});
  for (const Rule& rule : world.rules)
    if (rule.layer >= exception.layer && dice.one_in(2)) exception.pierces.push_back(rule.id);
  for (bool& c : exception.classes) c = dice.one_in(2);
  exception.classes[3] = true;
  if (dice.one_in(5)) exception.groups = {dice.pick<std::string>({"wache", "stab"})};
  for (bool& day : exception.days) day = !dice.one_in(3);
  exception.days[6] = true;
  const auto clock = [&] { return dice.one_in(3) ? dice.between(12, 42) * 300 : dice.between(0, 287) * 300; };
  exception.from = clock();
  exception.to = dice.one_in(8) ? exception.from : clock();
  exception.role = kRoles[dice.one_in(2) ? 1 : 0];
  exception.reasons = {kReasons[0]};
  if (dice.one_in(2)) exception.reasons.push_back(kReasons[1]);
  exception.longest = dice.between(1, 20) * 1800;
  exception.per_week = static_cast<int>(dice.between(1, 3));
  return exception;
}

// Several a week, so that limits count, often around the Monday at which a new week begins; some that no exception
// admits.
void random_openings(Dice& dice, World& world) {
  const Second monday = world.around - (world.around / kDaySeconds + 3) % 7 * kDaySeconds - world.around % kDaySeconds;
  const auto span = [&] {
    Second begin =
        dice.one_in(3) ? monday + dice.between(-40, 40) * 300 : world.around + dice.between(-1500, 1500) * 300;
    if (dice.one_in(2)) begin += dice.between(0, 299);
    const Second length = dice.one_in(10) ? 0 : dice.between(1, 120) * 300;
    return base::Interval{{begin}, {begin + length}};
  };
  for (Second n = dice.one_in(3) ? 0 : dice.between(1, 12); n > 0; --n) {
    const auto exception = std::to_string(dice.between(0, 2));
    const base::Interval when = span();
    if (dice.one_in(4) && !world.facts.overrides.empty()) {  // the same again, but for another time
      model::Override again = world.facts.overrides.back();
      again.span.end = again.span.begin + base::Seconds{dice.between(0, 120) * 300};
      world.facts.overrides.push_back(std::move(again));
      continue;
    }
    world.facts.overrides.push_back({"exception." + exception, kRoles[dice.one_in(2) ? 1 : 0],
                                     kReasons[static_cast<std::size_t>(dice.between(0, 2))], when});
  }
  for (Second n = dice.one_in(2) ? 0 : dice.between(1, 5); n > 0; --n) world.facts.self_openings.push_back({span()});
  std::ranges::sort(world.facts.overrides, {}, [](const auto& entry) { return entry.span.begin; });
  std::ranges::sort(world.facts.self_openings, {}, [](const auto& entry) { return entry.span.begin; });
}

void random_roster(Dice& dice, World& world) {
  const bool odd = dice.one_in(2);
  const auto instant = [&](Second t) { return base::Instant{odd ? t + dice.between(0, 299) : t}; };
  Second t = world.around - dice.between(2, 12) * kDaySeconds;
  for (Second n = dice.one_in(6) ? 0 : dice.between(1, 25); n > 0; --n) {
    t += dice.one_in(4) ? dice.between(0, 14) * 300 : dice.between(0, 200) * 300;
    if (dice.one_in(8)) t += 7 * kDaySeconds;
    if (dice.one_in(6) && !world.facts.roster.empty()) t = world.facts.roster.back().span.end.unix_s + world.duty_gap;
    const auto kind =
        dice.pick<RosterKind>({RosterKind::kDuty, RosterKind::kDuty, RosterKind::kStandby, RosterKind::kOnCall,
                               RosterKind::kOnCall, RosterKind::kLeave, RosterKind::kSick, RosterKind::kTraining});
    const Second length = dice.between(1, dice.one_in(4) ? 500 : 150) * 300;
    world.facts.roster.push_back({kind, {instant(t), base::Instant{t + length + 300}}});
    if (!dice.one_in(5)) t += length;  // else the next one overlaps
  }
  std::ranges::sort(world.facts.roster, {}, [](const auto& entry) { return entry.span.begin; });
  for (Second n = dice.between(0, 6); n > 0; --n) {
    const Second begin = world.around + dice.between(-2000, 2000) * 300;
    const base::Instant at = instant(begin);
    world.facts.interruptions.push_back({{at, at + base::Seconds{dice.between(0, 12) * 300}}});
  }
  std::ranges::sort(world.facts.interruptions, {}, [](const auto& entry) { return entry.span.begin; });
}

}  // namespace

World random_world(std::mt19937_64& random) {
  Dice dice(random);
  World world;
  const Second around =
      dice.pick<Second>({change(2026, 3), change(2026, 10), change(2027, 3), change(2025, 10),
                         day_number(2026, 5, 14) * kDaySeconds, day_number(2026, 12, 26) * kDaySeconds});
  world.around = around + dice.between(-3, 3) * 3600 * 7;
  world.facts.person = "p1";
  if (dice.one_in(2)) world.facts.groups = {"wache"};
  const auto rules = static_cast<std::size_t>(dice.between(1, 6));
  for (std::size_t i = 0; i < rules; ++i) world.rules.push_back(random_rule(dice, i));
  for (Second n = dice.between(0, 3); n > 0; --n) {
    Exception exception = random_exception(dice, world, world.exceptions.size());
    // A pack has one [self_open].
    const bool again = exception.when == "self-open" && std::ranges::any_of(world.exceptions, [&](const auto& other) {
                         return other.when == "self-open" && other.layer == exception.layer;
                       });
    if (!exception.pierces.empty() && !again) world.exceptions.push_back(std::move(exception));
  }
  if (dice.one_in(3)) {
    world.schedule.emplace();
    for (std::size_t i = 0; i < 5; ++i) world.schedule->days[i] = i == 0 || !dice.one_in(4);
    world.schedule->days[6] = dice.one_in(3);
    world.schedule->from = dice.one_in(4) ? 9000 : dice.between(60, 120) * 300;  // 02:30 meets the clock changes
    world.schedule->to = world.schedule->from + dice.between(12, 110) * 300;
  }
  world.duty_gap = dice.pick<Second>({0, 1800, 3600, 3600, 7200});
  random_roster(dice, world);
  random_openings(dice, world);
  return world;
}

namespace {

std::string duration(Second s) { return std::to_string(s / 60) + "m"; }

std::string clock_text(Second s) {
  const auto two = [](Second n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(s / 3600) + ":" + two(s / 60 % 60) + ":00";
}

template <std::size_t N>
std::string list(const std::array<bool, N>& chosen, const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < N; ++i)
    if (chosen[i]) out += (out.empty() ? "\"" : ", \"") + names[i] + "\"";
  return "[" + out + "]";
}

const std::vector<std::string> kDayNames{"mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"};
const std::vector<std::string> kClassNames{"routine", "shift-notice", "urgent", "alarm"};
const std::vector<std::string> kEffectNames{"deliver", "silent", "hold"};
const std::vector<std::string> kLayerNames{"law", "agreement", "unit", "personal"};

std::string applies(const std::vector<std::string>& groups) {
  return groups.empty() ? "" : "applies = { groups = [\"" + groups[0] + "\"] }\n";
}

std::string term(const Rule& rule, const std::string& key, Second value, bool parameter) {
  return key + " = \"" + (parameter ? "$p." + rule.id : duration(value)) + "\"\n";
}

std::string toml_of(const Rule& rule) {
  std::string out = "[[rest]]\nid = \"" + rule.id + "\"\nkind = \"" + rule.kind + "\"\n";
  const bool counts = rule.kind == "after-duty";
  if (counts) {
    out += term(rule, "minimum", rule.minimum, rule.from_parameter);
    out +=
        "restart = \"" + rule.restart + (rule.restart == "longer-than" ? ":" + duration(rule.threshold) : "") + "\"\n";
  }
  if (counts || rule.kind == "off-duty") {
    out += term(rule, "grace", rule.grace, rule.from_parameter && !counts);
    out += "lead = \"" + duration(rule.lead) + "\"\n";
  }
  if (rule.kind == "window") {
    out += "days = " + list(rule.days, kDayNames) + "\nfrom = " + clock_text(rule.from) +
           "\nto = " + clock_text(rule.to) + "\n";
  }
  if (rule.unless_duty || rule.unless_on_call)
    out += "unless = " + list(std::array{rule.unless_duty, rule.unless_on_call}, {"duty", "on-call"}) + "\n";
  out += "effect = { ";
  for (std::size_t c = 0; c < 4; ++c)
    out += (c == 0 ? "" : ", ") + kClassNames[c] + " = \"" + kEffectNames[static_cast<std::size_t>(rule.effects[c])] +
           "\"";
  out += " }\n";
  out += applies(rule.groups);
  if (!rule.from_parameter) return out;
  out += "[[parameter]]\nid = \"p." + rule.id + "\"\n";
  const Second value = rule.kind == "after-duty" ? rule.minimum : rule.grace;
  if (!rule.unset)
    out += "[[set]]\nparameter = \"p." + rule.id + "\"\nvalue = \"" + duration(value) + "\"\ncite = \"§ 1\"\n";
  return out;
}

std::string quoted(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "\"" : ", \"") + word + "\"";
  return "[" + out + "]";
}

std::string toml_of(const Exception& exception) {
  const bool own = exception.when == "self-open";
  std::string out = own ? "[self_open]\n" : "[[exception]]\nwhen = \"" + exception.when + "\"\n";
  out += "id = \"" + exception.id + "\"\npierces = " + quoted(exception.pierces) +
         "\nclasses = " + list(exception.classes, kClassNames) + "\n" + applies(exception.groups);
  if (own) out += "max = \"" + duration(exception.longest) + "\"\n";
  if (exception.when == "window") {
    out += "days = " + list(exception.days, kDayNames) + "\nfrom = " + clock_text(exception.from) +
           "\nto = " + clock_text(exception.to) + "\n";
  }
  if (exception.when == "override") {
    out += "role = \"" + exception.role + "\"\nreasons = " + quoted(exception.reasons) + "\nlongest = \"" +
           duration(exception.longest) + "\"\nlimit = { count = " + std::to_string(exception.per_week) +
           ", per = \"week\" }\n";
  }
  return out;
}

}  // namespace

std::vector<std::string> packs_of(const World& world) {
  std::vector<std::string> packs;
  for (int layer = 0; layer < 4; ++layer) {
    std::string out = "[pack]\nid = \"pack" + std::to_string(layer) + "\"\nlayer = \"" +
                      kLayerNames[static_cast<std::size_t>(layer)] +
                      "\"\nversion = 1\nzone = \"Europe/Berlin\"\nholidays = \"DE-NI\"\nduty_gap = \"" +
                      duration(world.duty_gap) + "\"\n";
    // The schedule stands in the weakest layer and counts for all.
    if (world.schedule && layer == 3) {
      out += "[schedule]\ndays = " + list(world.schedule->days, kDayNames) +
             "\nfrom = " + clock_text(world.schedule->from) + "\nto = " + clock_text(world.schedule->to) + "\n";
    }
    for (const Rule& rule : world.rules)
      if (rule.layer == layer) out += toml_of(rule);
    for (const Exception& exception : world.exceptions)
      if (exception.layer == layer) out += toml_of(exception);
    packs.push_back(std::move(out));
  }
  return packs;
}

}  // namespace policy::decide::oracle
