// Somebody who comes in uninvited meets a GroupInfo and a tree from outside that may be anything. The input is
//
//     u8 kind · u8 detail · body
//
// and the body a GroupInfo as it is, one that is signed again by its signer, so that what stands behind the signature
// is reached, or the tree in a genuine one or beside it. Whatever comes: what is refused leaves nothing behind, what it
// costs is bounded by its length, whoever enters has a group that can be stored and used, and the service that begins
// with the same GroupInfo, and members whose epoch it is, take the commit.
#include <cstdlib>

#include "clients/mls/group/public_group.h"
#include "clients/mls/group/testing/allocated.h"
#include "clients/mls/group/testing/credulous.h"
#include "clients/mls/group/testing/forge.h"

namespace {

using namespace clients::mls;  // NOLINT(google-build-using-namespace): a program of its own

constexpr std::uint32_t kLeavesUsed = 64;
constexpr std::size_t kBytesAlways = 128 * 1024;
constexpr std::size_t kBytesPerByte = 512;

enum class Kind : std::uint8_t { kAsItIs, kSignedAgain, kTree, kTreeBeside };
constexpr std::uint8_t kKinds = 4;
// Bits of the detail. What is above them: one more than the leaf that is replaced, or zero.
constexpr std::uint8_t kBelieved = 1;   // every signature holds
constexpr std::uint8_t kRightHash = 2;  // the tree hash is the tree's, as it always is where the body is a tree
constexpr std::uint8_t kBits = 2;

void demand(bool holds) {
  if (!holds) std::abort();
}

constexpr auto kTreeType = static_cast<std::uint16_t>(ExtensionType::kRatchetTree);

struct Genuine {
  std::vector<Group> groups;
  std::vector<KeyPair> signers;  // by leaf
  GroupInfo info;
  Bytes tree;
  Member newcomer;
};

Genuine make() {
  const World world(5);
  Genuine out;
  out.groups = world.party(4, {}, "group", true);
  for (const Group& group : out.groups) out.signers.push_back(Forge(world.environment(), group).signature_key());
  out.info = must(out.groups[1].group_info(world.crypto(), true));
  out.tree = out.groups[1].tree().encode();
  out.newcomer = world.member("2");  // the same person as at leaf 2
  return out;
}

class Arrival {
 public:
  Arrival(const Genuine& genuine, std::uint8_t detail)
      : genuine_(genuine), detail_(detail), crypto_(6, (detail & kBelieved) != 0) {
    environment_.crypto = &crypto_;
    environment_.now_s = kWorldNow_s;
    if (const unsigned leaf = detail >> kBits; leaf > 0) replaces_ = LeafIndex{leaf - 1};
  }

  bool meet(Kind kind, ByteView body) const {
    if (kind == Kind::kAsItIs || kind == Kind::kSignedAgain) {
      auto info = parse<GroupInfo>(body);
      if (!info) return false;
      if (kind == Kind::kSignedAgain) sign_again(*info);
      return meet(*info, {}, body.size());
    }
    GroupInfo info = genuine_.info;
    if (const auto tree = RatchetTree::parse(body)) info.context.tree_hash = tree->tree_hash(crypto_);
    if (kind == Kind::kTree)
      std::ranges::find(info.extensions, kTreeType, &Extension::type)->data = copy(body);
    else
      std::erase_if(info.extensions, [](const Extension& one) { return one.type == kTreeType; });
    sign_again(info);
    return meet(info, kind == Kind::kTree ? std::nullopt : std::optional(copy(body)), body.size());
  }

 private:
  void sign_again(GroupInfo& info) const {
    const Bytes* held = find(info.extensions, ExtensionType::kRatchetTree);
    if (held != nullptr && (detail_ & kRightHash) != 0)
      if (const auto tree = RatchetTree::parse(*held)) info.context.tree_hash = tree->tree_hash(crypto_);
    sign(crypto_, info, genuine_.signers[info.signer.value % genuine_.signers.size()]);
  }

  bool meet(const GroupInfo& info, const std::optional<Bytes>& tree, std::size_t body_bytes) const {
    const Allocated before = allocated();
    bool taken = false;
    {
      auto entered = Group::enter(environment_, info, genuine_.newcomer, tree, replaces_);
      demand(allocated().asked_bytes - before.asked_bytes <= kBytesAlways + kBytesPerByte * body_bytes);
      taken = entered.has_value();
      if (taken) use(info, tree, std::move(*entered));
    }
    demand(allocated().live_bytes == before.live_bytes);
    return taken;
  }

  void use(const GroupInfo& info, const std::optional<Bytes>& tree, Group::Entered entered) const {
    Group& group = entered.group;
    const SecretBytes saved = group.save();
    const auto again = Group::load(saved.view(), group.save_keys().view());
    demand(again && again->save() == saved);
    demand(group.tree().tree_hash(crypto_) == group.context().tree_hash);
    demand(group.epoch() == info.context.epoch + 1);
    demand(!replaces_ || group.own_leaf() <= *replaces_);

    const auto service = PublicGroup::begin(environment_, info, tree);
    demand(service.has_value());
    const Bytes commit = encode_message(entered.commit);
    const auto told = service->receive(environment_, std::get<PublicMessage>(must(parse<MlsMessage>(commit))));
    demand(told && told->group.context() == group.context());
    const GroupInfo& known = genuine_.info;
    if (info.context == known.context && info.confirmation_tag == known.confirmation_tag &&
        external_pub(info.extensions) == external_pub(known.extensions)) {
      const auto taken = receive(environment_, genuine_.groups[0], commit);
      demand(taken && (replaces_ == LeafIndex{0} || agree(crypto_, taken->group, group)));
    }
    if (group.tree().leaves() > kLeavesUsed) return;
    demand(group.members().size() == group.tree().members());
    if (const auto staged = group.commit(environment_, {.path = true}))
      demand(Group::load(staged->group.save().view()).has_value());
  }

  const Genuine& genuine_;
  const std::uint8_t detail_;
  const CredulousCrypto crypto_;
  Environment environment_;
  std::optional<LeafIndex> replaces_;
};

// A target whose genuine parts were refused would try nothing. Entering once also makes whatever is made only once, so
// that it is not counted as left behind.
const Genuine& genuine() {
  static const Genuine made = [] {
    Genuine out = make();
    constexpr std::uint8_t kTheOldLeaf = (2 + 1) << kBits;
    for (const std::uint8_t detail : {std::uint8_t{0}, kBelieved, kTheOldLeaf}) {
      const Arrival arrival(out, detail);
      demand(arrival.meet(Kind::kAsItIs, encode(out.info)) && arrival.meet(Kind::kSignedAgain, encode(out.info)) &&
             arrival.meet(Kind::kTree, out.tree) && arrival.meet(Kind::kTreeBeside, out.tree));
    }
    GroupInfo wrong = out.info;
    wrong.context.tree_hash[0] ^= 1;
    demand(!Arrival(out, 0).meet(Kind::kAsItIs, encode(wrong)) &&
           !Arrival(out, 0).meet(Kind::kSignedAgain, encode(wrong)) &&
           Arrival(out, kRightHash).meet(Kind::kSignedAgain, encode(wrong)));
    return out;
  }();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Genuine& known = genuine();
  Arrival(known, data[1]).meet(static_cast<Kind>(data[0] % kKinds), ByteView(data, size).subspan(2));
  return 0;
}
