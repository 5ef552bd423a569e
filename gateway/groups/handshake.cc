#include "gateway/groups/handshake.h"

#include <algorithm>
#include <map>
#include <set>

#include "gateway/groups/problems.h"

namespace gateway::groups {
namespace {

bool is_by_service(const mls::PendingProposal& one) { return one.sender.type == mls::SenderType::kExternal; }

// Reads one MLSMessage of the kind that is asked for.
template <typename Message>
base::Result<Message> read(base::ByteView bytes, std::string_view otherwise) {
  auto parsed = mls::parse<mls::MlsMessage>(bytes);
  if (!parsed) return refused(parsed.error());
  auto* const message = std::get_if<Message>(&*parsed);
  if (message == nullptr) return refused(otherwise);
  return std::move(*message);
}

std::optional<base::DeviceId> device_at(const mls::RatchetTree& tree, mls::LeafIndex at) {
  const mls::LeafNode* const leaf = tree.leaf(at);
  return leaf == nullptr ? std::nullopt : device_of(*leaf);
}

// A group that was made for a key that the gateway has lost is changed over to the present one, and to nothing else.
bool changes_over(const mls::PublicGroup& group, const mls::Proposal& proposal, const mls::ExternalSender& service) {
  const auto* const change = std::get_if<mls::GroupContextExtensions>(&proposal);
  if (change == nullptr || change->extensions.size() != 1) return false;
  const auto before = mls::external_senders(group.context().extensions);
  const auto after = mls::external_senders(change->extensions);
  return before && after && *after == std::vector{service} && *before != *after;
}

// A proposal that members may make, by value or for others to take up.
base::Status check_kind(const mls::Proposal& proposal) {
  switch (mls::type_of(proposal)) {
    case mls::ProposalType::kAdd:
    case mls::ProposalType::kUpdate:
    case mls::ProposalType::kRemove:
    case mls::ProposalType::kPsk:
    case mls::ProposalType::kExternalInit: return {};
    case mls::ProposalType::kReinit:
    case mls::ProposalType::kGroupContextExtensions: break;
  }
  return refused("a proposal that would change what the group is");
}

// Nobody speaks for another device, not even of the same person.
base::Status check_sender(const mls::PublicGroup& group, const mls::FramedContent& content,
                          const base::DeviceId& device) {
  std::optional<base::DeviceId> sender;
  if (content.sender.type == mls::SenderType::kMember)
    sender = device_at(group.tree(), mls::LeafIndex{content.sender.index});
  if (const auto* const commit = std::get_if<mls::Commit>(&content.content);
      commit != nullptr && content.sender.type == mls::SenderType::kNewMemberCommit && commit->path)
    sender = device_of(commit->path->leaf);
  if (sender == device) return {};
  return refused("a handshake message in the name of another device");
}

bool same_device(const mls::LeafNode* before, const mls::LeafNode* after) {
  return before != nullptr && after != nullptr && before->credential == after->credential &&
         before->signature_key == after->signature_key;
}

// § 5.3.1 leaves it to the application whether a leaf may become another one's: never.
base::Status check_same_devices(const mls::RatchetTree& before, const mls::RatchetTree& after,
                                const mls::CommitReceived& summary) {
  const auto kept = [&](mls::LeafIndex at) { return same_device(before.leaf(at), after.leaf(at)); };
  const bool by_member = summary.committer.type == mls::SenderType::kMember;
  if (std::ranges::all_of(summary.updated, kept) && (!by_member || kept(summary.leaf))) return {};
  return refused("a leaf that changes its device");
}

// Of the people to whom somebody is added. `later` are leaves that are not in the tree yet.
base::Status check_places(const mls::RatchetTree& tree, std::span<const base::DeviceId> added,
                          std::span<const base::DeviceId> later, Admission& admission, const Ports& ports) {
  std::map<base::DeviceId, std::string> owners;
  for (const base::DeviceId& device : added) {
    const auto known = admission.admitted(device);
    if (!known) return refused("a leaf of a device that may not be in this group");
    const auto all = ports.store.all_devices(known->person);
    if (!all) return std::unexpected(all.error());
    for (const store::Device& one : *all) owners.emplace(one.id, known->person);
  }
  std::vector<base::DeviceId> leaves(later.begin(), later.end());
  tree.for_each_member([&](mls::LeafIndex, const mls::LeafNode& leaf) {
    if (const auto device = device_of(leaf)) leaves.push_back(*device);
  });
  std::set<base::DeviceId> seen;
  std::map<std::string, std::uint32_t> places;
  for (const base::DeviceId& device : leaves) {
    const auto owner = owners.find(device);
    if (owner == owners.end()) continue;
    if (!seen.insert(device).second) return refused("two leaves of one device");
    if (++places[owner->second] > ports.devices_max())
      return refused("more leaves of a person than devices are allowed");
  }
  return {};
}

std::vector<base::DeviceId> devices_at(const mls::RatchetTree& tree, std::span<const mls::LeafIndex> leaves) {
  std::vector<base::DeviceId> out;
  for (const mls::LeafIndex at : leaves)
    if (const auto device = device_at(tree, at)) out.push_back(*device);
  return out;
}

// Can somebody else of the group still take up what waits?
bool somebody_else_is_left(const mls::PublicGroup& group, Admission& admission, const base::DeviceId& entering) {
  bool found = false;
  group.tree().for_each_member([&](mls::LeafIndex, const mls::LeafNode& leaf) {
    const auto device = device_of(leaf);
    found = found || (device && device != entering && admission.admits(leaf));
  });
  return found;
}

// A commit of a member takes up all that the service wants. Who enters by himself cannot, for his commit names no
// proposals (§ 12.2); he is let in only when nobody is left who could, and then the removals are proposed again.
base::Status check_removals(const mls::PublicGroup& group, const mls::CommitReceived& summary, Admission& admission,
                            const base::DeviceId& device) {
  for (const mls::PendingProposal& one : group.pending()) {
    if (!is_by_service(one) || std::ranges::find(summary.taken, one.reference) != summary.taken.end()) continue;
    if (summary.committer.type == mls::SenderType::kNewMemberCommit && !somebody_else_is_left(group, admission, device))
      return {};
    return std::unexpected(removal_waits());
  }
  return {};
}

// The key packages of everybody whom this commit adds.
std::set<mls::Hash> added_packages(const mls::PublicGroup& group, const mls::Commit& commit,
                                   const mls::Crypto& crypto) {
  std::set<mls::Hash> out;
  for (const mls::ProposalOrRef& one : commit.proposals) {
    const auto* proposal = std::get_if<mls::Proposal>(&one);
    if (const auto* const reference = std::get_if<mls::ProposalRef>(&one)) {
      const auto found = std::ranges::find(group.pending(), *reference, &mls::PendingProposal::reference);
      proposal = found == group.pending().end() ? nullptr : &found->proposal;
    }
    if (const auto* const add = proposal == nullptr ? nullptr : std::get_if<mls::Add>(proposal))
      out.insert(mls::reference(crypto, add->package));
  }
  return out;
}

base::Status check_welcome(const mls::PublicGroup& group, const mls::Commit& commit, const mls::Crypto& crypto,
                           base::ByteView bytes) {
  const auto expected = added_packages(group, commit, crypto);
  if (bytes.empty()) {
    if (expected.empty()) return {};
    return refused("somebody is added without a welcome");
  }
  if (expected.empty()) return refused("a welcome for nobody");
  const auto welcome = read<mls::Welcome>(bytes, "a welcome that is none");
  if (!welcome) return std::unexpected(welcome.error());
  std::set<mls::Hash> named;
  for (const mls::EncryptedGroupSecrets& one : welcome->secrets) named.insert(one.new_member);
  if (welcome->suite != group.context().suite || named != expected || named.size() != welcome->secrets.size())
    return refused("a welcome for others than those who are added");
  return {};
}

base::Status check_info(const mls::PublicGroup& next, const mls::Crypto& crypto, base::ByteView bytes) {
  const auto info = read<mls::GroupInfo>(bytes, "a group info that is none");
  if (!info) return std::unexpected(info.error());
  const auto entrance = mls::external_pub(info->extensions);
  if (!entrance) return refused(entrance.error());
  if (!*entrance) return refused("a group info with which nobody can enter");
  if (mls::find(info->extensions, mls::ExtensionType::kRatchetTree) != nullptr)
    return refused("a group info that repeats the tree");
  if (const mls::Status good = next.check_info(crypto, *info); !good) return refused(good.error());
  return {};
}

base::Status check_commit_kinds(const mls::PublicGroup& group, const mls::Commit& commit,
                                const mls::ExternalSender& service) {
  for (const mls::ProposalOrRef& one : commit.proposals) {
    const auto* const proposal = std::get_if<mls::Proposal>(&one);
    if (proposal == nullptr || changes_over(group, *proposal, service)) continue;
    if (auto kind = check_kind(*proposal); !kind) return kind;
  }
  return {};
}

base::Status check_proposal_count(const mls::PublicGroup& group, const mls::Sender& sender) {
  std::size_t all = 0, own = 0;
  for (const mls::PendingProposal& one : group.pending()) {
    if (is_by_service(one)) continue;
    ++all;
    own += one.sender == sender ? 1U : 0U;
  }
  if (all < kMemberProposalsMax && own < kProposalsPerDeviceMax) return {};
  return refused("more proposals than may wait for one commit");
}

// What would make every commit that takes it up a refused one is not let in.
base::Status check_proposed(const mls::PublicGroup& group, const mls::FramedContent& content, Admission& admission,
                            const Ports& ports) {
  const auto& proposal = std::get<mls::Proposal>(content.content);
  if (const auto* const update = std::get_if<mls::Update>(&proposal))
    return same_device(group.tree().leaf(mls::LeafIndex{content.sender.index}), &update->leaf)
               ? base::Status()
               : refused("a leaf that changes its device");
  const auto* const add = std::get_if<mls::Add>(&proposal);
  if (add == nullptr) return {};
  std::vector<base::DeviceId> later;
  for (const mls::PendingProposal& one : group.pending())
    if (const auto* const waiting = std::get_if<mls::Add>(&one.proposal))
      if (const auto device = device_of(waiting->package.leaf)) later.push_back(*device);
  const auto device = device_of(add->package.leaf);
  if (!device) return refused("a leaf of a device that may not be in this group");
  later.push_back(*device);
  return check_places(group.tree(), later, later, admission, ports);
}

base::Status check_senders(const mls::GroupContext& context, const mls::ExternalSender& service) {
  const auto senders = mls::external_senders(context.extensions);
  if (!senders) return refused(senders.error());
  if (context.extensions.size() == 1 && *senders == std::vector{service}) return {};
  return refused("a group without the service as its only external sender");
}

}  // namespace

base::Result<mls::PublicGroup> check_start(Admission& admission, const base::DeviceId& device,
                                           const mls::ExternalSender& service, base::ByteView group_info) {
  const auto info = read<mls::GroupInfo>(group_info, "a group info that is none");
  if (!info) return std::unexpected(info.error());
  if (!std::ranges::equal(info->context.group_id, admission.conversation().id.bytes))
    return refused("the group of another conversation");
  if (info->context.epoch != 0) return refused("a group that did not begin now");
  if (auto senders = check_senders(info->context, service); !senders) return std::unexpected(senders.error());
  const auto entrance = mls::external_pub(info->extensions);
  if (!entrance) return refused(entrance.error());
  if (!*entrance) return refused("a group info with which nobody can enter");
  auto group = mls::PublicGroup::begin(admission.environment(), *info);
  if (auto asked = admission.store_status(); !asked) return std::unexpected(asked.error());
  if (!group) return refused(group.error());
  if (group->tree().members() != 1 || device_at(group->tree(), mls::LeafIndex{0}) != device)
    return refused("a group that does not begin with its maker alone");
  return std::move(*group);
}

base::Result<CheckedCommit> check_commit(const mls::PublicGroup& group, Admission& admission, const Ports& ports,
                                         const base::DeviceId& device, const mls::ExternalSender& service,
                                         const CommitBytes& bytes) {
  const auto message = read<mls::PublicMessage>(bytes.commit, "a commit that the service cannot read");
  if (!message) return std::unexpected(message.error());
  const auto* const commit = std::get_if<mls::Commit>(&message->content.content);
  if (commit == nullptr) return refused("a message that is no commit");
  if (auto sender = check_sender(group, message->content, device); !sender) return std::unexpected(sender.error());
  if (auto kinds = check_commit_kinds(group, *commit, service); !kinds) return std::unexpected(kinds.error());
  auto taken = group.receive(admission.environment(), *message);
  if (auto asked = admission.store_status(); !asked) return std::unexpected(asked.error());
  if (!taken) return refused(taken.error());
  const auto& summary = std::get<mls::CommitReceived>(taken->event);
  const mls::PublicGroup& next = taken->group;
  CheckedCommit out{next, devices_at(next.tree(), summary.added), devices_at(group.tree(), summary.removed)};
  for (const base::Status& status :
       {check_same_devices(group.tree(), next.tree(), summary),
        check_places(next.tree(), out.joined, {}, admission, ports), check_removals(group, summary, admission, device),
        check_welcome(group, *commit, ports.crypto, bytes.welcome), check_info(next, ports.crypto, bytes.group_info)})
    if (!status) return std::unexpected(status.error());
  if (auto asked = admission.store_status(); !asked) return std::unexpected(asked.error());
  return out;
}

base::Result<mls::PublicGroup> check_proposal_of(const mls::PublicGroup& group, Admission& admission,
                                                 const Ports& ports, const base::DeviceId& device,
                                                 base::ByteView proposal) {
  const auto message = read<mls::PublicMessage>(proposal, "a proposal that the service cannot read");
  if (!message) return std::unexpected(message.error());
  const mls::FramedContent& content = message->content;
  if (!std::holds_alternative<mls::Proposal>(content.content)) return refused("a message that is no proposal");
  if (auto sender = check_sender(group, content, device); !sender) return std::unexpected(sender.error());
  if (auto kind = check_kind(std::get<mls::Proposal>(content.content)); !kind) return std::unexpected(kind.error());
  auto taken = group.receive(admission.environment(), *message);
  if (auto asked = admission.store_status(); !asked) return std::unexpected(asked.error());
  if (!taken) return refused(taken.error());
  if (taken->group.pending().size() == group.pending().size()) return group;
  for (const base::Status& status :
       {check_proposal_count(group, content.sender), check_proposed(group, content, admission, ports)})
    if (!status) return std::unexpected(status.error());
  return std::move(taken->group);
}

base::Status check_application(const base::ConversationId& id, std::uint64_t epoch, base::ByteView message) {
  mls::Reader in(message);
  const bool is_private =
      in.u16() == mls::kVersion && in.u16() == static_cast<std::uint16_t>(mls::WireFormat::kPrivateMessage);
  const bool is_ours = std::ranges::equal(in.opaque(), id.bytes) && in.u64() == epoch &&
                       in.u8() == static_cast<std::uint8_t>(mls::ContentType::kApplication);
  if (is_private && is_ours && !in.failed()) return {};
  return refused("a message that is not encrypted for this group");
}

std::vector<mls::LeafIndex> waiting_removals(const mls::PublicGroup& group) {
  std::vector<mls::LeafIndex> out;
  for (const mls::PendingProposal& one : group.pending())
    if (const auto* const remove = std::get_if<mls::Remove>(&one.proposal); remove != nullptr && is_by_service(one))
      out.push_back(remove->removed);
  return out;
}

}  // namespace gateway::groups
