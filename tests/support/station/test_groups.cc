#include "tests/support/station/test_groups.h"

#include <algorithm>

#include "policy/base/random.h"

namespace tests::support {

namespace mls = clients::mls;
using policy::base::as_bytes;
using policy::base::Bytes;
using policy::base::fail;
using policy::base::Status;

namespace {

constexpr std::int64_t kPatience_ms = 5000;
constexpr int kTries = 20;

Bytes bytes_of(const std::string& field) { return {as_bytes(field).begin(), as_bytes(field).end()}; }
std::string wire(const Bytes& bytes) { return std::string(policy::base::as_text(bytes)); }

template <typename Message>
std::optional<Message> parsed(const std::string& field) {
  auto message = mls::parse<mls::MlsMessage>(as_bytes(field));
  if (!message || !std::holds_alternative<Message>(*message)) return std::nullopt;
  return std::get<Message>(std::move(*message));
}

Status refused(const mls::Error& error) {
  return fail("mls." + std::string(mls::code(error.reason)), std::string(mls::sentence(error.reason)));
}

}  // namespace

void TestGroups::enrolled(const policy::base::DeviceId& device) {
  member_ = {};
  member_.credential.identity.assign(device.bytes.begin(), device.bytes.end());
  member_.signature_key = {mls::PrivateKey(key_.identity_seed()), key_.identity_key()};
}

Status TestGroups::publish(std::size_t count) {
  pb::ClientFrame frame;
  auto& publish = *frame.mutable_publish();
  const auto package = [&] {
    packages_.push_back(mls::make_key_package(crypto_, mls::kDefaultSuite, member_, lifetime()));
    return wire(mls::encode_message(packages_.back().package));
  };
  for (std::size_t i = 0; i < count; ++i) publish.add_packages(package());
  publish.set_last_resort(package());
  const auto answer = ask_(std::move(frame));
  return answer ? Status() : std::unexpected(answer.error());
}

void TestGroups::take(const pb::Envelope& envelope) {
  if (envelope.kind() == pb::WELCOME) {
    const auto welcome = parsed<mls::Welcome>(envelope.ciphertext());
    for (const auto& own : packages_) {
      if (!welcome) return;
      auto joined = mls::Group::join(environment(), *welcome, own);
      if (!joined) continue;
      const auto known = groups_.find(envelope.conversation());
      if (known == groups_.end() || known->second.epoch() < joined->epoch())
        groups_.insert_or_assign(envelope.conversation(), std::move(*joined));
      return;
    }
    return;
  }
  const auto group = groups_.find(envelope.conversation());
  if (group == groups_.end() || envelope.epoch() != group->second.epoch()) return;
  const auto message = parsed<mls::PublicMessage>(envelope.ciphertext());
  if (!message) return;
  auto received = group->second.receive(environment(), *message);
  if (received) group->second = std::move(received->group);
}

Status TestGroups::gather(const pb::Conversation& conversation) {
  const std::string& id = conversation.conversation();
  Status last;
  for (int i = 0; i < kTries; ++i) {
    if (!groups_.contains(id)) {
      if (last = begin(conversation); !last) return last;
      continue;
    }
    const Group group = groups_.at(id);
    last = group.pending().empty() ? add_missing(conversation, group) : commit(id, {});
    if (last && groups_.at(id).epoch() == group.epoch()) return {};
    if (!last && last.error().code != "group.epoch" && last.error().code != "group.busy") return last;
    if (!last) wait_until([&] { return groups_.at(id).epoch() != group.epoch(); });
  }
  return last ? fail("group.busy", "a group that does not come to rest") : last;
}

// Of two who start at once one is first; the other waits to be added, or comes in by itself.
Status TestGroups::begin(const pb::Conversation& conversation) {
  const std::string& id = conversation.conversation();
  const mls::Extension senders{static_cast<std::uint16_t>(mls::ExtensionType::kExternalSenders),
                               bytes_of(conversation.external_senders())};
  auto made = mls::Group::create(environment(), mls::kDefaultSuite, bytes_of(id), member_, lifetime(), {senders});
  if (!made) return refused(made.error());
  pb::ClientFrame frame;
  frame.mutable_start_group()->set_conversation(id);
  frame.mutable_start_group()->set_group_info(info_of(*made, true));
  const auto answer = ask_(std::move(frame));
  if (answer) {
    groups_.insert_or_assign(id, std::move(*made));
    return {};
  }
  if (answer.error().code != "group.exists") return std::unexpected(answer.error());
  if (wait_until([&] { return groups_.contains(id); })) return {};
  return enter(id);
}

Status TestGroups::enter(const std::string& conversation) {
  pb::ClientFrame question;
  question.mutable_group()->set_conversation(conversation);
  const auto state = ask_(std::move(question));
  if (!state) return std::unexpected(state.error());
  const auto info = parsed<mls::GroupInfo>(state->group().group_info());
  if (!info) return fail("wire.syntax", "no group info");
  const auto tree = bytes_of(state->group().ratchet_tree());
  std::optional<mls::LeafIndex> own;
  if (const auto nodes = mls::RatchetTree::parse(tree))
    nodes->for_each_member([&](mls::LeafIndex at, const mls::LeafNode& leaf) {
      if (leaf.signature_key == member_.signature_key.key) own = at;
    });
  auto entered = mls::Group::enter(environment(), *info, member_, tree, own);
  if (!entered) return refused(entered.error());
  const auto answer = ask_(frame_of(entered->group, entered->commit, {}));
  if (!answer) return answer.error().code == "group.epoch" ? Status() : std::unexpected(answer.error());
  groups_.insert_or_assign(conversation, std::move(entered->group));
  return {};
}

Status TestGroups::add_missing(const pb::Conversation& conversation, const Group& group) {
  std::set<std::string> in;
  for (const auto& member : group.members()) in.insert(wire(member.credential.identity));
  pb::ClientFrame frame;
  auto& fetch = *frame.mutable_fetch();
  fetch.set_conversation(conversation.conversation());
  for (const auto& member : conversation.members())
    for (const auto& device : member.devices())
      if (!in.contains(device.device()) && !without_.contains(device.device())) fetch.add_devices(device.device());
  if (fetch.devices().empty()) return {};
  for (const auto& device : fetch.devices()) without_.insert(device);
  const auto answer = ask_(std::move(frame));
  if (!answer) return std::unexpected(answer.error());
  mls::CommitPlan plan;
  for (const auto& one : answer->packages().packages()) {
    const auto package = parsed<mls::KeyPackage>(one.package());
    if (!package) continue;
    plan.proposals.emplace_back(mls::Add{*package});
    without_.erase(one.device());
  }
  return plan.proposals.empty() ? Status() : commit(conversation.conversation(), plan);
}

Status TestGroups::commit(const std::string& conversation, const mls::CommitPlan& plan) {
  const auto staged = groups_.at(conversation).commit(environment(), plan);
  if (!staged) return refused(staged.error());
  const auto answer = ask_(frame_of(staged->group, staged->commit, staged->welcome));
  if (!answer) return std::unexpected(answer.error());
  groups_.insert_or_assign(conversation, staged->group);
  return {};
}

Status TestGroups::seal(const pb::Conversation& conversation, const std::string& text, pb::Envelope& envelope) {
  const std::string& id = envelope.client_message_id();
  if (!sealed_.contains(id)) {
    if (auto status = gather(conversation); !status) return status;
    auto& group = groups_.at(conversation.conversation());
    const auto message = group.protect(crypto_, bytes_of(text), bytes_of(id));
    if (!message) return refused(message.error());
    sealed_[id] = {group.epoch(), wire(mls::encode_message(*message))};
  }
  envelope.set_epoch(sealed_[id].first);
  envelope.set_ciphertext(sealed_[id].second);
  return {};
}

std::string TestGroups::open(const pb::StoredEnvelope& stored) {
  const auto& envelope = stored.envelope();
  const auto [place, fresh] = opened_.try_emplace({envelope.conversation(), stored.sequence()});
  if (!fresh) return place->second;
  const auto message = parsed<mls::PrivateMessage>(envelope.ciphertext());
  const auto there = [&] {
    const auto group = groups_.find(envelope.conversation());
    return group != groups_.end() && group->second.epoch() >= envelope.epoch();
  };
  std::string text = "unreadable: no group of that epoch";
  if (message && (there() || wait_until(there))) {
    const auto opened = groups_.at(envelope.conversation()).open(crypto_, *message);
    text = opened ? wire(opened->data) : "unreadable: " + std::string(mls::code(opened.error().reason));
  }
  // Not `place`: what came while it waited may have moved it.
  return opened_[{envelope.conversation(), stored.sequence()}] = text;
}

bool TestGroups::wait_until(const std::function<bool()>& done) {
  const auto end = clock_.elapsed_ms() + kPatience_ms;
  while (!done())
    if (clock_.elapsed_ms() >= end || !wait_()) return done();
  return true;
}

mls::Environment TestGroups::environment() const {
  return {.crypto = &crypto_, .now_s = static_cast<std::uint64_t>(clock_.now().unix_s)};
}

mls::Lifetime TestGroups::lifetime() const {
  const auto now_s = static_cast<std::uint64_t>(clock_.now().unix_s);
  return {now_s - 3600, now_s + 80ULL * 86400};
}

std::string TestGroups::info_of(const Group& group, bool with_tree) const {
  return wire(mls::encode_message(*group.group_info(crypto_, with_tree)));
}

pb::ClientFrame TestGroups::frame_of(const Group& next, const mls::PublicMessage& commit,
                                     const std::optional<mls::Welcome>& welcome) {
  policy::base::SystemRandom random;
  pb::ClientFrame frame;
  auto& out = *frame.mutable_commit();
  out.set_conversation(wire(next.context().group_id));
  out.set_epoch(next.epoch() - 1);
  out.set_client_message_id(policy::base::ClientMessageId{random.array<16>()}.wire());
  out.set_commit(wire(mls::encode_message(commit)));
  if (welcome) out.set_welcome(wire(mls::encode_message(*welcome)));
  out.set_group_info(info_of(next, false));
  return frame;
}

}  // namespace tests::support
