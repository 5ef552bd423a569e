// A roster table as large as it likes, person by person, in the memory of one person: 23,000 people over ten years are
// some fifty million lines.
//
// The table is that of policy/pack/roster_csv.h, with its lines grouped by person in the order of the ids' bytes
// (LC_ALL=C sort -t, -k1,1); within a person they may have any order. What read_roster() accepts of such a table, this
// accepts, with the same entries.
//
// Not copyable; one thread. Threads share the work behind it by passing on the facts, which are values.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "policy/base/byte_source.h"
#include "policy/base/result.h"
#include "policy/model/facts.h"

namespace policy::roster {

constexpr std::size_t kEntriesPerPersonMax = 200'000;
constexpr std::uint64_t kStreamLinesMax = 1'000'000'000;

class PersonStream {
 public:
  // `people` must outlive the stream; they give the groups. nullptr: everybody is known and in no group.
  PersonStream(std::string name, base::ByteSource source, const model::People* people = nullptr);
  PersonStream(PersonStream&&) noexcept;
  ~PersonStream();

  // The next person who has an entry: id, groups, and the roster sorted by begin; nothing at the end. People without
  // any entry do not come. Errors, each with "name:line:column": those of read_roster(), roster.unsorted,
  // roster.too-many, and those of the source. After an error there is no more.
  base::Result<std::optional<model::PersonFacts>> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace policy::roster
