#include "clients/groups/keeper.h"

#include <algorithm>

#include "clients/groups/error.h"
#include "clients/groups/own_key_package.h"
#include "clients/trust/devices.h"

namespace clients::groups {
namespace base = policy::base;
namespace record = store::record;

namespace {

std::string text_of(ByteView bytes) { return std::string(base::as_text(bytes)); }

std::unexpected<base::Error> refused(const mls::Error& error) { return std::unexpected(error_of(error)); }

std::unexpected<base::Error> no_group() {
  return base::fail("group.none", "a conversation whose group this device is not in", "",
                    "it is entered by itself as soon as the server lets it");
}

std::optional<DeviceId> device_of(const mls::Credential& credential) {
  if (credential.type != mls::CredentialType::kBasic) return std::nullopt;
  const auto id = DeviceId::from_wire(base::as_text(credential.identity));
  return id ? std::optional(*id) : std::nullopt;
}

constexpr auto kSenders = static_cast<std::uint16_t>(mls::ExtensionType::kExternalSenders);

bool removes(const mls::PendingProposal& pending, mls::LeafIndex leaf) {
  const auto* remove = std::get_if<mls::Remove>(&pending.proposal);
  return remove != nullptr && remove->removed == leaf;
}

}  // namespace

std::optional<std::uint64_t> epoch_of(ByteView message) {
  const auto parsed = mls::parse<mls::MlsMessage>(message);
  const auto* sealed = parsed ? std::get_if<mls::PrivateMessage>(&*parsed) : nullptr;
  return sealed == nullptr ? std::nullopt : std::optional(sealed->epoch);
}

Keeper::Keeper(DeviceId device, const mls::DeviceKey& key, store::Store& store, const base::Clock& clock,
               base::Random& random)
    : device_(device),
      key_{mls::PrivateKey(key.identity_seed()), key.identity_key()},
      store_(store),
      clock_(clock),
      crypto_([&random](std::span<std::uint8_t> out) { random.fill(out); }) {}

// ---------------------------------------------------------------- who may be in

mls::Environment Keeper::environment(const ConversationId& conversation, Question& question) {
  mls::Environment out;
  out.crypto = &crypto_;
  out.now_s = static_cast<std::uint64_t>(clock_.now().unix_s);
  std::set<std::string> members;
  if (auto known = store_.conversation(conversation); !known)
    question.failure = known.error();
  else if (*known)
    for (const auto& member : (*known)->members()) members.insert(member.person());
  out.admits = [this, members = std::move(members), &question](const mls::LeafNode& leaf) {
    return admits(leaf, members, question);
  };
  return out;
}

bool Keeper::admits(const mls::LeafNode& leaf, const std::set<std::string>& members, Question& question) {
  const auto device = device_of(leaf.credential);
  if (!device) return false;
  if (*device == device_) return leaf.signature_key == key_.key;
  auto pinned = store_.pinned(*device);
  if (!pinned) question.failure = pinned.error();
  const bool known = pinned && *pinned && members.contains((*pinned)->person());
  if (!known || (*pinned)->statement().empty()) question.stranger = true;
  if (known) question.doubt = trust::why_not(**pinned);
  if (known && (*pinned)->statement().empty() && !question.doubt) question.unproven = true;
  if (!known || base::as_text(leaf.signature_key) != (*pinned)->identity_key()) return false;
  return trust::is_certified(**pinned);
}

bool Keeper::is_unknown(const DeviceId& device) {
  if (device == device_) return false;
  const auto pinned = store_.pinned(device);
  return pinned && (!*pinned || (*pinned)->statement().empty());
}

mls::Environment Keeper::survey(std::vector<DeviceId>& unknown) {
  mls::Environment out;
  out.crypto = &crypto_;
  out.now_s = static_cast<std::uint64_t>(clock_.now().unix_s);
  out.admits = [this, &unknown](const mls::LeafNode& leaf) {
    const auto device = device_of(leaf.credential);
    if (device && is_unknown(*device) && std::ranges::find(unknown, *device) == unknown.end())
      unknown.push_back(*device);
    return true;
  };
  return out;
}

base::Error Keeper::reason(const mls::Error& error, const Question& question) {
  if (question.failure) return *question.failure;
  return question.doubt ? *question.doubt : error_of(error);
}

base::Result<Handshake> Keeper::verdict_of(const mls::Error& error, const Question& question) const {
  if (question.failure) return std::unexpected(*question.failure);
  return Handshake{
      question.stranger ? Verdict::kStranger : Verdict::kRefused, reason(error, question), question.unproven, {}};
}

mls::Member Keeper::self() const {
  mls::Member out;
  out.credential.identity.assign(device_.bytes.begin(), device_.bytes.end());
  out.signature_key = key_;
  return out;
}

mls::Lifetime Keeper::lifetime(base::Seconds span) const {
  const auto begin = static_cast<std::uint64_t>(clock_.now().unix_s) - mls::kClockSkew_s;
  return {begin, begin + static_cast<std::uint64_t>(span.count)};
}

// ---------------------------------------------------------------- memory and store

base::Result<mls::Group*> Keeper::group(const ConversationId& conversation) {
  if (const auto found = memory_.find(conversation); found != memory_.end()) return &found->second;
  auto stored = store_.group(conversation);
  if (!stored) return std::unexpected(stored.error());
  if (!*stored) return nullptr;
  std::optional<ByteView> keys;
  if ((*stored)->keys) keys = base::as_bytes(*(*stored)->keys);
  auto loaded = mls::Group::load(base::as_bytes((*stored)->saved), keys);
  if (!loaded) return nullptr;
  if (memory_.size() >= kGroupsInMemory) memory_.clear();
  return &memory_.emplace(conversation, std::move(*loaded)).first->second;
}

base::Status Keeper::put(const ConversationId& conversation, mls::Group group, store::Store::Epoch epoch,
                         std::optional<ByteView> used) {
  record::GroupState state;
  state.set_conversation(conversation.wire());
  const auto saved = group.save();
  state.set_saved(text_of(saved.view()));
  if (auto status = store_.save_group(state, epoch, !group.pending().empty(), used); !status) return status;
  if (epoch == store::Store::Epoch::kNext) note_left(conversation, group);
  memory_.insert_or_assign(conversation, std::move(group));
  return {};
}

void Keeper::note_left(const ConversationId& conversation, const mls::Group& next) {
  const auto before = memory_.find(conversation);
  if (before == memory_.end()) return;
  std::set<DeviceId> now;
  for (const auto& member : next.members())
    if (const auto device = device_of(member.credential)) now.insert(*device);
  for (const auto& member : before->second.members()) {
    const auto device = device_of(member.credential);
    if (!device || now.contains(*device)) continue;
    const bool by_service = std::ranges::any_of(before->second.pending(), [&](const mls::PendingProposal& one) {
      return one.sender.type == mls::SenderType::kExternal && removes(one, member.leaf);
    });
    left_.push_back({conversation, *device, by_service});
  }
}

std::vector<DeviceId> Keeper::missing(const mls::Group& group, std::span<const DeviceId> devices) {
  std::set<DeviceId> in;
  for (const auto& member : group.members())
    if (const auto device = device_of(member.credential)) in.insert(*device);
  std::vector<DeviceId> out;
  std::ranges::copy_if(devices, std::back_inserter(out), [&](const DeviceId& one) { return !in.contains(one); });
  return out;
}

bool Keeper::may_commit(const mls::Group& group) {
  return !group.pending().empty() && std::ranges::none_of(group.pending(), [&](const mls::PendingProposal& one) {
    return removes(one, group.own_leaf());
  });
}

bool Keeper::is_of_other_senders(const mls::Group& group, ByteView external_senders) {
  const auto* now = mls::find(group.context().extensions, mls::ExtensionType::kExternalSenders);
  return !external_senders.empty() && (now == nullptr || !std::ranges::equal(*now, external_senders));
}

std::size_t Keeper::rank(const mls::Group& group) {
  std::size_t before = 0;
  group.tree().for_each_member(
      [&](mls::LeafIndex at, const mls::LeafNode&) { before += at < group.own_leaf() ? 1U : 0U; });
  return before;
}

// ---------------------------------------------------------------- steps

base::Result<Prepared> Keeper::start(const ConversationId& conversation, ByteView external_senders) {
  Question question;
  const auto world = environment(conversation, question);
  mls::Extensions extensions;
  if (!external_senders.empty()) extensions.push_back({kSenders, mls::copy(external_senders)});
  auto made = mls::Group::create(world, mls::kDefaultSuite, mls::copy(conversation.view()), self(),
                                 lifetime(base::Seconds{static_cast<std::int64_t>(mls::kLifetimeMax_s)}),
                                 std::move(extensions));
  if (!made) return refused(made.error());
  auto info = made->group_info(crypto_, true);
  if (!info) return refused(info.error());
  return Prepared{0, {}, {}, mls::encode_message(std::move(*info)), text_of(made->save().view())};
}

base::Result<Prepared> Keeper::commit(const ConversationId& conversation, ByteView message_id,
                                      std::span<const mls::KeyPackage> packages) {
  mls::CommitPlan plan;
  for (const auto& package : packages) plan.proposals.emplace_back(mls::Add{package});
  plan.path = packages.empty();
  return commit(conversation, message_id, std::move(plan));
}

base::Result<Prepared> Keeper::change_over(const ConversationId& conversation, ByteView message_id,
                                           ByteView external_senders) {
  auto now = group(conversation);
  if (!now) return std::unexpected(now.error());
  if (*now == nullptr) return no_group();
  auto extensions = (*now)->context().extensions;
  std::erase_if(extensions, [](const mls::Extension& one) { return one.type == kSenders; });
  extensions.push_back({kSenders, mls::copy(external_senders)});
  mls::CommitPlan plan;
  plan.proposals.emplace_back(mls::GroupContextExtensions{std::move(extensions)});
  return commit(conversation, message_id, std::move(plan));
}

base::Result<Prepared> Keeper::commit(const ConversationId& conversation, ByteView message_id, mls::CommitPlan plan) {
  auto now = group(conversation);
  if (!now) return std::unexpected(now.error());
  if (*now == nullptr) return no_group();
  plan.authenticated_data = mls::copy(message_id);
  Question question;
  const auto world = environment(conversation, question);
  auto staged = (*now)->commit(world, plan);
  if (!staged) return std::unexpected(reason(staged.error(), question));
  auto info = staged->group.group_info(crypto_, false);
  if (!info) return refused(info.error());
  Prepared out{(*now)->epoch(),
               mls::encode_message(std::move(staged->commit)),
               {},
               mls::encode_message(std::move(*info)),
               text_of(staged->group.save().view())};
  if (staged->welcome) out.welcome = mls::encode_message(std::move(*staged->welcome));
  return out;
}

base::Result<std::optional<mls::KeyPackage>> Keeper::usable(const ConversationId& conversation, const DeviceId& device,
                                                            ByteView package) {
  auto message = mls::parse<mls::MlsMessage>(package);
  auto* found = message ? std::get_if<mls::KeyPackage>(&*message) : nullptr;
  if (found == nullptr || device_of(found->leaf.credential) != device) return std::nullopt;
  const auto now = static_cast<std::uint64_t>(clock_.now().unix_s);
  const auto& life = found->leaf.lifetime;
  if (found->suite != static_cast<std::uint16_t>(mls::kDefaultSuite) || now < life.not_before || now > life.not_after)
    return std::nullopt;
  Question question;
  const bool good = environment(conversation, question).admits(found->leaf) && mls::verifies(crypto_, *found);
  if (question.failure) return std::unexpected(*question.failure);
  return good ? std::optional(std::move(*found)) : std::nullopt;
}

namespace {

struct Offered {
  mls::GroupInfo info;
  mls::RatchetTree tree;
  std::optional<mls::LeafIndex> own_leaf;
};

base::Result<Offered> offered(const ConversationId& conversation, const mls::PublicKey& own, ByteView group_info,
                              ByteView tree) {
  auto message = mls::parse<mls::MlsMessage>(group_info);
  if (!message) return refused(message.error());
  auto* info = std::get_if<mls::GroupInfo>(&*message);
  if (info == nullptr) return refused({mls::Reason::kValue, 0});
  if (base::as_text(info->context.group_id) != base::as_text(conversation.view()))
    return refused({mls::Reason::kGroup, 0});
  auto parsed = mls::RatchetTree::parse(tree);
  if (!parsed) return refused(parsed.error());
  Offered out{std::move(*info), std::move(*parsed), {}};
  out.tree.for_each_member([&](mls::LeafIndex at, const mls::LeafNode& leaf) {
    if (leaf.signature_key == own) out.own_leaf = at;
  });
  return out;
}

}  // namespace

base::Result<Outside> Keeper::look(const ConversationId& conversation, ByteView group_info, ByteView tree) {
  auto seen = offered(conversation, key_.key, group_info, tree);
  if (!seen) return std::unexpected(seen.error());
  Outside out{seen->info.context.epoch, seen->own_leaf, false, false, {}};
  seen->tree.for_each_member([&](mls::LeafIndex, const mls::LeafNode& leaf) {
    const auto device = device_of(leaf.credential);
    if (device && is_unknown(*device)) out.unknown.push_back(*device);
  });
  auto now = group(conversation);
  if (!now) return std::unexpected(now.error());
  out.forked = *now != nullptr && (*now)->epoch() == out.epoch && (*now)->context() != seen->info.context;
  auto staged = store_.staged(conversation);
  if (!staged) return std::unexpected(staged.error());
  if (!*staged || !out.own_leaf) return out;
  auto next = mls::Group::load(base::as_bytes((*staged)->next()));
  if (!next) return refused(next.error());
  const auto* ours = next->tree().leaf(next->own_leaf());
  out.own_is_staged = ours != nullptr && ours->encryption_key == seen->tree.leaf(*out.own_leaf)->encryption_key;
  return out;
}

base::Result<Prepared> Keeper::enter(const ConversationId& conversation, ByteView group_info, ByteView tree) {
  auto seen = offered(conversation, key_.key, group_info, tree);
  if (!seen) return std::unexpected(seen.error());
  Question question;
  const auto world = environment(conversation, question);
  auto entered = mls::Group::enter(world, seen->info, self(), mls::copy(tree), seen->own_leaf);
  if (!entered) return std::unexpected(reason(entered.error(), question));
  auto info = entered->group.group_info(crypto_, false);
  if (!info) return refused(info.error());
  return Prepared{seen->info.context.epoch,
                  mls::encode_message(std::move(entered->commit)),
                  {},
                  mls::encode_message(std::move(*info)),
                  text_of(entered->group.save().view())};
}

base::Status Keeper::stage(const ConversationId& conversation, const std::string& frame, const Prepared& prepared) {
  record::StagedStep step;
  step.set_conversation(conversation.wire());
  step.set_frame(frame);
  step.set_next(prepared.next);
  return store_.stage(step);
}

base::Status Keeper::adopt(const ConversationId& conversation) {
  auto staged = store_.staged(conversation);
  if (!staged) return std::unexpected(staged.error());
  if (!*staged) return {};
  auto next = mls::Group::load(base::as_bytes((*staged)->next()));
  if (!next) return refused(next.error());
  return put(conversation, std::move(*next), store::Store::Epoch::kNext);
}

base::Status Keeper::drop_staged(const ConversationId& conversation) { return store_.unstage(conversation); }

// ---------------------------------------------------------------- what arrives

base::Result<Handshake> Keeper::take(const ConversationId& conversation, ByteView bytes) {
  auto now = group(conversation);
  if (!now) return std::unexpected(now.error());
  auto message = mls::parse<mls::MlsMessage>(bytes);
  const auto* handshake = message ? std::get_if<mls::PublicMessage>(&*message) : nullptr;
  if (handshake == nullptr)
    return Handshake{Verdict::kRefused, error_of(message ? mls::Error{mls::Reason::kValue, 0} : message.error())};
  if (*now == nullptr) return Handshake{Verdict::kPassed, {}};
  const auto epoch = (*now)->epoch();
  if (handshake->content.epoch < epoch) return Handshake{Verdict::kPassed, {}};
  if (handshake->content.epoch > epoch) return Handshake{Verdict::kAhead, {}};
  Question question;
  const auto world = environment(conversation, question);
  auto received = (*now)->receive(world, *handshake);
  if (!received && received.error().reason == mls::Reason::kOwnMessage) return Handshake{Verdict::kPassed, {}};
  if (!received) {
    auto out = verdict_of(received.error(), question);
    if (out && out->verdict == Verdict::kStranger) (void)(*now)->receive(survey(out->unknown), *handshake);
    return out;
  }
  if (std::holds_alternative<mls::RemovedFromGroup>(received->event)) {
    memory_.erase(conversation);
    if (auto status = store_.forget_group(conversation); !status) return std::unexpected(status.error());
    return Handshake{Verdict::kOut, {}};
  }
  const bool next = received->group.epoch() != epoch;
  auto status =
      put(conversation, std::move(received->group), next ? store::Store::Epoch::kNext : store::Store::Epoch::kSame);
  if (!status) return std::unexpected(status.error());
  return Handshake{Verdict::kTaken, {}};
}

base::Result<Handshake> Keeper::join(const ConversationId& conversation, ByteView bytes) {
  auto message = mls::parse<mls::MlsMessage>(bytes);
  const auto* welcome = message ? std::get_if<mls::Welcome>(&*message) : nullptr;
  if (welcome == nullptr)
    return Handshake{Verdict::kRefused, error_of(message ? mls::Error{mls::Reason::kValue, 0} : message.error())};
  std::optional<record::OwnKeyPackage> kept;
  mls::Hash reference{};
  for (const auto& secrets : welcome->secrets) {
    auto found = store_.key_package(secrets.new_member);
    if (!found) return std::unexpected(found.error());
    if (!*found) continue;
    kept = std::move(**found);
    reference = secrets.new_member;
    break;
  }
  if (!kept) return Handshake{Verdict::kRefused, error_of({mls::Reason::kNotForUs, 0})};
  auto own = own_of(*kept, key_);
  if (!own) return Handshake{Verdict::kRefused, error_of(own.error())};
  Question question;
  auto joined = mls::Group::join(environment(conversation, question), *welcome, *own);
  if (!joined) {
    auto out = verdict_of(joined.error(), question);
    if (out && out->verdict == Verdict::kStranger) (void)mls::Group::join(survey(out->unknown), *welcome, *own);
    return out;
  }
  if (base::as_text(joined->context().group_id) != base::as_text(conversation.view()))
    return Handshake{Verdict::kRefused, error_of({mls::Reason::kGroup, 0})};
  auto before = group(conversation);
  if (!before && before.error().code.starts_with("store.")) return std::unexpected(before.error());
  if (before && *before != nullptr && (*before)->epoch() >= joined->epoch()) return Handshake{Verdict::kPassed, {}};
  const auto used = kept->last_resort() ? std::optional<ByteView>() : std::optional<ByteView>(reference);
  if (auto status = put(conversation, std::move(*joined), store::Store::Epoch::kNext, used); !status)
    return std::unexpected(status.error());
  return Handshake{Verdict::kTaken, {}};
}

// ---------------------------------------------------------------- messages

base::Status Keeper::protect(const ConversationId& conversation, ByteView payload, record::Outgoing& outgoing) {
  auto now = group(conversation);
  if (!now) return std::unexpected(now.error());
  if (*now == nullptr) return no_group();
  auto message = (*now)->protect(crypto_, mls::copy(payload), mls::copy(base::as_bytes(outgoing.client_message_id())));
  if (!message) return refused(message.error());
  outgoing.mutable_sealed()->set_epoch((*now)->epoch());
  outgoing.mutable_sealed()->set_ciphertext(text_of(mls::encode_message(std::move(*message))));
  return store_.protect(outgoing, conversation, (*now)->save_keys().view());
}

base::Result<mls::ApplicationMessage> Keeper::open(const ConversationId& conversation, ByteView bytes) {
  auto now = group(conversation);
  if (!now) return std::unexpected(now.error());
  if (*now == nullptr) return no_group();
  auto message = mls::parse<mls::MlsMessage>(bytes);
  if (!message) return refused(message.error());
  const auto* sealed = std::get_if<mls::PrivateMessage>(&*message);
  if (sealed == nullptr) return refused({mls::Reason::kInTheOpen, 0});
  auto opened = (*now)->open(crypto_, *sealed);
  if (!opened && opened.error().reason == mls::Reason::kEpoch && sealed->epoch < (*now)->epoch())
    return base::fail("group.before-us", "a message from a time when this device was not in the group", "",
                      "read it on a device that was in the group then");
  if (!opened) return refused(opened.error());
  return std::move(*opened);
}

mls::SecretBytes Keeper::keys(const ConversationId& conversation) {
  const auto found = memory_.find(conversation);
  return found == memory_.end() ? mls::SecretBytes() : found->second.save_keys();
}

}  // namespace clients::groups
