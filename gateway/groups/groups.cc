#include "gateway/groups/groups.h"

#include <algorithm>

#include "gateway/groups/handshake.h"
#include "gateway/groups/problems.h"
#include "policy/base/sha256.h"

namespace gateway::groups {
namespace {

// A welcome needs an id of its own at the relay, the same at every repeat.
base::ClientMessageId welcome_id(const base::ClientMessageId& commit) {
  base::Bytes input(base::as_bytes("feierabend-welcome-v1").begin(), base::as_bytes("feierabend-welcome-v1").end());
  input.insert(input.end(), commit.bytes.begin(), commit.bytes.end());
  const auto hash = base::sha256(input);
  base::ClientMessageId out;
  std::copy_n(hash.begin(), out.bytes.size(), out.bytes.begin());
  return out;
}

Outgoing outgoing(const store::Candidate& candidate) {
  Outgoing out{.kind = Outgoing::Kind::commit,
               .conversation = candidate.conversation,
               .message = candidate.message,
               .device = candidate.device,
               .mailbox = candidate.mailbox,
               .epoch = candidate.epoch,
               .body = candidate.commit,
               .welcome = candidate.welcome,
               .welcome_message = welcome_id(candidate.message),
               .welcomed = {},
               .reference = {}};
  if (!out.welcome.empty()) out.welcomed = candidate.joined;
  return out;
}

}  // namespace

base::Status may_send_in(const Standing& standing, const base::ConversationId& id, std::uint64_t epoch,
                         base::ByteView message) {
  if (!standing.has_group) return std::unexpected(no_group());
  const bool ahead = standing.commit_underway && epoch == standing.epoch + 1;  // the relay knows better
  if (epoch != standing.epoch && !ahead) return std::unexpected(other_epoch(epoch, standing.epoch));
  if (standing.removal_owed || (standing.removal_pending && !ahead)) return std::unexpected(removal_waits());
  return check_application(id, epoch, message);
}

void Groups::remember(const base::ConversationId& id, const Standing& standing) {
  const std::scoped_lock lock(mutex_);
  if (standings_.size() >= kStandingsMax) standings_.clear();
  standings_.insert_or_assign(id, standing);
}

void Groups::forget(const base::ConversationId& id) {
  const std::scoped_lock lock(mutex_);
  standings_.erase(id);
}

std::optional<Standing> Groups::known_standing(const base::ConversationId& id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = standings_.find(id);
  return found == standings_.end() ? std::nullopt : std::optional(found->second);
}

base::Result<Standing> Groups::standing(const base::ConversationId& id) {
  if (const auto known = known_standing(id)) return *known;
  // Whoever changes the group meanwhile remembers or forgets after it has written, so the turn is what makes it safe to
  // remember here.
  const auto turn = turns_.take(id);
  const auto stored = ports_.store.group_standing(id);
  if (!stored) return std::unexpected(stored.error());
  const auto candidate = ports_.store.candidate(id);
  if (!candidate) return std::unexpected(candidate.error());
  Standing out;
  if (*stored)
    out = {true, (*stored)->epoch, (*stored)->removal_pending, candidate->has_value(), (*stored)->removal_owed};
  if (turn) remember(id, out);
  return out;
}

base::Result<store::Conversation> Groups::conversation(const base::ConversationId& id) {
  auto found = ports_.store.conversation(id);
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::unexpected(no_group());
  return std::move(**found);
}

base::Result<store::Group> Groups::present(const base::ConversationId& id) {
  auto row = ports_.store.group(id);
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::unexpected(no_group());
  return std::move(**row);
}

base::Result<Groups::Open> Groups::open(store::Group row) {
  auto group = mls::PublicGroup::load(row.state);
  if (!group)
    return base::fail("store.group",
                      "the stored state of a group cannot be read: " + std::string(mls::sentence(group.error().reason)),
                      "what this program wrote", "restore gateway.db from its backup");
  return Open{std::move(row), std::move(*group)};
}

base::Result<GroupView> Groups::view(const base::ConversationId& id) {
  auto row = present(id);
  if (!row) return std::unexpected(row.error());
  auto opened = open(std::move(*row));
  if (!opened) return std::unexpected(opened.error());
  return GroupView{opened->row.epoch, std::move(opened->row.info), opened->group.tree().encode()};
}

base::Status Groups::start(const base::ConversationId& id, const base::DeviceId& device, base::ByteView group_info) {
  const auto turn = turns_.take(id);
  if (!turn) return std::unexpected(group_busy());
  auto room = conversation(id);
  if (!room) return std::unexpected(room.error());
  const auto there = ports_.store.group_standing(id);
  if (!there) return std::unexpected(there.error());
  if (*there) return std::unexpected(group_exists());
  Admission admission(ports_, std::move(*room));
  const auto group = check_start(admission, device, key_.sender(), group_info);
  if (!group) return std::unexpected(group.error());
  const store::Group row{id, 0, group->save(), {group_info.begin(), group_info.end()}, {}};
  const auto begun = ports_.store.begin_group(row, device);
  if (!begun) return std::unexpected(begun.error());
  forget(id);
  if (!*begun) return std::unexpected(group_exists());
  return {};
}

base::Result<Groups::Begun> Groups::commit(const CommitRequest& request) {
  Begun out{turns_.take(request.conversation), {}, {}};
  if (!out.turn) return std::unexpected(group_busy());
  auto row = present(request.conversation);
  if (!row) return std::unexpected(row.error());
  if (row->last && row->last->message == request.message && row->last->device == request.device) {
    return Begun{{}, {}, row->last};
  }
  const auto waiting = ports_.store.candidate(request.conversation);
  if (!waiting) return std::unexpected(waiting.error());
  if (*waiting) return std::unexpected(group_busy());
  if (request.epoch != row->epoch) return std::unexpected(other_epoch(request.epoch, row->epoch));
  auto opened = open(std::move(*row));
  if (!opened) return std::unexpected(opened.error());
  auto room = conversation(request.conversation);
  if (!room) return std::unexpected(room.error());
  Admission admission(ports_, std::move(*room));
  auto checked = check_commit(opened->group, admission, ports_, request.device, key_.sender(),
                              {request.commit, request.welcome, request.group_info});
  if (!checked) return std::unexpected(checked.error());
  const store::Candidate candidate{.conversation = request.conversation,
                                   .message = request.message,
                                   .device = request.device,
                                   .mailbox = request.mailbox,
                                   .epoch = request.epoch,
                                   .commit = request.commit,
                                   .welcome = request.welcome,
                                   .joined = std::move(checked->joined),
                                   .left = std::move(checked->left),
                                   .state = checked->next.save(),
                                   .info = request.group_info};
  if (auto kept = ports_.store.put_candidate(candidate); !kept) return std::unexpected(kept.error());
  forget(request.conversation);
  out.out = outgoing(candidate);
  return out;
}

base::Result<Groups::Begun> Groups::propose(const ProposeRequest& request) {
  Begun out{turns_.take(request.conversation), {}, {}};
  if (!out.turn) return std::unexpected(group_busy());
  auto row = present(request.conversation);
  if (!row) return std::unexpected(row.error());
  const auto waiting = ports_.store.candidate(request.conversation);
  if (!waiting) return std::unexpected(waiting.error());
  if (*waiting) return std::unexpected(group_busy());
  if (request.epoch != row->epoch) return std::unexpected(other_epoch(request.epoch, row->epoch));
  auto opened = open(std::move(*row));
  if (!opened) return std::unexpected(opened.error());
  auto room = conversation(request.conversation);
  if (!room) return std::unexpected(room.error());
  Admission admission(ports_, std::move(*room));
  const auto next = check_proposal_of(opened->group, admission, ports_, request.device, request.proposal);
  if (!next) return std::unexpected(next.error());
  // Before the relay has it: a member who was told of it may take it up at once, and then it must be known here. One
  // that the relay refuses waits for nobody.
  if (auto kept = ports_.store.put_proposals(request.conversation, next->save(), {}); !kept)
    return std::unexpected(kept.error());
  out.out = Outgoing{.kind = Outgoing::Kind::proposal,
                     .conversation = request.conversation,
                     .message = request.message,
                     .device = request.device,
                     .mailbox = request.mailbox,
                     .epoch = request.epoch,
                     .body = request.proposal,
                     .welcome = {},
                     .welcome_message = {},
                     .welcomed = {},
                     .reference = {}};
  return out;
}

base::Result<Groups::Begun> Groups::unsettled(const base::ConversationId& id) {
  Begun out{turns_.take(id), {}, {}};
  if (!out.turn) return std::unexpected(group_busy());
  const auto waiting = ports_.store.candidate(id);
  if (!waiting) return std::unexpected(waiting.error());
  if (*waiting) out.out = outgoing(**waiting);
  return out;
}

base::Result<bool> Groups::accepted(const Outgoing& commit, std::uint64_t sequence, base::Instant at,
                                    base::Instant deadline) {
  // Only who came in by himself, or changed the group over to our present key, may have left removals behind; what is
  // due since is said by whoever ended the device.
  const auto before = ports_.store.group_standing(commit.conversation);
  if (!before) return std::unexpected(before.error());
  const bool owed = *before && (*before)->removal_owed;
  const bool waited = *before && (*before)->removal_pending;
  const auto promoted =
      ports_.store.promote_candidate(commit.conversation, {commit.message, commit.device, sequence, at, deadline});
  if (!promoted) return std::unexpected(promoted.error());
  forget(commit.conversation);
  bool due = false;
  if (waited || owed) {
    auto row = present(commit.conversation);
    if (!row) return std::unexpected(row.error());
    const auto opened = open(std::move(*row));
    if (!opened) return std::unexpected(opened.error());
    const auto left = strays(*opened);
    if (!left) return std::unexpected(left.error());
    due = !left->empty();
    if (owed && !due)
      if (auto kept = ports_.store.owe_removal(commit.conversation, false); !kept) return std::unexpected(kept.error());
  }
  remember(commit.conversation, {true, commit.epoch + 1, due, false, owed && due});
  return due;
}

base::Status Groups::dropped(const Outgoing& commit) {
  auto status = ports_.store.drop_candidate(commit.conversation);
  forget(commit.conversation);
  return status;
}

}  // namespace gateway::groups
