// German and English come from one trace: over random people and instants both name the same rules, and the same
// instants, and these are the decision's own.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <set>

#include "policy/base/testing/seed.h"
#include "policy/decide/decide.h"
#include "policy/explain/explain.h"
#include "policy/pack/rules.h"

namespace policy::explain {
namespace {

using base::Instant;
using base::Seconds;
using model::MessageClass;
using model::RosterKind;

constexpr int kCases = 5000;
constexpr Instant kAround{1'793'000'000};  // 26 October 2026, the day after a clock change

constexpr const char* kMore = R"toml(
[pack]
id = "more"
layer = "agreement"
version = 1
zone = "Europe/Berlin"
[[parameter]]
id = "credit"
[[rest]]
id = "more.unset"
kind = "after-duty"
minimum = "$credit"
effect = { routine = "deliver", shift-notice = "deliver", urgent = "deliver", alarm = "silent" }
applies = { groups = ["stab"] }
[[exception]]
id = "more.notice"
when = "window"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
from = 06:00:00
to = 20:00:00
pierces = ["dv.rest", "dv.off-duty"]
classes = ["shift-notice", "routine"]
[[exception]]
id = "more.einsatz"
when = "override"
role = "leitung"
reasons = ["grosslage"]
longest = "4h"
limit = { count = 2, per = "week" }
pierces = ["dv.rest", "dv.off-duty", "dv.night"]
classes = ["urgent", "routine"]
cite = "DV § 7"
[self_open]
max = "2h"
cite = "DV § 8"
)toml";

std::shared_ptr<const pack::RuleSet> rules() {
  std::vector<pack::PackSource> sources;
  for (const char* const path : {"rules/packs/arbzg/pack.toml", "rules/packs/dv-messenger/pack.toml"}) {
    std::ifstream in(path, std::ios::binary);
    sources.push_back({path, {std::istreambuf_iterator<char>(in), {}}});
  }
  sources.push_back({"more", kMore});
  auto loaded = pack::load_packs(sources);
  if (!loaded) {
    ADD_FAILURE() << base::to_string(loaded.error().front());
    std::abort();
  }
  return *loaded;
}

model::PersonFacts somebody(std::mt19937_64& random) {
  const auto roll = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  const auto span = [&](std::int64_t hours) {
    const Instant begin = kAround + Seconds{roll(-4 * 86400, 4 * 86400)};
    return base::Interval{begin, begin + Seconds{roll(1, hours * 3600)}};
  };
  model::PersonFacts facts;
  if (roll(0, 3) == 0) facts.groups = {"stab"};
  for (std::int64_t n = roll(0, 8); n > 0; --n) facts.roster.push_back({static_cast<RosterKind>(roll(0, 5)), span(14)});
  for (std::int64_t n = roll(0, 4); n > 0; --n)
    facts.overrides.push_back({"more.einsatz", roll(0, 3) == 0 ? "stab" : "leitung", "grosslage", span(9)});
  for (std::int64_t n = roll(0, 3); n > 0; --n) facts.self_openings.push_back({span(4)});
  const auto begin = [](const auto& entry) { return entry.span.begin; };
  std::ranges::sort(facts.roster, {}, begin);
  std::ranges::sort(facts.overrides, {}, begin);
  std::ranges::sort(facts.self_openings, {}, begin);
  return facts;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    const bool parts = c == ' ' || c == ',' || c == ';' || c == '(' || c == ')';
    if (!parts) words.back() += c;
    if (parts && !words.back().empty()) words.emplace_back();
  }
  for (std::string& word : words)
    while (word.ends_with('.') || word.ends_with(':')) word.pop_back();
  return words;
}

std::multiset<std::string> ids_in(const std::vector<std::string>& words, const std::set<std::string>& known) {
  std::multiset<std::string> found;
  for (const std::string& word : words)
    if (known.contains(word)) found.insert(word);
  return found;
}

// "2026-10-26 06:00 CET" for each "06:00 on Monday 26 October 2026 (CET)" or "Montag, 26. Oktober 2026, 06:00 Uhr
// (CET)".
std::multiset<std::string> instants_in(const std::vector<std::string>& words, Language language) {
  const bool german = language == Language::kGerman;
  const std::vector<std::string> months =
      german ? std::vector<std::string>{"Januar", "Februar", "März",      "April",   "Mai",      "Juni",
                                        "Juli",   "August",  "September", "Oktober", "November", "Dezember"}
             : std::vector<std::string>{"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
  std::multiset<std::string> found;
  for (std::size_t i = 4; i + 2 < words.size(); ++i) {
    const auto month = std::ranges::find(months, words[i]);
    if (month == months.end()) continue;
    const std::string clock = german ? words.at(i + 2) : words.at(i - 4);
    const std::string zone = german ? words.at(i + 4) : words.at(i + 2);
    found.insert(words.at(i + 1) + "-" + std::to_string(month - months.begin() + 1) + "-" + words.at(i - 1) + " " +
                 clock + " " + zone);
  }
  return found;
}

// The same of the decision itself.
std::string written(const time::Zone& zone, Instant instant) {
  const auto civil = time::civil_of(zone.date_at(instant));
  const int second = zone.time_at(instant).second;
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(civil.year) + "-" + std::to_string(civil.month) + "-" + std::to_string(civil.day) + " " +
         two(second / 3600) + ":" + two(second / 60 % 60) + (second % 60 == 0 ? "" : ":" + two(second % 60)) + " " +
         std::string(zone.abbreviation_at(instant));
}

TEST(Explain, BothLanguagesSayTheSameRulesAndInstants) {
  const auto set = rules();
  const pack::Rules& all = set->rules();
  std::set<std::string> known;
  for (const auto& rule : all.rests) known.insert(rule.head.id);
  for (const auto& rule : all.exceptions) known.insert(rule.head.id);
  for (const auto& parameter : all.parameters) known.insert(parameter.head.id);
  std::set<std::string> named;
  std::size_t instants = 0;
  const std::uint64_t seed = base::seed_from_environment("FEIERABEND_ORACLE_SEED");
  for (std::uint64_t i = 0; i < kCases; ++i) {
    std::mt19937_64 random(seed + i);
    SCOPED_TRACE("seed " + std::to_string(seed + i));
    const model::PersonFacts facts = somebody(random);
    const Instant now = kAround + Seconds{std::uniform_int_distribution<std::int64_t>(-432000, 432000)(random)};
    const MessageClass message_class = model::kMessageClasses[random() % model::kMessageClassCount];
    const auto decision = decide::decide(*set, facts, message_class, now);
    const auto de = words_of(explain(*set, facts, message_class, now, decision, Language::kGerman));
    const auto en = words_of(explain(*set, facts, message_class, now, decision, Language::kEnglish));

    const auto ids = ids_in(de, known);
    ASSERT_EQ(ids, ids_in(en, known));
    for (const std::string& rule : decision.rules) ASSERT_TRUE(ids.contains(rule)) << rule;
    const auto moments = instants_in(de, Language::kGerman);
    ASSERT_EQ(moments, instants_in(en, Language::kEnglish));
    if (decision.until < base::kEndOfTime) {
      ASSERT_TRUE(moments.contains(written(*all.zone_table, decision.until)));
    }
    named.insert(ids.begin(), ids.end());
    instants += moments.size();
  }
  // A reading that finds nothing would agree with itself.
  EXPECT_EQ(named, known);
  EXPECT_GT(instants, kCases * 3U / 4U);
}

}  // namespace
}  // namespace policy::explain
