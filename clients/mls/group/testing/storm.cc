#include "clients/mls/group/testing/storm.h"

#include "clients/mls/framing/public_message.h"

namespace clients::mls {
namespace {

constexpr std::size_t kExtensionNumber = 4;  // of external_senders
// What a device of a small group may take in the store: its tree and, for each epoch that is kept, the keys skipped.
constexpr std::size_t kStateBytesMax = 8 * 1024 * 1024;

Extensions with_gateway(const KeyPair& gateway) {
  return {external_senders_extension({{gateway.key, {CredentialType::kBasic, {kExtensionNumber}, {}}}})};
}

}  // namespace

Storm::Storm(std::uint64_t seed, const StormSize& size)
    : world_(seed), elsewhere_(seed + 1), random_(seed), size_(size) {
  gateway_ = generate_signature_key_pair(world_.crypto());
  for (Group& group : world_.party(size.devices, with_gateway(gateway_))) {
    Device& device = devices_.emplace_back();
    device.person = people_++;
    adopt(device, std::move(group));
  }
  service_ =
      must(PublicGroup::begin(world_.environment(), must(devices_.front().group->group_info(world_.crypto(), true))));

  std::vector<Group> others = elsewhere_.party(3, with_gateway(gateway_));
  foreign_.push_back(encode_message(must(others[0].commit(elsewhere_.environment(), {})).commit));
  foreign_.push_back(encode_message(must(others[1].propose_update(elsewhere_.environment())).message));
  foreign_.push_back(encode_message(must(others[2].protect(elsewhere_.crypto(), {1}))));
}

void Storm::fault(const std::string& text) { faults_.push_back(text); }

Storm::Device& Storm::any_inside() {
  while (true)
    if (Device& device = devices_[any(devices_.size())]; !device.out) return device;
}

void Storm::adopt(Device& device, Group group) {
  Bytes context = encode(group.context());
  std::pair<Bytes, Bytes> secrets{copy(group.epoch_authenticator().view()),
                                  copy(group.export_secret(world_.crypto(), "storm", {}, kHashBytes).view())};
  const auto [known, is_new] = agreed_.try_emplace(context, std::move(secrets));
  if (!is_new && known->second != std::pair{copy(group.epoch_authenticator().view()),
                                            copy(group.export_secret(world_.crypto(), "storm", {}, kHashBytes).view())})
    fault("two devices disagree about epoch " + std::to_string(group.epoch()));
  device.lived.insert(std::move(context));
  device.group = std::move(group);
}

// Compare-and-swap on the epoch, which the service's own view of the group does. What is refused is known to the relay
// all the same, and a commit that lost is given to somebody now and then.
bool Storm::submit(const PublicMessage& message) {
  Bytes bytes = encode_message(message);
  if (genuine_.insert(bytes).second) known_.push_back(bytes);
  auto taken = service_->receive(world_.environment(), message);
  if (!taken) {
    if (chance(20)) give(any_inside(), bytes);
    return false;
  }
  service_ = std::move(taken->group);
  log_.push_back(std::move(bytes));
  return true;
}

void Storm::add_plan(Device& by, CommitPlan& plan) {
  const std::vector<MemberView> members = by.group->members();
  plan.path = chance(50);
  plan.pending = !chance(10);
  if (chance(30) && members.size() < 2 * size_.devices + 4)
    plan.proposals.emplace_back(Add{world_.package(std::to_string(people_)).package});
  if (chance(20) && members.size() > 2)
    if (const LeafIndex leaf = members[any(members.size())].leaf; leaf != by.group->own_leaf())
      plan.proposals.emplace_back(Remove{leaf});
  if (chance(5)) plan.proposals.emplace_back(GroupContextExtensions{with_gateway(gateway_)});
  if (chance(5))
    plan.proposals.emplace_back(PreSharedKey{{PskType::kResumption,
                                              {},
                                              ResumptionUsage::kApplication,
                                              by.group->context().group_id,
                                              by.group->epoch(),
                                              Bytes(kHashBytes, 1)}});
}

void Storm::commit(Device& by) {
  CommitPlan plan;
  add_plan(by, plan);
  std::optional<OwnKeyPackage> newcomer;
  for (Proposal& proposal : plan.proposals)
    if (auto* add = std::get_if<Add>(&proposal)) {
      newcomer = world_.package(std::to_string(people_));
      add->package = newcomer->package;
    }
  auto staged = by.group->commit(world_.environment(), plan);
  if (!staged) {  // somebody proposed to remove the committer
    if (staged.error().reason != Reason::kProposalList) fault("no commit: " + std::string(code(staged.error().reason)));
    return;
  }
  if (!submit(staged->commit)) {
    ++tally_.lost;
    return;
  }
  ++tally_.commits;
  adopt(by, std::move(staged->group));
  by.read = log_.size();
  // A resumption key is of an epoch that a newcomer does not know.
  if (!newcomer ||
      std::ranges::any_of(plan.proposals, [](const Proposal& one) { return type_of(one) == ProposalType::kPsk; }))
    return;
  auto joined = Group::join(world_.environment(), *staged->welcome, *newcomer);
  if (!joined) return fault("no join: " + std::string(code(joined.error().reason)));
  Device& device = devices_.emplace_back();
  device.person = people_++;
  device.read = log_.size();
  adopt(device, std::move(*joined));
}

void Storm::propose(Device& by) {
  const std::vector<MemberView> members = by.group->members();
  const auto made = [&]() -> Result<Group::Proposed> {
    if (chance(50)) return by.group->propose_update(world_.environment());
    if (chance(50) && members.size() > 2)
      return by.group->propose(world_.environment(), Remove{members[any(members.size())].leaf});
    // Nobody joins by it: the Welcome is lost.
    return by.group->propose(world_.environment(), Add{world_.package("by reference").package});
  }();
  if (!made) return fault("no proposal: " + std::string(code(made.error().reason)));
  if (!submit(made->message)) return;
  ++tally_.proposals;
  by.group = made->group;
}

void Storm::propose_from_outside() {
  std::vector<LeafIndex> members;
  service_->tree().for_each_member([&](LeafIndex at, const LeafNode&) { members.push_back(at); });
  if (members.size() < 3) return;
  FramedContent content{service_->context().group_id,
                        service_->context().epoch,
                        {SenderType::kExternal, 0},
                        {},
                        Proposal(Remove{members[any(members.size())]})};
  AuthenticatedContent made =
      sign_content(world_.crypto(), WireFormat::kPublicMessage, std::move(content), {}, gateway_);
  submit(protect_public(world_.crypto(), std::move(made), {}, {}));
}

// One who was removed or led apart comes back, in the place of the old leaf if it stands there still.
void Storm::enter() {
  const Device& guide = any_inside();
  if (guide.group->context() != service_->context()) return;
  Device& device = devices_[any(devices_.size())];
  if (&device == &guide || device.group->context() == guide.group->context()) return;
  const Member member = world_.member(std::to_string(device.person));
  std::optional<LeafIndex> old;
  for (const MemberView& one : guide.group->members())
    if (one.credential == member.credential) old = one.leaf;
  const GroupInfo info = must(guide.group->group_info(world_.crypto(), true));
  auto entered = Group::enter(world_.environment(), info, member, {}, old);
  if (!entered) return fault("no entry: " + std::string(code(entered.error().reason)));
  if (!submit(entered->commit)) return;
  ++tally_.entered;
  device.out = device.apart = false;
  device.read = log_.size();
  adopt(device, std::move(entered->group));
}

void Storm::say(Device& by) {
  const std::size_t number = said_.size();
  Bytes data = copy(as_bytes(std::to_string(number)));
  const auto message = by.group->protect(world_.crypto(), data);
  if (!message) {
    if (message.error().reason != Reason::kPendingProposals) fault("nothing said");
    return;
  }
  said_.push_back({encode_message(*message), encode(by.group->context()), std::move(data),
                   static_cast<std::size_t>(&by - devices_.data())});
}

void Storm::store(Device& device) {
  const SecretBytes saved = device.group->save();
  auto loaded = Group::load(saved.view(), device.group->save_keys().view());
  if (!loaded) return fault("not loaded");
  if (loaded->save() != saved) fault("loaded something else");
  device.group = std::move(*loaded);
}

void Storm::give(Device& device, const Bytes& message) {
  const SecretBytes before = device.group->save();
  auto received = receive(world_.environment(), *device.group, message);
  if (device.group->save() != before) fault("receiving changed the group that received");
  if (!received) {
    ++tally_.refused;
    return;
  }
  if (!genuine_.contains(message)) return fault("took a message that nobody made");
  device.apart = device.apart || std::ranges::find(log_, message) == log_.end();
  if (std::holds_alternative<RemovedFromGroup>(received->event)) {
    device.out = true;
    ++tally_.removed;
  } else if (std::holds_alternative<CommitReceived>(received->event)) {
    adopt(device, std::move(received->group));
  } else {
    device.group = std::move(received->group);
  }
}

void Storm::give_said(Device& device, const Said& said, std::size_t number, const Bytes& bytes) {
  const auto parsed = parse<MlsMessage>(bytes);
  const auto* message = parsed ? std::get_if<PrivateMessage>(&*parsed) : nullptr;
  if (message == nullptr || message->content_type != ContentType::kApplication) return;
  const SecretBytes before = device.group->save_keys();
  const auto opened = device.group->open(world_.crypto(), *message);
  if (!opened) {
    ++tally_.refused;
    if (device.group->save_keys() != before) fault("a message that was refused spent a key");
    return;
  }
  ++tally_.opened;
  if (bytes != said.bytes || opened->data != said.data) fault("heard what was not said");
  if (!device.lived.contains(said.context)) fault("heard what was said when it was not there");
  if (!device.opened.insert(number).second) fault("heard a message twice");
}

Bytes Storm::spoilt(Bytes message) {
  switch (any(4)) {
    case 0: message.resize(any(message.size())); break;
    case 1: message.push_back(static_cast<std::uint8_t>(random_())); break;
    default:
      for (std::size_t i = 0; i <= any(3); ++i) message[any(message.size())] ^= static_cast<std::uint8_t>(1U << any(8));
  }
  return message;
}

// As if it were of this epoch, and perhaps of another sender.
Bytes Storm::readdressed(const Bytes& message, const Group& to) {
  auto parsed = parse<MlsMessage>(message);
  if (!parsed) return message;
  if (auto* in_the_open = std::get_if<PublicMessage>(&*parsed)) {
    in_the_open->content.epoch = to.epoch();
    if (chance(50)) in_the_open->content.sender.index = static_cast<std::uint32_t>(any(to.tree().leaves() + 1));
  }
  if (auto* sealed = std::get_if<PrivateMessage>(&*parsed)) sealed->epoch = to.epoch();
  return encode(*parsed);
}

void Storm::inject(Device& device) {
  const bool of_talk = chance(50) && !said_.empty();
  if (of_talk) {
    const std::size_t number = any(said_.size());
    const Said& said = said_[number];
    if (chance(30)) return give_said(device, said, number, spoilt(said.bytes));
    if (chance(20)) return give_said(device, said, number, readdressed(said.bytes, *device.group));
    if (said.device != static_cast<std::size_t>(&device - devices_.data()))
      give_said(device, said, number, said.bytes);  // perhaps again
    return;
  }
  if (chance(20)) return give(device, foreign_[any(foreign_.size())]);
  if (known_.empty()) return;
  const Bytes& message = known_[any(known_.size())];
  if (chance(40)) return give(device, spoilt(message));
  if (chance(40)) return give(device, readdressed(message, *device.group));
  give(device, message);
}

void Storm::pull(Device& device, std::size_t most) {
  for (; !device.out && device.read < log_.size() && most > 0; --most) {
    const std::uint64_t before = device.group->epoch();
    give(device, log_[device.read++]);
    check_bounds(device);
    if (device.group->epoch() > before + 1) fault("an epoch was left out");
  }
}

void Storm::check_bounds(const Device& device) {
  if (device.group->pending().size() > kPendingProposalsMax) fault("too many proposals wait");
  if (device.group->save().view().size() > kStateBytesMax) fault("the state grows");
}

void Storm::step() {
  Device& device = any_inside();
  if (!chance(25)) pull(device, log_.size());
  if (device.out) return;
  switch (any(10)) {
    case 0:
    case 1:
    case 2: commit(device); break;
    case 3: propose(device); break;
    case 4: propose_from_outside(); break;
    case 5: enter(); break;
    case 6: store(device); break;
    default: say(device);
  }
}

void Storm::run() {
  for (std::size_t i = 0; i < size_.steps && faults_.empty(); ++i) {
    step();
    for (std::size_t j = 0; j < size_.injections; ++j) inject(devices_[any(devices_.size())]);
    pull(any_inside(), 1 + any(5));
  }
  for (Device& device : devices_) {
    pull(device, log_.size());
    if (device.out) continue;
    if (device.apart)
      ++tally_.apart;
    else if (device.group->context() != service_->context())
      fault("one who was told the truth did not follow");
  }
}

}  // namespace clients::mls
