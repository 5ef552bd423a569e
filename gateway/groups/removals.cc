// What the gateway itself proposes: that leaves go whose device or person is gone.
#include <algorithm>
#include <set>

#include "gateway/groups/groups.h"
#include "gateway/groups/handshake.h"
#include "gateway/groups/problems.h"

namespace gateway::groups {
namespace {

// The reference names a proposal, so it names the message, too.
base::ClientMessageId message_id(const store::Hash& reference) {
  base::ClientMessageId out;
  std::copy_n(reference.begin(), out.bytes.size(), out.bytes.begin());
  return out;
}

Outgoing outgoing(const store::Removal& removal) {
  return {.kind = Outgoing::Kind::proposal,
          .conversation = removal.conversation,
          .message = message_id(removal.reference),
          .device = {},
          .mailbox = {},
          .epoch = removal.epoch,
          .body = removal.message,
          .welcome = {},
          .welcome_message = {},
          .welcomed = {},
          .reference = removal.reference};
}

// Which external sender of the group we are. Nothing: it was made for a key that was lost.
std::optional<std::uint32_t> own_index(const mls::PublicGroup& group, const mls::ExternalSender& own) {
  const auto senders = mls::external_senders(group.context().extensions);
  if (!senders) return std::nullopt;
  const auto found = std::ranges::find(*senders, own);
  if (found == senders->end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - senders->begin());
}

// Of these leaves those that no proposal of the service is about yet.
std::vector<mls::LeafIndex> not_proposed(const mls::PublicGroup& group, std::span<const mls::LeafIndex> leaves) {
  const auto waiting = waiting_removals(group);
  std::vector<mls::LeafIndex> out;
  std::ranges::copy_if(leaves, std::back_inserter(out),
                       [&](mls::LeafIndex leaf) { return std::ranges::find(waiting, leaf) == waiting.end(); });
  return out;
}

}  // namespace

base::Result<std::vector<mls::LeafIndex>> Groups::strays(const Open& open) {
  auto room = conversation(open.row.conversation);
  if (!room) return std::unexpected(room.error());
  Admission admission(ports_, std::move(*room));
  std::vector<mls::LeafIndex> out;
  open.group.tree().for_each_member([&](mls::LeafIndex at, const mls::LeafNode& leaf) {
    if (!admission.admits(leaf)) out.push_back(at);
  });
  if (auto asked = admission.store_status(); !asked) return std::unexpected(asked.error());
  return out;
}

base::Result<std::vector<store::Removal>> Groups::make_removals(Open& open, std::uint32_t sender,
                                                                std::span<const mls::LeafIndex> leaves) {
  mls::Environment environment;
  environment.crypto = &ports_.crypto;
  std::vector<store::Removal> out;
  for (const mls::LeafIndex leaf : leaves) {
    mls::PublicMessage message;
    auto taken = open.group.propose(environment, sender, mls::Remove{leaf}, key_.pair(), message);
    if (!taken) return refused(taken.error());
    open.group = std::move(taken->group);
    const auto& made = std::get<mls::ProposalReceived>(taken->event);
    out.push_back(
        {open.row.conversation, open.row.epoch, made.reference, mls::encode_message(std::move(message)), false});
  }
  return out;
}

base::Result<Groups::Removals> Groups::propose_removals(const base::ConversationId& id) {
  const auto turn = turns_.take(id);
  if (!turn) return std::unexpected(group_busy());
  const auto waiting = ports_.store.candidate(id);
  if (!waiting) return std::unexpected(waiting.error());
  if (*waiting) return std::unexpected(group_busy());
  const auto before = ports_.store.group_standing(id);
  if (!before) return std::unexpected(before.error());
  auto row = ports_.store.group(id);
  if (!row) return std::unexpected(row.error());
  if (!*before || !*row) return Removals{};
  auto opened = open(std::move(**row));
  if (!opened) return std::unexpected(opened.error());
  const auto leaves = strays(*opened);
  if (!leaves) return std::unexpected(leaves.error());
  const auto due = not_proposed(opened->group, *leaves);
  const auto sender = own_index(opened->group, key_.sender());
  const bool owed = !due.empty() && !sender;
  base::Status kept;
  if (!due.empty() && sender) {
    const auto made = make_removals(*opened, *sender, due);
    if (!made) return std::unexpected(made.error());
    kept = ports_.store.put_proposals(id, opened->group.save(), *made);
  } else if (owed != (*before)->removal_owed) {
    kept = ports_.store.owe_removal(id, owed);
  }
  if (!kept) return std::unexpected(kept.error());
  const auto all = ports_.store.removals(id);
  if (!all) return std::unexpected(all.error());
  remember(id, {true, opened->row.epoch, !all->empty(), false, owed});
  Removals out;
  out.owed_since_now = owed && !(*before)->removal_owed;
  for (const store::Removal& one : *all)
    if (!one.told) out.untold.push_back(outgoing(one));
  return out;
}

base::Status Groups::removal_told(const Outgoing& removal) {
  return ports_.store.removal_told(removal.conversation, removal.reference);
}

base::Result<std::vector<base::ConversationId>> Groups::removals_due() {
  std::set<base::ConversationId> due;
  for (const auto& found : {ports_.store.groups_with_strays(), ports_.store.groups_with_untold_removals(),
                            ports_.store.groups_owing_removals()}) {
    if (!found) return std::unexpected(found.error());
    due.insert(found->begin(), found->end());
  }
  const auto people = ports_.store.people_with_leaves();
  if (!people) return std::unexpected(people.error());
  for (const std::string& person : *people) {
    if (ports_.in_directory(person)) continue;
    const auto of_person = ports_.store.groups_of_person(person);
    if (!of_person) return std::unexpected(of_person.error());
    due.insert(of_person->begin(), of_person->end());
  }
  return std::vector<base::ConversationId>(due.begin(), due.end());
}

base::Result<std::vector<base::ConversationId>> Groups::removals_due_of(const base::DeviceId& device) {
  return ports_.store.groups_of_device(device);
}

base::Result<std::vector<base::ConversationId>> Groups::removals_due_of(const std::string& person) {
  return ports_.store.groups_of_person(person);
}

}  // namespace gateway::groups
