// bundle, inspect, keygen, sign and verify as people call them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "policy/tool/command/testing/called.h"

namespace policy::tool {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Signing : public Called {
 protected:
  Signing() {
    for (const char* party : {"administration", "staff-council"}) trust_ += keygen(party, party);
    file("trust", trust_);
  }
  std::string keygen(const std::string& party, const std::string& file) {
    EXPECT_EQ(call({"keygen", "--party", party, "--tenant", "muster.example", "--out", path(file + ".key")}), kDone);
    return out();
  }
  int bundle(const std::string& revision,
             std::vector<std::string> packs = {"rules/packs/arbzg", "rules/packs/dv-messenger"}) {
    std::vector<std::string> all{
        "bundle", "--out",        path("rules"),          "--tenant",  "muster.example",      "--revision",
        revision, "--not-before", "2026-06-01T00:00:00Z", "--expires", "2027-06-01T00:00:00Z"};
    all.insert(all.end(), packs.begin(), packs.end());
    return call(all);
  }
  int sign(const std::string& key) { return call({"sign", path("rules"), "--key", path(key + ".key")}); }
  int verify(std::vector<std::string> more = {}) {
    std::vector<std::string> all{"verify", path("rules"), "--trust", path("trust"), "--json"};
    all.insert(all.end(), more.begin(), more.end());
    return call(all);
  }

  std::string trust_;
};

TEST_F(Signing, TwoPartiesAgree) {
  ASSERT_EQ(bundle("7"), kDone) << err();
  EXPECT_THAT(out(), HasSubstr("dv-messenger, agreement, version 1"));
  EXPECT_EQ(verify(), kDataError);
  EXPECT_THAT(out(), HasSubstr("bundle.unsigned"));
  ASSERT_EQ(sign("administration"), kDone) << err();
  EXPECT_THAT(out(), HasSubstr("arbzg, law, version 1"));  // what is signed is shown
  EXPECT_EQ(verify(), kDataError);
  EXPECT_THAT(out(), HasSubstr("bundle.parties"));
  ASSERT_EQ(sign("staff-council"), kDone) << err();
  ASSERT_EQ(verify(), kDone) << out();
  EXPECT_THAT(out(), StartsWith("{\"ok\":true,\"tenant\":\"muster.example\",\"revision\":7,\"digest\":\""));
  EXPECT_THAT(out(), HasSubstr("\"due\":true,\"signed_by\":[\"administration\",\"staff-council\"],\"findings\":[]"));
}

TEST_F(Signing, VerifyRefusesAndNamesTheReason) {
  ASSERT_EQ(bundle("7"), kDone);
  ASSERT_EQ(sign("administration"), kDone);
  const std::string second = keygen("administration", "second");
  file("trust", trust_ + second);
  ASSERT_EQ(sign("second"), kDone);
  EXPECT_EQ(verify(), kDataError);
  EXPECT_THAT(out(), HasSubstr("bundle.parties"));
  EXPECT_EQ(sign("second"), kDataError);
  EXPECT_THAT(err(), HasSubstr("bundle.signed"));
  ASSERT_EQ(sign("staff-council"), kDone);
  ASSERT_EQ(verify(), kDone) << out();
  EXPECT_EQ(verify({"--active-revision", "7"}), kDataError);
  EXPECT_THAT(out(), HasSubstr("bundle.rollback"));
  EXPECT_EQ(verify({"--active-revision", "6"}), kDone);
  EXPECT_EQ(verify({"--at", "2026-05-31T23:59:59Z"}), kDataError);
  EXPECT_THAT(out(), HasSubstr("bundle.not-yet"));
  EXPECT_EQ(verify({"--at", "2026-06-01T00:00:00Z"}), kDone);
  EXPECT_EQ(verify({"--at", "2027-06-01T00:00:00Z"}), kDataError);
  EXPECT_THAT(out(), HasSubstr("bundle.expired"));
  EXPECT_EQ(verify({"--tenant", "other.example"}), kDataError);
  EXPECT_THAT(out(), HasSubstr("bundle.tenant"));
  std::string changed = read("rules");
  changed[changed.find("20:00:00")] = '1';
  file("rules", changed);
  EXPECT_EQ(verify(), kDataError);
  EXPECT_THAT(out(), HasSubstr("bundle.statement"));
  EXPECT_EQ(sign("staff-council"), kDataError);  // nor does the note take a signature for other bytes
}

TEST_F(Signing, KeysStayTheirOwners) {
  struct stat status{};
  ASSERT_EQ(::stat(path("administration.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const std::string before = read("administration.key");
  EXPECT_EQ(
      call({"keygen", "--party", "administration", "--tenant", "muster.example", "--out", path("administration.key")}),
      kCannotCreate);
  EXPECT_EQ(read("administration.key"), before);
  EXPECT_EQ(call({"keygen", "--party", "Staff Council", "--tenant", "x", "--out", path("x.key")}), kUsage);
  // Neither answers nor errors show a secret, whatever file it is in.
  const std::string secret = before.substr(before.size() - 45, 44);
  ASSERT_EQ(bundle("7"), kDone);
  file("damaged.key", before.substr(0, before.size() - 4));
  EXPECT_EQ(sign("damaged"), kDataError);
  EXPECT_THAT(err(), Not(HasSubstr(secret)));
  EXPECT_EQ(call({"verify", path("rules"), "--trust", path("administration.key")}), kDataError);
  EXPECT_THAT(err() + out(), Not(HasSubstr(secret)));
  ASSERT_EQ(sign("administration"), kDone);
  EXPECT_THAT(err() + out() + read("rules.note"), Not(HasSubstr(secret)));
}

TEST_F(Signing, OnlyWhatWasAgreedOnIsSigned) {
  ASSERT_EQ(bundle("7"), kDone);
  const auto with = [&](const std::string& digest) {
    return call({"sign", path("rules"), "--key", path("administration.key"), "--digest", digest, "--json"});
  };
  EXPECT_EQ(with("0123456789"), kDataError);
  EXPECT_THAT(err(), HasSubstr("bundle.statement"));
  EXPECT_FALSE(std::filesystem::exists(path("rules.note")));
  ASSERT_EQ(call({"inspect", path("rules"), "--json"}), kDone);
  const std::string digest = out().substr(out().find("\"digest\":\"") + 10, 16);
  EXPECT_EQ(with(digest), kDone) << err();
}

TEST_F(Signing, BundleRefusesWhatNobodyShouldSign) {
  EXPECT_EQ(bundle("0"), kUsage);
  EXPECT_EQ(bundle("7", {"rules/packs/arbzg"}), kDataError);  // a law alone names nobody
  EXPECT_THAT(err(), HasSubstr("bundle.signers"));
  EXPECT_FALSE(std::filesystem::exists(path("rules")));
  ASSERT_EQ(bundle("7"), kDone);
  EXPECT_EQ(bundle("8"), kCannotCreate);  // never over another bundle
  EXPECT_EQ(call({"inspect", path("none")}), kNoInput);
  file("rules", "x");
  EXPECT_EQ(call({"inspect", path("rules")}), kDataError);
}

TEST_F(Signing, TheSamePacksGiveTheSameBytes) {
  ASSERT_EQ(bundle("7"), kDone);
  const std::string first = read("rules");
  std::filesystem::remove(path("rules"));
  ASSERT_EQ(bundle("7", {"rules/packs/arbzg/pack.toml", "rules/packs/dv-messenger/pack.toml"}), kDone);
  EXPECT_EQ(read("rules"), first);
}

TEST_F(Signing, InGerman) {
  ASSERT_EQ(bundle("7"), kDone);
  EXPECT_EQ(call({"verify", path("rules"), "--trust", path("trust"), "--lang", "de"}), kDataError);
  EXPECT_EQ(err(),
            "ein Regelpaket, das niemand Bekanntes unterschrieben hat; erlaubt: Unterschriften von "
            "administration, staff-council. Jede Stelle muss „feierabend-policy sign“ ausführen. "
            "[bundle.unsigned]\n");
}

}  // namespace
}  // namespace policy::tool
