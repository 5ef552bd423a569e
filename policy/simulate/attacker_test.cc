// The attacker: knows who is in which unit, whose hours follow from the rules alone, and which of one person's numbers
// are equal. Has the printed table, in full precision, and looks for a combination of printed numbers that is about one
// to four people. Shares nothing with table.cc: a matrix of printed numbers over what is unknown, rational elimination,
// every group of up to four people one by one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <map>
#include <numeric>
#include <random>

#include "policy/base/testing/seed.h"
#include "policy/simulate/table.h"

namespace policy::simulate {
namespace {

using base::Seconds;

struct Fraction {
  std::int64_t up = 0, down = 1;
};
Fraction made(std::int64_t up, std::int64_t down) {
  const std::int64_t common = std::gcd(up, down) * (down < 0 ? -1 : 1);
  return {up / common, down / common};
}
Fraction operator-(Fraction a, Fraction b) { return made(a.up * b.down - b.up * a.down, a.down * b.down); }
Fraction operator*(Fraction a, Fraction b) { return made(a.up * b.up, a.down * b.down); }
Fraction operator/(Fraction a, Fraction b) { return made(a.up * b.down, a.down * b.up); }

using Matrix = std::vector<std::vector<Fraction>>;

std::size_t rank_of(Matrix m) {
  std::size_t rank = 0;
  for (std::size_t column = 0; !m.empty() && column < m.front().size() && rank < m.size(); ++column) {
    std::size_t pivot = rank;
    while (pivot < m.size() && m[pivot][column].up == 0) ++pivot;
    if (pivot == m.size()) continue;
    std::swap(m[rank], m[pivot]);
    for (std::size_t row = rank + 1; row < m.size(); ++row) {
      const Fraction factor = m[row][column] / m[rank][column];
      if (factor.up == 0) continue;
      for (std::size_t j = column; j < m[row].size(); ++j) m[row][j] = m[row][j] - factor * m[rank][j];
    }
    ++rank;
  }
  return rank;
}

// One unknown of one person, and what it adds to each number of the person's row.
struct Unknown {
  std::size_t person;
  std::map<std::string, std::int64_t> adds;
};

std::vector<Unknown> unknowns_of(const Outcome& o, std::size_t person) {
  Unknown counts{person, {{"people", 1}}};
  std::map<std::int64_t, Unknown> hours;
  for (std::size_t c = 0; c < 4; ++c) {
    const std::string name = std::to_string(c);
    const auto before = o.closed[2 * c].count, after = o.closed[2 * c + 1].count;
    if (after > before) counts.adds["longer" + name] = 1;
    if (after < before) counts.adds["shorter" + name] = 1;
    for (const bool is_after : {false, true}) {
      if (o.known[2 * c + (is_after ? 1 : 0)]) continue;
      Unknown& unknown = hours[is_after ? after : before];
      unknown.person = person;
      unknown.adds[(is_after ? "after" : "before") + name] = 1;
    }
  }
  std::vector<Unknown> out{counts};
  for (const auto& [value, unknown] : hours) out.push_back(unknown);
  if (o.interruptions > 0) {
    out.push_back({person, {{"interruptions", 1}}});
    if (o.avoided == o.interruptions)
      out.back().adds["avoided"] = 1;
    else if (o.avoided > 0)
      out.push_back({person, {{"avoided", 1}}});
  }
  return out;
}

std::vector<std::string> all_columns() {
  std::vector<std::string> out{"people", "interruptions", "avoided"};
  for (const char* kind : {"longer", "shorter", "before", "after"})
    for (int c = 0; c < 4; ++c) out.push_back(kind + std::to_string(c));
  return out;
}

// Rows of the printed table as sets of people.
using Groups = std::vector<std::vector<std::size_t>>;

Groups printed_rows(const Table& table, std::span<const std::string> units, const std::vector<Outcome>& outcomes) {
  const auto people_of = [&](auto wanted) {
    std::vector<std::size_t> people;
    for (std::size_t p = 0; p < outcomes.size(); ++p)
      if (wanted(outcomes[p].unit)) people.push_back(p);
    return people;
  };
  std::vector<bool> shown(units.size(), false);
  Groups rows;
  for (const Row& row : table.rows) {
    if (!row.cells) continue;
    const auto unit = static_cast<std::size_t>(std::ranges::find(units, row.unit) - units.begin());
    shown[unit] = true;
    rows.push_back(people_of([&](std::size_t u) { return u == unit; }));
  }
  if (table.others) rows.push_back(people_of([&](std::size_t u) { return !shown[u]; }));
  if (table.total) rows.push_back(people_of([](std::size_t) { return true; }));
  return rows;
}

struct Attack {
  std::vector<Unknown> unknowns;
  Matrix numbers;  // printed numbers × unknowns
};

Attack attack_on(const Groups& rows, const std::vector<Outcome>& outcomes) {
  Attack attack;
  for (std::size_t p = 0; p < outcomes.size(); ++p)
    for (Unknown& unknown : unknowns_of(outcomes[p], p)) attack.unknowns.push_back(std::move(unknown));
  for (const auto& people : rows) {
    for (const std::string& column : all_columns()) {
      std::vector<Fraction> number(attack.unknowns.size());
      for (std::size_t i = 0; i < number.size(); ++i) {
        const Unknown& unknown = attack.unknowns[i];
        const bool in_row = std::ranges::find(people, unknown.person) != people.end();
        if (in_row && unknown.adds.contains(column)) number[i].up = unknown.adds.at(column);
      }
      attack.numbers.push_back(std::move(number));
    }
  }
  return attack;
}

// Is there a combination of printed numbers without anybody outside `group`, and with somebody inside?
bool isolates(const Attack& attack, const std::vector<std::size_t>& group, std::size_t rank) {
  Matrix outside;
  for (const auto& number : attack.numbers) {
    outside.emplace_back();
    for (std::size_t i = 0; i < number.size(); ++i)
      if (std::ranges::find(group, attack.unknowns[i].person) == group.end()) outside.back().push_back(number[i]);
  }
  return rank_of(std::move(outside)) < rank;
}

// The first group of four (a smaller one is inside of one) that a combination is about, or nobody.
std::vector<std::size_t> found_group(const Groups& rows, const std::vector<Outcome>& outcomes) {
  const Attack attack = attack_on(rows, outcomes);
  const std::size_t rank = rank_of(attack.numbers), n = outcomes.size();
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = a; b < n; ++b)
      for (std::size_t c = b; c < n; ++c)
        for (std::size_t d = c; d < n; ++d) {
          const bool four = (a < b && b < c && c < d) || n < 4;
          if (four && isolates(attack, {a, b, c, d}, rank)) return {a, b, c, d};
        }
  return {};
}

Outcome person(std::size_t unit, std::array<int, 8> hours, std::uint32_t interruptions = 0, std::uint32_t avoided = 0) {
  Outcome out{unit, {}, {}, interruptions, avoided};
  for (std::size_t j = 0; j < 8; ++j) {
    out.closed[j] = Seconds{hours[j] * 3600LL};
    out.known[j] = hours[j] == 0;
  }
  return out;
}

// A few kinds of people, so that equal and almost equal units are common.
std::vector<Outcome> random_people(std::mt19937_64& random, std::size_t units) {
  const auto roll = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  std::vector<Outcome> kinds;
  for (int n = roll(1, 4); n > 0; --n) {
    std::array<int, 8> hours{};
    const int spread = roll(1, 40);
    for (std::size_t c = 0; c < 4; ++c) {
      hours[2 * c] = roll(0, 3) == 0 ? 0 : roll(1, spread);
      hours[2 * c + 1] = roll(0, 2) == 0 ? roll(0, spread) : hours[2 * c];
    }
    const auto interruptions = static_cast<std::uint32_t>(roll(0, 2));
    kinds.push_back(
        person(0, hours, interruptions, static_cast<std::uint32_t>(roll(0, static_cast<int>(interruptions)))));
  }
  std::vector<Outcome> people;
  for (int n = roll(5, 15); n > 0; --n) {
    Outcome one = kinds[static_cast<std::size_t>(roll(0, static_cast<int>(kinds.size()) - 1))];
    one.unit = static_cast<std::size_t>(roll(0, static_cast<int>(units) - 1));
    if (roll(0, 3) == 0) one.known.fill(true);
    people.push_back(one);
  }
  return people;
}

const std::vector<std::string> kUnits{"a", "b", "c"};

TEST(Attacker, FindsNobodyInRandomTables) {
  const std::uint64_t cases = base::from_environment("FEIERABEND_ATTACKS", 60);
  const std::uint64_t seed = base::seed_from_environment("FEIERABEND_ATTACK_SEED");
  std::printf("attacker: %llu tables, seed %llu\n", static_cast<unsigned long long>(cases),
              static_cast<unsigned long long>(seed));
  std::size_t printed = 0, hidden = 0;
  for (std::uint64_t i = 0; i < cases; ++i) {
    std::mt19937_64 random(seed + i);
    const auto people = random_people(random, 1 + i % 3);
    const Table table = publish(kUnits, people);
    const Groups rows = printed_rows(table, kUnits, people);
    printed += rows.empty() ? 0U : 1U;
    hidden += static_cast<std::size_t>(std::ranges::count_if(table.rows, [](const Row& r) { return !r.cells; }));
    EXPECT_THAT(found_group(rows, people), testing::IsEmpty()) << "seed " << seed + i;
  }
  EXPECT_GT(printed, cases / 10);  // an empty table is no success
  EXPECT_GT(hidden, 0U);
}

// That the attacker is one: each of these tables, printed without care, gives somebody away.
TEST(Attacker, FindsWhatACarelessTableGivesAway) {
  const std::array<int, 8> same{9, 9, 9, 9, 8, 8, 7, 7}, longer{9, 10, 9, 10, 8, 8, 7, 7};
  std::vector<Outcome> people(6, person(0, same));
  const Groups one{{0, 1, 2, 3, 4, 5}};
  EXPECT_THAT(found_group(one, people), testing::IsEmpty());
  people[3] = person(0, longer);  // the difference of before and after is one person's
  EXPECT_THAT(found_group(one, people), testing::Contains(3U));
  EXPECT_FALSE(publish(kUnits, people).total);

  std::vector<Outcome> two(8, person(0, same));  // total minus the printed unit
  const Groups total_and_unit{{0, 1, 2, 3, 4}, {0, 1, 2, 3, 4, 5, 6, 7}};
  EXPECT_THAT(found_group(total_and_unit, two), testing::Contains(7U));
  for (std::size_t p = 5; p < 8; ++p) two[p].unit = 1;
  const Table joined = publish(kUnits, two);
  EXPECT_FALSE(joined.rows[0].cells);
  EXPECT_FALSE(joined.rows[1].cells);
  ASSERT_TRUE(joined.total);
  EXPECT_EQ(joined.total->people, 8);

  std::vector<Outcome> known(8, person(0, same));  // seven whose hours everybody knows hide nobody
  for (std::size_t p = 1; p < 8; ++p) known[p].known.fill(true);
  EXPECT_THAT(found_group({{0, 1, 2, 3, 4, 5, 6, 7}}, known), testing::Contains(0U));
  EXPECT_FALSE(publish(kUnits, known).total);

  std::vector<Outcome> called(7, person(0, same, 2, 2));  // the difference of two counts is one person's
  called[4].avoided = 1;
  EXPECT_THAT(found_group({{0, 1, 2, 3, 4, 5, 6}}, called), testing::Contains(4U));
  EXPECT_FALSE(publish(kUnits, called).total);
}

}  // namespace
}  // namespace policy::simulate
