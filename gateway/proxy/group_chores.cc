// What the gateway owes to groups and does until it is done: commits whose fate is not known, and removals of leaves
// whose device or person is gone.
#include "gateway/proxy/exchange.h"

namespace gateway::proxy {
namespace {

using policy::base::ConversationId;
using policy::base::DeviceId;
using policy::base::Error;
using policy::base::Instant;
using policy::base::Result;
using policy::base::Seconds;
using policy::base::Status;

constexpr std::size_t kChoresPerSecondMax = 50;  // after a start there may be as many as there are groups
constexpr std::int64_t kBusyAgain_s = 1;         // somebody else's handshake is under way
constexpr std::int64_t kFailedAgain_s = 30;

std::int64_t again_in_s(const Error& error) { return error.code == "group.busy" ? kBusyAgain_s : kFailedAgain_s; }

Error other_key() {
  return {"group.other-key", "a device has to leave a group that was made for another key of this gateway", "",
          "nothing passes there until a member's client has changed the group over, which it does when somebody writes",
          ""};
}

Error older_store() {
  return {"group.older-store", "the relay is ahead of gateway.db in a group, and nothing passes there",
          "a gateway.db that is not older than what the relay has accepted", "put back the newest gateway.db", ""};
}

// Those whose time has come are taken out; whoever fails puts them back.
std::vector<ConversationId> take_due(std::map<ConversationId, Instant>& chores, Instant now) {
  std::vector<ConversationId> out;
  for (auto at = chores.begin(); at != chores.end() && out.size() < kChoresPerSecondMax;) {
    if (at->second > now) {
      ++at;
      continue;
    }
    out.push_back(at->first);
    at = chores.erase(at);
  }
  return out;
}

}  // namespace

void Exchange::due(GroupChores& chores, const ConversationId& id, std::int64_t in_s) {
  const Instant at = now_ + Seconds{in_s};
  const auto [place, is_new] = chores.try_emplace(id, at);
  if (!is_new) place->second = std::min(place->second, at);
}

void Exchange::find_group_chores() {
  const auto note = [this](GroupChores Exchange::* chores) {
    return [this, chores](const Result<std::vector<ConversationId>>& found) {
      if (!found) return;  // looked for again with the next link; until then whoever needs the group finds it
      for (const auto& id : *found) due(this->*chores, id, 0);
    };
  };
  services_.workers.submit(loop_, [this] { return services_.groups.all_unsettled(); }, note(&Exchange::unsettled_));
  services_.workers.submit(loop_, [this] { return services_.groups.removals_due(); }, note(&Exchange::removals_));
}

void Exchange::remove_leaves(const DeviceId& device) {
  services_.workers.submit(
      loop_, [this, device] { return services_.groups.removals_due_of(device); },
      [this](const Result<std::vector<ConversationId>>& found) {
        if (!found) return find_group_chores();
        for (const auto& id : *found) propose_removals(id);
      });
}

void Exchange::remove_leaves(const std::string& person) {
  services_.workers.submit(
      loop_, [this, person] { return services_.groups.removals_due_of(person); },
      [this](const Result<std::vector<ConversationId>>& found) {
        if (!found) return find_group_chores();
        for (const auto& id : *found) propose_removals(id);
      });
}

void Exchange::do_group_chores() {
  for (const auto& id : take_due(unsettled_, now_)) settle(id);
  for (const auto& id : take_due(removals_, now_)) propose_removals(id);
}

void Exchange::settle(const ConversationId& id) {
  services_.workers.submit(
      loop_, [this, id] { return services_.groups.unsettled(id); },
      [this, id](Result<groups::Groups::Begun> begun) {
        if (!begun) return due(unsettled_, id, again_in_s(begun.error()));
        if (begun->out) offer(std::move(*begun), [](const Result<pb::AcceptResult>&) {});
      });
}

void Exchange::propose_removals(const ConversationId& id) {
  services_.workers.submit(
      loop_, [this, id] { return services_.groups.propose_removals(id); },
      [this, id](const Result<groups::Groups::Removals>& removals) {
        if (!removals) return due(removals_, id, again_in_s(removals.error()));
        if (removals->owed_since_now) services_.tell_operator(other_key());
        for (const auto& one : removals->untold) tell_removal(one);
      });
}

// Once may be chance: a commit came first. Then the gateway hears of that commit and proposes in the new epoch.
void Exchange::suspect_old_store(const ConversationId& id) {
  if (++relay_ahead_[id] != 2) return;
  services_.tell_operator(older_store());
}

void Exchange::tell_removal(const groups::Outgoing& removal) {
  link_.accept(for_relay(removal), [this, removal](const Result<pb::AcceptResult>& told) {
    if (!told) {
      if (told.error().code == "epoch.lost") suspect_old_store(removal.conversation);
      return due(removals_, removal.conversation, told.error().code == "relay.unavailable" ? 1 : kFailedAgain_s);
    }
    services_.workers.submit(
        loop_, [this, removal] { return services_.groups.removal_told(removal); },
        [this, removal](const Status& kept) {
          if (!kept) due(removals_, removal.conversation, kFailedAgain_s);
        });
  });
}

}  // namespace gateway::proxy
