#include "gateway/app/world_keeper.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "gateway/proxy/opener.h"
#include "policy/pack/roster_csv.h"
#include "policy/pack/rule_set.h"
#include "policy/roster/roster_file.h"

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
// the gone person cannot log in anyway. Local times are those of the packs.
policy::roster::Options roster_options(const std::string& zone) {
  policy::roster::Options options;
  options.zone = zone;
  options.admit_strangers = true;
  options.canonical = [](std::string_view id) -> std::optional<std::string> {
    auto uid = directory::canonical_uid(id);
    if (!uid) return std::nullopt;
    return std::move(*uid);
  };
  return options;
}

void admit_interrupted(std::string_view csv, policy::model::People& people) {
  std::size_t at = csv.find('\n');
  while (at != std::string_view::npos && at + 1 < csv.size()) {
    const std::size_t begin = at + 1;
    at = csv.find('\n', begin);
    const std::string_view line = csv.substr(begin, at == std::string_view::npos ? at : at - begin);
    const auto id = directory::canonical_uid(line.substr(0, line.find(',')));
    if (id && !people.contains(*id)) people[*id].person = *id;
  }
}

std::string trusted_name(const std::string& path) { return policy::base::printable(path, 300); }

Result<rules::SignedFiles> read_signed(const WorldKeeper::Files& files) {
  auto bundle = read_input(files.bundle);
  if (!bundle) return std::unexpected(bundle.error());
  auto trust = read_input(files.trust);
  if (!trust) return std::unexpected(trust.error());
  std::error_code error;
  if (!std::filesystem::exists(files.bundle + ".note", error))
    return rules::SignedFiles{std::move(*bundle), {}, std::move(*trust)};
  auto note = read_input(files.bundle + ".note");
  if (!note) return std::unexpected(note.error());
  return rules::SignedFiles{std::move(*bundle), std::move(*note), std::move(*trust)};
}

policy::pack::LoadedRules load_packs(const std::vector<std::string>& packs) {
  std::vector<policy::pack::PackSource> sources;
  for (const auto& path : packs) {
    auto toml = read_input(path);
    if (!toml) return std::unexpected(Errors{toml.error()});
    sources.push_back({path, std::move(*toml)});
  }
  return policy::pack::load_packs(sources);
}

}  // namespace

class WorldKeeper::StoreMemory final : public rules::Memory {
 public:
  explicit StoreMemory(store::Store& store) : store_(store) {}
  Result<std::optional<rules::Remembered>> remembered() override {
    auto stored = store_.rules_in_force();
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) return std::nullopt;
    return rules::Remembered{(*stored)->revision, std::move((*stored)->bundle), std::move((*stored)->note)};
  }
  Status remember(const rules::Remembered& bundle) override {
    return store_.put_rules_in_force({bundle.revision, bundle.bundle, bundle.note});
  }

 private:
  store::Store& store_;
};

WorldKeeper::WorldKeeper(Files files, std::string tenant, store::Store& store, proxy::Ledger& ledger,
                         const policy::base::Clock& clock, rules::Permit permit)
    : files_(std::move(files)),
      store_(store),
      ledger_(ledger),
      clock_(clock),
      memory_(std::make_unique<StoreMemory>(store)) {
  const auto log = [&ledger](audit::event::Record record) { return ledger.record(std::move(record)); };
  if (!files_.bundle.empty())
    activation_ = std::make_unique<rules::Activation>(*memory_, log, std::move(tenant), std::move(permit));
}

WorldKeeper::~WorldKeeper() = default;

Errors WorldKeeper::check_rules(const Files& files, const std::string& tenant, policy::base::Instant now) {
  if (files.bundle.empty()) {
    auto loaded = load_packs(files.packs);
    return loaded ? Errors{} : std::move(loaded.error());
  }
  const auto found = read_signed(files);
  if (!found) return {found.error()};
  const auto trust = policy::bundle::parse_trust(trusted_name(files.trust), found->trust);
  if (!trust) return {trust.error()};
  auto verdict = policy::bundle::verify(found->bundle, found->note, {*trust, tenant, {}, now});
  return verdict ? Errors{} : std::move(verdict.error());
}

std::expected<WorldKeeper::Chosen, Errors> WorldKeeper::choose_packs() const {
  const auto stored = memory_->remembered();
  if (!stored) return std::unexpected(Errors{stored.error()});
  if (*stored) {
    const std::string revision = std::to_string((*stored)->revision);
    return std::unexpected(
        Errors{{"bundle.required",
                "packs without signatures where signed rules of revision " + revision + " are in force",
                "signed rules",
                "give --bundle FILE --bundle-trust FILE",
                {}}});
  }
  auto loaded = load_packs(files_.packs);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  const auto pins = policy::bundle::pins_of(**loaded);
  return Chosen{std::move(*loaded), pins, nullptr};
}

std::expected<WorldKeeper::Chosen, Errors> WorldKeeper::choose(policy::base::Instant now) {
  if (!activation_) return choose_packs();
  auto choice = activation_->choose(read_signed(files_), now);
  if (!choice) return std::unexpected(std::move(choice.error()));
  return Chosen{(*choice)->verified.rules, (*choice)->verified.pins, *choice};
}

std::expected<void, Errors> WorldKeeper::add_roster(const std::string& zone, policy::model::People& people,
                                                    std::string& roster_bytes) const {
  if (!files_.roster.empty()) {
    auto bytes = read_input(files_.roster);
    if (!bytes) return std::unexpected(Errors{bytes.error()});
    if (auto read = policy::roster::read_roster_file(files_.roster, *bytes, roster_options(zone), people); !read)
      return read;
    roster_bytes += *bytes;
  }
  if (!files_.interruptions.empty()) {
    auto csv = read_input(files_.interruptions);
    if (!csv) return std::unexpected(Errors{csv.error()});
    admit_interrupted(*csv, people);
    if (auto read = policy::pack::read_interruptions(files_.interruptions, *csv, people); !read) return read;
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

Status WorldKeeper::put_in_force(const Chosen& chosen, const policy::base::Sha256& roster, policy::base::Instant now) {
  if (chosen.choice) return activation_->put_in_force(chosen.choice, roster, now);
  std::string telling = policy::base::to_hex(chosen.pins.rules) + policy::base::to_hex(roster);
  if (telling == told_) return {};
  auto logged = ledger_.record(audit::event::RulesActivated{{chosen.pins.rules}, {roster}, {chosen.pins.tzdata}});
  if (logged) told_ = std::move(telling);
  return logged;
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

std::expected<std::shared_ptr<const gates::World>, Errors> WorldKeeper::build_world(const directory::Snapshot& people,
                                                                                    policy::base::Instant now) {
  auto chosen = choose(now);
  if (!chosen) return std::unexpected(std::move(chosen.error()));
  auto world = std::make_shared<gates::World>();
  world->rules = chosen->rules;
  world->pins = chosen->pins;
  for (const auto& person : people.people) world->people[person.id] = {person.id, person.groups, {}, {}, {}, {}};
  std::string roster_bytes;
  if (auto added = add_roster(policy::pack::zone(*chosen->rules), world->people, roster_bytes); !added)
    return std::unexpected(added.error());
  if (auto added = add_stored_interruptions(world->people); !added) return std::unexpected(Errors{added.error()});
  if (auto added = add_stored_openings(*world); !added) return std::unexpected(Errors{added.error()});
  world->roster = policy::base::sha256(roster_bytes);
  if (auto put = put_in_force(*chosen, world->roster, now); !put) return std::unexpected(Errors{put.error()});
  return world;
}

std::expected<std::shared_ptr<const gates::World>, Errors> WorldKeeper::build(const directory::Snapshot& people) {
  const std::scoped_lock building(building_);
  const std::string before = stamp();
  const auto now = clock_.now();
  auto world = build_world(people, now);
  if (!world && activation_) activation_->postpone(now);
  if (!world) return world;
  const std::scoped_lock lock(mutex_);
  stamp_ = before;
  return world;
}

bool WorldKeeper::due(policy::base::Instant now) {
  if (!activation_ || !activation_->due(now)) return false;
  activation_->postpone(now);
  return true;
}

bool WorldKeeper::expires_at(policy::base::Instant now) const {
  return activation_ && activation_->state().in_force && activation_->state().in_force->expires == now;
}

proxy::RulesStatus WorldKeeper::status() const {
  proxy::RulesStatus out;
  if (!activation_) return out;
  out.is_signed = true;
  const auto state = activation_->state();
  if (state.in_force) {
    out.revision = state.in_force->revision;
    out.expires = state.in_force->expires;
  }
  if (state.waiting) out.next = state.waiting->not_before;
  for (const auto& warning : warnings()) out.warnings.push_back(warning.code);
  return out;
}

WorldKeeper::Errors WorldKeeper::warnings() const {
  return activation_ ? activation_->warnings(clock_.now()) : Errors{};
}

std::string WorldKeeper::stamp() const {
  std::string out;
  for (const std::string& path :
       {files_.roster, files_.interruptions, files_.bundle, files_.bundle + ".note", files_.trust}) {
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
