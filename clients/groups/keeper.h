// The MLS groups (RFC 9420) of this device, one a conversation, and its key packages: what is in memory is what is in
// the store, and nothing that was spent or begun leaves before it is there.
//
//     start, commit, enter ──► Prepared ──► stage() with the frame that carries it ──► the service accepts ──► adopt()
//                                                                                  └─► refuses ──► drop_staged()
//     take, join           ──► the next epoch, stored; a staged step for the epoch before is dropped
//     protect, open        ──► keys without the one that was spent, in the same step as the message
//
// Who stands behind a leaf: its identity is a device id, its signature key the identity key that was pinned for that
// device first, its person a member of the conversation, and its certificate is proven and consented to
// (clients/trust). Everybody else is refused together with the message that brings him.
//
// Owner: the engine. One thread. Store, clock and randomness outlive the keeper. Errors: the store's (store.*) and,
// where a message or step is at fault, mls.* and group.*; after one of the store's, forget_memory().
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "clients/mls/crypto/native/native.h"
#include "clients/mls/device_key.h"
#include "clients/mls/group/group.h"
#include "clients/store/store.h"
#include "policy/base/clock.h"
#include "policy/base/random.h"

namespace clients::groups {

using policy::base::Bytes;
using policy::base::ByteView;
using policy::base::ConversationId;
using policy::base::DeviceId;

constexpr std::size_t kGroupsInMemory = 64;
constexpr std::size_t kAddsMax = 100;  // in one commit

// A step that changes the epoch, made and not yet sent.
struct Prepared {
  std::uint64_t epoch = 0;  // that ends
  Bytes message;            // MLSMessage: the commit; of a group that starts none
  Bytes welcome;            // MLSMessage; may be empty
  Bytes group_info;         // MLSMessage
  std::string next;         // Group::save()
};

// What a handshake message did.
enum class Verdict {
  kTaken,
  kPassed,    // old, our own, or not for us: nothing to do
  kAhead,     // made in an epoch that has not come here yet
  kStranger,  // brings a device that is not known or not certified; perhaps its keys are to be asked for
  kOut,       // we were removed; the group is forgotten
  kRefused,
};
struct Handshake {
  Verdict verdict = Verdict::kPassed;
  policy::base::Error why;          // of kStranger and kRefused
  bool unproven = false;            // of kStranger: the device is known, and only its certificate is missing
  std::vector<DeviceId> unknown{};  // of kStranger: all whose keys or certificates are missing, perhaps gone meanwhile
};

// What the service says of a group, as far as it concerns us.
struct Outside {
  std::uint64_t epoch = 0;
  std::optional<mls::LeafIndex> own_leaf;
  bool own_is_staged = false;       // the leaf of ours is that of the group which is staged
  bool forked = false;              // another group in our epoch than ours
  std::vector<DeviceId> unknown{};  // who has a leaf, and no keys or certificate here
};

// In which epoch this PrivateMessage was made, as it says itself. Nothing: it is none.
std::optional<std::uint64_t> epoch_of(ByteView message);

// A device that a change of the epoch took out of the group.
struct Left {
  ConversationId conversation;
  DeviceId device;
  bool by_service = false;  // as the service had proposed
};

class Keeper {
 public:
  Keeper(DeviceId device, const mls::DeviceKey& key, store::Store& store, const policy::base::Clock& clock,
         policy::base::Random& random);

  // Another process may have gone on, or the store has failed.
  void forget_memory() { memory_.clear(); }

  // Null: there is none, or none that can be read. Valid until the next call.
  policy::base::Result<mls::Group*> group(const ConversationId& conversation);
  // Those of `devices` that have no leaf, in order.
  static std::vector<DeviceId> missing(const mls::Group& group, std::span<const DeviceId> devices);
  // Whether a proposal waits that this device may commit: it removes others only.
  static bool may_commit(const mls::Group& group);
  // Whether the group names other external senders than `external_senders`, what the service wants of a new group: it
  // has lost its key, and can remove nobody from this one.
  static bool is_of_other_senders(const mls::Group& group, ByteView external_senders);
  // How many members stand before us.
  static std::size_t rank(const mls::Group& group);

  // ---- steps
  policy::base::Result<Prepared> start(const ConversationId& conversation, ByteView external_senders);
  // Adds the owners of these packages, at most kAddsMax, and takes up what waits.
  policy::base::Result<Prepared> commit(const ConversationId& conversation, ByteView message_id,
                                        std::span<const mls::KeyPackage> packages);
  // Takes up what waits, and puts these senders in the place of the group's (RFC 9420 § 12.1.7).
  policy::base::Result<Prepared> change_over(const ConversationId& conversation, ByteView message_id,
                                             ByteView external_senders);
  // `group_info` and `tree` as the service gave them; takes the place of our own leaf where there is one.
  policy::base::Result<Prepared> enter(const ConversationId& conversation, ByteView group_info, ByteView tree);
  // The package, if it is one for this device, which is known and a member's.
  policy::base::Result<std::optional<mls::KeyPackage>> usable(const ConversationId& conversation,
                                                              const DeviceId& device, ByteView package);
  policy::base::Result<Outside> look(const ConversationId& conversation, ByteView group_info, ByteView tree);

  policy::base::Status stage(const ConversationId& conversation, const std::string& frame, const Prepared& prepared);
  policy::base::Status adopt(const ConversationId& conversation);  // nothing staged: nothing done
  policy::base::Status drop_staged(const ConversationId& conversation);

  // ---- what arrives
  policy::base::Result<Handshake> take(const ConversationId& conversation, ByteView message);
  policy::base::Result<Handshake> join(const ConversationId& conversation, ByteView welcome);

  // ---- messages
  // Into `outgoing`, and stored there.
  policy::base::Status protect(const ConversationId& conversation, ByteView payload, store::record::Outgoing& outgoing);
  // The keys are spent in memory; they are stored with the message: keys().
  policy::base::Result<mls::ApplicationMessage> open(const ConversationId& conversation, ByteView message);
  mls::SecretBytes keys(const ConversationId& conversation);

  // Since the last call, in groups that were in memory.
  std::vector<Left> take_left() { return std::exchange(left_, {}); }

  // ---- key packages: MLSMessages, their secrets stored
  policy::base::Result<std::vector<Bytes>> make_key_packages(std::size_t count, bool last_resort);

 private:
  struct Question {  // asked while a message is judged
    bool stranger = false, unproven = false;
    std::optional<policy::base::Error> doubt;    // of a device that is known
    std::optional<policy::base::Error> failure;  // the store's
  };
  mls::Environment environment(const ConversationId& conversation, Question& question);
  bool admits(const mls::LeafNode& leaf, const std::set<std::string>& members, Question& question);
  bool is_unknown(const DeviceId& device);
  // Admits whatever comes, to see who would have to be known; what comes of it is thrown away.
  mls::Environment survey(std::vector<DeviceId>& unknown);
  mls::Member self() const;
  mls::Lifetime lifetime(policy::base::Seconds span) const;
  policy::base::Status put(const ConversationId& conversation, mls::Group group, store::Store::Epoch epoch,
                           std::optional<ByteView> used = {});
  policy::base::Result<Prepared> commit(const ConversationId& conversation, ByteView message_id, mls::CommitPlan plan);
  void note_left(const ConversationId& conversation, const mls::Group& next);
  static policy::base::Error reason(const mls::Error& error, const Question& question);
  policy::base::Result<Handshake> verdict_of(const mls::Error& error, const Question& question) const;

  DeviceId device_;
  mls::KeyPair key_;
  store::Store& store_;
  const policy::base::Clock& clock_;
  mls::NativeCrypto crypto_;
  std::map<ConversationId, mls::Group> memory_;
  std::vector<Left> left_;
};

}  // namespace clients::groups
