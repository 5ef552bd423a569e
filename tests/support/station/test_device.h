// A device that speaks the real protocol, for tests: login over HTTPS with both factors, then the stream. No local
// store: what a test wants to look at comes as frames.
//
// One thread. Member functions that return plain values fail the running GoogleTest test when the server refuses.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clients/transport/api.h"
#include "clients/transport/stream.h"
#include "policy/base/clock.h"
#include "policy/base/random.h"
#include "relay/wire/codec.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_groups.h"

namespace tests::support {

namespace pb = feierabend::v1;

// Second factors that tests have enrolled, by person: the secret of the otpauth URI.
std::string totp_code(const std::string& base32_secret, policy::base::Instant now);

class TestDevice {
 public:
  // `clock` outlives the device; null: the system's.
  TestDevice(const std::string& url, const std::string& ca_file, const policy::base::Clock* clock = nullptr);

  // Password and code; leaves the step at DEVICE. `secret` is filled at the first login of a person and used later;
  // each code works once, so logins of one person use neighbouring time steps.
  policy::base::Result<pb::LoginStep> login(const std::string& person, std::string& secret, int step_offset = 0,
                                            const std::string& password = kPassword);
  policy::base::Result<pb::SessionGrant> enrol(const pb::LoginStep& step, const std::string& name = "phone");
  // An enrolled device again, with the session that it gets.
  policy::base::Result<pb::SessionGrant> prove(const pb::LoginStep& step);
  // This device says that the other one, with this statement, is the same person's.
  policy::base::Status consent_to(const policy::base::DeviceId& device, const std::string& statement);
  // Everything at once.
  void log_in(const std::string& person, std::string& secret, int step_offset = 0);

  // Opens the stream (again).
  policy::base::Status connect();
  void disconnect() { link_.reset(); }
  bool connected() const { return link_ != nullptr; }

  // The answer to a question; deliveries and other pushed frames of the meantime are kept for next().
  policy::base::Result<pb::ServerFrame> ask(pb::ClientFrame question, std::int64_t timeout_ms = 10'000);
  pb::Conversation open(const std::vector<std::string>& persons);
  // A message as send() sends it, without a request number.
  policy::base::Result<pb::ClientFrame> sealed(const pb::Conversation& conversation, const std::string& text,
                                               pb::MessageClass message_class = pb::ROUTINE,
                                               const std::optional<std::string>& message_id = std::nullopt);
  policy::base::Result<pb::Accepted> send(const pb::Conversation& conversation, const std::string& text,
                                          pb::MessageClass message_class = pb::ROUTINE, const std::string& reason = {},
                                          const std::optional<std::string>& message_id = std::nullopt);
  // In the conversation's group, as send() does first: for tests that then let everything fail.
  policy::base::Status gather(const pb::Conversation& conversation) { return groups_.gather(conversation); }
  // Handshakes of groups come to next() instead of being taken up and acknowledged, and no key package is published.
  void leave_handshakes() { takes_handshakes_ = false; }
  // The next pushed frame that `wanted` accepts; others are dropped.
  std::optional<pb::ServerFrame> next(const std::function<bool(const pb::ServerFrame&)>& wanted,
                                      std::int64_t timeout_ms);
  std::optional<pb::Delivery> next_delivery(std::int64_t timeout_ms = 10'000);
  void ack(const pb::Delivery& delivery);
  std::string read(const pb::Delivery& delivery) { return groups_.open(delivery.stored()); }
  // Why the stream ended, after next() or ask() met its end.
  const std::string& lost() const { return lost_; }

  clients::transport::Api& api() { return api_; }
  const clients::transport::Credentials& credentials() const { return *credentials_; }
  const pb::SessionGrant& grant() const { return grant_; }
  const policy::base::DeviceId& id() const { return device_; }
  std::string new_message_id();

 private:
  // The next frame; nothing after `timeout_ms`, or when a handshake came. At the stream's end it says so in `lost_`.
  policy::base::Result<std::optional<pb::ServerFrame>> receive(std::int64_t timeout_ms);
  bool take_handshake(const pb::ServerFrame& frame);

  policy::base::SystemClock system_clock_;
  const policy::base::Clock& clock_;
  policy::base::SystemRandom random_;
  clients::mls::DeviceKey key_;
  std::unique_ptr<clients::transport::Network> network_;
  clients::transport::Api api_;
  std::optional<clients::transport::Credentials> credentials_;
  policy::base::DeviceId device_;
  pb::SessionGrant grant_;
  std::unique_ptr<clients::core::Link> link_;
  std::vector<pb::ServerFrame> pushed_;
  std::uint64_t last_request_ = 0;
  std::string lost_;
  bool takes_handshakes_ = true;
  TestGroups groups_;
};

}  // namespace tests::support
