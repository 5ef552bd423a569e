// RFC 9420 §§ 8.3, 8.4, 11.1, 12.1 and 12.2 negated rule by rule: proposals one by one, who may send them, and the
// lists of commits.
//
// What RFC 9420 demands and no test here negates:
//   - § 5.3.1, who stands behind a credential: asked of the environment; here only that its no is heard.
//   - § 6.3.1, fresh reuse guards: random; the official vectors check the AEAD's nonce.
//   - § 7.2, defaults are not listed: the maker's duty; a receiver that minds would refuse others' leaves.
//   - § 9.2, keys are erased: not seen from outside; secret_tree_test and the storms ask again.
//   - § 10, extensions of a package are listed: the maker's duty; the receiver ignores unknown ones.
//   - § 11, the best suite that all support: the application chooses the suite.
//   - §§ 11.2, 11.3, reinitialization and branching: not spoken; every such proposal and key is refused (kReinit).
//   - § 12.1.4, nonces are random: not to be seen.
//   - § 12.2, unsupported proposal types: a proposal of an unknown type cannot be read (kUnsupported).
//   - § 12.2, the client may add, remove and so on: rules of the environment and the service, tested there.
//   - § 12.4, a commit before application data: the sender's duty, LifeTest.SaysNothingWhileAProposalWaits.
//   - § 12.4.3.1, the group id is new to the client: the caller's, who knows its groups.
//   - § 15.2, bounds of the AEAD: 2^32 generations of 32 MiB at most stay below them.
#include <gtest/gtest.h>

#include "clients/mls/framing/public_message.h"
#include "clients/mls/group/testing/scene.h"

namespace clients::mls {
namespace {

Bytes proposed(Scene& scene, Proposal proposal) { return encode_message(scene.evil().propose(std::move(proposal))); }

// From outside the group, signed by whom the test likes.
Bytes from_outside(Scene& scene, Sender sender, Proposal proposal, const KeyPair& signer) {
  return encode_message(
      scene.evil().propose(std::move(proposal), [&](FramedContent& content) { content.sender = sender; }, signer));
}

Bytes committed(Scene& scene, std::vector<ForgedPart> parts, bool path = true) {
  return encode_message(scene.evil().commit({.parts = std::move(parts), .path = path}));
}

Add add_of(Scene& scene) { return Add{scene.evil().package()}; }

// What member 3 proposed before, heard by all.
ForgedPart heard(Scene& scene, std::size_t from, Proposal proposal) {
  const ProposalRef reference = scene.hear(scene.evil(from).propose(proposal));
  return {std::move(proposal), reference, Sender{SenderType::kMember, static_cast<std::uint32_t>(from)}};
}

PreSharedKey psk(std::string_view id, std::size_t nonce_bytes = kHashBytes) {
  PreSharedKey out;
  out.psk.external_id = copy(as_bytes(id));
  out.psk.nonce.assign(nonce_bytes, 5);
  return out;
}

PreSharedKey resumption(Scene& scene, ResumptionUsage usage, std::uint64_t epoch) {
  return {{PskType::kResumption, {}, usage, scene.groups[1].context().group_id, epoch, Bytes(kHashBytes, 5)}};
}

GroupContextExtensions changed(Scene& scene, std::vector<Extension> more) {
  Extensions out = scene.groups[1].context().extensions;
  out.insert(out.end(), more.begin(), more.end());
  return {std::move(out)};
}

Extension requiring(RequiredCapabilities required) {
  return {static_cast<std::uint16_t>(ExtensionType::kRequiredCapabilities), encode(required)};
}

constexpr Sender kGateway{SenderType::kExternal, 0};
constexpr Sender kNewcomer{SenderType::kNewMemberProposal, 0};

void expect_broken(const std::vector<Rule>& rules) {
  for (const Rule& rule : rules) EXPECT_EQ(broken(rule), "");
}

TEST(RulesOfProposalsTest, AreKeptOneByOne) {
  expect_broken({
      {"12.1.3", "a Remove names a member", Reason::kLeaf,
       [](Scene& scene) { return proposed(scene, Remove{LeafIndex{6}}); }},
      {"12.1.3", "a Remove names a leaf of the tree", Reason::kLeaf,
       [](Scene& scene) { return proposed(scene, Remove{LeafIndex{0xFFFFFFFF}}); }},
      {"12.1.3", "a Remove by value names a member", Reason::kLeaf,
       [](Scene& scene) { return committed(scene, {{Remove{LeafIndex{7}}}}); }},
      {"12.1.4", "a nonce has KDF.Nh octets", Reason::kProposal,
       [](Scene& scene) { return proposed(scene, psk("known", kHashBytes - 1)); }},
      {"12.1.4", "a nonce has KDF.Nh octets (by value)", Reason::kProposal,
       [](Scene& scene) { return committed(scene, {{psk("known", kHashBytes + 1)}}); }},
      {"12.1.4", "a resumption key is not for a new group", Reason::kProposal,
       [](Scene& scene) { return proposed(scene, resumption(scene, ResumptionUsage::kReinit, 1)); }},
      {"12.1.4", "a resumption key is not for a branch", Reason::kProposal,
       [](Scene& scene) { return committed(scene, {{resumption(scene, ResumptionUsage::kBranch, 1)}}); }},
      {"12.1.5", "a group is not begun anew", Reason::kReinit,
       [](Scene& scene) {
         return proposed(scene, Reinit{{1}, kVersion, static_cast<std::uint16_t>(kDefaultSuite), {}});
       }},
      {"12.1.6", "a member proposes no ExternalInit", Reason::kSender,
       [](Scene& scene) { return proposed(scene, ExternalInit{generate_key_pair(scene.crypto()).key}); }},
      {"12.1.7", "an extension stands once", Reason::kValue,
       [](Scene& scene) { return proposed(scene, changed(scene, {{kOwnExtension, {2}}})); }},
      {"12.1.7", "external_senders can be read", Reason::kTruncated,
       [](Scene& scene) { return proposed(scene, GroupContextExtensions{{{5, {7}}}}); }},
      {"12.1.7", "required_capabilities can be read", Reason::kTruncated,
       [](Scene& scene) { return proposed(scene, GroupContextExtensions{{{3, {}}}}); }},
      {"11.1", "members can what is required of them: extensions", Reason::kCapability,
       [](Scene& scene) { return committed(scene, {{GroupContextExtensions{{requiring({{0xF0FF}, {}, {}})}}}}); }},
      {"11.1", "members can what is required of them: proposals", Reason::kCapability,
       [](Scene& scene) { return committed(scene, {{GroupContextExtensions{{requiring({{}, {0xF0FF}, {}})}}}}); }},
      {"11.1", "members can what is required of them: credentials", Reason::kCapability,
       [](Scene& scene) { return committed(scene, {{GroupContextExtensions{{requiring({{}, {}, {3}})}}}}); }},
      {"13.4", "members know the group's extensions", Reason::kCapability,
       [](Scene& scene) { return committed(scene, {{changed(scene, {{0xF0FF, {}}})}}); }},
      {"12.3", "who is added is held to the new extensions", Reason::kCapability,
       [](Scene& scene) {
         const auto package =
             scene.evil().package([](LeafNode& leaf) { std::erase(leaf.capabilities.extensions, kNeededExtension); });
         return committed(scene, {{GroupContextExtensions{scene.groups[1].context().extensions}}, {Add{package}}});
       }},
      {"8.4", "a pre-shared key is known", Reason::kPsk,
       [](Scene& scene) { return committed(scene, {{psk("unknown")}}); }},
      {"8.4", "a resumption key is of this group", Reason::kPsk,
       [](Scene& scene) {
         PreSharedKey other = resumption(scene, ResumptionUsage::kApplication, 1);
         other.psk.group_id = {9};
         return committed(scene, {{other}});
       }},
      {"8.6", "a resumption key is of an epoch that was", Reason::kPsk,
       [](Scene& scene) {
         return committed(scene, {{resumption(scene, ResumptionUsage::kApplication, scene.groups[1].epoch() + 1)}});
       }},
      {"8.3", "the init key protects something", Reason::kKey,
       [](Scene& scene) { return encode_message(scene.outsider().commit({.parts = {{ExternalInit{PublicKey{}}}}})); }},
      {"8.3", "the init secret is the newcomer's", Reason::kConfirmationTag,
       [](Scene& scene) {
         const ExternalInit other{generate_key_pair(scene.crypto()).key};
         return encode_message(scene.outsider().commit({.parts = {{other}}}));
       }},
  });
}

TEST(RulesOfProposalsTest, SayWhoMaySendThem) {
  expect_broken({
      {"12.1.8", "an external sender is one of the group's", Reason::kSender,
       [](Scene& scene) {
         return from_outside(scene, {SenderType::kExternal, 1}, Remove{LeafIndex{3}}, scene.gateway);
       }},
      {"6.1", "an external sender signs with its own key", Reason::kSignature,
       [](Scene& scene) { return from_outside(scene, kGateway, Remove{LeafIndex{3}}, scene.evil().signature_key()); }},
      {"12.1.8", "an external sender proposes no Update", Reason::kSender,
       [](Scene& scene) { return from_outside(scene, kGateway, Update{scene.evil().update_leaf()}, scene.gateway); }},
      {"12.1.8", "an external sender proposes no ExternalInit", Reason::kSender,
       [](Scene& scene) {
         return from_outside(scene, kGateway, ExternalInit{generate_key_pair(scene.crypto()).key}, scene.gateway);
       }},
      {"12.1.8", "an external sender's Remove names a member", Reason::kLeaf,
       [](Scene& scene) { return from_outside(scene, kGateway, Remove{LeafIndex{6}}, scene.gateway); }},
      {"12.1.8", "without external_senders there is none", Reason::kSender,
       [](Scene& scene) {
         Extensions without = scene.groups[1].context().extensions;
         without.erase(without.begin());
         const PublicMessage commit = scene.evil(2).commit({.parts = {{GroupContextExtensions{without}}}});
         scene.groups[1] = must(receive(scene.env(), scene.groups[1], encode_message(commit))).group;
         return encode_message(
             Forge(scene.env(), scene.groups[1])
                 .propose(
                     Remove{LeafIndex{3}}, [](FramedContent& content) { content.sender = kGateway; }, scene.gateway));
       }},
      {"6", "a newcomer proposes only its own Add", Reason::kSender,
       [](Scene& scene) { return from_outside(scene, kNewcomer, Remove{LeafIndex{3}}, scene.gateway); }},
      {"6", "a newcomer signs with the key of its package", Reason::kSignature,
       [](Scene& scene) { return from_outside(scene, kNewcomer, add_of(scene), scene.gateway); }},
      {"6", "an external sender commits nothing", Reason::kSender,
       [](Scene& scene) {
         return encode_message(scene.evil().commit(
             {.content = [](FramedContent& content) { content.sender = kGateway; }, .signer = scene.gateway}));
       }},
      {"6", "a proposer of himself commits nothing", Reason::kSender,
       [](Scene& scene) {
         return encode_message(
             scene.evil().commit({.content = [](FramedContent& content) { content.sender = kNewcomer; }}));
       }},
      {"6", "who enters by a commit proposes nothing before", Reason::kSender,
       [](Scene& scene) {
         return from_outside(scene, {SenderType::kNewMemberCommit, 0}, Remove{LeafIndex{3}}, scene.gateway);
       }},
      {"12.1.2", "an Update's leaf is signed for the sender's place", Reason::kSignature,
       [](Scene& scene) {
         LeafNode leaf = scene.evil().update_leaf();
         sign(scene.crypto(), leaf, {scene.groups[1].context().group_id, LeafIndex{3}}, scene.evil().signature_key());
         return proposed(scene, Update{leaf});
       }},
      {"12.1.2", "an Update's leaf is signed for this group", Reason::kSignature,
       [](Scene& scene) {
         LeafNode leaf = scene.evil().update_leaf();
         sign(scene.crypto(), leaf, {as_bytes("another"), LeafIndex{0}}, scene.evil().signature_key());
         return proposed(scene, Update{leaf});
       }},
  });
}

TEST(RulesOfListsTest, AreKeptByMembers) {
  expect_broken({
      {"12.2", "no Update of the committer by value", Reason::kProposalList,
       [](Scene& scene) { return committed(scene, {{Update{scene.evil().update_leaf()}}}); }},
      {"12.2", "no Update of the committer by reference", Reason::kProposalList,
       [](Scene& scene) { return committed(scene, {heard(scene, 0, Update{scene.evil().update_leaf()})}); }},
      {"12.2", "no Remove of the committer", Reason::kProposalList,
       [](Scene& scene) { return committed(scene, {{Remove{LeafIndex{0}}}}); }},
      {"12.2", "no Remove of the committer by reference", Reason::kProposalList,
       [](Scene& scene) { return committed(scene, {heard(scene, 3, Remove{LeafIndex{0}})}); }},
      {"12.2", "no leaf removed twice", Reason::kProposalList,
       [](Scene& scene) { return committed(scene, {{Remove{LeafIndex{3}}}, {Remove{LeafIndex{3}}}}); }},
      {"12.2", "no leaf removed and updated", Reason::kProposalList,
       [](Scene& scene) {
         return committed(scene, {heard(scene, 3, Update{scene.evil(3).update_leaf()}), {Remove{LeafIndex{3}}}});
       }},
      {"12.2", "no leaf updated twice", Reason::kProposalList,
       [](Scene& scene) {
         const ForgedPart first = heard(scene, 3, Update{scene.evil(3).update_leaf()});
         return committed(scene, {first, heard(scene, 3, Update{scene.evil(3).update_leaf()})});
       }},
      {"12.2", "no client added twice", Reason::kDuplicateKey,
       [](Scene& scene) {
         const Member member = scene.world->member("twice");
         return committed(
             scene, {{Add{scene.world->package(member).package}}, {Add{scene.world->package(member).package}}}, false);
       }},
      {"12.2", "no package added twice", Reason::kDuplicateKey,
       [](Scene& scene) {
         const Add add = add_of(scene);
         return committed(scene, {{add}, {add}}, false);
       }},
      {"12.2", "no pre-shared key twice", Reason::kProposalList,
       [](Scene& scene) { return committed(scene, {{psk("known")}, {psk("known")}}); }},
      {"12.2", "extensions are changed once", Reason::kProposalList,
       [](Scene& scene) { return committed(scene, {{changed(scene, {})}, {GroupContextExtensions{}}}); }},
      {"12.2", "no ReInit among others", Reason::kReinit,
       [](Scene& scene) { return committed(scene, {{add_of(scene)}, {Reinit{{1}, kVersion, 3, {}}}}); }},
      {"12.2", "no ExternalInit", Reason::kSender,
       [](Scene& scene) { return committed(scene, {{ExternalInit{generate_key_pair(scene.crypto()).key}}}); }},
      {"12.4", "no proposal by reference twice", Reason::kProposalList,
       [](Scene& scene) {
         const ForgedPart add = heard(scene, 3, add_of(scene));
         return committed(scene, {add, add}, false);
       }},
      {"12.4", "a reference names what was heard", Reason::kUnknownProposal,
       [](Scene& scene) { return committed(scene, {{add_of(scene), ProposalRef{1}}}, false); }},
      {"12.4", "a reference names what was heard in this epoch", Reason::kUnknownProposal,
       [](Scene& scene) {
         const ForgedPart old = heard(scene, 3, add_of(scene));
         const PublicMessage between = scene.evil(2).commit({});
         for (const std::size_t i : {0U, 1U})
           scene.groups[i] = must(receive(scene.env(), scene.groups[i], encode_message(between))).group;
         return committed(scene, {old}, false);
       }},
      {"12.4", "an empty commit has a path", Reason::kPathMissing,
       [](Scene& scene) { return committed(scene, {}, false); }},
      {"12.4", "an Update needs a path", Reason::kPathMissing,
       [](Scene& scene) { return committed(scene, {heard(scene, 3, Update{scene.evil(3).update_leaf()})}, false); }},
      {"12.4", "a Remove needs a path", Reason::kPathMissing,
       [](Scene& scene) { return committed(scene, {{Remove{LeafIndex{3}}}}, false); }},
      {"12.4", "a Remove among Adds needs a path", Reason::kPathMissing,
       [](Scene& scene) { return committed(scene, {{add_of(scene)}, {Remove{LeafIndex{3}}}}, false); }},
      {"12.4", "a change of extensions needs a path", Reason::kPathMissing,
       [](Scene& scene) { return committed(scene, {{changed(scene, {})}}, false); }},
  });
}

Bytes entered(const Forge& outsider, std::vector<ForgedPart> parts) {
  return encode_message(outsider.commit({.parts = std::move(parts)}));
}

TEST(RulesOfListsTest, AreKeptByNewcomers) {
  const auto with = [](auto more) {
    return [more](Scene& scene) {
      const Forge outsider = scene.outsider("3");  // whose old device stands at leaf 3
      std::vector<ForgedPart> parts{{outsider.external_init()}};
      for (ForgedPart& part : more(scene, outsider)) parts.push_back(std::move(part));
      return entered(outsider, std::move(parts));
    };
  };
  using Parts = std::vector<ForgedPart>;
  expect_broken({
      {"12.2", "one ExternalInit", Reason::kProposalList, [](Scene& scene) { return entered(scene.outsider(), {}); }},
      {"12.2", "not two ExternalInits", Reason::kProposalList,
       with([](Scene&, const Forge& forge) { return Parts{{forge.external_init()}}; })},
      {"12.2", "not two Removes", Reason::kProposalList,
       with([](Scene&, const Forge&) { return Parts{{Remove{LeafIndex{3}}}, {Remove{LeafIndex{2}}}}; })},
      {"12.2", "no leaf removed twice", Reason::kProposalList,
       with([](Scene&, const Forge&) { return Parts{{Remove{LeafIndex{3}}}, {Remove{LeafIndex{3}}}}; })},
      {"12.2", "nobody else removed", Reason::kProposalList,
       with([](Scene&, const Forge&) { return Parts{{Remove{LeafIndex{2}}}}; })},
      {"12.1.3", "nobody removed who is not there", Reason::kLeaf,
       with([](Scene&, const Forge&) { return Parts{{Remove{LeafIndex{6}}}}; })},
      {"12.2", "no Add", Reason::kSender, with([](Scene& scene, const Forge&) { return Parts{{add_of(scene)}}; })},
      {"12.2", "no Update", Reason::kSender,
       with([](Scene& scene, const Forge&) { return Parts{{Update{scene.evil().update_leaf()}}}; })},
      {"12.2", "no change of extensions", Reason::kSender,
       with([](Scene& scene, const Forge&) { return Parts{{changed(scene, {})}}; })},
      {"12.2", "no ReInit", Reason::kSender,
       with([](Scene&, const Forge&) { return Parts{{Reinit{{1}, kVersion, 3, {}}}}; })},
      {"12.2", "no pre-shared key twice", Reason::kProposalList,
       with([](Scene&, const Forge&) { return Parts{{psk("known")}, {psk("known")}}; })},
      {"8.4", "a pre-shared key is known", Reason::kPsk,
       with([](Scene&, const Forge&) { return Parts{{psk("unknown")}}; })},
      {"12.4.3.2", "nothing by reference", Reason::kProposalList,
       with([](Scene& scene, const Forge&) { return Parts{heard(scene, 2, add_of(scene))}; })},
      {"12.4.3.2", "a path", Reason::kPathMissing,
       [](Scene& scene) {
         const Forge outsider = scene.outsider();
         return encode_message(outsider.commit({.parts = {{outsider.external_init()}}, .path = false}));
       }},
      {"12.4.3.2", "signed by who comes in", Reason::kSignature,
       [](Scene& scene) {
         const Forge outsider = scene.outsider();
         return encode_message(
             outsider.commit({.parts = {{outsider.external_init()}}, .signer = scene.evil().signature_key()}));
       }},
      {"12.2", "who replaces a leaf brings another key", Reason::kDuplicateKey,
       [](Scene& scene) {
         const Forge outsider = scene.outsider("3");
         const PublicKey old = scene.groups[1].tree().leaf(LeafIndex{3})->encryption_key;
         return encode_message(outsider.commit({.parts = {{outsider.external_init()}, {Remove{LeafIndex{3}}}},
                                                .leaf = [&](LeafNode& leaf) { leaf.encryption_key = old; }}));
       }},
  });
}

// Nothing but the broken rule was wrong.
TEST(RulesOfListsTest, LetThroughWhatKeepsThem) {
  const auto taken = [](const std::function<Bytes(Scene&)>& message) {
    Scene scene = Scene::first();
    const Bytes bytes = message(scene);
    const auto out = receive(scene.env(), scene.groups[1], bytes);
    return out ? std::string() : std::string(code(out.error().reason));
  };
  EXPECT_EQ(taken([](Scene& scene) { return from_outside(scene, kGateway, Remove{LeafIndex{3}}, scene.gateway); }), "");
  EXPECT_EQ(taken([](Scene& scene) { return from_outside(scene, kGateway, add_of(scene), scene.gateway); }), "");
  EXPECT_EQ(taken([](Scene& scene) {
              const OwnKeyPackage own = scene.world->package("new");
              return from_outside(scene, kNewcomer, Add{own.package}, own.signature_key);
            }),
            "");
  EXPECT_EQ(taken([](Scene& scene) {
              return committed(scene, {heard(scene, 3, Update{scene.evil(3).update_leaf()}),
                                       {Remove{LeafIndex{2}}},
                                       {add_of(scene)},
                                       {changed(scene, {})},
                                       {psk("known")}});
            }),
            "");
  EXPECT_EQ(taken([](Scene& scene) { return committed(scene, {{add_of(scene)}, {psk("known")}}, false); }), "");
  EXPECT_EQ(taken([](Scene& scene) {
              const Forge outsider = scene.outsider("3");
              return entered(outsider, {{outsider.external_init()}, {Remove{LeafIndex{3}}}, {psk("known")}});
            }),
            "");
  EXPECT_EQ(taken([](Scene& scene) {  // a member who comes back with the same signature key
              Member again = scene.world->member("3");
              again.signature_key = scene.evil(3).signature_key();
              return committed(scene, {{Remove{LeafIndex{3}}}, {Add{scene.world->package(again).package}}});
            }),
            "");
}

// What members offer cannot keep an honest one from committing a removal.
TEST(MakerOfCommitsTest, LeavesOutWhatDoesNotGoTogether) {
  for (const Proposal& poison : std::vector<Proposal>{psk("unknown"), GroupContextExtensions{{{0xF0FF, {}}}}}) {
    Scene scene = Scene::first();
    scene.hear(scene.evil().propose(poison));
    scene.hear(scene.evil().propose(
        Remove{LeafIndex{3}}, [](FramedContent& content) { content.sender = kGateway; }, scene.gateway));
    const auto staged = scene.groups[1].commit(scene.env(), {});
    ASSERT_TRUE(staged) << code(staged.error().reason);
    EXPECT_EQ(staged->summary.removed, std::vector<LeafIndex>{LeafIndex{3}});
    EXPECT_TRUE(receive(scene.env(), scene.groups[2], encode_message(staged->commit)));
  }
}

TEST(MakerOfCommitsTest, RefusesWhatTheOthersWould) {
  const Scene& scene = Scene::first();
  const Group& group = scene.groups[1];
  const auto reason = [&](CommitPlan plan) { return group.commit(scene.env(), plan).error().reason; };
  EXPECT_EQ(reason({.proposals = {Remove{LeafIndex{1}}}}), Reason::kProposalList);
  EXPECT_EQ(reason({.proposals = {Remove{LeafIndex{6}}}}), Reason::kLeaf);
  EXPECT_EQ(reason({.proposals = {psk("unknown")}}), Reason::kPsk);
  EXPECT_EQ(reason({.proposals = {Reinit{}}}), Reason::kReinit);
  const auto expired = scene.evil().package([](LeafNode& leaf) { leaf.lifetime.not_after = kWorldNow_s - 1; });
  EXPECT_EQ(reason({.proposals = {Add{expired}}}), Reason::kLifetime);
  EXPECT_EQ(group.propose(scene.env(), Add{expired}).error().reason, Reason::kLifetime);
}

}  // namespace
}  // namespace clients::mls
