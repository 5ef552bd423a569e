// RFC 9420 §§ 12.4.3.1 – 12.4.3.3 (with §§ 7.1, 7.3, 7.9, 11.2, 11.3, 13.4) negated rule by rule: Welcomes, the
// GroupInfo that an uninvited newcomer reads, and the trees of both.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/mls/group/testing/scene.h"

namespace clients::mls {
namespace {

struct JoinRule {
  std::string_view section, what;
  Reason reason;
  std::function<ForgedWelcome(const Scene&)> forged;
};

std::string text(const JoinRule& rule, const Status& taken) {
  const std::string name = "RFC 9420 § " + std::string(rule.section) + ", " + std::string(rule.what) + ": ";
  if (taken) return name + "was let through";
  if (taken.error().reason == rule.reason) return {};
  return name + "refused with " + std::string(code(taken.error().reason));
}

template <typename T>
Status status_of(const Result<T>& result) {
  return result ? Status() : std::unexpected(result.error());
}

// The filled parents above a leaf; put_path blanks the others there.
std::vector<std::pair<NodeIndex, ParentNode>> parents_above(const RatchetTree& tree, LeafIndex at) {
  std::vector<std::pair<NodeIndex, ParentNode>> out;
  for (const NodeIndex above : direct_path(node_of(at), tree.leaves()))
    if (const ParentNode* node = tree.parent_node(above)) out.emplace_back(above, *node);
  return out;
}

void put_parent(RatchetTree& tree, NodeIndex at, const Spoil<ParentNode>& spoil) {
  const LeafIndex below = leaves_below(at).begin;
  auto parents = parents_above(tree, below);
  for (auto& [place, node] : parents)
    if (place == at) spoil(node);
  tree.put_path(below, *tree.leaf(below), std::move(parents));
}

std::string joined(const JoinRule& rule) {
  const Scene scene = Scene::first();
  const OwnKeyPackage own = scene.world->package("newcomer");
  const Welcome welcome = scene.evil().welcome(own, rule.forged(scene));
  return text(rule, status_of(Group::join(scene.env(), must(parse<Welcome>(encode(welcome))), own)));
}

std::string entered(const JoinRule& rule) {
  const Scene scene = Scene::first();
  const GroupInfo info = scene.evil().info(rule.forged(scene));
  return text(rule, status_of(Group::enter(scene.env(), info, scene.world->member("newcomer"))));
}

// A spoilt leaf, signed anew by its member or not.
void put_leaf(const Scene& scene, RatchetTree& tree, std::uint32_t at, const Spoil<LeafNode>& spoil,
              bool resign = true) {
  LeafNode leaf = *tree.leaf(LeafIndex{at});
  spoil(leaf);
  if (resign)
    sign(scene.crypto(), leaf, {scene.groups[0].context().group_id, LeafIndex{at}}, scene.evil(at).signature_key());
  auto parents = parents_above(tree, LeafIndex{at});
  tree.put_path(LeafIndex{at}, std::move(leaf), std::move(parents));
}

ForgedWelcome with_leaf(const Scene& scene, const Spoil<LeafNode>& spoil, bool resign = true) {
  return {.tree = [=, &scene](RatchetTree& tree) { put_leaf(scene, tree, 3, spoil, resign); }};
}

ForgedWelcome with_parent(NodeIndex at, const Spoil<ParentNode>& spoil) {
  return {.tree = [=](RatchetTree& tree) { put_parent(tree, at, spoil); }};
}

Extension& tree_of(GroupInfo& info) { return info.extensions.front(); }

// Both ways in read a GroupInfo and its tree.
const std::vector<JoinRule>& common_rules() {
  static const std::vector<JoinRule> rules{
      {"12.4.3.1", "the GroupInfo is signed by its signer", Reason::kSignature,
       [](const Scene&) { return ForgedWelcome{.signed_info = [](GroupInfo& info) { info.signature[3] ^= 1; }}; }},
      {"12.4.3.1", "the signer is whom it says", Reason::kSignature,
       [](const Scene&) { return ForgedWelcome{.info = [](GroupInfo& info) { info.signer.value = 2; }}; }},
      {"12.4.3.1", "the signer is a member", Reason::kLeaf,
       [](const Scene&) { return ForgedWelcome{.info = [](GroupInfo& info) { info.signer.value = 7; }}; }},
      {"12.4.3.1", "the signer is in the tree", Reason::kLeaf,
       [](const Scene&) { return ForgedWelcome{.info = [](GroupInfo& info) { info.signer.value = 0xFFFFFFFF; }}; }},
      {"12.4.3.1", "the tree is that of the hash", Reason::kTree,
       [](const Scene&) { return ForgedWelcome{.info = [](GroupInfo& info) { info.context.tree_hash[0] ^= 1; }}; }},
      {"12.4.3.3", "the tree is there", Reason::kTreeMissing,
       [](const Scene&) {
         return ForgedWelcome{.info = [](GroupInfo& info) { info.extensions.erase(info.extensions.begin()); }};
       }},
      {"12.4.3.3", "the tree ends with a node", Reason::kTree,
       [](const Scene&) {
         return ForgedWelcome{.info = [](GroupInfo& info) {
           Reader in(tree_of(info).data);
           Bytes nodes = copy(in.opaque());
           nodes.insert(nodes.end(), {0, 0});
           Writer out;
           out.opaque(nodes);
           tree_of(info).data = out.take();
         }};
       }},
      {"12.4.3.3", "leaves stand at even places", Reason::kTree,
       [](const Scene&) {
         return ForgedWelcome{.info = [](GroupInfo& info) {
           Reader in(tree_of(info).data);
           Bytes nodes = copy(in.opaque());
           nodes.insert(nodes.begin(), 0);
           Writer out;
           out.opaque(nodes);
           tree_of(info).data = out.take();
         }};
       }},
      {"12.4.3.3", "the tree has a node", Reason::kTree,
       [](const Scene&) { return ForgedWelcome{.info = [](GroupInfo& info) { tree_of(info).data = {0}; }}; }},
      {"13.4", "an extension of the group stands once", Reason::kValue,
       [](const Scene&) {
         return ForgedWelcome{
             .context = [](GroupContext& context) { context.extensions.push_back({kOwnExtension, {}}); }};
       }},
      {"13.4", "an extension of the GroupInfo stands once", Reason::kValue,
       [](const Scene&) {
         return ForgedWelcome{.info = [](GroupInfo& info) { info.extensions.push_back(info.extensions.back()); }};
       }},
      {"13.4", "the newcomer knows the group's extensions", Reason::kCapability,
       [](const Scene&) {
         return ForgedWelcome{.context = [](GroupContext& context) { context.extensions.push_back({0xF0FF, {}}); }};
       }},
      {"11.1", "members can what is required of them", Reason::kCapability,
       [](const Scene&) {
         return ForgedWelcome{.context = [](GroupContext& context) {
           context.extensions[1].data = encode(RequiredCapabilities{{0xF0FF}, {}, {}});
         }};
       }},
      {"7.3", "each leaf is vouched for", Reason::kIdentity,
       [](const Scene& scene) {
         return with_leaf(scene, [](LeafNode& leaf) { leaf.credential.identity = copy(as_bytes("nobody")); });
       }},
      {"7.3", "each leaf is signed", Reason::kSignature,
       [](const Scene& scene) { return with_leaf(scene, [](LeafNode& leaf) { leaf.signature[3] ^= 1; }, false); }},
      {"7.3", "each leaf is signed for its place", Reason::kSignature,
       [](const Scene& scene) {
         return with_leaf(scene, [](LeafNode& leaf) { leaf.source = LeafSource::kUpdate; }, false);
       }},
      {"7.3", "each leaf lists the suite", Reason::kCapability,
       [](const Scene& scene) { return with_leaf(scene, [](LeafNode& leaf) { leaf.capabilities.suites = {1}; }); }},
      {"7.3", "each leaf lists its extensions", Reason::kCapability,
       [](const Scene& scene) { return with_leaf(scene, [](LeafNode& leaf) { leaf.extensions = {{0xF0FF, {}}}; }); }},
      {"13.4", "an extension of a leaf stands once", Reason::kValue,
       [](const Scene& scene) {
         return with_leaf(scene, [](LeafNode& leaf) { leaf.extensions = {{kOwnExtension, {}}, {kOwnExtension, {}}}; });
       }},
      {"7.3", "each leaf lists the credentials of all", Reason::kCapability,
       [](const Scene& scene) {
         return with_leaf(scene, [](LeafNode& leaf) { leaf.capabilities.credentials = {1}; });
       }},
      {"7.3", "each leaf's encryption key is its own", Reason::kDuplicateKey,
       [](const Scene& scene) {
         return with_leaf(scene, [&](LeafNode& leaf) {
           leaf.encryption_key = scene.groups[0].tree().leaf(LeafIndex{1})->encryption_key;
         });
       }},
      {"7.3", "each leaf's signature key is its own", Reason::kDuplicateKey,
       [](const Scene& scene) {
         return with_leaf(
             scene, [&](LeafNode& leaf) { sign(scene.crypto(), leaf, {}, scene.evil(2).signature_key()); }, false);
       }},
      {"7.3", "each leaf's encryption key protects something", Reason::kKey,
       [](const Scene& scene) { return with_leaf(scene, [](LeafNode& leaf) { leaf.encryption_key = {}; }); }},
      {"7.9", "each parent was made by somebody below it", Reason::kParentHash,
       [](const Scene&) { return with_parent({3}, [](ParentNode& node) { node.encryption_key[0] ^= 1; }); }},
      {"7.9", "each parent carries the hash of the one above", Reason::kParentHash,
       [](const Scene&) {
         return with_parent({3}, [](ParentNode& node) { node.parent_hash = Bytes(kHashBytes, 1); });
       }},
      {"12.4.3.1", "a parent's key is no leaf's", Reason::kDuplicateKey,
       [](const Scene& scene) {
         return with_parent({3}, [&](ParentNode& node) {
           node.encryption_key = scene.groups[0].tree().leaf(LeafIndex{1})->encryption_key;
         });
       }},
      {"12.4.3.1", "a parent's key is no other parent's", Reason::kDuplicateKey,
       [](const Scene& scene) {
         return with_parent({3}, [&](ParentNode& node) {
           node.encryption_key = scene.groups[0].tree().parent_node(NodeIndex{7})->encryption_key;
         });
       }},
      {"12.4.3.1", "a parent's key protects something", Reason::kKey,
       [](const Scene&) { return with_parent({3}, [](ParentNode& node) { node.encryption_key = {}; }); }},
      {"12.4.3.1", "unmerged leaves are members", Reason::kTree,
       [](const Scene&) { return with_parent({7}, [](ParentNode& node) { node.unmerged_leaves.push_back({6}); }); }},
      {"12.4.3.1", "unmerged leaves are below their parent", Reason::kTree,
       [](const Scene&) { return with_parent({3}, [](ParentNode& node) { node.unmerged_leaves.push_back({4}); }); }},
      {"12.4.3.1", "unmerged leaves are unmerged all the way down", Reason::kTree,
       [](const Scene&) { return with_parent({3}, [](ParentNode& node) { node.unmerged_leaves.clear(); }); }},
      {"7.1", "unmerged leaves rise", Reason::kValue,
       [](const Scene&) { return with_parent({7}, [](ParentNode& node) { node.unmerged_leaves = {{4}, {3}}; }); }},
  };
  return rules;
}

TEST(RulesOfJoiningTest, AreKeptByTheInvited) {
  for (const JoinRule& rule : common_rules()) EXPECT_EQ(joined(rule), "");
}

TEST(RulesOfJoiningTest, AreKeptByTheUninvited) {
  for (const JoinRule& rule : common_rules()) EXPECT_EQ(entered(rule), "");
  EXPECT_EQ(entered({"12.4.3.2", "the GroupInfo has a key to enter with", Reason::kUnsupported,
                     [](const Scene&) {
                       return ForgedWelcome{.info = [](GroupInfo& info) { info.extensions.pop_back(); }};
                     }}),
            "");
  EXPECT_EQ(entered({"8.3", "the key to enter with protects something", Reason::kKey,
                     [](const Scene&) {
                       return ForgedWelcome{
                           .info = [](GroupInfo& info) { info.extensions.back() = external_pub_extension({}); }};
                     }}),
            "");
}

ForgedWelcome with_psk(PskId id) {
  id.nonce.assign(kHashBytes, 1);
  return {.secrets = [=](GroupSecrets& secrets) { secrets.psks = {id}; }};
}

PskId resumption(ResumptionUsage usage) { return {PskType::kResumption, {}, usage, {1}, 1, {}}; }

TEST(RulesOfWelcomesTest, AreKept) {
  const std::vector<JoinRule> rules{
      {"12.4.3.1", "the Welcome is for us", Reason::kNotForUs,
       [](const Scene&) { return ForgedWelcome{.welcome = [](Welcome& all) { all.secrets[0].new_member[0] ^= 1; }}; }},
      {"12.4.3.1", "the suite is that of our package", Reason::kUnsupported,
       [](const Scene&) {
         return ForgedWelcome{.welcome = [](Welcome& all) { all.suite = CipherSuite::kX25519Aes128GcmSha256Ed25519; }};
       }},
      {"12.4.3.1", "the suite of the GroupInfo, too", Reason::kValue,
       [](const Scene&) {
         return ForgedWelcome{
             .info = [](GroupInfo& info) { info.context.suite = CipherSuite::kX25519Aes128GcmSha256Ed25519; }};
       }},
      {"12.4.3.1", "the secrets open", Reason::kDecrypt,
       [](const Scene&) {
         return ForgedWelcome{.welcome = [](Welcome& all) { all.secrets[0].secrets.ciphertext[0] ^= 1; }};
       }},
      {"5.1.3", "the secrets' one-time key protects something", Reason::kKey,
       [](const Scene&) {
         return ForgedWelcome{.welcome = [](Welcome& all) { all.secrets[0].secrets.kem_output = {}; }};
       }},
      {"12.4.3.1", "the secrets are of this GroupInfo", Reason::kDecrypt,
       [](const Scene&) {
         return ForgedWelcome{.welcome = [](Welcome& all) { all.encrypted_group_info.back() ^= 1; }};
       }},
      {"12.4.3.1", "the GroupInfo opens with the joiner secret", Reason::kDecrypt,
       [](const Scene&) {
         return ForgedWelcome{.secrets = [](GroupSecrets& secrets) { secrets.joiner_secret.writable()[0] ^= 1; }};
       }},
      {"12.4.3.1", "a pre-shared key is known", Reason::kPsk,
       [](const Scene&) {
         PskId id;
         id.external_id = copy(as_bytes("unknown"));
         return with_psk(id);
       }},
      {"12.4.3.1", "the pre-shared key is the right one", Reason::kDecrypt,
       [](const Scene&) {
         PskId id;
         id.external_id = copy(as_bytes("known"));
         return with_psk(id);
       }},
      {"12.4.3.1", "no key of an epoch before", Reason::kPsk,
       [](const Scene&) { return with_psk(resumption(ResumptionUsage::kApplication)); }},
      {"11.2", "no group that began anew", Reason::kReinit,
       [](const Scene&) { return with_psk(resumption(ResumptionUsage::kReinit)); }},
      {"11.3", "no branch", Reason::kReinit,
       [](const Scene&) { return with_psk(resumption(ResumptionUsage::kBranch)); }},
      {"12.4.3.1", "our leaf is in the tree", Reason::kNotForUs,
       [](const Scene& scene) {
         const OwnKeyPackage other = scene.world->package("other");
         return ForgedWelcome{.tree = [=](RatchetTree& tree) {
           (void)tree.remove(LeafIndex{5});
           (void)must(tree.add({other.package.leaf}));
         }};
       }},
      {"12.4.3.1", "the path secret is that of the node above", Reason::kPath,
       [](const Scene&) {
         return ForgedWelcome{.secrets = [](GroupSecrets& secrets) { secrets.path_secret.emplace(); }};
       }},
      {"12.4.3.1", "the confirmation tag is right", Reason::kConfirmationTag,
       [](const Scene&) { return ForgedWelcome{.info = [](GroupInfo& info) { info.confirmation_tag[0] ^= 1; }}; }},
      {"12.4.3.1", "the transcript is the one confirmed", Reason::kConfirmationTag,
       [](const Scene&) {
         return ForgedWelcome{.info = [](GroupInfo& info) { info.context.confirmed_transcript_hash[0] ^= 1; }};
       }},
      {"12.4.3.1", "the epoch is the one confirmed", Reason::kConfirmationTag,
       [](const Scene&) { return ForgedWelcome{.info = [](GroupInfo& info) { ++info.context.epoch; }}; }},
  };
  for (const JoinRule& rule : rules) EXPECT_EQ(joined(rule), "");
}

TEST(RulesOfJoiningTest, LetThroughWhatKeepsThem) {
  const JoinRule none{"", "", Reason::kTruncated, [](const Scene&) { return ForgedWelcome{}; }};
  EXPECT_THAT(joined(none), testing::HasSubstr("was let through"));
  EXPECT_THAT(entered(none), testing::HasSubstr("was let through"));
}

}  // namespace
}  // namespace clients::mls
