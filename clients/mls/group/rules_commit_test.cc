// RFC 9420 §§ 6, 7.4 – 7.9, 9 and 12.4.2 negated rule by rule: paths, what a commit says of the next epoch, framing,
// and the keys of messages.
#include <gtest/gtest.h>

#include "clients/mls/framing/public_message.h"
#include "clients/mls/group/testing/scene.h"

namespace clients::mls {
namespace {

Bytes committed(Scene& scene, const ForgedCommit& forged) { return encode_message(scene.evil().commit(forged)); }

Rule path_rule(std::string_view section, std::string_view what, Reason reason, Spoil<UpdatePath> sealed) {
  return {section, what, reason, [=](Scene& scene) { return committed(scene, {.sealed = sealed}); }};
}

void expect_broken(const std::vector<Rule>& rules) {
  for (const Rule& rule : rules) EXPECT_EQ(broken(rule), "");
}

TEST(RulesOfPathsTest, AreKept) {
  expect_broken({
      path_rule("7.5", "a node for each of the filtered direct path, not fewer", Reason::kPath,
                [](UpdatePath& path) { path.nodes.pop_back(); }),
      path_rule("7.5", "a node for each of the filtered direct path, not more", Reason::kPath,
                [](UpdatePath& path) { path.nodes.push_back(path.nodes.back()); }),
      path_rule("7.5", "a secret for each of the resolution, not fewer", Reason::kPath,
                [](UpdatePath& path) { path.nodes[0].encrypted_path_secrets.pop_back(); }),
      path_rule("7.5", "a secret for each of the resolution, not more", Reason::kPath,
                [](UpdatePath& path) {
                  auto& sealed = path.nodes.back().encrypted_path_secrets;
                  sealed.push_back(sealed.front());
                }),
      path_rule("7.5", "the secret opens", Reason::kDecrypt,
                [](UpdatePath& path) { path.nodes[0].encrypted_path_secrets[0].ciphertext[3] ^= 1; }),
      path_rule("5.1.3", "the secret's one-time key protects something", Reason::kKey,
                [](UpdatePath& path) { path.nodes[0].encrypted_path_secrets[0].kem_output = {}; }),
      path_rule("12.4.2", "keys of the path protect something", Reason::kKey,
                [](UpdatePath& path) { path.nodes[0].encryption_key = {1}; }),
      path_rule("12.4.2", "keys of the path are no node's", Reason::kDuplicateKey,
                [](UpdatePath& path) {
                  path.nodes[0].encryption_key =
                      Scene::first().groups[1].tree().parent_node(NodeIndex{3})->encryption_key;
                }),
      path_rule("12.4.2", "keys of the path are no leaf's", Reason::kDuplicateKey,
                [](UpdatePath& path) {
                  path.nodes[1].encryption_key = Scene::first().groups[1].tree().leaf(LeafIndex{4})->encryption_key;
                }),
      path_rule("12.4.2", "keys of the path are each their own", Reason::kDuplicateKey,
                [](UpdatePath& path) { path.nodes[1].encryption_key = path.nodes[0].encryption_key; }),
      path_rule("7.9", "the leaf vouches for the keys above it", Reason::kParentHash,
                [](UpdatePath& path) { path.nodes[1].encryption_key[5] ^= 1; }),
      {"7.9", "the leaf carries the parent hash", Reason::kParentHash,
       [](Scene& scene) { return committed(scene, {.leaf = [](LeafNode& leaf) { leaf.parent_hash[0] ^= 1; }}); }},
      {"7.9", "the leaf carries a parent hash", Reason::kParentHash,
       [](Scene& scene) { return committed(scene, {.leaf = [](LeafNode& leaf) { leaf.parent_hash.clear(); }}); }},
      {"7.4", "the secret that opens is that of the node's key", Reason::kPath,
       [](Scene& scene) {
         const Bytes other(kHashBytes, 3);
         std::optional<GroupContext> next;
         return committed(
             scene, {.next = [&](GroupContext& context) { next = context; },
                     .sealed =
                         [&](UpdatePath& path) {
                           path.nodes[0].encrypted_path_secrets[0] = must(encrypt_with_label(
                               scene.crypto(), kDefaultSuite, scene.groups[1].tree().leaf(LeafIndex{1})->encryption_key,
                               "UpdatePathNode", encode(*next), other));
                         }});
       }},
      {"7.4", "the secret that opens has KDF.Nh octets", Reason::kPath,
       [](Scene& scene) {
         std::optional<GroupContext> next;
         return committed(
             scene, {.next = [&](GroupContext& context) { next = context; },
                     .sealed =
                         [&](UpdatePath& path) {
                           path.nodes[0].encrypted_path_secrets[0] = must(encrypt_with_label(
                               scene.crypto(), kDefaultSuite, scene.groups[1].tree().leaf(LeafIndex{1})->encryption_key,
                               "UpdatePathNode", encode(*next), Bytes(kHashBytes - 1)));
                         }});
       }},
      {"12.4.2", "secrets are sealed under the next epoch", Reason::kDecrypt,
       [](Scene& scene) { return committed(scene, {.next = [](GroupContext& next) { ++next.epoch; }}); }},
      {"12.4.2", "secrets are sealed under the next tree", Reason::kDecrypt,
       [](Scene& scene) { return committed(scene, {.next = [](GroupContext& next) { next.tree_hash[0] ^= 1; }}); }},
      {"12.4.2", "secrets are sealed under the next extensions", Reason::kDecrypt,
       [](Scene& scene) { return committed(scene, {.next = [](GroupContext& next) { next.extensions.pop_back(); }}); }},
      {"7.3", "a path's leaf is signed for the sender's place", Reason::kSignature,
       [](Scene& scene) {
         return committed(scene, {.signed_leaf = [&](LeafNode& leaf) {
                            sign(scene.crypto(), leaf, {scene.groups[1].context().group_id, LeafIndex{2}},
                                 scene.evil().signature_key());
                          }});
       }},
      {"7.3", "a path's leaf is signed for this group", Reason::kSignature,
       [](Scene& scene) {
         return committed(scene, {.signed_leaf = [&](LeafNode& leaf) {
                            sign(scene.crypto(), leaf, {as_bytes("another"), LeafIndex{0}},
                                 scene.evil().signature_key());
                          }});
       }},
  });
}

TEST(RulesOfFramingTest, AreKeptInTheOpen) {
  const auto content = [](Spoil<FramedContent> by) {
    return [by](Scene& scene) { return committed(scene, {.content = by}); };
  };
  const auto message = [](Spoil<PublicMessage> by) {
    return [by](Scene& scene) { return committed(scene, {.message = by}); };
  };
  expect_broken({
      {"12.4.2", "the group is this one", Reason::kGroup,
       content([](FramedContent& framed) { framed.group_id.push_back(0); })},
      {"12.4.2", "the epoch is this one, not the next", Reason::kEpoch,
       content([](FramedContent& framed) { ++framed.epoch; })},
      {"12.4.2", "the epoch is this one, not the last", Reason::kEpoch,
       content([](FramedContent& framed) { --framed.epoch; })},
      {"6.2", "the membership tag is right", Reason::kMembershipTag,
       message([](PublicMessage& framed) { (*framed.membership_tag)[0] ^= 1; })},
      {"6.2", "the membership tag covers the content", Reason::kMembershipTag,
       message([](PublicMessage& framed) { framed.content.authenticated_data.push_back(1); })},
      {"6.2", "the membership tag covers the confirmation tag", Reason::kMembershipTag,
       message([](PublicMessage& framed) { (*framed.auth.confirmation_tag)[0] ^= 1; })},
      {"6.2", "the membership tag covers the signature", Reason::kMembershipTag,
       message([](PublicMessage& framed) { framed.auth.signature[0] ^= 1; })},
      {"6.1", "the signature is the sender's", Reason::kSignature,
       [](Scene& scene) { return committed(scene, {.signer = scene.evil(2).signature_key()}); }},
      {"6.1", "the signature is right", Reason::kSignature,
       [](Scene& scene) {
         return committed(scene, {.signed_content = [](AuthenticatedContent& all) { all.auth.signature[9] ^= 1; }});
       }},
      {"6.1", "nobody speaks as another member", Reason::kSignature,
       content([](FramedContent& framed) { framed.sender.index = 2; })},
      {"6.1", "nobody speaks as nobody", Reason::kLeaf,
       content([](FramedContent& framed) { framed.sender.index = 6; })},
      {"6.1", "nobody speaks as who is beyond the tree", Reason::kLeaf,
       content([](FramedContent& framed) { framed.sender.index = 0xFFFFFFFF; })},
      {"6", "a message of one's own is none", Reason::kOwnMessage,
       [](Scene& scene) { return encode_message(scene.evil(1).commit({})); }},
      {"6", "application data are never in the open", Reason::kInTheOpen,
       [](Scene& scene) {
         return encode_message(scene.evil().propose(Remove{LeafIndex{2}},
                                                    [](FramedContent& framed) { framed.content = Application{{1}}; }));
       }},
      {"6", "a sender type is defined", Reason::kValue,
       [](Scene& scene) {
         Bytes bytes = committed(scene, {});
         bytes[4 + 1 + 5 + 8] = 5;  // after version, format, group and epoch
         return bytes;
       }},
  });
}

TEST(RulesOfEpochsTest, ConfirmTheNextOne) {
  expect_broken({
      {"12.4.2", "the confirmation tag is right", Reason::kConfirmationTag,
       [](Scene& scene) { return committed(scene, {.confirmed = [](Hash& tag) { tag[0] ^= 1; }}); }},
      {"12.4.2", "a commit without a path is confirmed, too", Reason::kConfirmationTag,
       [](Scene& scene) {
         return committed(scene, {.parts = {{Add{scene.evil().package()}}}, .path = false, .confirmed = [](Hash& tag) {
                                    tag[0] ^= 1;
                                  }});
       }},
      {"8.2", "the transcript goes on from the one before", Reason::kConfirmationTag,
       [](Scene& scene) {
         return encode_message(scene.evil().commit({.parts = {{Add{scene.evil().package()}}},
                                                    .path = false,
                                                    .next = [](GroupContext& next) { next.extensions.pop_back(); }}));
       }},
      {"12.4.2", "the tree is the one the proposals make", Reason::kConfirmationTag,
       [](Scene& scene) {
         return encode_message(scene.evil().commit({.parts = {{Add{scene.evil().package()}}},
                                                    .path = false,
                                                    .next = [](GroupContext& next) { next.tree_hash[0] ^= 1; }}));
       }},
      {"12.4.2", "the epoch is the next", Reason::kConfirmationTag,
       [](Scene& scene) {
         return encode_message(scene.evil().commit({.parts = {{Add{scene.evil().package()}}},
                                                    .path = false,
                                                    .next = [](GroupContext& next) { ++next.epoch; }}));
       }},
  });
}

Bytes sealed(Scene& scene, const ForgedSeal& forged, Content content = Application{{1, 2, 3}}) {
  return encode_message(scene.evil().seal(std::move(content), forged));
}

TEST(RulesOfFramingTest, AreKeptInSecret) {
  const auto message = [](Spoil<PrivateMessage> by) {
    return [by](Scene& scene) { return sealed(scene, {.message = by}); };
  };
  expect_broken({
      {"6.3", "the group is this one", Reason::kGroup,
       message([](PrivateMessage& framed) { framed.group_id.push_back(0); })},
      {"6.3", "the epoch is one that is kept", Reason::kEpoch, message([](PrivateMessage& framed) { ++framed.epoch; })},
      {"6.3.2", "the sender data open", Reason::kDecrypt,
       message([](PrivateMessage& framed) { framed.encrypted_sender_data[0] ^= 1; })},
      {"6.3.1", "the content opens", Reason::kDecrypt,
       message([](PrivateMessage& framed) { framed.ciphertext.back() ^= 1; })},
      {"6.3.1", "the data in the open are those that were sealed", Reason::kDecrypt,
       message([](PrivateMessage& framed) { framed.authenticated_data.push_back(1); })},
      {"6.3.2", "sender data of another message do not open", Reason::kDecrypt,
       [](Scene& scene) {
         const PrivateMessage other = scene.evil().seal(Application{{4}});
         return sealed(scene, {.message = [&](PrivateMessage& framed) {
                         framed.encrypted_sender_data = other.encrypted_sender_data;
                       }});
       }},
      {"6.3.2", "the sender is a member", Reason::kLeaf,
       [](Scene& scene) { return sealed(scene, {.as = LeafIndex{6}}); }},
      {"6.3.2", "the sender is not oneself", Reason::kOwnMessage,
       [](Scene& scene) { return sealed(scene, {.as = LeafIndex{1}, .signer = scene.evil(1).signature_key()}); }},
      {"6.3.2", "what oneself sealed is not spent, but one's own", Reason::kOwnMessage,
       [](Scene& scene) { return encode_message(must(scene.groups[1].protect(scene.crypto(), {1}))); }},
      {"6.3.2", "the sender of a handshake is not oneself", Reason::kOwnMessage,
       [](Scene& scene) {
         return sealed(scene, {.as = LeafIndex{1}, .signer = scene.evil(1).signature_key()},
                       Proposal(Remove{LeafIndex{2}}));
       }},
      {"6.1", "nobody speaks as another member", Reason::kSignature,
       [](Scene& scene) { return sealed(scene, {.as = LeafIndex{2}}); }},
      {"6.1", "the signature is right", Reason::kSignature,
       [](Scene& scene) {
         return sealed(scene, {.signed_content = [](AuthenticatedContent& all) { all.auth.signature[9] ^= 1; }});
       }},
      {"6.1", "what is signed for the open is not sealed", Reason::kSignature,
       [](Scene& scene) {
         return sealed(scene, {.signed_content = [&](AuthenticatedContent& all) {
                         all.auth.signature =
                             sign_content(scene.crypto(), WireFormat::kPublicMessage, all.content,
                                          encode(scene.groups[0].context()), scene.evil().signature_key())
                                 .auth.signature;
                       }});
       }},
      {"6.1", "the signature is of this epoch", Reason::kSignature,
       [](Scene& scene) {
         return sealed(scene, {.signed_content = [&](AuthenticatedContent& all) {
                         GroupContext other = scene.groups[0].context();
                         other.tree_hash[0] ^= 1;
                         all.auth.signature = sign_content(scene.crypto(), WireFormat::kPrivateMessage, all.content,
                                                           encode(other), scene.evil().signature_key())
                                                  .auth.signature;
                       }});
       }},
      {"6.3.1", "padding is zeros", Reason::kPadding,
       [](Scene& scene) { return sealed(scene, {.plaintext = [](Bytes& bytes) { bytes.back() = 1; }}); }},
      {"6.3.1", "there is a content", Reason::kTruncated,
       [](Scene& scene) { return sealed(scene, {.plaintext = [](Bytes& bytes) { bytes.resize(20); }}); }},
      {"9.1", "not too far ahead", Reason::kGeneration,
       [](Scene& scene) { return sealed(scene, {.skip = kForwardStepsMax + 1}); }},
      {"9.1", "a key is used once", Reason::kSpent,
       [](Scene& scene) {
         const PrivateMessage said = scene.evil().seal(Application{{1}});
         (void)must(scene.groups[1].open(scene.crypto(), said));
         return encode_message(said);
       }},
      {"9.1", "a key is used once, whatever it sealed", Reason::kSpent,
       [](Scene& scene) {
         (void)must(scene.groups[1].open(scene.crypto(), scene.evil().seal(Application{{1}})));
         return sealed(scene, {}, Application{{2}});
       }},
      {"6.3.1", "a handshake is sealed as one", Reason::kDecrypt,
       [](Scene& scene) {
         return sealed(scene,
                       {.message = [](PrivateMessage& framed) { framed.content_type = ContentType::kProposal; }});
       }},
      {"12.1.3", "a sealed proposal is checked, too", Reason::kLeaf,
       [](Scene& scene) { return sealed(scene, {}, Proposal(Remove{LeafIndex{6}})); }},
      {"12.1.6", "a sealed proposal is checked, too", Reason::kSender,
       [](Scene& scene) { return sealed(scene, {}, Proposal(ExternalInit{})); }},
      {"12.4", "a sealed commit is checked, too", Reason::kPathMissing,
       [](Scene& scene) { return sealed(scene, {}, Commit{}); }},
      {"12.4.2", "a sealed commit is confirmed, too", Reason::kConfirmationTag,
       [](Scene& scene) { return sealed(scene, {}, Commit{{Proposal(Add{scene.evil().package()})}, std::nullopt}); }},
      {"12.4.2", "a sealed handshake is of this epoch", Reason::kEpoch,
       [](Scene& scene) {
         const PublicMessage between = scene.evil(2).commit({});
         const Bytes late = sealed(scene, {}, Proposal(Remove{LeafIndex{2}}));
         scene.groups[1] = must(receive(scene.env(), scene.groups[1], encode_message(between))).group;
         return late;
       }},
  });
}

TEST(RulesOfFramingTest, LetThroughWhatKeepsThem) {
  Scene scene = Scene::first();
  EXPECT_TRUE(receive(scene.env(), scene.groups[1], committed(scene, {})));
  EXPECT_TRUE(receive(scene.env(), scene.groups[1], sealed(scene, {}, Proposal(Remove{LeafIndex{2}}))));
  EXPECT_TRUE(scene.groups[1].open(scene.crypto(), scene.evil().seal(Application{{1}}, {.skip = kForwardStepsMax})));
}

}  // namespace
}  // namespace clients::mls
