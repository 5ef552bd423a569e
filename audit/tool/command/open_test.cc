#include <algorithm>

#include "audit/opening/desk.h"
#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

using opening::Desk;
using policy::base::note::VerifierKey;
using pseudonym::DayKey;

// A log with entries of three days, and a gateway's desk beside it.
class Opened : public Called {
 protected:
  Opened() {
    parties_ = {public_half("officer"), public_half("council")};
    signers_ = {signer("dpo"), signer("br")};
    file("people", "anna\nbernd\r\nnobody\n");
    day_objects_ = store::FolderObjects::open(path("days")).value();
    days_ = std::make_unique<opening::DayKeeper>(*day_objects_, parties_, random_);
    const auto log = open_log();
    for (const char* day : {"2026-11-23T09:00:00Z", "2026-11-24T09:00:00Z", "2026-11-25T09:00:00Z"}) {
      clock_.set(day);
      const DayKey key = days_->key_for(pseudonym::day_of(clock_.now())).value();
      for (const char* person : {"anna", "bernd", "fremd"})
        log.append(event::LoginRefused{{key.of(person)}, event::LoginRefusal::kWrongPassword});
    }
    clock_.set("2026-11-26T09:00:00Z");
  }
  pseudonym::PublicKey public_half(const std::string& name) {
    EXPECT_EQ(call({"party-key", "--out", path(name)}), 0) << said();
    pseudonym::PublicKey key{};
    std::ranges::copy(policy::base::from_hex(said().substr(0, 64)).value(), key.begin());
    return key;
  }
  VerifierKey signer(const std::string& name) {
    EXPECT_EQ(call({"keygen", "authority.example/" + name, "--out", path(name)}), 0) << said();
    return VerifierKey::parse(said().substr(0, said().size() - 1)).value();
  }
  int ask(const std::string& from, const std::string& to, const std::string& out = "one.request") {
    return call({"open-request", "--tenant", "authority.example", "--from", from, "--to", to, "--purpose", "incident",
                 "--signing-key", path("dpo"), "--out", path(out)});
  }
  // As the gateway does it.
  void hand_in(const std::string& request, const std::string& answer) {
    const auto log = open_log();
    const Desk desk({signers_.at(0), signers_.at(1)}, "authority.example", *days_,
                    {[&](event::Record record) -> policy::base::Result<Desk::Entry> {
                       return Desk::Entry{"authority.example/audit/2026", log.append(std::move(record))};
                     },
                     [](const auto&, const auto&) { return policy::base::Status{}; }});
    const auto outcome = desk.take(read(request), clock_.now()).value();
    if (outcome.answer) file(answer, format_answer(*outcome.answer));
  }
  int open(const std::string& answer, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"open",      folder(),        "--answer",  path(answer),
                                   "--days",    path("days"),    "--officer", path("officer"),
                                   "--council", path("council"), "--people",  path("people")};
    words.insert(words.end(), more.begin(), more.end());
    return checked(words);
  }

  pseudonym::PartyKeys parties_;
  std::vector<VerifierKey> signers_;
  std::unique_ptr<store::FolderObjects> day_objects_;
  std::unique_ptr<opening::DayKeeper> days_;
};

TEST_F(Opened, BothPartiesSeeTheDaysThatTheyAskedFor) {
  ASSERT_EQ(ask("2026-11-24", "2026-11-24"), 0) << said();
  EXPECT_TRUE(says("open the pseudonyms from 2026-11-24 to 2026-11-24 (1 days), purpose: security incident")) << said();
  ASSERT_EQ(call({"sign-request", path("one.request"), "--signing-key", path("br"), "--out", path("both.request")},
                 "de_DE.UTF-8"),
            0)
      << said();
  EXPECT_TRUE(says("Zweck: Sicherheitsvorfall")) << said();
  hand_in("both.request", "answer");
  ASSERT_EQ(open("answer", {"--json"}), 0) << said();
  ASSERT_EQ(json().at("pseudonyms").as_array().size(), 2U);
  EXPECT_EQ(json().at("pseudonyms").at(0).at("person").as_string(), "anna");
  EXPECT_EQ(json().at("pseudonyms").at(0).at("day").as_string(), "2026-11-24");
  EXPECT_EQ(json().at("pseudonyms").at(1).at("person").as_string(), "bernd");
  EXPECT_EQ(json().at("unknown_entries").as_int64(), 1);
  ASSERT_EQ(open("answer", {"--out", path("found")}), 0) << said();
  EXPECT_EQ(said(), "2 pseudonyms recognised; 1 entries of these days are about nobody on the list\n");
  // What was found can be erased as it is.
  EXPECT_EQ(call({"erase", folder(), "--people", path("found"), "--signing-key", path("key")}), 0);
  EXPECT_EQ(said(), "2 records erased\n");
  EXPECT_EQ(asks({"show", folder(), "--type", "pseudonyms-opened"}), 0);
  EXPECT_TRUE(says("data protection officer and staff council")) << said();
}

TEST_F(Opened, OneSignatureGetsNoAnswerButAnEntry) {
  ASSERT_EQ(ask("2026-11-24", "2026-11-24"), 0) << said();
  hand_in("one.request", "answer");
  EXPECT_FALSE(std::filesystem::exists(path("answer")));
  EXPECT_EQ(asks({"show", folder(), "--type", "opening-refused"}), 0);
  EXPECT_TRUE(says("data protection officer only")) << said();
}

TEST_F(Opened, AnAnswerThatIsNotInTheLogIsRefused) {
  ASSERT_EQ(ask("2026-11-24", "2026-11-24"), 0) << said();
  ASSERT_EQ(call({"sign-request", path("one.request"), "--signing-key", path("br"), "--out", path("both.request")}), 0);
  hand_in("both.request", "answer");
  const auto answer = opening::parse_answer(read("answer")).value();
  auto forged = answer;
  forged.request.bytes[0] ^= 1;
  file("forged", format_answer(forged));
  EXPECT_EQ(open("forged", {"--lang", "de"}), 65);
  EXPECT_TRUE(says("opening.not-logged")) << said();
  forged = answer;
  forged.entry = 0;
  file("forged", format_answer(forged));
  EXPECT_EQ(open("forged"), 65);
  forged = answer;
  forged.parts =
      days_->parts(pseudonym::parse_day("2026-11-23").value(), pseudonym::parse_day("2026-11-24").value()).value();
  file("forged", format_answer(forged));
  EXPECT_EQ(open("forged"), 65);
  EXPECT_TRUE(says("days that were not logged")) << said();
  std::filesystem::copy_file(path("officer"), path("council"), std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(open("answer"), 65) << "one party's key twice";
  EXPECT_TRUE(says("epoch.share")) << said();
}

TEST_F(Opened, RefusesRequestsThatNobodyCouldAnswer) {
  EXPECT_EQ(ask("2026-11-24", "2026-11-23"), 65);
  EXPECT_EQ(ask("2026-11-24", "yesterday"), 65);
  EXPECT_EQ(call({"open-request", "--tenant", "a b", "--from", "2026-11-24", "--to", "2026-11-24", "--purpose",
                  "incident", "--signing-key", path("dpo"), "--out", path("x")}),
            65);
  EXPECT_EQ(call({"open-request", "--tenant", "a", "--from", "2026-11-24", "--to", "2026-11-24", "--purpose",
                  "curiosity", "--signing-key", path("dpo"), "--out", path("x")}),
            2);
  EXPECT_TRUE(says("criminal-proceedings")) << said();
  EXPECT_FALSE(std::filesystem::exists(path("x")));
  EXPECT_EQ(call({"sign-request", path("people"), "--signing-key", path("br"), "--out", path("x")}), 65);
}

}  // namespace
}  // namespace audit::tool
