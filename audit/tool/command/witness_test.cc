// A party without a network: keys, requests, cosignatures and quorum as files.
#include <sys/stat.h>

#include "audit/checkpoint/cosignature.h"
#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

class ByFile : public SmallLog {
 protected:
  ByFile() {
    std::string policy;
    for (const char* name : {"officer", "council"}) {
      EXPECT_EQ(call({"witness", "keygen", std::string(name) + ".example", "--out", path(std::string(name) + ".key")}),
                0)
          << said();
      policy += std::string("witness ") + name + " " + said();
    }
    file("policy", "log " + verifier_ + "\n" + policy + "group both all officer council\nquorum both\n");
  }
  int party(const std::string& name, std::vector<std::string> rest, const std::string& command = "sign") {
    std::vector<std::string> all{"witness",  command,    "--key", path(name + ".key"),
                                 "--folder", path(name), "--log", verifier_};
    all.insert(all.end(), rest.begin(), rest.end());
    return call(all);
  }
  int request(const std::string& old_size) {
    std::filesystem::remove(path("request"));
    return call({"witness", "request", folder(), "--old", old_size, "--out", path("request")});
  }
  int check(std::vector<std::string> rest) {
    std::vector<std::string> all{"witness", "check", folder() + "/checkpoint", "--policy", path("policy")};
    all.insert(all.end(), rest.begin(), rest.end());
    return call(all);
  }
};

TEST_F(ByFile, TwoPartiesMakeAQuorum) {
  EXPECT_EQ(check({}), 65);
  EXPECT_TRUE(says("no quorum: cosignatures are missing of officer, council")) << said();
  ASSERT_EQ(request("0"), 0) << said();
  ASSERT_EQ(party("officer", {"--request", path("request"), "--out", path("officer.sig")}), 0) << said();
  EXPECT_TRUE(says("Cosigned: authority.example/audit/2026 with 3 entries")) << said();
  EXPECT_EQ(check({"--cosignature", path("officer.sig"), "--lang", "de"}), 65);
  EXPECT_TRUE(says("kein Quorum: Es fehlen Mitzeichnungen von council")) << said();
  ASSERT_EQ(party("council", {"--request", path("request"), "--json"}), 0) << said();
  file("council.sig", std::string(json().at("cosignature").as_string()));
  const std::vector<std::string> both{"--cosignature", path("officer.sig"), "--cosignature", path("council.sig")};
  ASSERT_EQ(check(both), 0) << said();
  EXPECT_TRUE(
      says("There is a quorum: authority.example/audit/2026 with 3 entries, since 2026-11-23T09:00:00Z\n"
           "   officer: 2026-11-23T09:00:00Z\n   council: 2026-11-23T09:00:00Z\n"))
      << said();
  auto kept = both;
  kept.insert(kept.end(), {"--out", path("2026.cosigned"), "--json"});
  ASSERT_EQ(check(kept), 0) << said();
  EXPECT_EQ(json().at("witnesses").as_array().size(), 2U);
  EXPECT_EQ(call({"witness", "check", path("2026.cosigned"), "--policy", path("policy")}), 0) << said();
  // What the witnesses have signed is an earlier checkpoint like any other.
  EXPECT_EQ(checked({"verify", folder(), "--since", path("2026.cosigned")}), 0) << said();
}

TEST_F(ByFile, AQuorumGrowsOld) {
  ASSERT_EQ(request("0"), 0);
  for (const char* name : {"officer", "council"})
    ASSERT_EQ(party(name, {"--request", path("request"), "--out", path(std::string(name) + ".sig")}), 0) << said();
  const std::vector<std::string> aged{"--cosignature",     path("officer.sig"), "--cosignature",
                                      path("council.sig"), "--max-age",         "24h"};
  EXPECT_EQ(check(aged), 0) << said();
  clock_.set("2026-11-24T09:00:01Z");
  EXPECT_EQ(check(aged), 65);
  EXPECT_TRUE(says("quorum.old")) << said();
  clock_.set("2026-11-23T08:54:59Z");  // the witnesses' clocks ran ahead by more than clocks may be apart
  EXPECT_EQ(check(aged), 65);
  EXPECT_TRUE(says("quorum.missing")) << said();
}

TEST_F(ByFile, WhatDoesNotContinueIsRefusedAndKept) {
  ASSERT_EQ(request("0"), 0);
  ASSERT_EQ(party("officer", {"--request", path("request")}), 0) << said();
  EXPECT_EQ(party("officer", {"--request", path("request")}), 65);
  EXPECT_TRUE(says("one that begins at 3, the size cosigned last")) << said();
  // The operator begins again, with the same key.
  std::filesystem::rename(folder(), path("first"));
  {
    const Open open = open_log();
    open.append(event::ServiceStarted{});
    open.append(event::ServiceStarted{});
    open.append(event::ServiceStarted{});
  }
  ASSERT_EQ(request("3"), 0) << said();
  EXPECT_EQ(party("officer", {"--request", path("request"), "--lang", "de"}), 65);
  EXPECT_TRUE(says("Von diesem Protokoll gibt es zwei Fassungen")) << said();
  EXPECT_EQ(party("officer", {}, "state"), 0) << said();
  EXPECT_TRUE(
      says("authority.example/audit/2026: cosigned last 3 entries, 2026-11-23T09:00:00Z\n"
           "   1 signed checkpoints do not fit"))
      << said();
  EXPECT_EQ(party("council", {}, "state"), 0) << said();
  EXPECT_TRUE(says("nothing cosigned yet")) << said();
  EXPECT_EQ(request("4"), 65);
  EXPECT_TRUE(says("witness.ahead")) << said();
}

TEST_F(ByFile, TheSecretKeyIsItsOwnersAndNeverOverwritten) {
  struct stat info{};
  ASSERT_EQ(::stat(path("officer.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  const std::string before = read("officer.key");
  EXPECT_EQ(call({"witness", "keygen", "other.example", "--out", path("officer.key")}), 73);
  EXPECT_EQ(read("officer.key"), before);
  ASSERT_EQ(request("0"), 0);
  ASSERT_EQ(::chmod(path("officer.key").c_str(), 0640), 0);
  EXPECT_EQ(party("officer", {"--request", path("request")}), 65);
  EXPECT_TRUE(says("key.rights")) << said();
  EXPECT_FALSE(says(before.substr(before.rfind('+')))) << "the secret is in no message";
  EXPECT_EQ(call({"witness", "sign", "--key", path("key"), "--folder", path("w"), "--log", verifier_, "--request",
                  path("request")}),
            65)
      << "a log's key is no witness's";
  EXPECT_TRUE(says("key.type")) << said();
}

TEST_F(ByFile, RefusesCallsThatCannotBe) {
  EXPECT_EQ(call({"witness"}), 2);
  EXPECT_EQ(call({"witness", "sign"}), 2);
  EXPECT_EQ(call({"witness", "--help"}), 0);
  EXPECT_EQ(call({"witness", "--help", "--lang", "de"}), 0);
  EXPECT_TRUE(says("Zeuge von Protokollen sein")) << said();
  EXPECT_EQ(party("officer", {"--listen", "tcp:0.0.0.0:80"}, "serve"), 65);
  EXPECT_TRUE(says("listen.public")) << said();
  EXPECT_EQ(party("officer", {"--request", path("none")}), 66);
  file("policy", "quorum nobody\n");
  EXPECT_EQ(check({}), 65);
  EXPECT_TRUE(says(path("policy") + ":1: ")) << said();
  EXPECT_EQ(call({"completions", "bash"}), 0);
  EXPECT_TRUE(says(" sign ")) << said();
}

}  // namespace
}  // namespace audit::tool
