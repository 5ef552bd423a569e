// The encrypted local store of one device: account, messages, outbox, what was seen of each conversation, and work
// handed from one process of the same person to the one that holds the stream.
//
// One folder, mode 0700: `key` (vault.h), `messages.db`, `stream.lock`. Every value is sealed; row keys are keyed
// hashes. What a thief of the folder still sees: how many messages and outgoing ones there are, their order, class,
// size class of the text, and deadlines.
//
// Durable when a call returns. One Store is used by one thread; several processes may open the same folder. Outlives
// nothing: `random` outlives the store. Errors: those of vault.h, store.full, store.damaged, store.unavailable,
// store.too-new (a later version wrote it).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clients/store/record.pb.h"
#include "clients/store/vault.h"
#include "policy/base/bytes.h"
#include "policy/base/instant.h"

namespace clients::store {

namespace record = ::feierabend::store::v1;

constexpr std::size_t kOutboxMax = 1000;
constexpr std::size_t kAsksMax = 64;
constexpr std::size_t kHistoryMax = 10'000;
constexpr policy::base::Seconds kAskLifetime{120};
// How long a message that is gone is still known as seen. The relay destroyed it at its deadline, so no honest repeat
// can come later; the day covers clocks that differ.
constexpr policy::base::Seconds kSeenAfterDeadline{86'400};

// Key packages whose secrets are kept, used ones excluded: a server that asks for more and more gets none.
constexpr std::size_t kKeyPackagesMax = 400;
// A Welcome may be under way when its key package runs out; after this time its secrets go.
constexpr policy::base::Seconds kKeyPackageGrace{7 * 86'400};

struct Ask {
  std::int64_t id = 0;
  std::string request;
};

class Database;

class Store {
 public:
  static policy::base::Result<std::unique_ptr<Store>> create(const std::filesystem::path& folder, std::string_view pin,
                                                             policy::base::Random& random, const PinWork& work = {});
  static policy::base::Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder, std::string_view pin,
                                                           policy::base::Random& random);
  static bool exists(const std::filesystem::path& folder);
  // Destroys key, database and lock file; needs no PIN. Running processes find their store gone at the next call.
  static policy::base::Status wipe(const std::filesystem::path& folder, policy::base::Random& random);
  ~Store();

  const std::filesystem::path& folder() const { return folder_; }
  policy::base::Status change_pin(std::string_view pin, const PinWork& work = {}) {
    return vault_.change_pin(pin, work);
  }

  policy::base::Result<std::optional<record::Account>> account();
  policy::base::Status save(const record::Account& account);
  policy::base::Result<std::optional<record::PendingLogin>> pending_login();
  policy::base::Status save(const record::PendingLogin& login);
  policy::base::Status forget_pending_login();

  // Opaque here; the engine reads it.
  policy::base::Result<std::optional<record::ContentRules>> content_rules();
  policy::base::Status save(const record::ContentRules& rules);

  // True: new and stored. False: a repeat, nothing changed. `keys`: of the group that opened it, spent by it, stored in
  // the same step.
  policy::base::Result<bool> add_incoming(const record::Message& message,
                                          std::optional<policy::base::ByteView> keys = {});
  policy::base::Result<bool> holds(const record::Message& message);  // whether it would be a repeat
  // The outgoing message becomes a message of the conversation; both in one step. Repeats change nothing.
  policy::base::Status accepted(const record::Message& message);
  policy::base::Result<std::optional<record::Message>> message(const policy::base::ConversationId& conversation,
                                                               std::uint64_t sequence);
  policy::base::Result<std::optional<record::Message>> sent_message(const policy::base::ClientMessageId& id);
  // Oldest first; the newest `limit` of them.
  policy::base::Result<std::vector<record::Message>> history(const policy::base::ConversationId& conversation,
                                                             std::size_t limit);
  // Incoming messages that no window has shown yet, in order of arrival.
  policy::base::Result<std::vector<record::Message>> unshown(std::size_t limit);
  policy::base::Status mark_shown(const record::Message& message);
  // The highest sequence stored of a class in a conversation; 0 for none. Also of messages that are gone.
  policy::base::Result<std::uint64_t> last_sequence(const policy::base::ConversationId& conversation,
                                                    std::uint32_t message_class);
  // Deletes messages whose deadline has come. Answers how many.
  policy::base::Result<std::size_t> expire(policy::base::Instant now);

  policy::base::Status enqueue(const record::Outgoing& outgoing);  // error: store.full
  policy::base::Result<std::vector<record::Outgoing>> outbox();    // oldest first, refused ones included
  policy::base::Result<std::optional<record::Outgoing>> outgoing(const policy::base::ClientMessageId& id);
  policy::base::Status update(const record::Outgoing& outgoing);
  // The outgoing message with its ciphertext, and the group's keys without the one that it spent, in one step.
  policy::base::Status protect(const record::Outgoing& outgoing, const policy::base::ConversationId& conversation,
                               policy::base::ByteView keys);
  policy::base::Status remove_outgoing(const policy::base::ClientMessageId& id);

  policy::base::Status save(const record::KnownConversation& conversation);
  policy::base::Result<std::optional<record::KnownConversation>> conversation(const policy::base::ConversationId& id);
  policy::base::Result<std::vector<record::KnownConversation>> conversations();

  policy::base::Result<std::optional<record::PinnedDevice>> pinned(const policy::base::DeviceId& device);
  // Every device that was ever seen, and those of one person. Both read all rows: for what happens rarely.
  policy::base::Result<std::vector<record::PinnedDevice>> all_pinned();
  policy::base::Result<std::vector<record::PinnedDevice>> pinned_of(std::string_view person);
  // All in one step. One that is pinned stays as it is.
  policy::base::Status pin_devices(std::span<const record::PinnedDevice> devices);
  policy::base::Status update(std::span<const record::PinnedDevice> devices);

  policy::base::Result<std::vector<record::TrustedLog>> trusted_logs();
  policy::base::Status trust(const record::TrustedLog& log);  // the first of an origin stays
  // True at the first call with these arguments, and never again.
  policy::base::Result<bool> tell_once(const policy::base::DeviceId& device, std::string_view what);

  // ---- groups: all of one, and what changes with each message (clients::mls::Group::save, save_keys)
  struct StoredGroup {
    std::string saved;
    std::optional<std::string> keys;
  };
  policy::base::Result<std::optional<StoredGroup>> group(const policy::base::ConversationId& conversation);
  enum class Epoch { kSame, kNext };
  // kNext: whatever was staged for the epoch before is dropped. `waiting`: proposals wait for a commit. `used`: the key
  // package that was spent for it, whose secrets go.
  policy::base::Status save_group(const record::GroupState& group, Epoch epoch, bool waiting,
                                  std::optional<policy::base::ByteView> used = {});
  policy::base::Status forget_group(const policy::base::ConversationId& conversation);  // and its staged step
  policy::base::Result<std::vector<record::GroupState>> groups();
  // This folder becomes another device: groups, staged steps and key packages of the one before go, and so do the
  // ciphertexts in the outbox; its texts stay, and are sealed anew. All in one step.
  policy::base::Status forget_device();

  policy::base::Status stage(const record::StagedStep& step);
  policy::base::Result<std::optional<record::StagedStep>> staged(const policy::base::ConversationId& conversation);
  policy::base::Status unstage(const policy::base::ConversationId& conversation);
  // Conversations with a staged step, and groups in which proposals wait.
  policy::base::Result<std::vector<record::StagedStep>> all_staged();
  policy::base::Result<std::vector<record::GroupState>> waiting_groups();

  // By KeyPackageRef. Error: store.full.
  struct NamedKeyPackage {
    policy::base::Bytes reference;
    record::OwnKeyPackage record;
  };
  policy::base::Status add_key_packages(const std::vector<NamedKeyPackage>& packages);
  policy::base::Result<std::optional<record::OwnKeyPackage>> key_package(policy::base::ByteView reference);
  policy::base::Result<std::size_t> key_package_count();

  // A request for the server, handed to the process that holds the stream, and its answer: both opaque here.
  policy::base::Result<std::int64_t> put_ask(const std::string& request,
                                             policy::base::Instant now);  // error: store.full
  policy::base::Result<std::vector<Ask>> open_asks();
  policy::base::Status answer_ask(std::int64_t id, const std::string& answer);
  policy::base::Result<std::optional<std::string>> take_answer(std::int64_t id);

  // True when another process has written since the last call.
  policy::base::Result<bool> changed_elsewhere();

 private:
  Store(std::filesystem::path folder, Vault vault, Database database);
  static policy::base::Result<std::unique_ptr<Store>> assemble(const std::filesystem::path& folder, Vault vault);

  policy::base::Status put_meta(std::string_view name, const std::string& record);
  policy::base::Result<std::optional<std::string>> meta(std::string_view name);
  policy::base::Status insert_message(const record::Message& message, bool shown);
  policy::base::Status write_devices(const char* sql, std::span<const record::PinnedDevice> devices);
  policy::base::Status put_keys(const policy::base::Bytes& ref, policy::base::ByteView keys);
  policy::base::Result<std::vector<record::Message>> messages(std::string_view sql,
                                                              const policy::base::Bytes* conversation,
                                                              std::size_t limit);

  std::filesystem::path folder_;
  Vault vault_;
  std::unique_ptr<Database> database_;
  std::int64_t data_version_ = -1;
};

}  // namespace clients::store
