#include "gateway/app/gateway.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <fstream>
#include <iterator>

#include "gateway/app/groups_key.h"
#include "gateway/directory/ldif/ldif_directory.h"
#include "gateway/proxy/entries.h"
#include "gateway/proxy/opener.h"

namespace gateway::app {

using policy::base::Error;
using policy::base::Instant;
using policy::base::Result;
using policy::base::Status;

namespace {

constexpr std::size_t kWorkWaitingMax = 4096;
constexpr std::int64_t kMaintainEvery_s = 60;
constexpr std::int64_t kLookAtFilesEvery_s = 2;
constexpr std::int64_t kWarnEvery_s = 3600;
constexpr std::int64_t kDay_s = 86400;
constexpr auto kFarewell = std::chrono::milliseconds(300);  // for close frames to leave

// Names the program that runs: SHA-256 of its file.
audit::event::Digest own_digest() {
  std::ifstream program("/proc/self/exe", std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(program), {});
  audit::event::Digest out;
  std::ranges::copy(relay::net::sha256(policy::base::as_bytes(bytes)), out.bytes.begin());
  return out;
}

void log_all(const std::vector<Error>& errors) {
  for (const auto& error : errors) spdlog::error("{}", policy::base::to_string(error));
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::start(Options options) {
  std::unique_ptr<Gateway> gateway(new Gateway(std::move(options)));
  for (const auto step : {&Gateway::open_stores, &Gateway::open_directory, &Gateway::open_rules,
                          &Gateway::open_requests, &Gateway::open_lanes}) {
    if (auto status = (gateway.get()->*step)(); !status) return std::unexpected(status.error());
  }
  return gateway;
}

Gateway::~Gateway() {
  watcher_.reset();
  if (workers_) workers_->stop();
}

Status Gateway::open_stores() {
  auto folder = relay::daemon::FolderLock::acquire(options_.data);
  if (!folder) return std::unexpected(folder.error());
  folder_ = std::move(*folder);
  auto store = store::Store::open(options_.data + "/gateway.db");
  if (!store) return std::unexpected(store.error());
  store_ = std::move(*store);
  auto parties = parse_parties(options_.officer_key, options_.council_key);
  if (!parties) return std::unexpected(parties.error());
  auto ledger =
      LogLedger::open({options_.data + "/audit", options_.tenant, *parties, options_.erasures_copy}, clock_, random_);
  if (!ledger) return std::unexpected(ledger.error());
  ledger_ = std::move(*ledger);
  const auto again = ledger_->erase_again();
  // What came back must not be served; but that somebody has put a past year's key away stops no service.
  if (!again && again.error().code != "log.year-key") return std::unexpected(again.error());
  if (!again) spdlog::error("{}", policy::base::to_string(again.error()));
  if (again && *again > 0)
    spdlog::warn("{} records of the log had come back with a backup; they are erased again", *again);
  auto owners = store_->device_owners();
  if (!owners) return std::unexpected(owners.error());
  for (auto& owner : *owners) book_.add(owner.device, std::move(owner.person));
  return ledger_->record(audit::event::ServiceStarted{own_digest()});
}

Status Gateway::open_directory() {
  if (!options_.ldif.empty()) {
    directory_ = std::make_unique<directory::ldif::LdifDirectory>(options_.ldif);
  } else {
    auto ldap = directory::ldap::LdapDirectory::create(options_.ldap);
    if (!ldap) return std::unexpected(ldap.error());
    directory_ = std::move(*ldap);
  }
  auto key = session::FactorKey::load_or_create(options_.data + "/factor.key", random_);
  if (!key) return std::unexpected(key.error());
  sessions_ = std::make_unique<session::Sessions>(session::Sessions::Ports{*store_, *directory_, clock_, random_}, *key,
                                                  "Feierabend", session::Rules{});
  workers_ = std::make_unique<proxy::Workers>(options_.workers, kWorkWaitingMax);
  opener_ = std::make_unique<proxy::Opener>(*store_, *ledger_, switchboard_);
  certificates_ = std::make_unique<proxy::Certificates>(*store_, *ledger_, clock_, random_);
  if (auto groups = open_groups(); !groups) return groups;
  services_.reset(new proxy::Services{.clock = clock_,
                                      .random = random_,
                                      .store = *store_,
                                      .sessions = *sessions_,
                                      .workers = *workers_,
                                      .book = book_,
                                      .meter = meter_,
                                      .ledger = *ledger_,
                                      .switchboard = switchboard_,
                                      .opener = *opener_,
                                      .certificates = *certificates_,
                                      .groups = *groups_,
                                      .key_packages = *key_packages_,
                                      .world = {},
                                      .people = {},
                                      .relay_up = false,
                                      .devices_max = 3,
                                      .rules_status = {},
                                      .admin_group = options_.admin_group,
                                      .tell_operator = [](const Error& error) { log_all({error}); }});
  auto people = directory_->snapshot();
  if (!people) return std::unexpected(people.error());
  services_->people = std::make_shared<const directory::Snapshot>(std::move(*people));
  api_ = std::make_unique<console::Api>(*services_, *directory_);
  return {};
}

bool Gateway::in_directory(std::string_view person) const {
  const auto people = services_->people.load();
  return people != nullptr && people->find(person) != nullptr;
}

Status Gateway::open_groups() {
  auto key = GroupsKey(options_.data, *store_, mls_crypto_, random_).open();
  if (!key) return std::unexpected(key.error());
  groups_ = std::make_unique<groups::Groups>(
      groups::Ports{*store_, clock_, mls_crypto_, [this](std::string_view person) { return in_directory(person); },
                    [this] { return services_->devices_max.load(); }},
      std::move(*key));
  key_packages_ = std::make_unique<groups::KeyPackages>(groups_->ports());
  return {};
}

Status Gateway::open_rules() {
  rules::Permit permit;
  if (!options_.witnesses.policy.empty()) {
    auto witnesses = Witnesses::open(options_.witnesses, options_.data + "/audit", clock_);
    if (!witnesses) return std::unexpected(witnesses.error());
    witnesses_ = std::move(*witnesses);
    permit = [&keeper = witnesses_->keeper()](Instant now) { return keeper.permit(now); };
  }
  worlds_ =
      std::make_unique<WorldKeeper>(options_.rules, options_.tenant, *store_, *ledger_, clock_, std::move(permit));
  auto world = worlds_->build(*services_->people.load());
  if (!world) {
    log_all(world.error());
    return std::unexpected(world.error().front());
  }
  world_ = *world;
  services_->world = *world;
  set_session_rules(*world_->rules);
  if (options_.rules.bundle.empty()) spdlog::warn("the rules are packs that nobody has signed");
  tell_rules();
  return {};
}

Status Gateway::open_requests() {
  if (options_.officer_signer.empty()) return {};
  auto signers = parse_signers(options_.officer_signer, options_.council_signer);
  if (!signers) return std::unexpected(signers.error());
  const auto note = [this](const audit::opening::Request& request, const audit::event::Digest& digest) {
    const Instant now = clock_.now();
    const auto told_after = policy::pack::log_access_rules(*services_->world.load()->rules).told_after;
    const policy::base::Interval span{audit::pseudonym::begin_of(request.first),
                                      audit::pseudonym::begin_of({request.last.number + 1})};
    return store_->add_pseudonym_opening(
        {digest.bytes, span, std::string(audit::event::word_of(request.purpose).id), now, now + told_after});
  };
  // Readings first: the desk for openings takes the keys.
  readings_ = std::make_unique<RequestFolder>(
      options_.data + "/audit/readings",
      judge_of(audit::reading::Desk({signers->officer, signers->council}, options_.tenant,
                                    {[this](std::string_view name) { return ledger_->subject(name); },
                                     [this](audit::event::Record record) -> Result<audit::reading::Desk::Entry> {
                                       auto entry = ledger_->record_numbered(std::move(record));
                                       if (!entry) return std::unexpected(entry.error());
                                       return audit::reading::Desk::Entry{std::move(entry->origin), entry->number};
                                     }})));
  requests_ = std::make_unique<RequestFolder>(
      options_.data + "/audit/openings",
      judge_of(audit::opening::Desk(std::move(*signers), options_.tenant, ledger_->days(),
                                    {[this](audit::event::Record record) -> Result<audit::opening::Desk::Entry> {
                                       auto entry = ledger_->record_numbered(std::move(record));
                                       if (!entry) return std::unexpected(entry.error());
                                       return audit::opening::Desk::Entry{std::move(entry->origin), entry->number};
                                     },
                                     note})));
  if (auto prepared = readings_->prepare(); !prepared) return prepared;
  return requests_->prepare();
}

void Gateway::take_requests(Instant now) {
  for (const RequestFolder* const folder : {readings_.get(), requests_.get()})
    if (auto taken = folder->take_all(now); !taken) spdlog::error("{}", policy::base::to_string(taken.error()));
  taking_requests_ = false;
}

void Gateway::set_session_rules(const policy::pack::RuleSet& rules) {
  const auto sessions = policy::pack::session_rules(rules);
  const auto devices = policy::pack::device_rules(rules);
  services_->devices_max = devices.devices_max;
  sessions_->set_rules({sessions.lifetime,
                        sessions.idle,
                        sessions.failures_max,
                        sessions.lock_for,
                        {devices.devices_max, devices.cite},
                        sessions.step_up});
}

Status Gateway::open_lanes() {
  auto tls = relay::net::TlsContext::server(options_.tls);
  if (!tls) return std::unexpected(tls.error());
  tls_ = std::move(*tls);
  if (!options_.relay.unix_socket) {
    auto relay_tls = relay::net::TlsContext::client(options_.relay_tls);
    if (!relay_tls) return std::unexpected(relay_tls.error());
    relay_tls_ = std::move(*relay_tls);
  }
  bound_ = options_.listen;
  std::vector<std::unique_ptr<relay::net::Listener>> listeners;
  for (std::size_t i = 0; i < options_.loops; ++i) {
    Lane lane;
    lane.loop = std::make_unique<relay::net::Loop>(clock_);
    auto listener = relay::net::Listener::open(*lane.loop, bound_, options_.loops > 1);
    if (!listener) return std::unexpected(listener.error());
    bound_ = (*listener)->bound();
    listeners.push_back(std::move(*listener));
    lane.exchange = std::make_unique<proxy::Exchange>(
        *lane.loop, *services_, options_.relay, relay_tls_.get(), world_,
        proxy::Exchange::Options{.ping_interval_s = options_.ping_interval_s, .keeps_groups = i == 0});
    switchboard_.add(*lane.loop, *lane.exchange);
    lanes_.push_back(std::move(lane));
  }
  origins_.allowed = options_.origins;
  const bool local_only = bound_.host == "localhost" || bound_.host.starts_with("127.") || bound_.host == "::1";
  for (const char* const host : {"localhost", "127.0.0.1"}) {
    if (local_only) origins_.allowed.push_back(std::string("https://") + host + ":" + std::to_string(bound_.port));
  }
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& lane = lanes_[i];
    lane.door = std::make_unique<listener::FrontDoor>(
        listener::FrontDoor::Parts{*lane.loop, *tls_, *api_, *lane.exchange, *workers_, origins_});
    lane.door->start(std::move(listeners[i]));
    lane.exchange->start();
  }
  lanes_.front().loop->every_second([this](Instant now) { maintain(now); });
  watcher_ = std::make_unique<directory::PeopleWatcher>(*directory_, clock_, options_.watch, *this);
  return {};
}

std::string Gateway::address() const { return bound_.text(); }

void Gateway::run() {
  watcher_->start();
  for (auto& lane : lanes_) lane.thread = std::thread([&loop = *lane.loop] { loop.run(); });
  for (auto& lane : lanes_) lane.thread.join();
  watcher_->stop();
  workers_->stop();
  if (auto logged = ledger_->record(audit::event::ServiceStopped{}); !logged)
    spdlog::error("{}", policy::base::to_string(logged.error()));
  ledger_->close();
}

void Gateway::stop() {
  if (stopping_.exchange(true)) return;
  for (auto& lane : lanes_) {
    lane.loop->post([&lane] {
      lane.door->stop();
      lane.exchange->close_all(1001, "the service stops");
      auto farewell = std::make_shared<boost::asio::steady_timer>(lane.loop->context(), kFarewell);
      farewell->async_wait([&lane, farewell](const boost::system::error_code&) { lane.loop->stop(); });
    });
  }
}

void Gateway::reload() {
  if (!workers_->submit([this] { rebuild(); })) spdlog::warn("too busy to read the rules again; try once more");
}

void Gateway::tell_rules() {
  services_->rules_status = std::make_shared<const proxy::RulesStatus>(worlds_->status());
  for (const auto& warning : worlds_->warnings()) spdlog::error("{}", policy::base::to_string(warning));
}

void Gateway::rebuild() {
  const std::scoped_lock lock(rebuilding_);
  auto world = worlds_->build(*services_->people.load());
  if (!world) {
    spdlog::error("rules, roster or people are not sound: what was in force stays in force");
    log_all(world.error());
    return tell_rules();
  }
  set_session_rules(*(*world)->rules);
  services_->world = *world;
  switchboard_.replace_world(*world);
  tell_rules();
}

void Gateway::maintain(Instant now) {
  workers_->submit([this] { ledger_->advance(); });
  // Signed rules come into force at their very second; so does the warning that they have expired.
  const bool look_at_files = now.unix_s % kLookAtFilesEvery_s == 0;
  if (worlds_->due(now) || (look_at_files && worlds_->files_changed())) reload();
  if (worlds_->expires_at(now) || now.unix_s % kWarnEvery_s == 0) workers_->submit([this] { tell_rules(); });
  if (look_at_files && requests_ && !taking_requests_.exchange(true)) {
    if (!workers_->submit([this, now] { take_requests(now); })) taking_requests_ = false;
  }
  if (now.unix_s % kMaintainEvery_s != 0) return;
  if (const std::int64_t today = now.unix_s / kDay_s; indexed_on_.exchange(today) != today)
    if (!workers_->submit([this] { index_subjects(); })) indexed_on_ = -1;
  if (const std::int64_t today = now.unix_s / kDay_s; today != erased_on_ && !erasing_.exchange(true)) {
    erased_on_ = today;
    if (!workers_->submit([this, now] { erase_due(now); })) erased_on_ = 0, erasing_ = false;
  }
  workers_->submit([this, now] {
    for (const Status& status :
         {sessions_->tick(), store_->purge_interruptions(now), count_self_openings(now), store_->purge_openings(now),
          store_->purge_pseudonym_openings(now), store_->purge_key_packages(now), certificates_->issue_missing()}) {
      if (!status) spdlog::error("{}", policy::base::to_string(status.error()));
    }
  });
}

void Gateway::index_subjects() {
  if (const Status indexed = ledger_->index_subjects(); !indexed) {
    spdlog::error("{}", policy::base::to_string(indexed.error()));
    indexed_on_ = -1;
  }
}

void Gateway::erase_due(Instant now) {
  const auto erased = ledger_->erase_due(now);
  if (!erased) {
    spdlog::error("{}", policy::base::to_string(erased.error()));
    if (erased.error().code != "log.year-key") erased_on_ = 0;  // that one is worth a line a day
  } else if (*erased > 0)
    spdlog::info("{} records of the log were due and are erased", *erased);
  certificates_->forget_proofs();
  erasing_ = false;
}

Status Gateway::count_self_openings(Instant now) {
  const Instant today{now.unix_s - now.unix_s % kDay_s};
  auto counted = store_->counted_until();
  if (!counted) return std::unexpected(counted.error());
  const std::uint64_t least = policy::pack::log_access_rules(*services_->world.load()->rules).smallest_cell;
  const Instant oldest = today + policy::base::Seconds{-store::kOpeningsKept_s};
  for (Instant day = std::max(counted->value_or(oldest), oldest); day < today;
       day = day + policy::base::Seconds{kDay_s}) {
    const auto people = store_->people_who_opened(day);
    if (!people) return std::unexpected(people.error());
    const auto cell = *people < least ? std::nullopt : audit::event::CellCount::from(*people);
    if (cell) {
      if (auto logged = ledger_->record(audit::event::SelfOpeningsCounted{day, *cell}); !logged) return logged;
    }
    if (auto kept = store_->set_counted_until(day + policy::base::Seconds{kDay_s}); !kept) return kept;
  }
  return {};
}

void Gateway::on_people(std::shared_ptr<const directory::Snapshot> people, const directory::Changes& changes) {
  const auto before = services_->people.exchange(people);
  for (const auto& person : changes.gone) switchboard_.person_gone(person);
  auto gone = sessions_->close_missing(*people);
  if (!gone) return spdlog::error("{}", policy::base::to_string(gone.error()));
  for (const auto& [person, sessions] : *gone) {
    switchboard_.close_person(person, "no longer in the directory");
    if (auto logged = ledger_->record(proxy::entries::person_gone(*ledger_, person, sessions)); !logged)
      spdlog::error("{}", policy::base::to_string(logged.error()));
  }
  if (before == nullptr || before->people != people->people || !changes.gone.empty()) rebuild();
}

void Gateway::on_fault(const Error& error) { spdlog::warn("{}", policy::base::to_string(error)); }

}  // namespace gateway::app
