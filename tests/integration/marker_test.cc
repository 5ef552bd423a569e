// A whole day of the real gateway and relay in which everything that a person can say, be called or name a thing by is
// marked. Afterwards no file of the log holds a mark in any form, and no record does when it is opened with its own
// key: what is encrypted on the disk is read in clear. Then a person's entries are erased, then all that is due; no key
// of an erased record is left, here or in a backup that was brought back.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <set>
#include <thread>

#include "audit/checkpoint/checkpoint.h"
#include "audit/event/sealed.h"
#include "audit/log/layout.h"
#include "audit/log/tile_reader.h"
#include "audit/pseudonym/day.h"
#include "audit/store/folder.h"
#include "policy/base/note/note.h"
#include "tests/support/marker/marker.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"

namespace {

namespace fs = std::filesystem;
namespace pb = feierabend::v1;
using audit::event::Pseudonym;
using audit::event::RecordType;
using policy::base::Instant;
using policy::base::kHour;
using policy::base::Seconds;
using tests::support::Haystack;
using tests::support::program;
using tests::support::read_file;
using tests::support::roster_line;
using tests::support::Station;
using tests::support::TemporaryFolder;
using tests::support::TestDevice;

constexpr std::int64_t kDay_s = 86400;
constexpr std::size_t kSteps = 8;  // of three hours
constexpr Seconds kStep{3 * 3600};

// People, what they are called and belong to, and what they call things. None is a word of the house.
constexpr const char* kAnna = "rohrdommel.anna";
constexpr const char* kBernd = "kernbeisser.bernd";
constexpr const char* kUwe = "wendehals.uwe";
constexpr const char* kCarla = "ziegenmelker.carla";
const std::vector<std::string> kMarkers{
    kAnna,
    kBernd,
    kUwe,
    kCarla,
    "Anna Seidenschwänzchen",
    "Bernd Steinschmätzer",
    "Goldammerwache",
    "Zwergtaucherrunde",
    "Pirol-Diensthandy",
    "Kiebitz-Tablet",
    "Wiedehopf: die Lage am Moorweg",
    "Eilmeldung Nachtigall",
    "haussperling-einstufung",
    "Feldlerche-Begründung",
    "Mauersegler-Regel",
    "Uferschwalbe-Passwort",
    "turteltaube.unbekannt",
    "Mond-über-Lüneburg-7",  // everybody's password
};

constexpr const char* kPack = R"toml(
[pack]
id = "test-marked"
layer = "agreement"
version = 1
zone = "Europe/Berlin"
title = { de = "Markiert", en = "Marked" }
signers = ["administration", "staff-council"]

[[rest]]
id = "test.off-duty"
kind = "off-duty"
cite = "test"
effect = { routine = "hold", shift-notice = "hold", urgent = "hold", alarm = "deliver" }

[[exception]]
id = "test.einsatz"
when = "override"
role = "einsatzleitung"
reasons = ["grosslage"]
longest = "4h"
limit = { count = 9, per = "week" }
pierces = ["test.off-duty"]
classes = ["urgent"]
cite = "test"

[[alarm]]
id = "test.alarm"
classes = ["alarm"]
senders = ["einsatzleitung"]
reasons = ["grosslage"]
cite = "test"

[content]
labels = ["offen"]

[self_open]
max = "2h"
cite = "test"

[[retention]]
id = "test.retention"
ceiling = "7d"
period = "7d"
clock = "accepted"
cite = "test"

[sessions]
factors = 2
lifetime = "90d"
idle = "60d"
failures = 5
lock_for = "15m"
cite = "test"
)toml";

// Polls ten times a second, for a minute at most.
template <typename Condition>
bool wait_until(Condition condition) {
  for (int i = 0; i < 600 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  return condition();
}

// One entry as it lies on the disk, and what its key opens.
struct Entry {
  audit::event::Leaf leaf;
  std::string key, ciphertext;
  std::string payload;  // empty: erased
};

std::vector<Entry> entries_of(const fs::path& log) {
  const auto objects = audit::store::FolderObjects::open_to_read(log.string()).value();
  const auto note = objects->get(audit::log::kCheckpointPath).value().value();
  const auto text = policy::base::note::parse_note(policy::base::as_text(note)).value().text;
  const std::uint64_t size = audit::checkpoint::parse_checkpoint(text).value().size;
  std::vector<Entry> out;
  for (std::uint64_t bundle = 0; bundle * 256 < size; ++bundle) {
    const auto stored = audit::log::read_tile(*objects, std::nullopt, bundle, size).value();
    const auto leaves = audit::merkle::read_bundle(stored.bytes, stored.tile.width).entries;
    const auto keys = objects->get(audit::log::keys_path(bundle)).value().value();
    const auto records = objects->get(audit::log::records_path(bundle)).value().value();
    const auto ciphertexts = audit::merkle::read_bundle(records, 256).entries;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      audit::event::EntryKey key{};
      std::copy_n(keys.begin() + static_cast<std::ptrdiff_t>(32 * i), 32, key.begin());
      Entry entry{audit::event::decode_leaf(leaves[i]).value(),
                  std::string(key.begin(), key.end()),
                  std::string(ciphertexts.at(i).begin(), ciphertexts.at(i).end()),
                  {}};
      if (const auto event = audit::event::unseal(leaves[i], key, ciphertexts.at(i)); event) {
        const auto payload = audit::event::encode_payload(*event);
        entry.payload.assign(payload.begin(), payload.end());
      }
      out.push_back(std::move(entry));
    }
  }
  return out;
}

class Marked : public ::testing::Test {
 protected:
  Marked() {
    tests::support::write_file(folder_ / "pack.toml", kPack);
    const Instant now = policy::base::SystemClock().now();
    station_.emplace(
        "marker", Station::Options{.people = people(),
                                   .roster = tests::support::roster_header() + duty(kAnna, now, Seconds{3 * kDay_s}) +
                                             duty(kUwe, now, Seconds{3 * kDay_s}) + duty(kBernd, now, kStep + kStep),
                                   .packs = {folder_ / "pack.toml"},
                                   .gateway_arguments = {"--audit-erasures-copy", copies()},
                                   .directory_arguments = {},
                                   .environment = {},
                                   .movable_clock = true});
    station_->start_relay();
    station_->start_gateway();
  }
  void TearDown() override {
    if (HasFailure()) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }

  static std::vector<tests::support::PersonSpec> people() {
    return {{kAnna, "Anna Seidenschwänzchen", "Goldammerwache", {"Zwergtaucherrunde"}},
            {kBernd, "Bernd Steinschmätzer", "Goldammerwache", {"Zwergtaucherrunde"}},
            {kUwe, "Uwe", "Goldammerwache", {"einsatzleitung"}},
            {kCarla, "Carla", "Goldammerwache", {}}};
  }
  static std::string duty(const char* person, Instant now, Seconds length) {
    return roster_line(person, "duty", now - kHour, now + length);
  }

  fs::path audit() const { return station_->gateway_data() / "audit"; }
  std::string copies() const { return folder_.path().string(); }
  Instant now() const { return station_->clock().now(); }
  std::string year() const { return policy::base::format_instant(now()).substr(0, 4); }
  // The logs of all years: the day may be the last one of a year.
  std::vector<std::string> years() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(audit()))
      if (entry.path().extension() == ".vkey") out.push_back(entry.path().stem().string());
    std::ranges::sort(out);
    return out;
  }
  std::vector<Entry> entries() const {
    std::vector<Entry> out;
    for (const std::string& one : years())
      for (Entry& entry : entries_of(audit() / one)) out.push_back(std::move(entry));
    return out;
  }
  fs::path backup() const { return folder_ / "backup"; }
  fs::path restored() const { return folder_ / "restored"; }
  tests::support::Finished erase(const fs::path& log, const std::string& of_year, std::vector<std::string> more) const {
    more.insert(more.begin(), {"erase", log.string(), "--signing-key", (audit() / (of_year + ".key")).string()});
    return tool(std::move(more));
  }
  // Of records and of the days: parts and sealed shares.
  std::vector<std::string> secrets_of_all(const std::vector<Entry>& of_entries) const {
    std::vector<std::string> out;
    for (const Entry& entry : of_entries) out.push_back(entry.key), out.push_back(entry.ciphertext);
    for (const auto& file : fs::directory_iterator(backup() / "days"))
      if (file.is_regular_file()) out.push_back(read_file(file.path()));
    return out;
  }
  bool logged(RecordType type) const {
    return std::ranges::any_of(entries(), [&](const Entry& entry) { return entry.leaf.type == type; });
  }
  tests::support::Finished tool(std::vector<std::string> words) const {
    words.insert(words.begin(), program("feierabend-audit"));
    return tests::support::run(words, {}, 60'000, {{"LANG", "C"}});
  }
  void expect_sound(const fs::path& log, const std::string& of_year) const {
    const auto verified = tool({"verify", log.string(), "--key", (audit() / (of_year + ".vkey")).string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  }

  TestDevice& enter(std::optional<TestDevice>& device, const char* person, const std::string& name) {
    device.emplace(station_->url(), station_->ca(), &station_->clock());
    const auto step = device->login(person, secrets_[person]);
    EXPECT_TRUE(step) << policy::base::to_string(step.error());
    const auto grant = device->enrol(*step, name);
    EXPECT_TRUE(grant) << policy::base::to_string(grant.error());
    EXPECT_TRUE(device->connect());
    return *device;
  }
  void fail_to_log_in(const std::string& person, const std::string& password) {
    TestDevice device(station_->url(), station_->ca(), &station_->clock());
    std::string none = "JBSWY3DPEHPK3PXP";
    EXPECT_FALSE(device.login(person, none, 0, password));
  }
  void override_gate(TestDevice& by, const std::string& person, const std::string& rule, const std::string& reason) {
    pb::OverrideRequest request;
    request.set_rule(rule);
    request.set_reason(reason);
    request.add_people(person);
    request.set_for_s(600);
    (void)by.api().override_gates(by.credentials(), request);
  }
  void send_with_a_label(TestDevice& from, const pb::Conversation& conversation, const std::string& label) {
    pb::ClientFrame frame;
    auto& envelope = *frame.mutable_send()->mutable_envelope();
    envelope.set_conversation(conversation.conversation());
    envelope.set_kind(pb::APPLICATION);
    envelope.set_message_class(pb::ROUTINE);
    envelope.set_label(label);
    envelope.set_client_message_id(from.new_message_id());
    envelope.set_ciphertext("Wiedehopf: die Lage am Moorweg");  // a client that does not even seal
    (void)from.ask(frame);
    // And one that does, so that its label is looked at.
    auto sealed = from.sealed(conversation, "versiegelt");
    ASSERT_TRUE(sealed) << policy::base::to_string(sealed.error());
    sealed->mutable_send()->mutable_envelope()->set_label(label);
    const auto answer = from.ask(*sealed);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, "label.not-allowed");
  }
  // What happens every three hours, for a day: much of it is refused or held, and that is logged.
  void three_hours() {
    ASSERT_TRUE(anna_->connect());
    ASSERT_TRUE(bernd_->connect());
    ASSERT_TRUE(uwe_->connect());
    const auto conversation = anna_->open({kBernd});
    for (int i = 0; i < 6; ++i) EXPECT_TRUE(anna_->send(conversation, "Wiedehopf: die Lage am Moorweg"));
    (void)anna_->send(conversation, "Eilmeldung Nachtigall", pb::URGENT);
    (void)anna_->send(conversation, "Eilmeldung Nachtigall", pb::ALARM, "Feldlerche-Begründung");
    send_with_a_label(*anna_, conversation, "haussperling-einstufung");
    override_gate(*uwe_, kBernd, "test.einsatz", "grosslage");
    override_gate(*uwe_, kBernd, "Mauersegler-Regel", "Feldlerche-Begründung");
    override_gate(*anna_, kBernd, "test.einsatz", "grosslage");
    (void)bernd_->api().own_gate(bernd_->credentials(), Seconds{600});
    fail_to_log_in("turteltaube.unbekannt", "Uferschwalbe-Passwort");
    while (const auto delivery = bernd_->next_delivery(200)) bernd_->ack(*delivery);
  }
  void a_whole_day() {
    enter(anna_, kAnna, "Pirol-Diensthandy");
    enter(bernd_, kBernd, "Kiebitz-Tablet");
    enter(uwe_, kUwe, "Pirol-Diensthandy");
    enter(carla_, kCarla, "Kiebitz-Tablet");
    for (std::size_t step = 0; step < kSteps; ++step) {
      three_hours();
      station_->move_clock(station_->clock_ahead() + kStep);
      std::this_thread::sleep_for(std::chrono::milliseconds(1500));  // within a second the daemons notice
    }
    fail_to_log_in(kAnna, "Uferschwalbe-Passwort");
    (void)anna_->api().remove_device(anna_->credentials(), anna_->id());
    // One leaves the house: sessions end, devices are wiped.
    auto without = people();
    without.pop_back();
    station_->write_directory(without);
    EXPECT_TRUE(wait_until([&] { return logged(RecordType::kPersonGone); }));
    to_the_next_minute();  // what the gateway does once a day
    EXPECT_TRUE(wait_until([&] { return logged(RecordType::kSubjectsIndexed); }));
  }
  void to_the_next_minute() { move_clock_by(0); }
  void move_clock_by(std::int64_t days) {
    const Instant then{now().unix_s + days * kDay_s};
    station_->move_clock(station_->clock_ahead() + Seconds{days * kDay_s + 57 - then.unix_s % 60});
  }
  // Everything that the log is: all bytes and names, all records in clear, and all that the officer's program says.
  Haystack laid_open() const {
    Haystack all;
    all.add_files(audit());
    for (const Entry& entry : entries()) {
      const Pseudonym who = entry.leaf.subject.pseudonym.value_or(Pseudonym{});
      all.add("an entry of " + std::string(audit::event::declaration_of(entry.leaf.type).id),
              std::string(who.bytes.begin(), who.bytes.end()) + entry.payload);
    }
    for (const std::string& one : years())
      for (const char* const language : {"de", "en"})
        all.add("what is shown", tool({"show", (audit() / one).string(), "--purpose", "lawfulness", "--readings",
                                       (station_->folder() / "readings").string(), "--lang", language})
                                     .out);
    return all;
  }

  TemporaryFolder folder_{"marker"};
  std::optional<Station> station_;
  std::map<std::string, std::string> secrets_;
  std::optional<TestDevice> anna_, bernd_, uwe_, carla_;
};

std::vector<std::string> secrets_of(const std::vector<Entry>& entries, const std::set<Pseudonym>& people) {
  std::vector<std::string> out;
  for (const Entry& entry : entries) {
    if (!entry.leaf.subject.pseudonym || !people.contains(*entry.leaf.subject.pseudonym)) continue;
    out.push_back(entry.key);
    out.push_back(entry.ciphertext);
  }
  return out;
}

std::size_t found_below(const fs::path& folder, const std::vector<std::string>& secrets) {
  Haystack all;
  all.add_files(folder);
  return all.secrets_found(secrets);
}

// Anna on both days: she was the first to enter, and the last of the second day to fail.
std::set<Pseudonym> anna_among(const std::vector<Entry>& entries) {
  const auto of = [](const auto& found) { return *found->leaf.subject.pseudonym; };
  const auto is = [](RecordType type) {
    return [type](const Entry& entry) { return entry.leaf.type == type && entry.leaf.subject.pseudonym; };
  };
  return {of(std::ranges::find_if(entries, is(RecordType::kSessionOpened))),
          of(std::ranges::find_if(entries.rbegin(), entries.rend(), is(RecordType::kLoginRefused)))};
}

TEST_F(Marked, NothingOfADayIsInTheLogAndNothingOfTheErasedIsLeft) {
  a_whole_day();
  if (HasFailure()) return;
  std::set<RecordType> types;
  std::size_t opened = 0;
  const auto of_the_day = entries();
  for (const Entry& entry : of_the_day) types.insert(entry.leaf.type), opened += entry.payload.empty() ? 0U : 1U;
  EXPECT_EQ(opened, of_the_day.size()) << "every record was read in clear";
  for (const RecordType type :
       {RecordType::kSessionOpened, RecordType::kLoginRefused, RecordType::kMessageHeldBy, RecordType::kMessageRefused,
        RecordType::kOverrideGranted, RecordType::kOverrideRefused, RecordType::kDeviceEnrolled,
        RecordType::kDeviceRemoved, RecordType::kPersonGone, RecordType::kAllowsCounted})
    EXPECT_TRUE(types.contains(type)) << "the day lacks " << audit::event::declaration_of(type).id;
  const Haystack log = laid_open();
  EXPECT_EQ(log.found(kMarkers), "");
  EXPECT_GT(log.files(), of_the_day.size() + 10);

  // By person, with the officer's program; then as a backup is brought back.
  ASSERT_EQ(station_->gateway().stop(), 0);
  const auto before = entries();
  const auto anna = anna_among(before);
  ASSERT_EQ(anna.size(), 2U) << "a name a day";
  const auto of_anna = secrets_of(before, anna);
  ASSERT_GT(of_anna.size(), 10U);
  ASSERT_EQ(found_below(audit(), of_anna), of_anna.size()) << "the search would find them";
  fs::copy(audit(), backup(), fs::copy_options::recursive);
  std::string names;
  for (const Pseudonym& one : anna) names += one.text() + "\n";
  tests::support::write_file(folder_ / "people", names);
  for (const std::string& one : years())
    EXPECT_EQ(erase(audit() / one, one, {"--people", folder_ / "people"}).exit_code, 0);
  EXPECT_EQ(found_below(audit(), of_anna), 0U);
  fs::copy(backup(), restored(), fs::copy_options::recursive);
  for (const std::string& one : years()) {
    ASSERT_GT(found_below(restored() / one, of_anna), 0U);
    const auto again = erase(restored() / one, one, {"--reapply", "--ledger", audit() / one / "erasures"});
    EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
    expect_sound(audit() / one, one);
    expect_sound(restored() / one, one);
  }
  EXPECT_EQ(found_below(restored(), of_anna), 0U);

  // By deadline: after three years everything of that day, the day's own keys, too; and again as the backup comes back.
  const auto of_all = secrets_of_all(before);
  ASSERT_GT(found_below(audit(), of_all), 0U);
  station_->start_gateway();
  move_clock_by(3 * 366);
  EXPECT_TRUE(wait_until([&] { return found_below(audit(), of_all) == 0; })) << found_below(audit(), of_all);
  station_->gateway().kill();
  for (const std::string& one : years()) {
    if (!fs::exists(backup() / one)) continue;
    fs::remove_all(audit() / one);
    fs::copy(backup() / one, audit() / one, fs::copy_options::recursive);
  }
  ASSERT_EQ(found_below(audit(), of_anna), of_anna.size());
  station_->start_gateway();
  EXPECT_EQ(found_below(audit(), of_all), 0U);
  for (const std::string& one : years()) expect_sound(audit() / one, one);
}

}  // namespace
