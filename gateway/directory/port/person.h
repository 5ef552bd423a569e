// Who is on the staff: values that every kind of directory gives.
//
// Values; copyable; a Snapshot is immutable once it is shared and may then be read from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"

namespace gateway::directory {

namespace base = policy::base;

constexpr std::size_t kUidSizeMax = 64;
constexpr std::size_t kPasswordSizeMax = 256;
constexpr std::size_t kPeopleMax = 200'000;
constexpr std::size_t kGroupsPerPersonMax = 256;

struct Person {
  std::string id;  // canonical uid, see canonical_uid()
  std::string
      stable_id;  // entryUUID; empty if the directory has none. A uid that is given to somebody else gets another
  std::string display_name;
  std::string unit;
  std::vector<std::string> groups;  // names (cn), sorted, each once

  bool operator==(const Person&) const = default;
};

// Everybody in the directory at one moment. `people` is sorted by id, each id once.
struct Snapshot {
  std::vector<Person> people;
  // Entries left out: no uid, several uids, a uid outside the alphabet, or a uid that two entries share. They cannot
  // log in either.
  std::size_t skipped = 0;

  const Person* find(std::string_view id) const;
};

// Sorts, and leaves out every uid that occurs more than once: nobody can say which of the two is meant.
Snapshot make_snapshot(std::vector<Person> people, std::size_t skipped);

struct Changes {
  std::vector<std::string> joined, gone, changed;  // ids, sorted

  bool empty() const { return joined.empty() && gone.empty() && changed.empty(); }
};

// From one snapshot to a later one. A uid that now belongs to another stable_id is both `gone` and `joined`.
Changes diff(const Snapshot& before, const Snapshot& after);

// A uid as the gateway keys everything by it: lower case ASCII, 1–64 of [a-z0-9._-], first one a letter or digit. LDAP
// compares uids without case, so "Anna" and "anna" must not become two people with three devices each.
// Error: login.refused.
base::Result<std::string> canonical_uid(std::string_view text);

// Not empty, not only blanks, no NUL, at most 256 bytes: RFC 4513 § 5.1.2 makes a bind with an empty password succeed
// as anonymous. Error: login.refused.
base::Status check_password(std::string_view password);

// The one answer to a wrong uid, a wrong password and a wrong code alike, in the same words.
base::Error login_refused();

// Sorted, each once, cut to kGroupsPerPersonMax.
void tidy_groups(std::vector<std::string>& groups);

}  // namespace gateway::directory
