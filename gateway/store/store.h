// The gateway's own memory: people it has seen, their second factor, failures, devices, sessions, conversations.
// One SQLite file, `gateway.db`, readable by its owner only.
//
// One connection does all writes and all checkpoints, under one mutex: SQLite up to 3.51.2 can lose data when two
// connections of a WAL database do so at once. Run one Store per file; a second one is safe for the constraints below
// (they are the database's, not ours), but not against that bug.
//
// Threads: every method may be called from any thread; it blocks for the disk. A method that returns success has
// written durably (synchronous=FULL). Errors everywhere: store.failed, store.busy, store.constraint; others are named.
// Missing rows are not errors: std::optional or a count says so. Instants are the caller's; the store reads no clock.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/store/group_records.h"
#include "gateway/store/records.h"
#include "policy/base/result.h"

namespace gateway::store {

class Database;

class Store {
 public:
  // Creates the file or brings it to the newest schema. Error: store.too-new (written by a later version).
  static base::Result<std::unique_ptr<Store>> open(const std::string& path);
  ~Store();

  // -- people ---------------------------------------------------------------------------------------------------------
  struct Ensured {
    PersonRecord record;
    bool replaced = false;  // the uid belonged to another stable_id: everything of that person was forgotten
  };
  // The person's record, made with `fresh` as mailbox if there is none.
  base::Result<Ensured> ensure_person(std::string_view person, std::string_view stable_id,
                                      const base::MailboxId& fresh);
  base::Result<std::optional<PersonRecord>> person(std::string_view person);
  base::Result<std::optional<PersonRecord>> person_of(const base::MailboxId& mailbox);
  // Deletes the person with factor, devices, sessions and memberships.
  base::Status forget_person(std::string_view person);

  // -- second factor
  // ----------------------------------------------------------------------------------------------------
  base::Result<std::optional<Factor>> factor(std::string_view person);
  // Error: factor.exists.
  base::Status add_factor(std::string_view person, const Factor& factor);
  // False if `counter` is not later than every one before: the code was used, here or before a restart.
  base::Result<bool> advance_counter(std::string_view person, std::int64_t counter);
  base::Status remove_factor(std::string_view person);

  // -- failures
  // ----------------------------------------------------------------------------------------------------------- Counts
  // a failure *before* the password or code is looked at, so that attempts in parallel cannot outrun the lock. The
  // attempt that reaches `failures_max` sets the lock for everybody else at once. After a lock has passed, the count
  // stays: one more failure locks again.
  base::Result<Attempt> begin_attempt(std::string_view person, base::Instant now, std::uint32_t failures_max,
                                      base::Seconds lock_for);
  base::Status return_attempt(std::string_view person);  // it was right, or could not be judged
  base::Status clear_failures(std::string_view person);  // logged in completely

  // -- devices
  // ------------------------------------------------------------------------------------------------------------
  enum class Added { yes, limit_reached, key_known };
  // At most `devices_max` (≤ kDevicesPerPersonMax) active devices per person. The row takes the first free slot in the
  // statement that inserts it; UNIQUE(person, slot) and CHECK(slot ≤ devices_max) are what holds against any race.
  // The key of a device, active or not, is never accepted again. One that says `waiting` waits if the person has a
  // usable one already.
  base::Result<Added> add_device(const Device& device, std::uint32_t devices_max);
  base::Result<std::vector<Device>> active_devices(std::string_view person);  // by slot
  base::Result<std::vector<Device>> all_devices(std::string_view person);     // by enrolment
  base::Result<std::vector<DeviceOwner>> device_owners();                     // every device there ever was
  base::Result<std::optional<Device>> device(const base::DeviceId& id);
  base::Result<std::optional<Device>> device_of_key(const PublicKey& sign_key);
  // Ends the device and its sessions in one transaction. The sessions are kept, marked, so that it can be told. False
  // if it was not active; a removed device can still be wiped.
  base::Result<bool> end_device(const base::DeviceId& id, DeviceState state, base::Instant now);

  // -- certificates (certificates.cc)
  // Keeps this statement unless there is one already; the one that is kept.
  base::Result<base::Bytes> ensure_statement(const base::DeviceId& device, base::ByteView statement);
  base::Result<std::optional<Certificate>> certificate(const base::DeviceId& device);
  base::Status set_certificate_entry(const base::DeviceId& device, const Certificate::Entry& entry);
  // The device is usable from now on. False if it did not wait.
  base::Result<bool> consent(const base::DeviceId& device, const Certificate::Consent& consent,
                             const Certificate::Entry& entry);
  // The same without consent, if its person has no usable device. False if it did not wait or there is one.
  base::Result<bool> end_waiting_if_alone(const base::DeviceId& device);
  // Usable devices, at most so many, without an entry or with one from before `oldest`.
  base::Result<std::vector<base::DeviceId>> uncertified(base::Instant oldest, std::uint32_t count_max);

  // -- sessions
  // -----------------------------------------------------------------------------------------------------------
  // Replaces the device's earlier session: a device has one. Error: device.unknown (not active, or another person's).
  base::Status add_session(const Session& session, const Hash& token);
  base::Result<std::optional<Session>> session_of(const Hash& token);
  base::Status set_pending(const SessionId& id, const Hash& token);  // replaces an earlier pending one
  base::Status promote_pending(const SessionId& id);                 // the pending token is the only one from now on
  base::Status touch(const SessionId& id, base::Instant now);
  base::Result<bool> end_session(const SessionId& id);
  base::Result<std::size_t> end_sessions_of(std::string_view person);
  base::Result<std::vector<std::string>> people_with_sessions();  // live ones, sorted, each once
  base::Result<std::size_t> purge_sessions(base::Instant now);    // those past `expires`

  // -- conversations
  // ------------------------------------------------------------------------------------------------------ The direct
  // conversation of two people: the one there is, or a new one with id `fresh`. Both must be known. Errors:
  // conversation.members.
  base::Result<Conversation> open_direct(std::string_view one, std::string_view other,
                                         const base::ConversationId& fresh, base::Instant now);
  // Errors: conversation.members (fewer than 1, more than kMembersMax, unknown people).
  base::Result<Conversation> create_group(std::span<const std::string> members, const base::ConversationId& fresh,
                                          base::Instant now);
  base::Result<std::optional<Conversation>> conversation(const base::ConversationId& id);
  base::Result<std::vector<Conversation>> conversations_of(std::string_view person);
  base::Result<bool> is_member(const base::ConversationId& id, std::string_view person);

  // -- interruptions --------------------------------------------------------------------------------------------------
  // Kept for kInterruptionsKept_s: longer than any rest that they could begin anew.
  base::Status add_interruption(std::string_view person, base::Interval span);
  base::Result<std::vector<Interruption>> interruptions();  // by person, then begin
  base::Result<std::vector<Interruption>> interruptions_of(std::string_view person);
  base::Status purge_interruptions(base::Instant now);

  // -- rules ----------------------------------------------------------------------------------------------------------
  // The signed rules in force. A lower revision, or other bytes of the same one, is refused by the database itself
  // (store.constraint).
  base::Result<std::optional<RulesInForce>> rules_in_force();
  base::Status put_rules_in_force(const RulesInForce& rules);

  // -- openings: overrides and self-openings ------------------------------------------------------------------------
  // All kept for kOpeningsKept_s. Error of both: opening.too-many (kOpeningsPerPersonMax).
  base::Status add_override(const Override& granted);  // the very same twice is one
  base::Status add_self_opening(const SelfOpening& opening);
  // Grows with every change of overrides and self-openings by this process: whoever reads it and then the openings has
  // all changes up to it.
  std::uint64_t openings_version() const { return openings_version_; }
  // Ends what is open now; those that have not begun are deleted. False if nothing was open.
  base::Result<bool> close_self_openings(std::string_view person, base::Instant now);
  base::Result<std::vector<Override>> overrides();  // by person, then begin
  base::Result<std::vector<Override>> overrides_of(std::string_view person);
  base::Result<std::vector<Override>> overrides_by(std::string_view granter);  // by begin
  base::Result<std::vector<SelfOpening>> self_openings();                      // by person, then begin
  base::Result<std::vector<SelfOpening>> self_openings_of(std::string_view person);
  base::Status add_expired(std::string_view person, std::uint64_t count, base::Instant now);
  base::Result<std::vector<Expiry>> expired_of(std::string_view person);  // by day
  base::Status purge_openings(base::Instant now);

  // How many people opened their own gate on the day that begins then.
  base::Result<std::uint64_t> people_who_opened(base::Instant day);
  // The day up to which (exclusively) this was told; nothing: never.
  base::Result<std::optional<base::Instant>> counted_until();
  base::Status set_counted_until(base::Instant day);

  // -- openings of pseudonyms ---------------------------------------------------------------------------------------
  base::Status add_pseudonym_opening(const PseudonymOpening& opening);  // of a request once; the first one counts
  // Those of which people are told by now, by the instant of opening.
  base::Result<std::vector<PseudonymOpening>> pseudonym_openings_told(base::Instant now);
  base::Status purge_pseudonym_openings(base::Instant now);

  // -- key packages -------------------------------------------------------------------------------------------------
  // All of them or none. False: more than kKeyPackagesMax would wait. A reference that was published before is passed
  // over, so that nothing is handed out twice. The last resort replaces the one before, if it is another one.
  base::Result<bool> add_key_packages(const base::DeviceId& device, std::span<const KeyPackage> packages,
                                      const std::optional<KeyPackage>& last_resort, base::Instant now);
  // The oldest that is still valid, which is gone with that; else the last resort, which stays. Nothing: neither.
  base::Result<std::optional<HandedOut>> hand_out(const base::DeviceId& device, base::Instant now);
  base::Result<std::optional<HandedOut>> hand_out_last_resort(const base::DeviceId& device, base::Instant now);
  base::Result<KeyPackageStock> key_package_stock(const base::DeviceId& device, base::Instant now);
  base::Status purge_key_packages(base::Instant now);

  // -- groups -------------------------------------------------------------------------------------------------------
  base::Result<bool> begin_group(const Group& group, const base::DeviceId& leaf);  // false: there is one
  base::Result<std::optional<Group>> group(const base::ConversationId& id);
  base::Result<std::optional<GroupStanding>> group_standing(const base::ConversationId& id);
  // The state with one more proposal, in the same epoch, and the removals among them that the gateway made.
  base::Status put_proposals(const base::ConversationId& id, base::ByteView state, std::span<const Removal> removals);
  base::Result<std::vector<Removal>> removals(const base::ConversationId& id);
  base::Status removal_told(const base::ConversationId& id, const Hash& reference);
  // Until it is taken back, or put_proposals comes with removals.
  base::Status owe_removal(const base::ConversationId& id, bool owed);
  base::Result<std::vector<base::ConversationId>> groups_owing_removals();

  // Before the commit leaves for the relay. Error: store.constraint (there is one).
  base::Status put_candidate(const Candidate& candidate);
  base::Result<std::optional<Candidate>> candidate(const base::ConversationId& id);
  base::Result<std::vector<base::ConversationId>> groups_with_candidates();
  // The relay has accepted it: its epoch begins, and what waited in the old one is forgotten. False: there is none.
  base::Result<bool> promote_candidate(const base::ConversationId& id, const LastCommit& last);
  base::Status drop_candidate(const base::ConversationId& id);

  base::Result<std::vector<base::ConversationId>> groups_of_device(const base::DeviceId& device);
  base::Result<std::vector<base::ConversationId>> groups_of_person(std::string_view person);
  // With a leaf whose device is not active or whose person is not in the conversation.
  base::Result<std::vector<base::ConversationId>> groups_with_strays();
  base::Result<std::vector<base::ConversationId>> groups_with_untold_removals();
  base::Result<std::vector<std::string>> people_with_leaves();
  base::Result<bool> has_groups();
  // The public key that groups name as the gateway's. Nothing: written by a program that did not note it.
  base::Result<std::optional<Hash>> external_sender();
  base::Status put_external_sender(const Hash& key);

  // Copies the WAL into the main file and empties it. False if a reader of another process was in the way.
  base::Result<bool> checkpoint();

 private:
  explicit Store(Database database);
  base::Status owe_removal_locked(const base::ConversationId& id, bool owed);

  std::mutex mutex_;
  std::unique_ptr<Database> database_;  // guarded by mutex_
  std::atomic<std::uint64_t> openings_version_{0};
};

}  // namespace gateway::store
