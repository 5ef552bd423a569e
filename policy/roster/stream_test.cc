#include "policy/roster/stream.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "policy/pack/roster_csv.h"

namespace policy::roster {
namespace {

constexpr std::string_view kHeader = "person,kind,begin,end\n";

// Every person of the stream, or the first error's place and code.
std::expected<model::People, std::string> read_all(base::ByteSource source, const model::People* people = nullptr) {
  PersonStream stream("r", std::move(source), people);
  model::People all;
  while (true) {
    auto next = stream.next();
    if (!next) {
      const auto after = stream.next();
      EXPECT_TRUE(after && !*after) << "more after an error";
      return std::unexpected(next.error().where + " " + next.error().code);
    }
    if (!*next) return all;
    const std::string id = (*next)->person;
    EXPECT_TRUE(all.emplace(id, std::move(**next)).second) << id << " twice";
  }
}

std::string error_of(const std::string& lines, const model::People* people = nullptr) {
  const std::string csv = std::string(kHeader) + lines;
  const auto read = read_all(base::source_of(csv), people);
  return read ? "read" : read.error();
}

constexpr std::string_view kDay = ",duty,2026-06-01T06:00:00Z,2026-06-01T14:00:00Z\n";

std::string line(std::string_view person, std::string_view rest = kDay) {
  return std::string(person) + std::string(rest);
}

TEST(Stream, GivesEachPersonOnceWithGroupsAndSortedEntries) {
  const auto people = pack::read_people("p", "person,groups\n\"a, b\",wache\nberta,stab;nacht\ncarl,\n").value();
  const std::string csv =
      "\xEF\xBB\xBFperson,kind,begin,end\r\n\"a, b\",leave,2026-06-01T00:00:00+02:00,2026-06-02T00:00:00+02:00\r\n\n"
      "berta,duty,2026-06-02T06:00:00Z,2026-06-02T14:00:00Z\n"
      "berta,on-call,2026-06-01T06:00:00Z,2026-06-01T14:00:00Z";
  const auto read = read_all(base::source_of(csv), &people);
  ASSERT_TRUE(read) << read.error();
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at("a, b").groups, std::vector<std::string>{"wache"});
  const auto& roster = read->at("berta").roster;
  ASSERT_EQ(roster.size(), 2U);
  EXPECT_EQ(roster[0].kind, model::RosterKind::kOnCall);
  EXPECT_EQ(format_instant(roster[1].span.begin), "2026-06-02T06:00:00Z");
}

TEST(Stream, EmptyTableHasNobody) {
  EXPECT_EQ(error_of(""), "read");
  EXPECT_EQ(read_all(base::source_of("")).error(), "r:1:1 csv.header");
}

TEST(Stream, FirstErrorEndsItWithItsPlace) {
  EXPECT_EQ(error_of(line("berta") + line("anna")), "r:3:1 roster.unsorted");
  EXPECT_EQ(error_of(line("anna") + line("berta") + line("anna")), "r:4:1 roster.unsorted");
  EXPECT_EQ(error_of(line("anna") + line("anna")), "r:3:1 csv.overlap");
  EXPECT_EQ(error_of(line("anna") + line("anna") + line("berta")), "r:3:1 csv.overlap");
  EXPECT_EQ(error_of(line("anna", ",Duty,2026-06-01T06:00:00Z,2026-06-01T14:00:00Z\n")), "r:2:6 roster.unknown-kind");
  EXPECT_EQ(error_of(line("anna", ",duty,2026-06-01T06:00:00Z,2026-06-01T06:00:00Z\n")), "r:2:11 csv.interval");
  EXPECT_EQ(error_of(line("anna", ",duty,2026-06-01T06:00:00Z\n")), "r:2:1 csv.columns");
  EXPECT_EQ(error_of(line("anna", ",duty,2026-06-01T06:00:00Z,10000-06-01T06:00:00Z\n")), "r:2:32 instant.syntax");
  const auto people = pack::read_people("p", "person,groups\nanna,\n").value();
  EXPECT_EQ(error_of(line("anna") + line("berta"), &people), "r:3:1 csv.unknown-person");
  EXPECT_EQ(error_of(line("aaron") + line("anna"), &people), "r:2:1 csv.unknown-person");
}

TEST(Stream, SourceErrorsArePassedOn) {
  int calls = 0;
  const auto broken = [&](std::span<char> buffer) -> base::Result<std::size_t> {
    if (calls++ > 0) return base::fail("file.unreadable", "a file that cannot be read to its end", {}, {}, "r");
    std::ranges::copy(kHeader, buffer.begin());
    return kHeader.size();
  };
  EXPECT_EQ(read_all(broken).error(), "r file.unreadable");
}

// A gibibyte without a line end: read in pieces, refused where it stands, and never held.
TEST(Stream, EndlessLineCostsNoMemory) {
  constexpr std::uint64_t kGibibyte = 1ULL << 30;
  std::uint64_t served = 0;
  std::size_t largest = 0;
  const auto endless = [&](std::span<char> buffer) -> base::Result<std::size_t> {
    largest = std::max(largest, buffer.size());
    if (served == 0) {
      std::ranges::copy(kHeader, buffer.begin());
      served = kHeader.size();
      return kHeader.size();
    }
    const std::size_t size = std::min<std::uint64_t>(buffer.size(), kGibibyte - served);
    std::ranges::fill(buffer.first(size), 'x');
    served += size;
    return size;
  };
  PersonStream stream("r", endless);
  const auto read = stream.next();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().where, "r:2:1");
  EXPECT_EQ(read.error().code, "csv.line-too-long");
  EXPECT_EQ(read.error().seen, "a line of " + std::to_string(kGibibyte - kHeader.size()) + " bytes");
  EXPECT_EQ(served, kGibibyte);
  EXPECT_LE(largest, 128U * 1024U) << "the buffer is what bounds the memory";
}

TEST(Stream, EntriesOfOnePersonAreBounded) {
  std::size_t lines = 0;
  std::string pending(kHeader);
  const auto source = [&](std::span<char> buffer) -> base::Result<std::size_t> {
    if (pending.empty() && lines <= kEntriesPerPersonMax) {
      ++lines;
      pending = line("anna", ",leave,2026-06-01T06:00:00Z,2026-06-01T14:00:00Z\n");
    }
    const std::size_t size = std::min(buffer.size(), pending.size());
    std::ranges::copy(pending.substr(0, size), buffer.begin());
    pending.erase(0, size);
    return size;
  };
  EXPECT_EQ(read_all(source).error(), "r:" + std::to_string(kEntriesPerPersonMax + 2) + ":1 roster.too-many");
}

// Whatever read_roster() makes of a grouped table, the stream makes of it, too, however the bytes arrive.
TEST(Stream, AgreesWithTheWholeTable) {
  EXPECT_TRUE(rc::check("a stream and a table", [] {
    std::string csv(kHeader);
    std::string people_csv = "person,groups\n";
    const auto persons = *rc::gen::inRange(0, 6);
    for (int p = 0; p < persons; ++p) {
      const std::string id = std::string(1, static_cast<char>('a' + p));
      people_csv += id + ",\n";
      std::int64_t at = 1'780'000'000;
      for (int n = *rc::gen::inRange(0, 8); n > 0; --n) {
        const auto begin = at + *rc::gen::weightedElement<int>({{9, 3600}, {9, 0}, {1, -1}});
        const auto end = begin + *rc::gen::weightedElement<int>({{9, 28800}, {9, 1}, {1, 0}});
        at = end;
        const auto kind = *rc::gen::weightedElement<std::string>(
            {{9, "duty"}, {9, "standby"}, {9, "on-call"}, {9, "\"sick\""}, {1, "trainin"}});
        csv += id + "," + kind + "," + base::format_instant({begin}) + "," + base::format_instant({end}) + "\n";
      }
    }
    model::People whole = pack::read_people("p", people_csv).value();
    const model::People known = whole;
    const auto read = pack::read_roster("r", csv, whole);
    std::string_view rest = csv;
    const auto step = *rc::gen::inRange<std::size_t>(1, 40);
    const auto pieces = [&](std::span<char> buffer) -> base::Result<std::size_t> {
      const std::size_t size = std::min({step, rest.size(), buffer.size()});
      std::ranges::copy(rest.substr(0, size), buffer.begin());
      rest.remove_prefix(size);
      return size;
    };
    const auto streamed = read_all(pieces, &known);
    RC_ASSERT(streamed.has_value() == read.has_value());
    RC_CLASSIFY(read.has_value(), "accepted");
    if (!read) return;
    std::erase_if(whole, [](const auto& one) { return one.second.roster.empty(); });
    RC_ASSERT(*streamed == whole);
  }));
}

}  // namespace
}  // namespace policy::roster
