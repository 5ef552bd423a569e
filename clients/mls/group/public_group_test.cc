#include "clients/mls/group/public_group.h"

#include <gtest/gtest.h>

#include "clients/mls/crypto/native/native.h"
#include "clients/mls/group/group.h"

namespace clients::mls {
namespace {

constexpr CipherSuite kSuite = kDefaultSuite;

struct PublicGroupTest : testing::Test {
  NativeCrypto crypto;
  Environment environment{.crypto = &crypto};
  KeyPair service = generate_signature_key_pair(crypto);

  Member member(std::string_view name) const {
    Member out;
    out.credential.identity = copy(as_bytes(name));
    out.signature_key = generate_signature_key_pair(crypto);
    return out;
  }
  OwnKeyPackage package(std::string_view name) const {
    return make_key_package(crypto, kSuite, member(name), {0, kLifetimeMax_s});
  }
  Group create(std::string_view name) const {
    const Extension senders =
        external_senders_extension({{service.key, {CredentialType::kBasic, copy(as_bytes("service")), {}}}});
    return *Group::create(environment, kSuite, copy(as_bytes("g")), member(name), {0, kLifetimeMax_s}, {senders});
  }
  PublicGroup follow(const Group& group) const {
    return *PublicGroup::begin(environment, *group.group_info(crypto, true));
  }
};

TEST_F(PublicGroupTest, ComesToTheSameContextAsTheMembers) {
  Group anna = create("anna");
  PublicGroup service_view = follow(anna);
  const OwnKeyPackage bert = package("bert");
  auto staged = anna.commit(environment, {.proposals = {Add{bert.package}}, .authenticated_data = {}});
  ASSERT_TRUE(staged);
  auto taken = service_view.receive(environment, staged->commit);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->group.context(), staged->group.context());
  EXPECT_EQ(std::get<CommitReceived>(taken->event).added, (std::vector<LeafIndex>{{1}}));

  Group other = *Group::join(environment, *staged->welcome, bert);
  auto update = other.commit(environment, {.proposals = {}, .path = true, .authenticated_data = {}});
  ASSERT_TRUE(update);
  auto again = taken->group.receive(environment, update->commit);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->group.context(), update->group.context());
  EXPECT_TRUE(again->group.check_info(crypto, *update->group.group_info(crypto, false)));
  EXPECT_EQ(again->group.check_info(crypto, *staged->group.group_info(crypto, false)).error().reason, Reason::kEpoch);
}

TEST_F(PublicGroupTest, ItsRemovalWaitsUntilACommitTakesItUp) {
  Group anna = create("anna");
  const OwnKeyPackage bert = package("bert");
  auto staged = *anna.commit(environment, {.proposals = {Add{bert.package}}, .authenticated_data = {}});
  const PublicGroup view = follow(staged.group);
  PublicMessage removal;
  const auto proposed = view.propose(environment, 0, Remove{{1}}, service, removal);
  ASSERT_TRUE(proposed);
  ASSERT_EQ(proposed->group.pending().size(), 1U);

  auto heard = staged.group.receive(environment, removal);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->group.protect(crypto, {1}).error().reason, Reason::kPendingProposals);
  auto commit = heard->group.commit(environment, {.proposals = {}, .authenticated_data = {}});
  ASSERT_TRUE(commit);
  const auto taken = proposed->group.receive(environment, commit->commit);
  ASSERT_TRUE(taken);
  const auto& summary = std::get<CommitReceived>(taken->event);
  EXPECT_EQ(summary.removed, (std::vector<LeafIndex>{{1}}));
  EXPECT_EQ(summary.taken, (std::vector<ProposalRef>{proposed->group.pending()[0].reference}));
  EXPECT_EQ(taken->group.tree().members(), 1U);

  Group bert_group = *Group::join(environment, *staged.welcome, bert);
  auto bert_heard = *bert_group.receive(environment, removal);
  auto gone = bert_heard.group.receive(environment, commit->commit);
  ASSERT_TRUE(gone);
  EXPECT_TRUE(std::holds_alternative<RemovedFromGroup>(gone->event));
}

TEST_F(PublicGroupTest, AnotherKeyMakesNoProposalsInItsName) {
  const PublicGroup view = follow(create("anna"));
  PublicMessage out;
  EXPECT_EQ(view.propose(environment, 0, Remove{{0}}, generate_signature_key_pair(crypto), out).error().reason,
            Reason::kSender);
  EXPECT_EQ(view.propose(environment, 1, Remove{{0}}, service, out).error().reason, Reason::kSender);
}

TEST_F(PublicGroupTest, SavedAndLoadedItGoesOn) {
  Group anna = create("anna");
  PublicMessage out;
  auto proposed = *follow(anna).propose(environment, 0, Add{package("bert").package}, service, out);
  const Bytes saved = proposed.group.save();
  const auto loaded = PublicGroup::load(saved);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->save(), saved);
  auto heard = *anna.receive(environment, out);
  auto commit = *heard.group.commit(environment, {.proposals = {}, .authenticated_data = {}});
  const auto taken = loaded->receive(environment, commit.commit);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->group.context(), commit.group.context());
  for (std::size_t size = 0; size < saved.size(); size += 7)
    EXPECT_FALSE(PublicGroup::load(ByteView(saved).first(size)));
}

TEST_F(PublicGroupTest, WhoEntersIsFollowedToo) {
  Group anna = create("anna");
  PublicGroup view = follow(anna);
  const auto entered = Group::enter(environment, *anna.group_info(crypto, true), member("carla"));
  ASSERT_TRUE(entered);
  const auto taken = view.receive(environment, entered->commit);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->group.context(), entered->group.context());
  EXPECT_EQ(std::get<CommitReceived>(taken->event).added, (std::vector<LeafIndex>{{1}}));
  auto followed = anna.receive(environment, entered->commit);
  ASSERT_TRUE(followed);
  EXPECT_EQ(followed->group.epoch_authenticator(), entered->group.epoch_authenticator());
}

}  // namespace
}  // namespace clients::mls
