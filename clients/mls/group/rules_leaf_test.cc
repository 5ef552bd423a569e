// RFC 9420 § 7.3 (with §§ 5.3.1, 7.2, 10.1, 13.4) negated rule by rule, at each place where a leaf comes in: an Add, an
// Update, the path of a member and that of a newcomer.
#include <gtest/gtest.h>

#include "clients/mls/group/testing/scene.h"

namespace clients::mls {
namespace {

using Place = std::function<Bytes(Scene&, const Spoil<LeafNode>& leaf, const Spoil<LeafNode>& signed_leaf)>;

Bytes add_alone(Scene& scene, const Spoil<LeafNode>& leaf, const Spoil<LeafNode>& signed_leaf) {
  const auto after = [&](KeyPackage& package) {
    if (signed_leaf) signed_leaf(package.leaf);
  };
  return encode_message(scene.evil().propose(Add{scene.evil().package(leaf, after)}));
}

Bytes add_by_value(Scene& scene, const Spoil<LeafNode>& leaf, const Spoil<LeafNode>& signed_leaf) {
  const auto after = [&](KeyPackage& package) {
    if (signed_leaf) signed_leaf(package.leaf);
  };
  return encode_message(scene.evil().commit({.parts = {{Add{scene.evil().package(leaf, after)}}}, .path = false}));
}

Bytes update(Scene& scene, const Spoil<LeafNode>& leaf, const Spoil<LeafNode>& signed_leaf) {
  LeafNode updated = scene.evil().update_leaf(leaf);
  if (signed_leaf) signed_leaf(updated);
  return encode_message(scene.evil().propose(Update{std::move(updated)}));
}

Bytes path(Scene& scene, const Spoil<LeafNode>& leaf, const Spoil<LeafNode>& signed_leaf) {
  return encode_message(scene.evil().commit({.leaf = leaf, .signed_leaf = signed_leaf}));
}

Bytes external_path(Scene& scene, const Spoil<LeafNode>& leaf, const Spoil<LeafNode>& signed_leaf) {
  const Forge outsider = scene.outsider();
  return encode_message(
      outsider.commit({.parts = {{outsider.external_init()}}, .leaf = leaf, .signed_leaf = signed_leaf}));
}

const std::vector<std::pair<std::string, Place>> kPlaces{{"an Add", add_alone},
                                                         {"an Add by value", add_by_value},
                                                         {"an Update", update},
                                                         {"a path", path},
                                                         {"the path of a newcomer", external_path}};

struct LeafRule {
  std::string_view section, what;
  Reason reason;
  Spoil<LeafNode> leaf;
  Spoil<LeafNode> signed_leaf{};
  std::string only{};  // at one place
};

PublicKey key_of(std::uint32_t leaf) { return Scene::first().groups[1].tree().leaf(LeafIndex{leaf})->encryption_key; }

std::vector<LeafRule> rules() {
  const auto without = [](std::vector<std::uint16_t>& types, std::uint16_t type) { std::erase(types, type); };
  return {
      {"7.3", "the credential is vouched for", Reason::kIdentity,
       [](LeafNode& leaf) { leaf.credential = {CredentialType::kBasic, copy(as_bytes("nobody")), {}}; }},
      {"7.3", "the signature verifies", Reason::kSignature, {}, [](LeafNode& leaf) { leaf.signature[7] ^= 1; }},
      {"7.3",
       "what is signed is what is there",
       Reason::kSignature,
       {},
       [](LeafNode& leaf) { leaf.credential.identity.push_back('!'); }},
      {"7.3", "required extensions are listed", Reason::kCapability,
       [=](LeafNode& leaf) { without(leaf.capabilities.extensions, kNeededExtension); }},
      {"7.3", "required proposals are listed", Reason::kCapability,
       [=](LeafNode& leaf) { without(leaf.capabilities.proposals, kNeededProposal); }},
      {"7.3", "credential types of the others are listed", Reason::kCapability,
       [=](LeafNode& leaf) { without(leaf.capabilities.credentials, 2); }},
      {"7.3", "its own credential type is listed", Reason::kCapability,
       [=](LeafNode& leaf) { without(leaf.capabilities.credentials, 1); }},
      {"7.3", "extensions of the leaf are listed", Reason::kCapability,
       [](LeafNode& leaf) { leaf.extensions.push_back({0xF0FF, {}}); }},
      {"13.4", "an extension of the leaf stands once", Reason::kValue,
       [](LeafNode& leaf) { leaf.extensions = {{kOwnExtension, {}}, {kOwnExtension, {}}}; }},
      {"12.1.7", "extensions of the group are listed", Reason::kCapability,
       [=](LeafNode& leaf) { without(leaf.capabilities.extensions, kOwnExtension); }},
      {"7.2", "the version is listed", Reason::kCapability,
       [=](LeafNode& leaf) { without(leaf.capabilities.versions, kVersion); }},
      {"7.2", "the suite is listed", Reason::kCapability,
       [=](LeafNode& leaf) { without(leaf.capabilities.suites, static_cast<std::uint16_t>(kDefaultSuite)); }},
      {"7.3", "the encryption key is nobody else's", Reason::kDuplicateKey,
       [](LeafNode& leaf) { leaf.encryption_key = key_of(3); }},
      {"7.3", "the encryption key protects something", Reason::kKey, [](LeafNode& leaf) { leaf.encryption_key = {}; }},
      {"7.3", "the encryption key is no node's", Reason::kDuplicateKey,
       [](LeafNode& leaf) {
         leaf.encryption_key = Scene::first().groups[1].tree().parent_node(NodeIndex{3})->encryption_key;
       }},
      {"7.3",
       "an Add's leaf was made for a key package",
       Reason::kLeafSource,
       [](LeafNode& leaf) { leaf.source = LeafSource::kUpdate; },
       {},
       "an Add"},
      {"7.3",
       "an Add's leaf was made for a key package",
       Reason::kLeafSource,
       [](LeafNode& leaf) { leaf.source = LeafSource::kCommit; },
       {},
       "an Add by value"},
      {"7.3",
       "an Update's leaf was made for an update",
       Reason::kLeafSource,
       [](LeafNode& leaf) { leaf.source = LeafSource::kKeyPackage; },
       {},
       "an Update"},
      {"7.3",
       "an Update's leaf was made for an update",
       Reason::kLeafSource,
       [](LeafNode& leaf) { leaf.source = LeafSource::kCommit; },
       {},
       "an Update"},
      {"7.3",
       "a path's leaf was made for a commit",
       Reason::kLeafSource,
       [](LeafNode& leaf) { leaf.source = LeafSource::kUpdate; },
       {},
       "a path"},
      {"7.3",
       "a path's leaf was made for a commit",
       Reason::kLeafSource,
       [](LeafNode& leaf) { leaf.source = LeafSource::kKeyPackage; },
       {},
       "the path of a newcomer"},
      {"7.3",
       "a key package has begun to be valid",
       Reason::kLifetime,
       [](LeafNode& leaf) { leaf.lifetime.not_before = kWorldNow_s + 1; },
       {},
       "an Add"},
      {"7.3",
       "a key package is still valid",
       Reason::kLifetime,
       [](LeafNode& leaf) { leaf.lifetime.not_after = kWorldNow_s - 1; },
       {},
       "an Add by value"},
      {"7.2",
       "a key package is not valid for longer than allowed",
       Reason::kLifetime,
       [](LeafNode& leaf) { leaf.lifetime.not_after = leaf.lifetime.not_before + kLifetimeMax_s + kClockSkew_s + 1; },
       {},
       "an Add"},
      {"12.1.2",
       "an Update brings another key",
       Reason::kDuplicateKey,
       [](LeafNode& leaf) { leaf.encryption_key = key_of(0); },
       {},
       "an Update"},
      {"12.4.2",
       "a path brings another key of the leaf",
       Reason::kDuplicateKey,
       [](LeafNode& leaf) { leaf.encryption_key = key_of(0); },
       {},
       "a path"},
  };
}

TEST(RulesOfLeavesTest, AreKeptWhereverALeafComesIn) {
  for (const auto& [name, place] : kPlaces)
    for (const LeafRule& rule : rules()) {
      if (!rule.only.empty() && rule.only != name) continue;
      const auto message = [&](Scene& scene) { return place(scene, rule.leaf, rule.signed_leaf); };
      EXPECT_EQ(broken({rule.section, rule.what, rule.reason, message}), "") << name;
    }
}

// Nothing but the spoilt part was wrong.
TEST(RulesOfLeavesTest, LetThroughWhatKeepsThem) {
  for (const auto& [name, place] : kPlaces) {
    Scene scene = Scene::first();
    const auto taken = receive(scene.env(), scene.groups[1], place(scene, {}, {}));
    EXPECT_TRUE(taken) << name << ' ' << code(taken.error().reason);
  }
}

TEST(RulesOfLeavesTest, SignatureKeysAreNobodyElses) {
  const auto commits = [](Scene& scene) {
    const Forge other = scene.evil(3);  // who lends its key
    Member member = scene.world->member("twin");
    member.signature_key = other.signature_key();
    return encode_message(scene.evil().commit({.parts = {{Add{scene.world->package(member).package}}}, .path = false}));
  };
  EXPECT_EQ(broken({"7.3", "the signature key is nobody else's (Add)", Reason::kDuplicateKey, commits}), "");
  const auto enters = [](Scene& scene) {
    Member member = scene.world->member("twin");
    member.signature_key = scene.evil(3).signature_key();
    const GroupInfo info = must(scene.groups[2].group_info(scene.crypto(), true));
    const Forge outsider(scene.env(), info, scene.groups[2].tree(), member);
    return encode_message(outsider.commit({.parts = {{outsider.external_init()}}}));
  };
  EXPECT_EQ(broken({"7.3", "the signature key is nobody else's (path)", Reason::kDuplicateKey, enters}), "");
  const auto updates = [](Scene& scene) {
    const Forge other = scene.evil(3);
    LeafNode leaf = scene.evil().update_leaf();
    sign(scene.crypto(), leaf, {scene.groups[0].context().group_id, LeafIndex{0}}, other.signature_key());
    return encode_message(scene.evil().propose(Update{leaf}));
  };
  EXPECT_EQ(broken({"7.3", "the signature key is nobody else's (Update)", Reason::kDuplicateKey, updates}), "");
}

TEST(RulesOfLeavesTest, TheCredentialTypeIsOneThatAllKnow) {
  World world(3);
  world.capabilities.credentials = {1};
  std::vector<Group> groups = world.party(2);
  world.capabilities = own_capabilities();
  Member modern = world.member("");
  modern.credential = {CredentialType::kX509, {}, {{1}}};
  const Forge evil(world.environment(), groups[0]);
  const PublicMessage commit = evil.commit({.parts = {{Add{world.package(modern).package}}}, .path = false});
  EXPECT_EQ(groups[1].receive(world.environment(), commit).error().reason, Reason::kCapability);
}

TEST(RulesOfKeyPackagesTest, AreKept) {
  const auto add = [](Spoil<KeyPackage> package, Spoil<KeyPackage> signed_package) {
    return [=](Scene& scene) {
      return encode_message(scene.evil().propose(Add{scene.evil().package({}, package, signed_package)}));
    };
  };
  const std::vector<Rule> rules{
      {"10.1", "the suite is the group's", Reason::kProposal, add([](KeyPackage& package) { package.suite = 1; }, {})},
      {"10.1", "the suite is known", Reason::kUnsupported, add([](KeyPackage& package) { package.suite = 9; }, {})},
      {"10.1", "the version is the group's", Reason::kUnsupported,
       add([](KeyPackage& package) { package.version = 2; }, {})},
      {"10.1", "the signature verifies", Reason::kSignature,
       add({}, [](KeyPackage& package) { package.signature[0] ^= 1; })},
      {"10.1", "what is signed is what is there", Reason::kSignature,
       add({}, [](KeyPackage& package) { package.init_key[0] ^= 1; })},
      {"10.1", "init key and encryption key are two", Reason::kDuplicateKey,
       add([](KeyPackage& package) { package.init_key = package.leaf.encryption_key; }, {})},
      {"5.1.3", "the init key protects something", Reason::kKey,
       add([](KeyPackage& package) { package.init_key = {1}; }, {})},
      {"13.4", "an extension stands once", Reason::kValue,
       add([](KeyPackage& package) { package.extensions = {{kOwnExtension, {}}, {kOwnExtension, {}}}; }, {})},
  };
  for (const Rule& rule : rules) EXPECT_EQ(broken(rule), "");
}

}  // namespace
}  // namespace clients::mls
