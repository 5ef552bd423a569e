// A member's view of one group, and all that can happen to it (RFC 9420 §§ 11, 12, 15).
//
//     create ─┐                 ┌─ propose ──► the same epoch, one more pending proposal
//     join ───┼──► Group ───────┼─ commit ───► Staged: the next epoch, used only when the service accepted the commit
//     enter ──┘                 └─ receive ──► the next epoch, a pending proposal, or that we are out
//
// A value: what changes the epoch returns a new Group and leaves the old one untouched, so that a refused commit costs
// nothing and a crash before the new one is stored changes nothing. Only message keys are spent in place, by protect
// and open, and only after success: store `save_keys()` before what was protected leaves the device.
//
// Owned by one thread at a time. Errors are reasons (core/result.h); a group never asserts on what it was sent.
#pragma once

#include <memory>

#include "clients/mls/group/environment.h"
#include "clients/mls/group/epoch.h"
#include "clients/mls/group/events.h"
#include "clients/mls/group/key_package.h"
#include "clients/mls/group/public_commit.h"
#include "clients/mls/schedule/psk.h"
#include "clients/mls/schedule/secret_tree.h"
#include "clients/mls/tree/path.h"

namespace clients::mls {

// Messages of this many epochs before the present one can still be opened. Many, because a message may be held for a
// long rest while commits pass; each costs its unused message keys, and who signed in it only where that changed.
constexpr std::size_t kPastEpochsMax = 64;  // § 15.3
// Resumption secrets of this many epochs are kept.
constexpr std::size_t kResumptionEpochsMax = 8;  // § 8.6

struct MemberView {  // § 7.2
  LeafIndex leaf;
  Credential credential;
  PublicKey signature_key{};
};

class Group;

// By leaf (§ 7.2).
using SignatureKeys = std::map<LeafIndex, PublicKey>;

// § 12.4.1: what to commit.
struct CommitPlan {
  std::vector<Proposal> proposals{};  // by value: Add, Remove, PreSharedKey, GroupContextExtensions
  bool pending = true;                // and every pending proposal by reference that is not our own Update
  bool path = false;                  // a path even where none is required: fresh keys for us
  bool tree_in_welcome = true;
  Bytes authenticated_data{};
};

struct Received;

struct ApplicationMessage {  // § 15
  LeafIndex sender;
  std::uint64_t epoch = 0;
  Bytes authenticated_data;
  Bytes data;
  PublicKey signature_key{};  // of who stood at that leaf in that epoch
};

class Group {
 public:
  // § 11. One member, epoch 0. `extensions` are the group's: external senders, required capabilities.
  static Result<Group> create(const Environment& environment, CipherSuite suite, Bytes group_id, const Member& member,
                              Lifetime lifetime, Extensions extensions);

  // § 12.4.3.1. `tree`: the ratchet_tree where the Welcome holds none. The caller wipes the package's secrets after
  // success and checks that it has no other group of that id. Errors: kNotForUs (no entry for this package), kDecrypt,
  // kConfirmationTag, kTreeMissing, kPsk, kReinit, and those of check_tree.
  static Result<Group> join(const Environment& environment, const Welcome& welcome, const OwnKeyPackage& own,
                            const std::optional<Bytes>& tree = {});

  // § 12.4.3.2: without being invited, from a GroupInfo with external_pub. `replaces` is our old leaf (resync).
  struct Entered;
  static Result<Entered> enter(const Environment& environment, const GroupInfo& info, const Member& member,
                               const std::optional<Bytes>& tree = {}, std::optional<LeafIndex> replaces = {});

  // ---- what it is
  const GroupContext& context() const { return context_; }  // § 8.1
  CipherSuite suite() const { return context_.suite; }
  std::uint64_t epoch() const { return context_.epoch; }
  LeafIndex own_leaf() const { return keys_.own; }
  const RatchetTree& tree() const { return tree_; }                      // § 7
  std::vector<MemberView> members() const;                               // § 7.2
  std::span<const PendingProposal> pending() const { return pending_; }  // § 12.1
  // § 8.7: the same for all members of an epoch and for nobody else.
  const Secret& epoch_authenticator() const { return secrets_.epoch_authenticator; }
  // § 8.5.
  SecretBytes export_secret(const Crypto& crypto, std::string_view label, ByteView context,
                            std::size_t size_bytes) const;
  const Secret& resumption_psk() const { return secrets_.resumption_psk; }  // § 8.6

  // ---- handshake
  struct Proposed;
  // § 12.1: as a PublicMessage; it waits in the new group, too. For Update: `propose_update`.
  Result<Proposed> propose(const Environment& environment, Proposal proposal) const;
  Result<Proposed> propose_update(const Environment& environment) const;

  struct Staged;
  // §§ 12.4.1, 14: as a PublicMessage, which the service can hold against its rules; so no key of the old epoch is
  // spent and a refused commit can be made anew.
  Result<Staged> commit(const Environment& environment, const CommitPlan& plan) const;

  // A proposal or commit of somebody else (§§ 12.1, 12.4.2). Errors: kEpoch, kGroup, kSender, kOwnMessage,
  // kUnknownProposal, kConfirmationTag, and whatever is wrong with it.
  Result<Received> receive(const Environment& environment, const PublicMessage& message) const;
  Result<Received> receive(const Environment& environment, const PrivateMessage& message) const;

  // § 12.4.3: signed by us, with ratchet tree and external_pub, for those who enter.
  Result<GroupInfo> group_info(const Crypto& crypto, bool with_tree) const;

  // ---- application data (§ 15). Errors: kPendingProposals (§ 12.4: none is sent while one waits), kGeneration,
  // kSpent, kEpoch (too old or to come), kDecrypt, kSignature, kOwnMessage.
  Result<PrivateMessage> protect(const Crypto& crypto, Bytes data, Bytes authenticated_data = {});
  Result<ApplicationMessage> open(const Crypto& crypto, const PrivateMessage& message);

  // ---- storage (group/storage.cc). All of an epoch, and what changes with each message; the second overrides the
  // same part of the first. Both hold secrets (§ 9.2): the caller encrypts them.
  SecretBytes save() const;
  SecretBytes save_keys() const;
  static Result<Group> load(ByteView saved, std::optional<ByteView> saved_keys = {});

 private:
  friend class CommitMaker;
  friend class CommitTaker;
  friend class Newcoming;
  friend class Storage;
  friend class Forge;  // testing/forge.h

  // What is left of an epoch that ended: late messages can be opened.
  struct PastEpoch {
    std::uint64_t epoch = 0;
    Bytes encoded_context;
    std::shared_ptr<const SignatureKeys> signers;
    Secret sender_data;
    SecretTree keys;
  };
  struct Resumption {
    std::uint64_t epoch = 0;
    Secret psk;
  };

  Group(GroupContext context, RatchetTree tree, TreeKeys keys, EpochSecrets secrets, Bytes interim_transcript_hash,
        KeyPair signature_key);

  // The keys of a message's epoch, whether it is the present one or a past one.
  struct EpochView {
    ByteView encoded_context;
    const Secret* sender_data = nullptr;
    SecretTree* keys = nullptr;
    const SignatureKeys* signers = nullptr;  // null: the tree's
  };
  Group next_epoch(NextEpoch next, RatchetTree tree, TreeKeys keys) const;
  Result<EpochView> view_of(const PrivateMessage& message);
  PublicGround public_ground(const Environment& environment) const;
  Result<Received> take(const Environment& environment, const AuthenticatedContent& authenticated) const;
  Result<PublicKey> signer(const EpochView& view, LeafIndex at) const;
  Result<AuthenticatedContent> open_content(const Crypto& crypto, const PrivateMessage& message, const EpochView& view);
  Result<std::vector<Psk>> find_psks(const Environment& environment, std::span<const PskId> ids) const;

  GroupContext context_;
  Bytes encoded_context_;
  RatchetTree tree_;
  TreeKeys keys_;
  EpochSecrets secrets_;  // encryption is wiped: it lives in message_keys_
  SecretTree message_keys_;
  Bytes interim_transcript_hash_;
  KeyPair signature_key_;
  std::vector<PendingProposal> pending_;
  // Keys of our own Update proposals that wait, by their reference.
  std::vector<std::pair<ProposalRef, KeyPair>> updates_;
  std::vector<PastEpoch> past_;          // the latest last
  std::vector<Resumption> resumptions_;  // the latest last
};

struct Group::Proposed {  // § 12.1
  Group group;
  PublicMessage message;
  ProposalRef reference{};
};
struct Group::Staged {  // §§ 12.4.1, 14
  Group group;          // ours once the service has accepted the commit
  PublicMessage commit;
  std::optional<Welcome> welcome;
  CommitReceived summary;
};
struct Group::Entered {  // § 12.4.3.2
  Group group;
  PublicMessage commit;
};
struct Received {  // §§ 12.1, 12.4.2
  Group group;     // as it is after this message; of RemovedFromGroup the old one, for reading what is still underway
  std::variant<ProposalReceived, CommitReceived, RemovedFromGroup> event;
};

}  // namespace clients::mls
