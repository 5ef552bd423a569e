#include "gateway/directory/port/person.h"

#include <algorithm>

namespace gateway::directory {
namespace {

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_uid_character(char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

const Person* Snapshot::find(std::string_view id) const {
  const auto at = std::ranges::lower_bound(people, id, {}, &Person::id);
  return at != people.end() && at->id == id ? &*at : nullptr;
}

Snapshot make_snapshot(std::vector<Person> people, std::size_t skipped) {
  std::ranges::sort(people, {}, &Person::id);
  Snapshot snapshot{.people = {}, .skipped = skipped};
  for (std::size_t begin = 0, end = 0; begin < people.size(); begin = end) {
    while (end < people.size() && people[end].id == people[begin].id) ++end;
    if (end - begin == 1)
      snapshot.people.push_back(std::move(people[begin]));
    else
      snapshot.skipped += end - begin;
  }
  return snapshot;
}

Changes diff(const Snapshot& before, const Snapshot& after) {
  Changes changes;
  auto old = before.people.begin();
  auto now = after.people.begin();
  while (old != before.people.end() || now != after.people.end()) {
    if (now == after.people.end() || (old != before.people.end() && old->id < now->id)) {
      changes.gone.push_back(old++->id);
    } else if (old == before.people.end() || now->id < old->id) {
      changes.joined.push_back(now++->id);
    } else {
      if (old->stable_id != now->stable_id) {
        changes.gone.push_back(old->id);
        changes.joined.push_back(now->id);
      } else if (*old != *now) {
        changes.changed.push_back(now->id);
      }
      ++old, ++now;
    }
  }
  return changes;
}

base::Result<std::string> canonical_uid(std::string_view text) {
  if (text.empty() || text.size() > kUidSizeMax) return std::unexpected(login_refused());
  std::string uid(text);
  std::ranges::transform(uid, uid.begin(), lower);
  if (!is_letter_or_digit(uid.front()) || !std::ranges::all_of(uid, is_uid_character))
    return std::unexpected(login_refused());
  return uid;
}

base::Status check_password(std::string_view password) {
  const bool blank = std::ranges::all_of(password, [](char c) { return c == ' ' || c == '\t'; });
  const bool has_nul = password.find('\0') != std::string_view::npos;
  if (blank || has_nul || password.size() > kPasswordSizeMax) return std::unexpected(login_refused());
  return {};
}

base::Error login_refused() {
  return {.code = "login.refused",
          .seen = "user name, password or code not accepted",
          .allowed = {},
          .remedy = "check all of them and try again; after repeated failures the account is locked for a while",
          .where = {}};
}

void tidy_groups(std::vector<std::string>& groups) {
  std::ranges::sort(groups);
  groups.erase(std::ranges::unique(groups).begin(), groups.end());
  if (groups.size() > kGroupsPerPersonMax) groups.resize(kGroupsPerPersonMax);
}

}  // namespace gateway::directory
