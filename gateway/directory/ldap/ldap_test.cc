// Against Debian's real slapd, over TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "gateway/directory/ldap/ldap_directory.h"
#include "gateway/directory/watch/people_watcher.h"
#include "tests/support/slapd/process.h"
#include "tests/support/slapd/slapd.h"

namespace gateway::directory::ldap {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tests::support::slapd::Slapd;
using tests::support::slapd::SlapdOptions;

Settings settings_for(const Slapd& slapd) {
  return {.url = slapd.ldap_url(),
          .ca_file = slapd.ca_file(),
          .service_dn = std::string(Slapd::kServiceDn),
          .service_password = std::string(Slapd::kServicePassword),
          .base = std::string(Slapd::kBase),
          .people_base = {},
          .groups_base = {},
          .decoy_dn = {},
          .connect_timeout_ms = 2000,
          .operation_timeout_ms = 3000};
}

std::unique_ptr<LdapDirectory> directory_for(Settings settings) {
  return LdapDirectory::create(std::move(settings)).value();
}

std::int64_t elapsed_ms(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since).count();
}

TEST(EscapeFilter, LeavesNothingThatAFilterCouldRead) {
  EXPECT_EQ(escape_filter("anna.meier-2"), "anna.meier-2");
  EXPECT_EQ(escape_filter("*)(uid=*"), "\\2a\\29\\28uid=\\2a");
  EXPECT_EQ(escape_filter(std::string("a\0\\ü", 5)), "a\\00\\5c\\c3\\bc");
}

TEST(LdapSettings, AreRefusedBeforeAnyConnection) {
  const Settings good{.url = "ldaps://x",
                      .ca_file = "/x",
                      .service_dn = "cn=x",
                      .service_password = "x",
                      .base = "dc=x",
                      .people_base = {},
                      .groups_base = {},
                      .decoy_dn = {}};
  EXPECT_TRUE(LdapDirectory::create(good));
  for (const auto& spoil : std::vector<std::function<void(Settings&)>>{
           [](Settings& s) { s.url = "http://x"; }, [](Settings& s) { s.ca_file.clear(); },
           [](Settings& s) { s.base.clear(); }, [](Settings& s) { s.service_password.clear(); },
           [](Settings& s) { s.service_dn.clear(); }}) {
    Settings bad = good;
    spoil(bad);
    EXPECT_EQ(LdapDirectory::create(bad).error().code, "directory.misconfigured");
  }
}

// One server for the tests that change nothing in it.
class LdapTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { slapd_ = Slapd::start({.people = 150}).value(); }
  static void TearDownTestSuite() { slapd_.reset(); }
  static std::unique_ptr<Slapd> slapd_;
};
std::unique_ptr<Slapd> LdapTest::slapd_;

TEST_F(LdapTest, LogsInOverStartTlsAndLdaps) {
  for (const std::string& url : {slapd_->ldap_url(), slapd_->ldaps_url()}) {
    Settings settings = settings_for(*slapd_);
    settings.url = url;
    const auto person = directory_for(settings)->authenticate("P00001", "pw-p00001");
    ASSERT_TRUE(person) << url << ": " << to_string(person.error());
    EXPECT_EQ(person->id, "p00001");
    EXPECT_EQ(person->display_name, "Angezeigt p00001");
    EXPECT_EQ(person->unit, "Dienststelle 1");
    EXPECT_THAT(person->groups, ElementsAre("dispatch", "everybody-odd"));
    EXPECT_EQ(person->stable_id.size(), 36U);
  }
}

TEST_F(LdapTest, RefusesAWrongAuthorityAndAWrongHostName) {
  for (const bool ldaps : {false, true}) {
    Settings other_ca = settings_for(*slapd_);
    other_ca.url = ldaps ? slapd_->ldaps_url() : slapd_->ldap_url();
    other_ca.ca_file = slapd_->other_ca_file();
    EXPECT_EQ(directory_for(other_ca)->authenticate("p00001", "pw-p00001").error().code, "directory.unavailable")
        << ldaps;
    Settings other_host = settings_for(*slapd_);
    other_host.url = ldaps ? slapd_->ldaps_url("127.0.0.2") : slapd_->ldap_url("127.0.0.2");
    EXPECT_EQ(directory_for(other_host)->authenticate("p00001", "pw-p00001").error().code, "directory.unavailable")
        << ldaps;
    Settings missing = settings_for(*slapd_);
    missing.ca_file = "/nonexistent.pem";
    EXPECT_THAT(directory_for(missing)->probe().error().code, AnyOf("directory.unavailable", "directory.misconfigured"))
        << ldaps;
  }
}

TEST_F(LdapTest, RefusesInTheSameWords) {
  const auto directory = directory_for(settings_for(*slapd_));
  const std::string nul("pw-p00001\0", 10);
  for (const auto& [uid, password] :
       std::vector<std::pair<std::string, std::string>>{{"p00001", "falsch"},
                                                        {"niemand", "falsch"},
                                                        {"*)(uid=*", "pw-p00001"},
                                                        {"p0000*", "pw-p00001"},
                                                        {"p00001)(objectClass=*", "x"},
                                                        {"p00001", ""},
                                                        {"p00001", "  "},
                                                        {"p00001", nul},
                                                        {"", ""},
                                                        {"p00001", std::string(5000, 'x')},
                                                        {"gateway", "service-secret"}}) {
    const auto refused = directory->authenticate(uid, password);
    ASSERT_FALSE(refused) << uid;
    EXPECT_EQ(refused.error(), login_refused()) << uid << ": " << to_string(refused.error());
  }
}

TEST_F(LdapTest, UnknownAndWrongTakeSimilarTime) {
  Settings settings = settings_for(*slapd_);
  const auto directory = directory_for(settings);
  const auto median_ms = [&](std::string_view uid) {
    std::vector<double> times;
    for (int i = 0; i < 15; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      EXPECT_FALSE(directory->authenticate(uid, "falsch"));
      times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    std::ranges::nth_element(times, times.begin() + 7);
    return times[7];
  };
  median_ms("p00001");  // connections are made
  const double wrong = median_ms("p00001"), unknown = median_ms("niemand");
  RecordProperty("wrong_ms", std::to_string(wrong));
  RecordProperty("unknown_ms", std::to_string(unknown));
  // A path that skipped the bind would take less than a fifth: the TLS handshake of the second connection dominates.
  EXPECT_LT(unknown, wrong * 3);
  EXPECT_GT(unknown, wrong / 3);
}

TEST_F(LdapTest, AWrongServiceAccountIsSaidToBeOurs) {
  Settings settings = settings_for(*slapd_);
  settings.service_password = "falsch";
  EXPECT_EQ(directory_for(settings)->authenticate("p00001", "pw-p00001").error().code, "directory.misconfigured");
  settings = settings_for(*slapd_);
  settings.base = "dc=anderswo";
  EXPECT_EQ(directory_for(settings)->snapshot().error().code, "directory.misconfigured");
  settings = settings_for(*slapd_);
  settings.people_filter = "(objectClass=dNSDomain)";
  EXPECT_EQ(directory_for(settings)->snapshot().error().code, "directory.misconfigured");
  settings.people_filter = "(broken";
  EXPECT_EQ(directory_for(settings)->snapshot().error().code, "directory.misconfigured");
}

TEST_F(LdapTest, ManyThreadsMayAsk) {
  const auto directory = directory_for(settings_for(*slapd_));
  std::atomic<int> in = 0, refused = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const std::string uid = "p0000" + std::to_string(t + 1);
        in += directory->authenticate(uid, "pw-" + uid).has_value();
        refused += !directory->authenticate(uid, "pw-").has_value();
      }
    });
  threads.clear();
  EXPECT_EQ(in, 40);
  EXPECT_EQ(refused, 40);
}

// With `allow bind_anon_dn` slapd answers a bind with a name and no password with success: as nobody.
TEST(LdapAnonymousTrap, NobodyIsLoggedInByAnEmptyPassword) {
  const auto slapd = Slapd::start({.people = 3, .anonymous_bind_with_dn = true}).value();
  // The trap is armed: the server itself says yes.
  EXPECT_TRUE(tests::support::slapd::run(
      {"ldapwhoami", "-x", "-H", slapd->ldap_url(), "-D", "uid=p00001,ou=people,dc=polizei,dc=example", "-w", ""}));
  const auto directory = directory_for(settings_for(*slapd));
  for (const std::string& password : {std::string(), std::string("\0", 1), std::string("\0x", 2), std::string(" ")})
    EXPECT_EQ(directory->authenticate("p00001", password).error(), login_refused());
  EXPECT_TRUE(directory->authenticate("p00001", "pw-p00001"));
}

TEST(LdapPeople, SharedAndSeveralUidsAreLeftOutAndCannotLogIn) {
  const auto slapd = Slapd::start({.people = 2}).value();
  ASSERT_TRUE(
      slapd->modify("dn: uid=p00001,ou=people,dc=polizei,dc=example\nchangetype: modify\nadd: uid\nuid: zweitname\n"));
  ASSERT_TRUE(slapd->add_person("anna*x", "geheim"));
  const auto directory = directory_for(settings_for(*slapd));
  const auto people = directory->snapshot();
  ASSERT_TRUE(people);
  EXPECT_EQ(people->skipped, 2U);
  ASSERT_EQ(people->people.size(), 1U);
  for (const char* uid : {"p00001", "zweitname"})
    EXPECT_EQ(directory->authenticate(uid, "pw-p00001").error(), login_refused());
}

TEST(LdapPeople, ACutOffAnswerIsAnErrorAndNoSnapshot) {
  const auto slapd = Slapd::start({.people = 700, .service_may_read_everything = false}).value();
  const auto people = directory_for(settings_for(*slapd))->snapshot();
  ASSERT_FALSE(people);
  EXPECT_EQ(people.error().code, "directory.misconfigured");
  EXPECT_THAT(people.error().remedy, HasSubstr("unlimited size"));
}

class Heard final : public PeopleListener {
 public:
  void on_people(std::shared_ptr<const Snapshot> people, const Changes& changes) override {
    const std::scoped_lock lock(mutex_);
    people_ = std::move(people);
    joined_.insert(joined_.end(), changes.joined.begin(), changes.joined.end());
    gone_.insert(gone_.end(), changes.gone.begin(), changes.gone.end());
    changed_.insert(changed_.end(), changes.changed.begin(), changes.changed.end());
    wake_.notify_all();
  }
  void on_fault(const base::Error& error) override {
    const std::scoped_lock lock(mutex_);
    faults_.push_back(error.code);
    wake_.notify_all();
  }
  bool await(const std::function<bool(Heard&)>& condition) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, std::chrono::seconds(60), [&] { return condition(*this); });
  }
  std::shared_ptr<const Snapshot> people_;
  std::vector<std::string> joined_, gone_, changed_, faults_;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
};

// The whole staff: 23,000 people, a deletion noticed within a second or two by the feed, not by the poll an hour away.
TEST(LdapStaff, TwentyThreeThousandPeopleAndADeletionIsNoticed) {
  const auto slapd = Slapd::start({.people = 23'000}).value();
  const auto directory = directory_for(settings_for(*slapd));
  auto begin = std::chrono::steady_clock::now();
  const auto people = directory->snapshot();
  ASSERT_TRUE(people) << to_string(people.error());
  std::printf("snapshot of %zu people: %lld ms\n", people->people.size(), static_cast<long long>(elapsed_ms(begin)));
  ASSERT_EQ(people->people.size(), 23'000U);
  EXPECT_THAT(people->find("p00099")->groups, ElementsAre("dispatch", "everybody-odd"));
  EXPECT_THAT(people->find("p23000")->groups, ElementsAre());
  EXPECT_THAT(people->find("p22999")->groups, ElementsAre("everybody-odd"));

  base::SystemClock clock;
  Heard heard;
  PeopleWatcher watcher(*directory, clock, {.poll_ms = 3'600'000, .full_ms = 3'600'000, .gap_ms = 1000, .shrink = {}},
                        heard);
  watcher.start();
  ASSERT_TRUE(heard.await([](Heard& h) { return h.people_ != nullptr; }));
  begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(slapd->delete_person("p12345"));
  EXPECT_TRUE(heard.await([](Heard& h) { return h.gone_ == std::vector<std::string>{"p12345"}; }));
  std::printf("deletion known after %lld ms\n", static_cast<long long>(elapsed_ms(begin)));
  EXPECT_LT(elapsed_ms(begin), 15'000);
  EXPECT_EQ(directory->authenticate("p12345", "pw-p12345").error(), login_refused());
  EXPECT_EQ(directory->find("p12345").error(), login_refused());
  EXPECT_EQ(directory->find("p12346")->display_name, "Angezeigt p12346");
  ASSERT_TRUE(slapd->add_person("neu", "geheim"));
  EXPECT_TRUE(heard.await([](Heard& h) { return std::ranges::count(h.joined_, "neu") == 1; }));
  ASSERT_TRUE(
      slapd->modify("dn: cn=dispatch,ou=groups,dc=polizei,dc=example\nchangetype: modify\nadd: member\n"
                    "member: uid=neu,ou=people,dc=polizei,dc=example\n"));
  EXPECT_TRUE(heard.await([](Heard& h) { return std::ranges::count(h.changed_, "neu") == 1; }));
  watcher.stop();
  EXPECT_TRUE(heard.faults_.empty()) << heard.faults_.front();
}

TEST(LdapWatch, PollsAServerWithoutContentSynchronisation) {
  const auto slapd = Slapd::start({.people = 20, .syncprov = false}).value();
  const auto directory = directory_for(settings_for(*slapd));
  base::SystemClock clock;
  Heard heard;
  PeopleWatcher watcher(*directory, clock, {.poll_ms = 200, .full_ms = 3'600'000, .gap_ms = 10, .shrink = {}}, heard);
  watcher.start();
  ASSERT_TRUE(heard.await([](Heard& h) { return h.people_ != nullptr; }));
  ASSERT_TRUE(slapd->delete_person("p00007"));
  EXPECT_TRUE(heard.await([](Heard& h) { return h.gone_ == std::vector<std::string>{"p00007"}; }));
  watcher.stop();
  EXPECT_TRUE(heard.faults_.empty()) << heard.faults_.front();
}

TEST(LdapWatch, AStoppedOrFrozenServerIsUnavailableAndNobodyIsGone) {
  const auto slapd = Slapd::start({.people = 20}).value();
  Settings settings = settings_for(*slapd);
  settings.connect_timeout_ms = settings.operation_timeout_ms = 500;
  const auto directory = directory_for(settings);
  base::SystemClock clock;
  Heard heard;
  PeopleWatcher watcher(*directory, clock, {.poll_ms = 200, .full_ms = 3'600'000, .gap_ms = 10, .shrink = {}}, heard);
  watcher.start();
  ASSERT_TRUE(heard.await([](Heard& h) { return h.people_ != nullptr; }));
  for (const bool freeze : {true, false}) {
    if (freeze)
      slapd->pause();
    else
      slapd->stop();
    ASSERT_TRUE(heard.await([](Heard& h) { return h.faults_.size() >= 2; })) << freeze;
    EXPECT_THAT(heard.faults_, Contains("directory.unavailable"));
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(directory->authenticate("p00001", "pw-p00001").error().code, "directory.unavailable") << freeze;
    EXPECT_LT(elapsed_ms(begin), 10'000) << freeze;
    EXPECT_TRUE(heard.gone_.empty());
    if (freeze)
      slapd->resume();
    else
      ASSERT_TRUE(slapd->start_again());
    // Back again: the watcher reconnects by itself and hears of the next deletion.
    const std::string uid = freeze ? "p00003" : "p00004";
    ASSERT_TRUE(slapd->delete_person(uid));
    EXPECT_TRUE(heard.await([&](Heard& h) { return std::ranges::count(h.gone_, uid) == 1; })) << freeze;
    EXPECT_TRUE(heard.await([&](Heard& h) {
      h.faults_.clear(), h.gone_.clear();
      return true;
    }));
  }
  watcher.stop();
}

}  // namespace
}  // namespace gateway::directory::ldap
