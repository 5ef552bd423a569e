#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>

#include <filesystem>
#include <fstream>

#include "gateway/directory/ldif/ldif_directory.h"
#include "gateway/directory/ldif/parse.h"
#include "gateway/directory/ldif/password_hash.h"
#include "policy/base/bytes.h"
#include "policy/base/random.h"

namespace gateway::directory::ldif {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;

const HashCost kCheap{.operations = 1, .memory_bytes = 8192};

TEST(Parse, ReadsWhatRfc2849Shows) {
  const auto entries = parse(
      "version: 1\r\n# a comment\n  that goes on\ndn: cn=Bärbel, ou=people\r\nobjectclass: top\nCN:: QsOkcmJlbA==\n"
      "description: folded\n  line\n\n\ndn:: Y249eA==\ncn: x\n",
      "f");
  ASSERT_TRUE(entries) << to_string(entries.error());
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].line, 4U);
  EXPECT_EQ((*entries)[0].first("cn"), "Bärbel");
  EXPECT_EQ((*entries)[0].first("description"), "folded line");
  EXPECT_TRUE((*entries)[0].has("objectclass", "TOP"));
  EXPECT_EQ((*entries)[1].dn, "cn=x");
}

struct Bad {
  std::string text, code, where;
};

TEST(Parse, RefusesWithPosition) {
  const std::string nul("dn: a\0b\n", 8);
  for (const Bad& bad : std::vector<Bad>{{"nothing\n", "ldif.syntax", "f:1:1"},
                                         {"cn: x\n", "ldif.syntax", "f:1:1"},
                                         {" dn: x\n", "ldif.syntax", "f:1:1"},
                                         {"dn: a\ndn: b\n", "ldif.syntax", "f:2:1"},
                                         {"dn:\n", "ldif.syntax", "f:1:4"},
                                         {"dn: a\ncn:: ***\n", "ldif.syntax", "f:2:6"},
                                         {"dn: a\ncn: \x1b[31m\n", "ldif.syntax", "f:2:5"},
                                         {"dn: a\ncn: \xff\n", "ldif.syntax", "f:2:5"},
                                         {nul, "ldif.syntax", "f:1:5"},
                                         {"dn: a\nc n: x\n", "ldif.syntax", "f:2:1"},
                                         {"dn: a\ncn;lang-de: x\n", "ldif.unsupported", "f:2:1"},
                                         {"dn: a\ncn:< file:///etc/passwd\n", "ldif.unsupported", "f:2:4"},
                                         {"dn: a\nchangetype: delete\n", "ldif.unsupported", "f:2:1"},
                                         {"version: 2\n", "ldif.unsupported", "f:1:1"},
                                         {"dn: " + std::string(kLineSizeMax, 'a'), "ldif.too-large", "f:1:1"}}) {
    const auto entries = parse(bad.text, "f");
    ASSERT_FALSE(entries) << bad.text.substr(0, 40);
    EXPECT_EQ(entries.error().code, bad.code) << bad.text.substr(0, 40);
    EXPECT_EQ(entries.error().where, bad.where) << bad.text.substr(0, 40);
  }
}

TEST(Dn, IsComparedWithoutCaseAndBlanks) {
  EXPECT_EQ(normalised_dn("UID=Anna , OU = People,dc=X"), "uid=anna,ou=people,dc=x");
  EXPECT_EQ(normalised_dn("cn=Meier\\, Anna,dc=x"), "cn=meier\\, anna,dc=x");
  EXPECT_EQ(normalised_dn("cn=a\\ ,dc=x"), "cn=a\\ ,dc=x");
}

TEST(PasswordHash, Argon2RoundTripAndRefusal) {
  const std::string stored = hash_password("Grüße!", kCheap).value();
  EXPECT_TRUE(stored.starts_with("{ARGON2}$argon2id$"));
  EXPECT_TRUE(verify_password(stored, "Grüße!"));
  EXPECT_FALSE(verify_password(stored, "Grüße"));
  EXPECT_NE(stored, hash_password("Grüße!", kCheap).value());
}

TEST(PasswordHash, Ssha512AndNothingWeaker) {
  base::Bytes input(base::as_bytes("geheim").begin(), base::as_bytes("geheim").end());
  const base::Bytes salt{1, 2, 3, 4, 5, 6, 7, 8};
  input.insert(input.end(), salt.begin(), salt.end());
  base::Bytes digest(64);
  crypto_hash_sha512(digest.data(), input.data(), input.size());
  digest.insert(digest.end(), salt.begin(), salt.end());
  EXPECT_TRUE(verify_password("{SSHA512}" + base::to_base64(digest), "geheim"));
  EXPECT_FALSE(verify_password("{SSHA512}" + base::to_base64(digest), "Geheim"));
  for (const char* stored :
       {"geheim", "{SSHA512}", "{SSHA512}AAAA", "{SHA}x", "{CRYPT}x", "{ARGON2}", "{ARGON2}$argon2id$", ""})
    EXPECT_FALSE(verify_password(stored, "geheim")) << stored;
}

class LdifDirectoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    base::SystemRandom random;
    path_ = std::filesystem::temp_directory_path() / ("feierabend_ldif_" + base::to_hex(random.array<8>()) + ".ldif");
  }
  void TearDown() override { std::filesystem::remove(path_); }
  void write(const std::string& text) const {
    const std::string beside = path_ + ".new";
    std::ofstream(beside) << text;
    std::filesystem::rename(beside, path_);
  }
  static std::string person(const std::string& uid, const std::string& password) {
    return "dn: uid=" + uid + ",ou=people,dc=x\nobjectClass: inetOrgPerson\nuid: " + uid + "\ncn: Name of " + uid +
           "\nou: Wache\n" +
           (password.empty() ? "" : "userPassword: " + hash_password(password, kCheap).value() + "\n") + "\n";
  }
  static std::string group(const std::string& name, const std::string& uid) {
    return "dn: cn=" + name + ",ou=groups,dc=x\nobjectClass: groupOfNames\ncn: " + name + "\nmember: UID=" + uid +
           ", OU=people,dc=x\n\n";
  }
  std::string path_;
};

TEST_F(LdifDirectoryTest, ReadsPeopleAndGroups) {
  write(person("Anna", "geheim") + person("ben", "") + group("dispatch", "anna") + group("admins", "anna"));
  LdifDirectory directory(path_);
  const auto anna = directory.authenticate("anna", "geheim");
  ASSERT_TRUE(anna) << to_string(anna.error());
  EXPECT_EQ(anna->display_name, "Name of Anna");
  EXPECT_EQ(anna->unit, "Wache");
  EXPECT_THAT(anna->groups, ElementsAre("admins", "dispatch"));
  EXPECT_EQ(directory.snapshot()->people.size(), 2U);
}

TEST_F(LdifDirectoryTest, RefusesInTheSameWords) {
  write(person("anna", "geheim") + person("ben", "") + person("twin", "x") + person("twin", "x"));
  LdifDirectory directory(path_);
  const std::string nul("geheim\0", 7);
  for (const auto& [uid, password] : std::vector<std::pair<std::string, std::string>>{{"anna", "falsch"},
                                                                                      {"niemand", "geheim"},
                                                                                      {"ben", "geheim"},
                                                                                      {"ben", "x"},
                                                                                      {"anna", ""},
                                                                                      {"anna", "   "},
                                                                                      {"anna", nul},
                                                                                      {"twin", "x"},
                                                                                      {"*)(uid=*", "geheim"},
                                                                                      {"", "geheim"}}) {
    const auto refused = directory.authenticate(uid, password);
    ASSERT_FALSE(refused) << uid;
    EXPECT_EQ(refused.error(), login_refused()) << uid;
  }
}

TEST_F(LdifDirectoryTest, ReadsAChangedFileAgain) {
  write(person("anna", "geheim") + person("ben", "x"));
  LdifDirectory directory(path_);
  ASSERT_EQ(directory.snapshot()->people.size(), 2U);
  const auto feed = directory.changes().value();
  EXPECT_FALSE(feed->wait(0).value());
  write(person("anna", "neu"));
  EXPECT_TRUE(feed->wait(0).value());
  EXPECT_EQ(directory.snapshot()->people.size(), 1U);
  EXPECT_FALSE(directory.authenticate("anna", "geheim"));
  EXPECT_TRUE(directory.authenticate("anna", "neu"));
  feed->interrupt();
  EXPECT_FALSE(feed->wait(60'000).value());
}

TEST_F(LdifDirectoryTest, ABrokenOrMissingFileIsAnErrorAndNobodyIsGone) {
  LdifDirectory directory(path_);
  EXPECT_EQ(directory.snapshot().error().code, "directory.unavailable");
  write(person("anna", "geheim") + "broken\n");
  EXPECT_EQ(directory.snapshot().error().code, "directory.misconfigured");
  EXPECT_THAT(directory.snapshot().error().where, EndsWith(":8:1"));
  EXPECT_EQ(directory.authenticate("anna", "geheim").error().code, "directory.misconfigured");
  write("dn: dc=x\nobjectClass: domain\n");
  EXPECT_EQ(directory.probe().error().code, "directory.misconfigured");
  write(person("anna", "geheim"));
  EXPECT_TRUE(directory.probe());
}

}  // namespace
}  // namespace gateway::directory::ldif
