// The ordinary life of a group: it begins, people come and go, keys change, and everybody agrees all the while.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/mls/group/testing/forge.h"

namespace clients::mls {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class LifeTest : public testing::TestWithParam<CipherSuite> {
 protected:
  void take(Group& group, const PublicMessage& message) {
    auto received = receive(env(), group, encode_message(message));
    ASSERT_TRUE(received) << code(received.error().reason) << ' ' << received.error().detail;
    group = std::move(received->group);
  }
  // Every member but the committer takes the commit, each after its group went to the store and back.
  CommitReceived commit(std::size_t by, const CommitPlan& plan) {
    Group::Staged staged = must(groups[by].commit(env(), plan));
    for (std::size_t i = 0; i < groups.size(); ++i) {
      groups[i] = must(Group::load(groups[i].save().view()));
      if (i != by) take(groups[i], staged.commit);
    }
    groups[by] = std::move(staged.group);
    welcome = std::move(staged.welcome);
    return staged.summary;
  }
  void join(const OwnKeyPackage& own) { groups.push_back(must(Group::join(env(), *welcome, own))); }
  void expect_agreement() {
    for (const Group& group : groups) EXPECT_TRUE(agree(world.crypto(), groups.front(), group));
    say_and_hear();
  }
  void say_and_hear() {
    for (Group& from : groups) {
      const Bytes said = copy(as_bytes("Feierabend"));
      const PrivateMessage message = must(from.protect(world.crypto(), said, copy(as_bytes("seen by all"))));
      for (Group& to : groups) {
        if (to.own_leaf() == from.own_leaf()) continue;
        const auto heard = to.open(world.crypto(), message);
        ASSERT_TRUE(heard) << code(heard.error().reason);
        EXPECT_EQ(heard->data, said);
        EXPECT_EQ(heard->sender, from.own_leaf());
      }
    }
  }
  // Everybody hears of it. Gives the proposed leaf's key and the reference.
  std::pair<PublicKey, ProposalRef> update(std::size_t of) {
    const Group::Proposed proposed = must(groups[of].propose_update(env()));
    hear(of, proposed);
    return {std::get<Update>(std::get<Proposal>(proposed.message.content.content)).leaf.encryption_key,
            proposed.reference};
  }
  void hear(std::size_t of, const Group::Proposed& proposed) {
    deliver(env(), groups, proposed.message);
    groups[of] = proposed.group;
  }
  const Environment& env() const { return world.environment(); }

  World world{1, GetParam()};
  std::vector<Group> groups{world.party(4)};
  std::optional<Welcome> welcome;
};

INSTANTIATE_TEST_SUITE_P(Suites, LifeTest,
                         testing::Values(CipherSuite::kX25519Aes128GcmSha256Ed25519,
                                         CipherSuite::kX25519ChaCha20Poly1305Sha256Ed25519));

TEST_P(LifeTest, BeginsWithOneMemberInEpochZero) {
  const Group group = world.create("alone");
  EXPECT_EQ(group.epoch(), 0U);
  EXPECT_EQ(group.members().size(), 1U);
  EXPECT_THAT(group.context().confirmed_transcript_hash, IsEmpty());
}

TEST_P(LifeTest, AddsByValueAndByReference) {
  expect_agreement();
  const OwnKeyPackage by_value = world.package("by value"), by_reference = world.package("by reference");
  const Group::Proposed proposed = must(groups[2].propose(env(), Add{by_reference.package}));
  deliver(env(), groups, proposed.message);
  groups[2] = proposed.group;
  const CommitReceived summary = commit(1, {.proposals = {Add{by_value.package}}});
  EXPECT_EQ(summary.added.size(), 2U);
  EXPECT_THAT(summary.updated, IsEmpty()) << "adding needs no path";
  join(by_value);
  join(by_reference);
  EXPECT_EQ(groups.front().tree().members(), 6U);
  expect_agreement();
}

TEST_P(LifeTest, GivesANewcomerThePathSecretOfAnAddWithPath) {
  const OwnKeyPackage own = world.package("new");
  commit(3, {.proposals = {Add{own.package}}, .path = true});
  join(own);
  expect_agreement();
  commit(4, {.path = true});
  expect_agreement();
}

TEST_P(LifeTest, JoinsWithTheTreeGivenBesideTheWelcome) {
  const OwnKeyPackage own = world.package("new");
  commit(0, {.proposals = {Add{own.package}}, .tree_in_welcome = false});
  EXPECT_EQ(Group::join(env(), *welcome, own).error().reason, Reason::kTreeMissing);
  groups.push_back(must(Group::join(env(), *welcome, own, groups[0].tree().encode())));
  expect_agreement();
}

TEST_P(LifeTest, UpdatesByProposal) {
  const PublicKey before = groups[2].tree().leaf(LeafIndex{2})->encryption_key;
  const Group::Proposed proposed = must(groups[2].propose_update(env()));
  deliver(env(), groups, proposed.message);
  groups[2] = proposed.group;
  const CommitReceived summary = commit(0, {});
  EXPECT_THAT(summary.updated, ElementsAre(LeafIndex{2}, LeafIndex{0}));
  EXPECT_NE(groups[0].tree().leaf(LeafIndex{2})->encryption_key, before);
  expect_agreement();
  commit(3, {.path = true});  // reaches the updated leaf by its new key
  expect_agreement();
}

TEST_P(LifeTest, CommitsTheMostRecentOfTwoUpdates) {
  const auto older = update(2), other = update(3), newer = update(2);
  const CommitReceived summary = commit(0, {});
  EXPECT_THAT(summary.taken, UnorderedElementsAre(newer.second, other.second));
  for (const Group& group : groups) {
    EXPECT_EQ(group.tree().leaf(LeafIndex{2})->encryption_key, newer.first);
    EXPECT_NE(group.tree().leaf(LeafIndex{2})->encryption_key, older.first);
    EXPECT_THAT(group.pending(), IsEmpty());
  }
  expect_agreement();
  commit(3, {.path = true});  // is sealed to the leaf of 2: the older private key would not open it
  expect_agreement();
}

TEST_P(LifeTest, FollowsSomebodyWhoCommitsTheOlderOfItsTwoUpdates) {
  const auto older = update(2);
  const Proposal proposal = groups[0].pending().front().proposal;
  update(2);
  const Forge other(env(), groups[0]);
  deliver(env(), groups,
          other.commit({.parts = {{proposal, older.second, Sender{SenderType::kMember, 2}}}, .path = true}));
  groups.erase(groups.begin());  // the forge's own hand does not go on
  EXPECT_EQ(groups[1].tree().leaf(LeafIndex{2})->encryption_key, older.first);
  expect_agreement();
  commit(2, {.path = true});
  expect_agreement();
}

TEST_P(LifeTest, CommitsTheRemovalOfWhoAlsoUpdates) {
  for (const bool update_first : {true, false}) {
    SCOPED_TRACE(update_first);
    const std::size_t last = groups.size() - 1;
    if (update_first) update(last);
    const Group::Proposed removal = must(groups[1].propose(env(), Remove{LeafIndex{static_cast<std::uint32_t>(last)}}));
    hear(1, removal);
    if (!update_first) update(last);
    const Group leaving = groups[last];
    groups.pop_back();
    const Group::Staged staged = must(groups[0].commit(env(), {}));
    EXPECT_THAT(staged.summary.taken, ElementsAre(removal.reference));
    EXPECT_THAT(staged.summary.removed, ElementsAre(leaving.own_leaf()));
    EXPECT_TRUE(std::holds_alternative<RemovedFromGroup>(must(leaving.receive(env(), staged.commit)).event));
    deliver(env(), groups, staged.commit);
    groups[0] = staged.group;
    expect_agreement();
  }
}

TEST_P(LifeTest, FreshensKeysByAnEmptyCommit) {
  for (std::size_t by = 0; by < groups.size(); ++by) {
    EXPECT_THAT(commit(by, {}).updated, ElementsAre(LeafIndex{static_cast<std::uint32_t>(by)}));
    expect_agreement();
  }
}

TEST_P(LifeTest, RemovesByValueAndTellsTheRemoved) {
  const Group before = groups[3];
  Group::Staged staged = must(groups[1].commit(env(), {.proposals = {Remove{LeafIndex{3}}}}));
  const auto told = receive(env(), before, encode_message(staged.commit));
  ASSERT_TRUE(told);
  EXPECT_TRUE(std::holds_alternative<RemovedFromGroup>(told->event));
  EXPECT_EQ(told->group.epoch(), before.epoch());
  groups.pop_back();
  take(groups[0], staged.commit);
  take(groups[2], staged.commit);
  groups[1] = std::move(staged.group);
  expect_agreement();
  Group removed = told->group;
  const PrivateMessage later = must(groups[0].protect(world.crypto(), copy(as_bytes("secret"))));
  EXPECT_EQ(removed.open(world.crypto(), later).error().reason, Reason::kEpoch);
}

TEST_P(LifeTest, CommitsAMembersOwnRemovalByReference) {
  const Group::Proposed leaving = must(groups[3].propose(env(), Remove{LeafIndex{3}}));
  deliver(env(), groups, leaving.message);
  EXPECT_EQ(leaving.group.commit(env(), {}).error().reason, Reason::kProposalList) << "not by the one who leaves";
  groups.pop_back();
  EXPECT_THAT(commit(0, {}).removed, ElementsAre(LeafIndex{3}));
  expect_agreement();
}

TEST_P(LifeTest, TruncatesTheTreeAndFillsBlankLeaves) {
  for (const std::uint32_t leaf : {3U, 2U}) {
    groups.pop_back();
    commit(0, {.proposals = {Remove{LeafIndex{leaf}}}});
  }
  EXPECT_EQ(groups[0].tree().leaves(), 2U);
  const OwnKeyPackage own = world.package("new");
  EXPECT_THAT(commit(1, {.proposals = {Add{own.package}}}).added, ElementsAre(LeafIndex{2}));
  join(own);
  expect_agreement();
}

TEST_P(LifeTest, EntersByAnExternalCommit) {
  const GroupInfo info = must(groups[2].group_info(world.crypto(), true));
  Group::Entered entered = must(Group::enter(env(), info, world.member("uninvited")));
  deliver(env(), groups, entered.commit);
  groups.push_back(std::move(entered.group));
  EXPECT_EQ(groups.back().own_leaf(), LeafIndex{4});
  expect_agreement();
  commit(4, {});
  expect_agreement();
}

TEST_P(LifeTest, ReplacesItsOldLeafByAnExternalCommit) {
  const GroupInfo info = must(groups[0].group_info(world.crypto(), false));
  Member again = world.member("2");
  Group::Entered entered = must(Group::enter(env(), info, again, groups[0].tree().encode(), groups[2].own_leaf()));
  const auto old = receive(env(), groups[2], encode_message(entered.commit));
  ASSERT_TRUE(old);
  EXPECT_TRUE(std::holds_alternative<RemovedFromGroup>(old->event));
  groups.erase(groups.begin() + 2);
  deliver(env(), groups, entered.commit);
  groups.push_back(std::move(entered.group));
  EXPECT_EQ(groups.back().own_leaf(), LeafIndex{2});
  EXPECT_EQ(groups[0].tree().members(), 4U);
  expect_agreement();
}

TEST_P(LifeTest, ChangesTheGroupsExtensions) {
  EXPECT_EQ(groups[0].context().extensions.size(), 0U);
  const KeyPair gateway = generate_signature_key_pair(world.crypto());
  const Extensions extensions{external_senders_extension({{gateway.key, {CredentialType::kBasic, {7}, {}}}})};
  commit(2, {.proposals = {GroupContextExtensions{extensions}}});
  EXPECT_EQ(groups[0].context().extensions, extensions);
  expect_agreement();
}

TEST_P(LifeTest, ChainsExternalAndResumptionKeys) {
  world.environment().psk = [](ByteView id) -> std::optional<SecretBytes> {
    if (!equal(id, as_bytes("shared"))) return std::nullopt;
    return SecretBytes(copy(as_bytes("by word of mouth")));
  };
  commit(0, {});
  const Bytes nonce(kHashBytes, 9);
  PskId external;
  external.external_id = copy(as_bytes("shared"));
  external.nonce = nonce;
  PskId resumption{PskType::kResumption,  {},   ResumptionUsage::kApplication, groups[0].context().group_id,
                   groups[0].epoch() - 1, nonce};
  commit(1, {.proposals = {PreSharedKey{external}, PreSharedKey{resumption}}});
  expect_agreement();
  resumption.epoch = groups[0].epoch();
  const OwnKeyPackage own = world.package("new");
  commit(3, {.proposals = {PreSharedKey{external}, Add{own.package}}});
  join(own);
  expect_agreement();
}

TEST_P(LifeTest, ExportsByLabelContextAndLength) {
  const auto exported = [&](std::string_view label, std::string_view context, std::size_t size) {
    return copy(groups[0].export_secret(world.crypto(), label, as_bytes(context), size).view());
  };
  EXPECT_EQ(exported("a", "", 16).size(), 16U);
  EXPECT_NE(exported("a", "", 32), exported("b", "", 32));
  EXPECT_NE(exported("a", "", 32), exported("a", "c", 32));
}

TEST_P(LifeTest, OpensMessagesOutOfOrderAndEachOnce) {
  std::vector<PrivateMessage> said;
  for (std::uint8_t i = 0; i < 10; ++i) said.push_back(must(groups[0].protect(world.crypto(), {i})));
  for (const std::size_t i : {9U, 0U, 5U, 4U, 1U, 8U, 2U, 3U, 7U, 6U}) {
    const auto heard = groups[1].open(world.crypto(), said[i]);
    ASSERT_TRUE(heard) << i;
    EXPECT_EQ(heard->data, Bytes{static_cast<std::uint8_t>(i)});
    EXPECT_EQ(groups[1].open(world.crypto(), said[i]).error().reason, Reason::kSpent);
  }
}

TEST_P(LifeTest, OpensMessagesOfThePastEpochsThatAreKept) {
  std::vector<PrivateMessage> said;
  for (std::size_t epoch = 0; epoch <= kPastEpochsMax + 1; ++epoch) {
    said.push_back(must(groups[3].protect(world.crypto(), {1})));
    if (epoch <= kPastEpochsMax) commit(1, {});
  }
  EXPECT_EQ(groups[0].open(world.crypto(), said[0]).error().reason, Reason::kEpoch);
  for (std::size_t epoch = 1; epoch < said.size(); ++epoch) {
    const auto heard = groups[0].open(world.crypto(), said[epoch]);
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->epoch, groups[0].epoch() - (said.size() - 1 - epoch));
  }
}

TEST_P(LifeTest, KeepsKeysThatAreStoredApart) {
  const SecretBytes whole = groups[1].save();
  const PrivateMessage first = must(groups[0].protect(world.crypto(), {1})),
                       second = must(groups[0].protect(world.crypto(), {2}));
  ASSERT_TRUE(groups[1].open(world.crypto(), first));
  Group stored = must(Group::load(whole.view(), groups[1].save_keys().view()));
  EXPECT_EQ(stored.open(world.crypto(), first).error().reason, Reason::kSpent);
  EXPECT_TRUE(stored.open(world.crypto(), second));
  EXPECT_EQ(stored.save().view().size(), groups[1].save().view().size());
}

TEST_P(LifeTest, SavesWhatItLoads) {
  for (const Group& group : groups) {
    const SecretBytes saved = group.save();
    EXPECT_EQ(must(Group::load(saved.view())).save(), saved);
  }
}

TEST_P(LifeTest, MakesARefusedCommitAnew) {
  const OwnKeyPackage mine = world.package("mine"), theirs = world.package("theirs");
  const SecretBytes before = groups[0].save();
  const Group::Staged refused = must(groups[0].commit(env(), {.proposals = {Add{mine.package}}, .path = true}));
  EXPECT_EQ(groups[0].save(), before) << "a staged commit changes nothing";
  commit(1, {.proposals = {Add{theirs.package}}});
  join(theirs);
  EXPECT_EQ(groups[0].receive(env(), refused.commit).error().reason, Reason::kEpoch);
  commit(0, {.proposals = {Add{mine.package}}, .path = true});
  join(mine);
  expect_agreement();
}

TEST_P(LifeTest, RefusesItsOwnCommitFromTheService) {
  const Group::Staged staged = must(groups[0].commit(env(), {}));
  EXPECT_EQ(groups[0].receive(env(), staged.commit).error().reason, Reason::kOwnMessage);
}

TEST_P(LifeTest, KnowsItsOwnMessagesFromTheService) {
  const PrivateMessage said = must(groups[0].protect(world.crypto(), {1}));
  const auto expect_known = [&](const char* when) {
    const SecretBytes before = groups[0].save();
    EXPECT_EQ(groups[0].open(world.crypto(), said).error().reason, Reason::kOwnMessage) << when;
    EXPECT_EQ(groups[0].save(), before) << when;
  };
  expect_known("in its epoch");
  commit(1, {});
  expect_known("in a later epoch");
  groups[0] = must(Group::load(groups[0].save().view(), groups[0].save_keys().view()));
  expect_known("after a start");
  EXPECT_TRUE(groups[2].open(world.crypto(), said)) << "the others read it all the same";
}

TEST_P(LifeTest, SaysNothingWhileAProposalWaits) {
  const Group::Proposed proposed = must(groups[1].propose_update(env()));
  deliver(env(), groups, proposed.message);
  groups[1] = proposed.group;
  for (Group& group : groups) EXPECT_EQ(group.protect(world.crypto(), {1}).error().reason, Reason::kPendingProposals);
  commit(0, {});
  say_and_hear();
}

TEST_P(LifeTest, ForgetsProposalsOfAnEpochThatEnded) {
  const Group::Proposed proposed = must(groups[1].propose_update(env()));
  groups[1] = proposed.group;
  commit(0, {});  // without having heard of it
  for (const Group& group : groups) EXPECT_THAT(group.pending(), IsEmpty());
  EXPECT_EQ(groups[2].receive(env(), proposed.message).error().reason, Reason::kEpoch);
  commit(1, {});
  expect_agreement();
}

TEST_P(LifeTest, CarriesItsOwnDataInTheOpen) {
  const Group::Staged staged = must(groups[0].commit(env(), {.authenticated_data = copy(as_bytes("for the service"))}));
  EXPECT_EQ(staged.commit.content.authenticated_data, copy(as_bytes("for the service")));
  take(groups[1], staged.commit);
}

}  // namespace
}  // namespace clients::mls
