#include "gateway/directory/ldif/ldif_directory.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <iterator>
#include <unordered_map>

#include "gateway/directory/ldif/parse.h"
#include "gateway/directory/ldif/password_hash.h"

namespace gateway::directory::ldif {
namespace {

constexpr int kLookEvery_ms = 250;
constexpr std::size_t kNameSizeMax = 256;

// Changes whenever the file does; empty if there is none.
std::string version_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return {};
  return std::to_string(info.st_ino) + "." + std::to_string(info.st_size) + "." + std::to_string(info.st_mtim.tv_sec) +
         "." + std::to_string(info.st_mtim.tv_nsec);
}

base::Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return base::fail("directory.unavailable",
                      std::string("the directory file cannot be read: ") + std::strerror(errno), {},
                      "check path and rights", path);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad())
    return base::fail("directory.unavailable", "the directory file could not be read to its end", {}, {}, path);
  return text;
}

using GroupsByMember = std::unordered_map<std::string, std::vector<std::string>>;

GroupsByMember groups_by_member(const std::vector<Entry>& entries) {
  GroupsByMember groups;
  for (const Entry& entry : entries) {
    if (!entry.has("objectclass", "groupOfNames")) continue;
    const std::string name(entry.first("cn"));
    for (const std::string_view member : entry.all("member")) groups[normalised_dn(member)].push_back(name);
  }
  return groups;
}

Person read_person(const Entry& entry, std::string uid, const GroupsByMember& groups) {
  const std::string_view shown = entry.first("displayname").empty() ? entry.first("cn") : entry.first("displayname");
  Person person{.id = std::move(uid),
                .stable_id = std::string(entry.first("entryuuid")),
                .display_name = base::printable(shown, kNameSizeMax),
                .unit = base::printable(entry.first("ou"), kNameSizeMax),
                .groups = {}};
  if (const auto found = groups.find(normalised_dn(entry.dn)); found != groups.end()) person.groups = found->second;
  tidy_groups(person.groups);
  return person;
}

class FileFeed final : public ChangeFeed {
 public:
  explicit FileFeed(std::string path) : path_(std::move(path)), version_(version_of(path_)) {}

  base::Result<bool> wait(int timeout_ms) override {
    std::unique_lock lock(mutex_);
    for (int left_ms = timeout_ms;;) {
      if (std::exchange(interrupted_, false)) return false;
      std::string version = version_of(path_);
      if (version != version_) {
        version_ = std::move(version);
        return true;
      }
      if (left_ms <= 0) return false;
      const int step_ms = std::min(left_ms, kLookEvery_ms);
      wake_.wait_for(lock, std::chrono::milliseconds(step_ms), [this] { return interrupted_; });
      left_ms -= step_ms;
    }
  }

  void interrupt() override {
    const std::scoped_lock lock(mutex_);
    interrupted_ = true;
    wake_.notify_all();
  }

 private:
  const std::string path_;
  std::string version_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool interrupted_ = false;  // guarded by mutex_
};

}  // namespace

base::Result<Contents> read_contents(std::string_view text, std::string_view name) {
  const auto entries = parse(text, name);
  if (!entries) return std::unexpected(entries.error());
  const GroupsByMember groups = groups_by_member(*entries);
  std::vector<Person> people;
  std::size_t skipped = 0;
  Contents contents;
  for (const Entry& entry : *entries) {
    if (!entry.has("objectclass", "inetOrgPerson")) continue;
    const auto uids = entry.all("uid");
    auto uid = uids.size() == 1 ? canonical_uid(uids.front()) : std::unexpected(login_refused());
    if (!uid || people.size() == kPeopleMax) {
      ++skipped;
      continue;
    }
    for (const std::string_view stored : entry.all("userpassword"))
      if (known_scheme(stored)) contents.passwords[*uid].emplace_back(stored);
    people.push_back(read_person(entry, *std::move(uid), groups));
  }
  contents.people = make_snapshot(std::move(people), skipped);
  if (contents.people.people.empty())
    return base::fail("directory.misconfigured", "nobody in the directory file",
                      "entries of objectClass inetOrgPerson with a uid", "check the file", std::string(name));
  return contents;
}

base::Result<std::shared_ptr<const Contents>> LdifDirectory::current() {
  const std::scoped_lock lock(mutex_);
  const std::string before = version_of(path_);
  if (!before.empty() && before == version_) return contents_;
  const auto text = read_file(path_);
  if (!text) return std::unexpected(text.error());
  if (version_of(path_) != before)
    return base::fail("directory.unavailable", "the directory file is being written", {},
                      "rename a finished file over it", path_);
  auto contents = read_contents(*text, path_);
  version_ = before;
  if (contents) {
    contents_ = std::make_shared<const Contents>(*std::move(contents));
  } else {
    base::Error error = std::move(contents.error());
    if (!error.code.starts_with("directory.")) error.code = "directory.misconfigured";
    contents_ = std::unexpected(std::move(error));
  }
  return contents_;
}

base::Result<Person> LdifDirectory::authenticate(std::string_view uid, std::string_view password) {
  const auto name = canonical_uid(uid);
  if (!name) return std::unexpected(name.error());
  if (const auto status = check_password(password); !status) return std::unexpected(status.error());
  const auto contents = current();
  if (!contents) return std::unexpected(contents.error());
  const auto& passwords = (*contents)->passwords;
  const Person* person = (*contents)->people.find(*name);
  const auto own = passwords.find(*name);
  // Nobody's password is judged against somebody's hash, for the same work and no other purpose.
  const auto judged = own != passwords.end() ? own : passwords.begin();
  const bool right = judged != passwords.end() && std::ranges::any_of(judged->second, [&](const std::string& stored) {
                       return verify_password(stored, password);
                     });
  if (!right || !person || own == passwords.end()) return std::unexpected(login_refused());
  return *person;
}

base::Result<Person> LdifDirectory::find(std::string_view uid) {
  const auto contents = current();
  if (!contents) return std::unexpected(contents.error());
  const Person* person = (*contents)->people.find(uid);
  if (!person) return std::unexpected(login_refused());
  return *person;
}

base::Result<Snapshot> LdifDirectory::snapshot() {
  const auto contents = current();
  if (!contents) return std::unexpected(contents.error());
  return (*contents)->people;
}

base::Status LdifDirectory::probe() {
  const auto contents = current();
  if (!contents) return std::unexpected(contents.error());
  return {};
}

base::Result<std::unique_ptr<ChangeFeed>> LdifDirectory::changes() { return std::make_unique<FileFeed>(path_); }

}  // namespace gateway::directory::ldif
