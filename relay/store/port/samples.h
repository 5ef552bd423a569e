// Small ids, messages and repeatable randomness for the tests of stores and of what stands on them.
#pragma once

#include <random>
#include <vector>

#include "policy/base/random.h"
#include "relay/core/change.h"

namespace relay::store::contract {

using namespace core;  // NOLINT(google-build-using-namespace): the words of the contract are those of core
using policy::base::kDay;
using policy::base::kHour;
using policy::base::Seconds;

// Repeatable randomness; remembers what it gave, so that a test can look for it on disk.
class SeededRandom final : public policy::base::Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(engine_());
    given.emplace_back(bytes.begin(), bytes.end());
  }
  std::vector<policy::base::Bytes> given;

 private:
  std::mt19937_64 engine_;
};

constexpr Instant kNow{1'800'000'000 - 1'800'000'000 % 86400 + 10 * 3600};  // ten in the morning, UTC
constexpr std::uint32_t kAllClasses = 0x1F;

template <typename IdType>
IdType id(std::uint8_t number) {
  IdType out;
  out.bytes.fill(number);
  return out;
}
inline MailboxId mailbox(std::uint8_t n) { return id<MailboxId>(n); }
inline DeviceId device(std::uint8_t n) { return id<DeviceId>(n); }
inline ConversationId conversation(std::uint8_t n) { return id<ConversationId>(n); }

struct Message {
  std::uint8_t conversation_number = 1;
  std::uint8_t sender = 1;
  std::uint8_t sender_device = 1;
  std::uint8_t number = 1;
  pb::MessageClass message_class = pb::ROUTINE;
  pb::Kind kind = pb::APPLICATION;
  std::uint64_t epoch = 0;
  Instant deadline = kNow + Seconds{5 * 3600};
  std::string ciphertext = "sealed";
};

inline Accept accept(const Message& m) {
  Accept out;
  out.sender = mailbox(m.sender);
  out.envelope.set_conversation(conversation(m.conversation_number).wire());
  out.envelope.set_sender_device(device(m.sender_device).wire());
  out.envelope.set_client_message_id(std::string(16, static_cast<char>(m.number)));
  out.envelope.set_message_class(m.message_class);
  out.envelope.set_kind(m.kind);
  out.envelope.set_epoch(m.epoch);
  out.envelope.set_deadline_s(m.deadline.unix_s);
  out.envelope.set_ciphertext(m.ciphertext);
  return out;
}

struct Dice {
  std::mt19937_64 engine;
  std::uint8_t below(std::uint64_t bound) { return static_cast<std::uint8_t>(engine() % bound); }
};

}  // namespace relay::store::contract
