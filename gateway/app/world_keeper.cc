#include "gateway/app/world_keeper.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "gateway/proxy/opener.h"
#include "policy/pack/roster_csv.h"
#include "policy/pack/rule_set.h"
#include "relay/net/tls.h"

namespace gateway::app {
namespace {

using policy::base::Error;
using policy::base::fail;
using policy::base::Result;
using policy::base::Status;
using Errors = std::vector<Error>;

constexpr std::size_t kFileBytesMax = 512 * 1024 * 1024;

Result<std::string> read_input(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream in(path, std::ios::binary);
  if (error || !in || size > kFileBytesMax) {
    return fail("settings.file", "file '" + policy::base::printable(path) + "' cannot be read",
                "a file of at most 512 MiB", "check path and rights", path);
  }
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// Somebody who has left the directory may still stand in the roster. That is no reason to refuse everybody's roster;
// the gone person cannot log in anyway.
void admit_rostered(std::string_view csv, policy::model::People& people) {
  std::size_t at = csv.find('\n');
  while (at != std::string_view::npos && at + 1 < csv.size()) {
    const std::size_t begin = at + 1;
    at = csv.find('\n', begin);
    const std::string_view line = csv.substr(begin, at == std::string_view::npos ? at : at - begin);
    const auto id = directory::canonical_uid(line.substr(0, line.find(',')));
    if (id && !people.contains(*id)) people[*id].person = *id;
  }
}

audit::event::Digest digest(std::string_view bytes) {
  audit::event::Digest out;
  std::ranges::copy(relay::net::sha256(policy::base::as_bytes(bytes)), out.bytes.begin());
  return out;
}

// What the zones of the rules were read from.
std::string zone_bytes(const policy::pack::RuleSet& rules) {
  return read_input("/usr/share/zoneinfo/" + policy::pack::zone(rules)).value_or("");
}

}  // namespace

WorldKeeper::WorldKeeper(Files files, store::Store& store, proxy::Ledger& ledger)
    : files_(std::move(files)), store_(store), ledger_(ledger) {}

std::expected<std::shared_ptr<const policy::pack::RuleSet>, Errors> WorldKeeper::load_rules(
    const std::vector<std::string>& packs) {
  std::vector<policy::pack::PackSource> sources;
  for (const auto& path : packs) {
    auto toml = read_input(path);
    if (!toml) return std::unexpected(Errors{toml.error()});
    sources.push_back({path, std::move(*toml)});
  }
  return policy::pack::load_packs(sources);
}

std::expected<void, Errors> WorldKeeper::add_roster(policy::model::People& people, std::string& roster_bytes) const {
  for (const bool roster : {true, false}) {
    const std::string& path = roster ? files_.roster : files_.interruptions;
    if (path.empty()) continue;
    auto csv = read_input(path);
    if (!csv) return std::unexpected(Errors{csv.error()});
    admit_rostered(*csv, people);
    auto read =
        roster ? policy::pack::read_roster(path, *csv, people) : policy::pack::read_interruptions(path, *csv, people);
    if (!read) return std::unexpected(read.error());
    roster_bytes += *csv;
  }
  return {};
}

Status WorldKeeper::add_stored_interruptions(policy::model::People& people) const {
  auto stored = store_.interruptions();
  if (!stored) return std::unexpected(stored.error());
  for (const auto& one : *stored) {
    const auto person = people.find(one.person);
    if (person == people.end()) continue;
    auto& all = person->second.interruptions;
    const auto place =
        std::ranges::upper_bound(all, one.span.begin, {}, [](const auto& known) { return known.span.begin; });
    all.insert(place, policy::model::Interruption{one.span});
  }
  return {};
}

// The version first: what changes while this reads is told to the loops with a higher one.
Status WorldKeeper::add_stored_openings(gates::World& world) const {
  world.openings_version = store_.openings_version();
  const auto overrides = store_.overrides();
  if (!overrides) return std::unexpected(overrides.error());
  const auto own = store_.self_openings();
  if (!own) return std::unexpected(own.error());
  for (const auto& one : *overrides)
    if (const auto person = world.people.find(one.person); person != world.people.end())
      person->second.overrides.push_back(proxy::fact_of(one));
  for (const auto& one : *own)
    if (const auto person = world.people.find(one.person); person != world.people.end())
      person->second.self_openings.push_back({one.span});
  return {};
}

std::expected<std::shared_ptr<const gates::World>, Errors> WorldKeeper::build(const directory::Snapshot& people) {
  const std::string before = stamp();
  auto rules = load_rules(files_.packs);
  if (!rules) return std::unexpected(rules.error());
  auto world = std::make_shared<gates::World>();
  world->rules = *rules;
  for (const auto& person : people.people) world->people[person.id] = {person.id, person.groups, {}, {}, {}, {}};
  std::string roster_bytes;
  if (auto added = add_roster(world->people, roster_bytes); !added) return std::unexpected(added.error());
  if (auto added = add_stored_interruptions(world->people); !added) return std::unexpected(Errors{added.error()});
  if (auto added = add_stored_openings(*world); !added) return std::unexpected(Errors{added.error()});

  const std::scoped_lock lock(mutex_);
  const audit::event::RulesActivated activated{digest(policy::pack::digest(**rules)), digest(roster_bytes),
                                               digest(zone_bytes(**rules))};
  const std::string told = policy::pack::digest(**rules) + policy::base::to_hex(activated.roster.bytes);
  if (told != activated_) {
    if (auto logged = ledger_.record(activated); !logged) return std::unexpected(Errors{logged.error()});
    activated_ = told;
  }
  stamp_ = before;
  return world;
}

std::string WorldKeeper::stamp() const {
  std::string out;
  for (const std::string& path : {files_.roster, files_.interruptions}) {
    std::error_code error;
    const auto time = std::filesystem::last_write_time(path, error).time_since_epoch().count();
    const auto size = std::filesystem::file_size(path, error);
    out += path + ":" + std::to_string(time) + ":" + std::to_string(size) + "\n";
  }
  return out;
}

bool WorldKeeper::files_changed() const {
  const std::string now = stamp();
  const std::scoped_lock lock(mutex_);
  return now != stamp_;
}

}  // namespace gateway::app
