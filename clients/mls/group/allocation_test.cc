// What the wire or the store says of its own lengths allocates nothing: what a decoder takes is bounded by the bytes
// that are really there.
#include <gtest/gtest.h>

#include "clients/mls/group/public_group.h"
#include "clients/mls/group/testing/allocated.h"
#include "clients/mls/group/testing/world.h"

namespace clients::mls {
namespace {

// All that is ever asked for while a message is read, growth of vectors included: a Proposal of seven octets takes
// several hundred in memory, and a vector that doubles asks for twice of what it holds.
constexpr std::size_t kBytesPerByte = 256;
constexpr std::size_t kBytesAlways = 16 * 1024;

template <typename Read>
std::size_t asked_for(Read&& read) {
  const std::size_t before = allocated().asked_bytes;
  (void)read();
  return allocated().asked_bytes - before;
}

// Whatever stands at a place is read as a length that promises as much as the form of it can.
template <typename Read>
void promise_much_everywhere(const char* what, const Bytes& message, Read&& read) {
  for (std::size_t at = 0; at + 4 <= message.size(); ++at) {
    Bytes spoilt = message;
    const std::array<std::uint8_t, 4> length{0xBF, 0xFF, 0xFF, 0xFF};  // 2^30 − 1
    std::ranges::copy(length, spoilt.begin() + static_cast<std::ptrdiff_t>(at));
    ASSERT_LE(asked_for([&] { return read(spoilt); }), kBytesAlways + kBytesPerByte * spoilt.size())
        << what << " at " << at;
  }
}

class AllocationTest : public testing::Test {
 protected:
  AllocationTest() : groups(world.party(4, {}, "group", true)), own(world.package("newcomer")) {
    CommitPlan plan;
    plan.path = true;
    plan.proposals = {Add{own.package}, Remove{LeafIndex{3}}};
    staged.emplace(must(groups[0].commit(world.environment(), plan)));
  }

  const World world{1};
  std::vector<Group> groups;
  OwnKeyPackage own;
  std::optional<Group::Staged> staged;
};

TEST_F(AllocationTest, MessagesAskForNoMoreThanTheyBring) {
  const auto read = [](const Bytes& bytes) { return parse<MlsMessage>(bytes); };
  promise_much_everywhere("commit", encode_message(staged->commit), read);
  promise_much_everywhere("Welcome", encode_message(*staged->welcome), read);
  promise_much_everywhere("GroupInfo", encode_message(must(groups[0].group_info(world.crypto(), true))), read);
  promise_much_everywhere("key package", encode_message(own.package), read);
  promise_much_everywhere("talk", encode_message(must(groups[1].protect(world.crypto(), {1, 2, 3}))), read);
}

TEST_F(AllocationTest, TreesAndStoredGroupsDoAsWell) {
  promise_much_everywhere("tree", groups[0].tree().encode(), RatchetTree::parse);
  const SecretBytes saved = groups[1].save();
  promise_much_everywhere("stored group", copy(saved.view()), [](const Bytes& bytes) { return Group::load(bytes); });
  const PublicGroup service =
      must(PublicGroup::begin(world.environment(), must(groups[0].group_info(world.crypto(), true))));
  promise_much_everywhere("stored view", service.save(), PublicGroup::load);
}

// The most that the smallest elements can make of their bytes.
TEST_F(AllocationTest, ManySmallElementsStayInBounds) {
  Commit commit;
  commit.proposals.assign(kCommitProposalsMax, Proposal(Remove{LeafIndex{1}}));
  const Bytes bytes = encode(commit);
  EXPECT_LE(asked_for([&] { return parse<Commit>(bytes); }), kBytesAlways + kBytesPerByte * bytes.size());

  commit.proposals.emplace_back(Proposal(Remove{LeafIndex{1}}));
  const auto more = parse<Commit>(encode(commit));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().reason, Reason::kTooLarge);
}

TEST_F(AllocationTest, NothingBeyondTheLargestMessageIsRead) {
  const Bytes large(kMessageBytesMax + 1);
  const std::size_t asked = asked_for([&] {
    const auto refused = parse<MlsMessage>(large);
    EXPECT_EQ(refused.error().reason, Reason::kTooLarge);
    return refused;
  });
  EXPECT_LE(asked, kBytesAlways);
}

}  // namespace
}  // namespace clients::mls
