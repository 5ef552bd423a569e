#include "tests/support/station/test_member.h"

namespace tests::support {

namespace mls = clients::mls;
using policy::base::as_bytes;
using policy::base::Bytes;

Bytes bytes_of(const std::string& field) { return {as_bytes(field).begin(), as_bytes(field).end()}; }
std::string wire(const Bytes& bytes) { return std::string(policy::base::as_text(bytes)); }

void TestMember::enrolled(const policy::base::DeviceId& device, const mls::DeviceKey& key) {
  member_ = {};
  member_.credential.identity.assign(device.bytes.begin(), device.bytes.end());
  member_.signature_key = {mls::PrivateKey(key.identity_seed()), key.identity_key()};
}

mls::Environment TestMember::environment() const {
  return {.crypto = &crypto_, .now_s = static_cast<std::uint64_t>(clock_.now().unix_s)};
}

mls::Lifetime TestMember::lifetime() const {
  const auto now_s = static_cast<std::uint64_t>(clock_.now().unix_s);
  return {now_s - 3600, now_s + 80ULL * 86400};
}

std::string TestMember::package() {
  packages_.push_back(mls::make_key_package(crypto_, mls::kDefaultSuite, member_, lifetime()));
  return wire(mls::encode_message(packages_.back().package));
}

mls::Result<TestMember::Step> TestMember::start(const pb::Conversation& conversation) const {
  const mls::Extension senders{static_cast<std::uint16_t>(mls::ExtensionType::kExternalSenders),
                               bytes_of(conversation.external_senders())};
  auto made = mls::Group::create(environment(), mls::kDefaultSuite, bytes_of(conversation.conversation()), member_,
                                 lifetime(), {senders});
  if (!made) return std::unexpected(made.error());
  pb::ClientFrame frame;
  frame.mutable_start_group()->set_conversation(conversation.conversation());
  frame.mutable_start_group()->set_group_info(info_of(*made, true));
  return Step{std::move(*made), std::move(frame)};
}

mls::Result<TestMember::Step> TestMember::commit(const Group& group, const mls::CommitPlan& plan) {
  auto staged = group.commit(environment(), plan);
  if (!staged) return std::unexpected(staged.error());
  auto frame = frame_of(staged->group, staged->commit, staged->welcome);
  return Step{std::move(staged->group), std::move(frame)};
}

mls::Result<TestMember::Step> TestMember::enter(const pb::GroupState& state) {
  const auto info = parse_mls<mls::GroupInfo>(state.group_info());
  if (!info) return mls::refuse(mls::Reason::kValue);
  const auto tree = bytes_of(state.ratchet_tree());
  std::optional<mls::LeafIndex> own;
  if (const auto nodes = mls::RatchetTree::parse(tree))
    nodes->for_each_member([&](mls::LeafIndex at, const mls::LeafNode& leaf) {
      if (leaf.signature_key == member_.signature_key.key) own = at;
    });
  auto entered = mls::Group::enter(environment(), *info, member_, tree, own);
  if (!entered) return std::unexpected(entered.error());
  auto frame = frame_of(entered->group, entered->commit, {});
  return Step{std::move(entered->group), std::move(frame)};
}

std::optional<mls::Group> TestMember::take(const Group* now, const pb::Envelope& envelope) const {
  if (envelope.kind() == pb::WELCOME) {
    const auto welcome = parse_mls<mls::Welcome>(envelope.ciphertext());
    if (!welcome) return std::nullopt;
    for (const auto& own : packages_) {
      auto joined = mls::Group::join(environment(), *welcome, own);
      if (!joined) continue;
      return now == nullptr || now->epoch() < joined->epoch() ? std::optional(std::move(*joined)) : std::nullopt;
    }
    return std::nullopt;
  }
  if (now == nullptr || envelope.epoch() != now->epoch()) return std::nullopt;
  const auto message = parse_mls<mls::PublicMessage>(envelope.ciphertext());
  if (!message) return std::nullopt;
  auto received = now->receive(environment(), *message);
  return received ? std::optional(std::move(received->group)) : std::nullopt;
}

std::string TestMember::info_of(const Group& group, bool with_tree) const {
  return wire(mls::encode_message(*group.group_info(crypto_, with_tree)));
}

pb::ClientFrame TestMember::frame_of(const Group& next, const mls::PublicMessage& commit,
                                     const std::optional<mls::Welcome>& welcome) {
  pb::ClientFrame frame;
  auto& out = *frame.mutable_commit();
  out.set_conversation(wire(next.context().group_id));
  out.set_epoch(next.epoch() - 1);
  out.set_client_message_id(policy::base::ClientMessageId{random_.array<16>()}.wire());
  out.set_commit(wire(mls::encode_message(commit)));
  if (welcome) out.set_welcome(wire(mls::encode_message(*welcome)));
  out.set_group_info(info_of(next, false));
  return frame;
}

}  // namespace tests::support
