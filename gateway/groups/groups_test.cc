#include "gateway/groups/groups.h"

#include "gateway/groups/testing/world.h"

namespace gateway::groups {
namespace {

class GroupsTest : public testing::World {
 protected:
  std::string code(const base::Result<Groups::Begun>& begun) { return begun ? "" : begun.error().code; }
  std::string why(const base::Result<Groups::Begun>& begun) {
    EXPECT_FALSE(begun);
    EXPECT_EQ(begun.error().code, "group.refused");
    return begun.error().seen;
  }
  std::vector<Outgoing> untold() {
    const auto removals = groups->propose_removals(room.id);
    EXPECT_TRUE(removals) << base::to_string(removals.error());
    return removals ? removals->untold : std::vector<Outgoing>();
  }
  // The gateway's key is lost, and another one in its place.
  void lose_key() {
    key = ExternalSenderKey(crypto, mls::generate_signature_key_pair(crypto).secret);
    open();
  }
  // What a member's client does then.
  mls::Proposal change_over() const { return mls::GroupContextExtensions{{senders()}}; }
};

TEST_F(GroupsTest, IsStartedOnceByADeviceOfAMember) {
  Client anna = client("anna"), ben = client("ben"), dora = client("dora");
  const auto made = [&](Client& by, std::vector<mls::Extension> extensions, base::Bytes of) {
    return info_of(*mls::Group::create(environment(), mls::kDefaultSuite, std::move(of), by.member, lifetime(),
                                       std::move(extensions)),
                   true);
  };
  EXPECT_EQ(groups->start(room.id, dora.device.id, made(dora, {senders()}, id())).error().code, "group.refused");
  EXPECT_EQ(groups->start(room.id, anna.device.id, made(ben, {senders()}, id())).error().seen,
            "a group that does not begin with its maker alone");
  EXPECT_EQ(groups->start(room.id, anna.device.id, made(anna, {}, id())).error().seen,
            "a group without the service as its only external sender");
  EXPECT_EQ(groups->start(room.id, anna.device.id, made(anna, {senders()}, {1})).error().seen,
            "the group of another conversation");
  EXPECT_EQ(groups->start(room.id, anna.device.id, base::Bytes{1}).error().code, "group.refused");
  EXPECT_EQ(groups->standing(room.id).value(), Standing{});
  start(anna);
  EXPECT_EQ(groups->standing(room.id).value(), (Standing{true, 0, false, false}));
  EXPECT_EQ(groups->start(room.id, ben.device.id, made(ben, {senders()}, id())).error().code, "group.exists");
}

TEST_F(GroupsTest, ACommitGoesToTheRelayAndCountsWhenThatHasAcceptedIt) {
  Client anna = client("anna"), ben = client("ben");
  start(anna);
  const auto staged = stage(anna, {mls::Add{package(ben)}});
  const auto asked = request(anna, staged);
  auto begun = groups->commit(asked);
  ASSERT_TRUE(begun) << base::to_string(begun.error());
  ASSERT_TRUE(begun->out);
  EXPECT_EQ(begun->out->body, asked.commit);
  EXPECT_EQ(begun->out->welcomed, std::vector{ben.device.id});
  EXPECT_NE(begun->out->welcome_message, begun->out->message);
  EXPECT_EQ(groups->standing(room.id).value(), (Standing{true, 0, false, true}));
  EXPECT_EQ(code(groups->commit(asked)), "group.busy");
  EXPECT_FALSE(accept(std::move(*begun)));
  EXPECT_EQ(groups->known_standing(room.id), (Standing{true, 1, false, false}));
  const auto view = groups->view(room.id);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->info, asked.group_info);
  EXPECT_EQ(view->tree, staged.group.tree().encode());
}

TEST_F(GroupsTest, ARepeatGetsTheFirstResult) {
  Client anna = client("anna"), ben = client("ben");
  start(anna);
  const auto asked = request(anna, stage(anna, {mls::Add{package(ben)}}));
  accept(*groups->commit(asked));
  const auto again = groups->commit(asked);
  ASSERT_TRUE(again);
  ASSERT_TRUE(again->first);
  EXPECT_EQ(again->first->sequence, sequence);
  CommitRequest other = asked;
  other.message.bytes[0] ^= 1;
  EXPECT_EQ(code(groups->commit(other)), "group.epoch");
}

TEST_F(GroupsTest, AfterACrashTheRelaysAnswerDecides) {
  Client anna = client("anna"), ben = client("ben");
  start(anna);
  const auto asked = request(anna, stage(anna, {mls::Add{package(ben)}}));
  const auto sent = groups->commit(asked)->out;
  open();  // the relay may have it or not
  EXPECT_EQ(groups->all_unsettled().value(), std::vector{room.id});
  EXPECT_EQ(code(groups->commit(asked)), "group.busy");
  auto again = groups->unsettled(room.id);
  ASSERT_TRUE(again);
  ASSERT_TRUE(again->out);
  EXPECT_EQ(again->out->body, sent->body);
  EXPECT_EQ(again->out->message, sent->message);
  EXPECT_EQ(again->out->welcome_message, sent->welcome_message);
  EXPECT_EQ(again->out->welcomed, sent->welcomed);
  accept(std::move(*again));
  EXPECT_EQ(groups->standing(room.id)->epoch, 1U);
  EXPECT_TRUE(groups->commit(asked)->first);
  EXPECT_FALSE(groups->unsettled(room.id)->out);
}

TEST_F(GroupsTest, WhatTheRelayRefusesNeverWas) {
  Client anna = client("anna"), ben = client("ben");
  start(anna);
  const auto asked = request(anna, stage(anna, {mls::Add{package(ben)}}));
  {
    const auto begun = groups->commit(asked);
    ASSERT_TRUE(groups->dropped(*begun->out));
  }
  EXPECT_EQ(groups->standing(room.id).value(), (Standing{true, 0, false, false}));
  accept(*groups->commit(asked));
  EXPECT_EQ(groups->standing(room.id)->epoch, 1U);
}

TEST_F(GroupsTest, OnlyEnrolledDevicesOfMembersWhoAreInTheDirectoryComeIn) {
  Client anna = client("anna"), ben = client("ben"), dora = client("dora");
  start(anna);
  EXPECT_EQ(why(groups->commit(request(anna, stage(anna, {mls::Add{package(dora)}})))),
            mls::sentence(mls::Reason::kIdentity));
  Client forged = ben;  // his name, another key
  forged.member.signature_key = mls::generate_signature_key_pair(crypto);
  EXPECT_EQ(why(groups->commit(request(anna, stage(anna, {mls::Add{package(forged)}})))),
            mls::sentence(mls::Reason::kIdentity));
  const auto good = request(anna, stage(anna, {mls::Add{package(ben)}}));
  directory.erase("ben");
  EXPECT_EQ(why(groups->commit(good)), mls::sentence(mls::Reason::kIdentity));
  directory.insert("ben");
  ASSERT_TRUE(store->end_device(ben.device.id, store::DeviceState::removed, clock.at));
  EXPECT_EQ(why(groups->commit(good)), mls::sentence(mls::Reason::kIdentity));
  EXPECT_EQ(groups->standing(room.id).value(), (Standing{true, 0, false, false}));
}

TEST_F(GroupsTest, NobodyHasMoreLeavesThanDevicesAreAllowedOrTwoOfOne) {
  Client anna = client("anna");
  std::vector<Client> bens;
  for (int i = 0; i < 4; ++i) bens.push_back(client("ben"));
  start(anna);
  std::vector<mls::Proposal> all;
  for (Client& one : bens) all.push_back(mls::Add{package(one)});
  EXPECT_EQ(why(groups->commit(request(anna, stage(anna, all)))), "more leaves of a person than devices are allowed");
  all.pop_back();
  EXPECT_TRUE(groups->commit(request(anna, stage(anna, all))));
}

TEST_F(GroupsTest, ACommitComesFromTheDeviceOfTheSession) {
  Client anna = client("anna"), ben = client("ben"), tablet = client("ben");
  start(anna);
  add(anna, {&ben});
  auto asked = request(anna, stage(anna, {}, true));
  asked.device = ben.device.id;
  EXPECT_EQ(why(groups->commit(asked)), "a handshake message in the name of another device");
  const auto entered = mls::Group::enter(environment(), *anna.group->group_info(crypto, true), tablet.member);
  auto entering = request(tablet, entered->group, entered->commit, {});
  entering.device = ben.device.id;
  EXPECT_EQ(why(groups->commit(entering)), "a handshake message in the name of another device");
  entering.device = tablet.device.id;
  EXPECT_TRUE(groups->commit(entering));
}

TEST_F(GroupsTest, AWelcomeIsForThoseWhoAreAddedAndNobodyElse) {
  Client anna = client("anna"), ben = client("ben"), cora = client("cora");
  start(anna);
  const auto good = request(anna, stage(anna, {mls::Add{package(ben)}}));
  const auto other = request(anna, stage(anna, {mls::Add{package(cora)}}));
  CommitRequest asked = good;
  asked.welcome.clear();
  EXPECT_EQ(why(groups->commit(asked)), "somebody is added without a welcome");
  asked.welcome = other.welcome;
  EXPECT_EQ(why(groups->commit(asked)), "a welcome for others than those who are added");
  asked = request(anna, stage(anna, {}, true));
  asked.welcome = good.welcome;
  EXPECT_EQ(why(groups->commit(asked)), "a welcome for nobody");
}

TEST_F(GroupsTest, TheGroupInfoIsOfTheEpochThatBegins) {
  Client anna = client("anna");
  start(anna);
  const auto staged = stage(anna, {}, true);
  CommitRequest asked = request(anna, staged);
  asked.group_info = info_of(*anna.group);
  EXPECT_EQ(why(groups->commit(asked)), mls::sentence(mls::Reason::kEpoch));
  asked.group_info = info_of(staged.group, true);
  EXPECT_EQ(why(groups->commit(asked)), "a group info that repeats the tree");
  asked.group_info.clear();
  EXPECT_EQ(code(groups->commit(asked)), "group.refused");
}

TEST_F(GroupsTest, WhatTheGroupIsStaysAsItIs) {
  Client anna = client("anna"), ben = client("ben");
  start(anna);
  add(anna, {&ben});
  const mls::Proposal change = mls::GroupContextExtensions{{}};
  EXPECT_EQ(why(groups->commit(request(anna, stage(anna, {change})))),
            "a proposal that would change what the group is");
  const auto proposed = anna.group->propose(environment(), change);
  EXPECT_EQ(why(groups->propose({room.id, anna.device.id, {{2}}, {{1}}, 1, mls::encode_message(proposed->message)})),
            "a proposal that would change what the group is");
}

TEST_F(GroupsTest, AProposalWaitsAndIsTakenUp) {
  Client anna = client("anna"), ben = client("ben");
  start(anna);
  add(anna, {&ben});
  const auto proposed = ben.group->propose_update(environment());
  const ProposeRequest asked{room.id, ben.device.id, {{2}}, {{1}}, 1, mls::encode_message(proposed->message)};
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(groups->propose(asked)->out);  // a repeat goes to the relay, which knows it
  const auto heard = anna.group->receive(environment(), proposed->message);
  anna.group = heard->group;
  accept(*groups->commit(request(anna, stage(anna, {}))));
  EXPECT_EQ(groups->standing(room.id)->epoch, 2U);
  EXPECT_EQ(code(groups->propose(asked)), "group.epoch");
}

TEST_F(GroupsTest, NobodyFillsTheListOfWhatWaits) {
  Client anna = client("anna"), ben = client("ben");
  start(anna);
  add(anna, {&ben});
  std::string last;
  for (std::size_t i = 0; i <= 8; ++i) {
    mls::PreSharedKey psk;
    psk.psk.external_id = {static_cast<std::uint8_t>(i)};
    psk.psk.nonce = base::Bytes(32, 1);
    const auto proposed = ben.group->propose(environment(), psk);
    ASSERT_TRUE(proposed);
    const auto begun =
        groups->propose({room.id, ben.device.id, {{2}}, {{1}}, 1, mls::encode_message(proposed->message)});
    last = begun ? "" : begun.error().seen;
    EXPECT_EQ(last.empty(), i < 8) << i;
  }
  EXPECT_EQ(last, "more proposals than may wait for one commit");
}

TEST_F(GroupsTest, ARemovedDeviceIsProposedAndNothingPassesUntilItIsTakenUp) {
  Client anna = client("anna"), ben = client("ben"), lost = client("ben");
  start(anna);
  add(anna, {&ben, &lost});
  ASSERT_TRUE(store->end_device(lost.device.id, store::DeviceState::wiped, clock.at));
  EXPECT_EQ(groups->removals_due_of(lost.device.id).value(), std::vector{room.id});
  const auto due = untold();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_TRUE(due[0].device.is_zero());
  EXPECT_EQ(groups->known_standing(room.id), (Standing{true, 1, true, false}));
  EXPECT_EQ(untold()[0].message, due[0].message);  // until the relay has it
  ASSERT_TRUE(groups->removal_told(due[0]));
  EXPECT_TRUE(untold().empty());

  EXPECT_EQ(code(groups->commit(request(anna, stage(anna, {}, true)))), "group.removal-pending");
  const auto removal = mls::parse<mls::MlsMessage>(due[0].body);
  const auto heard = anna.group->receive(environment(), std::get<mls::PublicMessage>(*removal));
  ASSERT_TRUE(heard);
  anna.group = heard->group;
  EXPECT_FALSE(accept(*groups->commit(request(anna, stage(anna, {})))));
  EXPECT_EQ(groups->known_standing(room.id), (Standing{true, 2, false, false}));
  EXPECT_TRUE(untold().empty());
  EXPECT_TRUE(groups->removals_due_of(lost.device.id)->empty());
}

TEST_F(GroupsTest, RemovalsAreFoundAgainAfterACrashBetweenAnyTwoSteps) {
  Client anna = client("anna"), ben = client("ben"), cora = client("cora");
  start(anna);
  add(anna, {&ben, &cora});
  EXPECT_TRUE(groups->removals_due()->empty());
  ASSERT_TRUE(store->end_device(ben.device.id, store::DeviceState::removed, clock.at));
  open();
  EXPECT_EQ(groups->removals_due().value(), std::vector{room.id});
  ASSERT_EQ(untold().size(), 1U);
  open();  // proposed, not told
  EXPECT_EQ(groups->standing(room.id).value(), (Standing{true, 1, true, false}));
  EXPECT_EQ(groups->removals_due().value(), std::vector{room.id});
  const auto again = untold();
  ASSERT_EQ(again.size(), 1U);
  ASSERT_TRUE(groups->removal_told(again[0]));
  open();
  directory.erase("cora");
  EXPECT_EQ(groups->removals_due().value(), std::vector{room.id});
  EXPECT_EQ(untold().size(), 1U);
}

TEST_F(GroupsTest, NothingPassesInAGroupOfALostKeyWhileADeviceHasToGo) {
  Client anna = client("anna"), ben = client("ben"), cora = client("cora");
  start(anna);
  add(anna, {&ben, &cora});
  lose_key();
  EXPECT_TRUE(untold().empty());
  EXPECT_EQ(groups->known_standing(room.id), (Standing{true, 1, false, false, false})) << "nobody has to go";
  ASSERT_TRUE(store->end_device(cora.device.id, store::DeviceState::wiped, clock.at));
  EXPECT_TRUE(groups->propose_removals(room.id)->owed_since_now);
  EXPECT_FALSE(groups->propose_removals(room.id)->owed_since_now) << "told once";
  open();
  EXPECT_EQ(groups->standing(room.id).value(), (Standing{true, 1, false, false, true})) << "also after a crash";
  EXPECT_EQ(groups->removals_due().value(), std::vector{room.id});
  const auto message = mls::encode_message(*anna.group->protect(crypto, {1}));
  EXPECT_EQ(may_send_in(*groups->standing(room.id), room.id, 1, message).error().code, "group.removal-pending");
  // Another commit does not change that, neither on its way nor accepted.
  auto staged = stage(anna, {}, true);
  auto begun = groups->commit(request(anna, staged));
  ASSERT_TRUE(begun) << base::to_string(begun.error());
  const auto next = mls::encode_message(*mls::Group(staged.group).protect(crypto, {1}));
  EXPECT_EQ(may_send_in(*groups->standing(room.id), room.id, 2, next).error().code, "group.removal-pending");
  EXPECT_TRUE(accept(std::move(*begun)));
  anna.group = staged.group;
  EXPECT_EQ(groups->known_standing(room.id), (Standing{true, 2, true, false, true}));
  EXPECT_TRUE(untold().empty());
  // The one that changes the group over is followed by the proposal.
  staged = stage(anna, {change_over()});
  EXPECT_TRUE(accept(*groups->commit(request(anna, staged))));
  anna.group = staged.group;
  open();
  EXPECT_TRUE(groups->standing(room.id)->removal_owed) << "until it is proposed";
  const auto due = untold();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(groups->known_standing(room.id), (Standing{true, 3, true, false, false}));
  const auto removal = mls::parse<mls::MlsMessage>(due[0].body);
  const auto heard = anna.group->receive(environment(), std::get<mls::PublicMessage>(*removal));
  ASSERT_TRUE(heard);
  anna.group = heard->group;
  EXPECT_FALSE(accept(*groups->commit(request(anna, stage(anna, {})))));
  EXPECT_EQ(groups->known_standing(room.id), (Standing{true, 4, false, false, false}));
  open();
  EXPECT_EQ(groups->standing(room.id).value(), (Standing{true, 4, false, false, false}));
}

TEST_F(GroupsTest, ADebtEndsWithWhomItWasAbout) {
  Client anna = client("anna"), ben = client("ben"), cora = client("cora");
  start(anna);
  add(anna, {&ben, &cora});
  lose_key();
  directory.erase("cora");
  EXPECT_TRUE(groups->propose_removals(room.id)->owed_since_now);
  directory.insert("cora");  // comes back
  EXPECT_FALSE(groups->propose_removals(room.id)->owed_since_now);
  EXPECT_EQ(groups->standing(room.id).value(), (Standing{true, 1, false, false, false}));
  directory.erase("cora");
  EXPECT_TRUE(groups->propose_removals(room.id)->owed_since_now);
  // A member may remove her unasked.
  EXPECT_FALSE(accept(*groups->commit(request(anna, stage(anna, {mls::Remove{mls::LeafIndex{2}}})))));
  open();
  EXPECT_EQ(groups->standing(room.id).value(), (Standing{true, 2, false, false, false}));
  EXPECT_TRUE(groups->removals_due()->empty());
}

TEST_F(GroupsTest, AGroupIsChangedOverToThePresentKeyAndToNothingElse) {
  Client anna = client("anna"), ben = client("ben");
  start(anna);
  add(anna, {&ben});
  constexpr std::string_view kRefused = "a proposal that would change what the group is";
  EXPECT_EQ(why(groups->commit(request(anna, stage(anna, {change_over()})))), kRefused) << "it has that key";
  const auto former = senders();
  lose_key();
  const auto stranger = mls::external_senders_extension({{mls::generate_signature_key_pair(crypto).key, {}}});
  for (const mls::Extensions& wrong :
       {mls::Extensions{}, {former}, {stranger}, {senders(), {0xff01, {1}}}, {{0xff01, {1}}}}) {
    auto staged = anna.group->commit(environment(), {.proposals = {mls::GroupContextExtensions{wrong}}});
    if (!staged) continue;  // no member makes it
    EXPECT_EQ(why(groups->commit(request(anna, *staged))), kRefused);
  }
  const auto proposed = anna.group->propose(environment(), change_over());
  EXPECT_EQ(why(groups->propose({room.id, anna.device.id, {{2}}, {{1}}, 1, mls::encode_message(proposed->message)})),
            kRefused)
      << "by a commit only";
  const auto staged = stage(anna, {change_over()});
  EXPECT_FALSE(accept(*groups->commit(request(anna, staged))));
  anna.group = staged.group;
  const auto heard = ben.group->receive(environment(), staged.commit);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->group.context().extensions, mls::Extensions{senders()});
  EXPECT_EQ(why(groups->commit(request(anna, stage(anna, {change_over()})))), kRefused);
}

TEST_F(GroupsTest, ARemovalWaitsForACommitOnItsWay) {
  Client anna = client("anna"), ben = client("ben");
  start(anna);
  auto begun = groups->commit(request(anna, stage(anna, {mls::Add{package(ben)}})));
  ASSERT_TRUE(store->end_device(ben.device.id, store::DeviceState::wiped, clock.at));
  EXPECT_EQ(groups->propose_removals(room.id).error().code, "group.busy");
  accept(std::move(*begun));
  const auto due = untold();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].epoch, 1U);
}

TEST_F(GroupsTest, WhoEntersIsAskedToWaitUnlessNobodyIsLeftToCommit) {
  Client anna = client("anna"), ben = client("ben"), tablet = client("ben");
  start(anna);
  add(anna, {&ben});
  ASSERT_TRUE(store->end_device(ben.device.id, store::DeviceState::wiped, clock.at));
  ASSERT_EQ(untold().size(), 1U);
  const auto entered = mls::Group::enter(environment(), *anna.group->group_info(crypto, true), tablet.member);
  const auto asked = request(tablet, entered->group, entered->commit, {});
  EXPECT_EQ(code(groups->commit(asked)), "group.removal-pending");
  ASSERT_TRUE(store->end_device(anna.device.id, store::DeviceState::removed, clock.at));
  auto begun = groups->commit(asked);
  ASSERT_TRUE(begun) << base::to_string(begun.error());
  EXPECT_TRUE(accept(std::move(*begun)));
  EXPECT_EQ(groups->known_standing(room.id), (Standing{true, 2, true, false}));
  EXPECT_EQ(untold().size(), 2U);
}

TEST_F(GroupsTest, WhoLostItsStateComesBackInItsOwnPlaceOnly) {
  Client anna = client("anna"), ben = client("ben"), tablet = client("ben");
  start(anna);
  add(anna, {&ben});
  const auto info = *anna.group->group_info(crypto, true);
  mls::Environment all = environment();
  all.is_same_client = [](const auto&, const auto&) { return true; };
  const auto stealing = mls::Group::enter(all, info, tablet.member, {}, mls::LeafIndex{1});
  ASSERT_TRUE(stealing);
  EXPECT_EQ(code(groups->commit(request(tablet, stealing->group, stealing->commit, {}))), "group.refused");
  const auto back = mls::Group::enter(environment(), info, ben.member, {}, mls::LeafIndex{1});
  ASSERT_TRUE(back);
  accept(*groups->commit(request(ben, back->group, back->commit, {})));
  EXPECT_EQ(groups->removals_due_of(ben.device.id).value(), std::vector{room.id});
}

TEST_F(GroupsTest, MessagesAreOfThePresentEpochAndEncrypted) {
  Client anna = client("anna"), ben = client("ben");
  start(anna);
  add(anna, {&ben});
  const auto message = mls::encode_message(*anna.group->protect(crypto, {1, 2, 3}));
  EXPECT_TRUE(may_send_in({true, 1, false, false}, room.id, 1, message));
  for (const base::Bytes& one : {base::Bytes{1}, message})
    EXPECT_EQ(may_send_in({}, room.id, 0, one).error().code, "group.none");
  EXPECT_EQ(may_send_in({true, 2, false, false}, room.id, 1, message).error().code, "group.epoch");
  EXPECT_EQ(may_send_in({true, 1, true, false}, room.id, 1, message).error().code, "group.removal-pending");
  EXPECT_TRUE(may_send_in({true, 0, false, true}, room.id, 1, message));
  EXPECT_EQ(may_send_in({true, 1, false, false}, room.id, 1, base::Bytes{1, 2}).error().code, "group.refused");
  EXPECT_EQ(may_send_in({true, 1, false, false}, {{9}}, 1, message).error().code, "group.refused");
}

TEST_F(GroupsTest, RemembersNothingOfHalfAStore) {
  Client anna = client("anna");
  start(anna);
  const auto row = store->group(room.id).value().value();
  ASSERT_TRUE(store->put_proposals(room.id, base::Bytes{1, 2, 3}, {}));
  EXPECT_EQ(groups->view(room.id).error().code, "store.group");
  EXPECT_EQ(code(groups->commit(request(anna, stage(anna, {}, true)))), "store.group");
}

}  // namespace
}  // namespace gateway::groups
