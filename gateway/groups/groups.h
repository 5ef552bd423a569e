// The groups of conversations as the delivery service follows them: who is in, which epoch it is, and what may change
// that.
//
//     commit ─► checked ─► candidate on disk ─► relay ─┬─ accepted ──► promoted: the new epoch
//                                                      ├─ refused ───► dropped
//                                                      └─ no answer ─► stays; the same commit is sent again, which the
//                                                                      relay answers with the first result
//
// So a crash at any place loses nothing: the relay's answer decides, and a commit is never checked against an epoch
// that the relay has left. Handshakes of one conversation come one after the other (Turn); while one is on its way
// others get group.busy.
//
// Thread-safe; blocks for the store, so call it from the workers, but for known_standing. Errors besides the store's:
// those of problems.h. The conversation and that the person is in it are the caller's to check.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "clients/mls/group/public_group.h"
#include "gateway/groups/admission.h"
#include "gateway/groups/external_sender.h"
#include "gateway/groups/turns.h"

namespace gateway::groups {

struct Standing {
  bool has_group = false;
  std::uint64_t epoch = 0;
  bool removal_pending = false;  // no application data until the next commit
  bool commit_underway = false;  // so the relay may be one epoch ahead
  bool removal_owed = false;     // no application data until a member has changed the group over to our present key

  bool operator==(const Standing&) const = default;
};

// What a message has to say about itself: group.none (nothing passes that no group encrypted), group.epoch,
// group.removal-pending, group.refused.
base::Status may_send_in(const Standing& standing, const base::ConversationId& id, std::uint64_t epoch,
                         base::ByteView message);

// For the relay.
struct Outgoing {
  enum class Kind { commit, proposal };
  Kind kind = Kind::proposal;
  base::ConversationId conversation;
  base::ClientMessageId message;
  base::DeviceId device;    // zero: the gateway
  base::MailboxId mailbox;  // of its person; zero: the gateway
  std::uint64_t epoch = 0;
  base::Bytes body;
  base::Bytes welcome;  // empty: none
  base::ClientMessageId welcome_message;
  std::vector<base::DeviceId> welcomed;
  store::Hash reference{};  // of a removal
};

struct CommitRequest {
  base::ConversationId conversation;
  base::DeviceId device;  // of the session
  base::MailboxId mailbox;
  base::ClientMessageId message;
  std::uint64_t epoch = 0;
  base::Bytes commit, welcome, group_info;
};

struct ProposeRequest {
  base::ConversationId conversation;
  base::DeviceId device;
  base::MailboxId mailbox;
  base::ClientMessageId message;
  std::uint64_t epoch = 0;
  base::Bytes proposal;
};

struct GroupView {
  std::uint64_t epoch = 0;
  base::Bytes info, tree;
};

class Groups {
 public:
  Groups(Ports ports, ExternalSenderKey key) : ports_(std::move(ports)), key_(std::move(key)) {}
  Groups(const Groups&) = delete;
  Groups& operator=(const Groups&) = delete;

  const Ports& ports() const { return ports_; }
  base::Bytes external_senders() const { return key_.extension(); }

  base::Result<Standing> standing(const base::ConversationId& id);
  std::optional<Standing> known_standing(const base::ConversationId& id) const;  // does not block
  base::Result<GroupView> view(const base::ConversationId& id);

  base::Status start(const base::ConversationId& id, const base::DeviceId& device, base::ByteView group_info);

  // Either `out` has to go to the relay while `turn` is held, or `first` is the answer to a repeat.
  struct Begun {
    std::optional<Turn> turn;
    std::optional<Outgoing> out;
    std::optional<store::LastCommit> first;
  };
  base::Result<Begun> commit(const CommitRequest& request);
  base::Result<Begun> propose(const ProposeRequest& request);
  // A commit whose fate is not known. Nothing in it: there is none.
  base::Result<Begun> unsettled(const base::ConversationId& id);
  base::Result<std::vector<base::ConversationId>> all_unsettled() { return ports_.store.groups_with_candidates(); }

  // What the relay said to a commit, while its turn is held. accepted() is true when leaves are still in the group that
  // have to be removed.
  base::Result<bool> accepted(const Outgoing& commit, std::uint64_t sequence, base::Instant at, base::Instant deadline);
  base::Status dropped(const Outgoing& commit);

  // ---- removals.cc: proposals of the gateway
  // Proposes to remove each leaf that may not be there and for which none waits. A group that was made for another key
  // of the gateway takes no proposal of ours: it owes the removal, and whoever wants to speak in it changes it over
  // first (RFC 9420 § 12.1.7).
  struct Removals {
    std::vector<Outgoing> untold;  // what the relay has not confirmed
    bool owed_since_now = false;
  };
  base::Result<Removals> propose_removals(const base::ConversationId& id);
  base::Status removal_told(const Outgoing& removal);
  // Groups in which something may be left to do: after a start, and when a device or a person is gone.
  base::Result<std::vector<base::ConversationId>> removals_due();
  base::Result<std::vector<base::ConversationId>> removals_due_of(const base::DeviceId& device);
  base::Result<std::vector<base::ConversationId>> removals_due_of(const std::string& person);

 private:
  struct Open {
    store::Group row;
    mls::PublicGroup group;
  };
  base::Result<store::Conversation> conversation(const base::ConversationId& id);
  base::Result<store::Group> present(const base::ConversationId& id);
  base::Result<Open> open(store::Group row);
  base::Result<std::vector<mls::LeafIndex>> strays(const Open& open);
  base::Result<std::vector<store::Removal>> make_removals(Open& open, std::uint32_t sender,
                                                          std::span<const mls::LeafIndex> leaves);
  void remember(const base::ConversationId& id, const Standing& standing);
  void forget(const base::ConversationId& id);

  static constexpr std::size_t kStandingsMax = 100'000;

  Ports ports_;
  ExternalSenderKey key_;
  Turns turns_;
  mutable std::mutex mutex_;
  std::unordered_map<base::ConversationId, Standing> standings_;  // a cache, guarded by mutex_
};

}  // namespace gateway::groups
