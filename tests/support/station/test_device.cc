#include "tests/support/station/test_device.h"

#include <gtest/gtest.h>

#include "audit/certificate/certificate.h"
#include "clients/transport/https.h"
#include "clients/transport/problem.h"
#include "clients/transport/proof.h"
#include "gateway/session/totp.h"
#include "tests/support/process/process.h"

namespace tests::support {

using policy::base::as_bytes;
using policy::base::Error;
using policy::base::Result;
using policy::base::Status;

namespace {

constexpr std::size_t kPackages = 8;
constexpr std::int64_t kMoment_ms = 50;

std::unique_ptr<clients::transport::Network> start_network(const policy::base::Clock& clock, const std::string& url,
                                                           const std::string& ca_file) {
  return std::move(
      clients::transport::Network::start(clock, clients::transport::parse_server_url(url).value(), ca_file).value());
}

std::string secret_of(const std::string& uri) {
  const auto at = uri.find("secret=");
  return at == std::string::npos ? std::string() : uri.substr(at + 7, uri.find('&', at) - at - 7);
}

}  // namespace

std::string totp_code(const std::string& base32_secret, policy::base::Instant now) {
  auto finished = run({"oathtool", "--totp", "--base32", "--now",
                       policy::base::format_instant(now).substr(0, 19) + " UTC", base32_secret});
  while (finished.out.ends_with('\n')) finished.out.pop_back();
  return finished.out;
}

TestDevice::TestDevice(const std::string& url, const std::string& ca_file, const policy::base::Clock* clock)
    : clock_(clock != nullptr ? *clock : system_clock_),
      key_(clients::mls::DeviceKey::generate(random_)),
      network_(start_network(clock_, url, ca_file)),
      api_(*network_, random_),
      groups_(
          key_, clock_, [this](pb::ClientFrame question) { return ask(std::move(question)); },
          [this] {
            auto frame = receive(kMoment_ms);
            if (frame && *frame) pushed_.push_back(std::move(**frame));
            return frame.has_value();
          }) {}

Result<pb::LoginStep> TestDevice::login(const std::string& person, std::string& secret, int step_offset,
                                        const std::string& password) {
  auto step = api_.password(person, password);
  if (!step) return step;
  if (step->next() == pb::TOTP_ENROL) secret = secret_of(step->totp_uri());
  return api_.totp(step->step_token(), totp_code(secret, clock_.now() + policy::base::Seconds{step_offset * 30}));
}

Result<pb::SessionGrant> TestDevice::enrol(const pb::LoginStep& step, const std::string& name) {
  pb::EnrolRequest request;
  request.set_step_token(step.step_token());
  request.set_name(name);
  request.set_kind(pb::PHONE);
  request.set_identity_key(key_.identity_key().data(), key_.identity_key().size());
  const auto signature = key_.sign(clients::mls::enrol_statement(as_bytes(step.challenge()), key_.identity_key()));
  request.set_signature(signature.data(), signature.size());
  auto grant = api_.enrol(request);
  if (!grant) return grant;
  device_ = policy::base::DeviceId::from_wire(grant->device()).value();
  credentials_ = clients::transport::Credentials{grant->token(), key_};
  grant_ = *grant;
  groups_.enrolled(device_);
  // So that others can add it before it is there again, as the client does; and like there, only if it can.
  if (takes_handshakes_ && connect()) (void)groups_.publish(kPackages);
  link_.reset();
  return grant;
}

Result<pb::SessionGrant> TestDevice::prove(const pb::LoginStep& step) {
  pb::DeviceProofRequest request;
  request.set_step_token(step.step_token());
  request.set_device(device_.wire());
  const auto signature = key_.sign(clients::mls::prove_statement(as_bytes(step.challenge()), device_));
  request.set_signature(signature.data(), signature.size());
  auto grant = api_.prove(request);
  if (!grant) return grant;
  credentials_ = clients::transport::Credentials{grant->token(), key_};
  grant_ = *grant;
  return grant;
}

Status TestDevice::consent_to(const policy::base::DeviceId& device, const std::string& statement) {
  namespace certificate = audit::certificate;
  const auto signature = key_.sign(certificate::consent_message(certificate::digest_of(as_bytes(statement))));
  pb::ConsentRequest request;
  request.set_device(device.wire());
  request.set_signature(signature.data(), signature.size());
  constexpr const char* kPath = "/v1/devices/consent";
  const auto response = clients::transport::https(
      *network_, {"POST", kPath, clients::transport::proof_fields(*credentials_, "POST", kPath, clock_, random_),
                  relay::wire::to_json(request)});
  if (!response) return std::unexpected(response.error());
  if (response->status != 200) return std::unexpected(clients::transport::problem_of(*response));
  return {};
}

void TestDevice::log_in(const std::string& person, std::string& secret, int step_offset) {
  const auto step = login(person, secret, step_offset);
  ASSERT_TRUE(step) << policy::base::to_string(step.error());
  const auto grant = enrol(*step);
  ASSERT_TRUE(grant) << policy::base::to_string(grant.error());
}

Status TestDevice::connect() {
  link_.reset();
  lost_.clear();
  pushed_.clear();  // of the old stream: what was not acknowledged comes again
  clients::transport::StreamDialer dialer(*network_, *credentials_, random_);
  auto link = dialer.dial();
  if (!link) return std::unexpected(link.error());
  link_ = std::move(*link);
  return {};
}

Result<pb::ServerFrame> TestDevice::ask(pb::ClientFrame question, std::int64_t timeout_ms) {
  if (!link_) return policy::base::fail("stream.lost", "not connected");
  question.set_request(++last_request_);
  if (auto sent = link_->send(question); !sent) {
    lost_ = sent.error().code;
    link_.reset();
    return std::unexpected(sent.error());
  }
  const auto end = clock_.elapsed_ms() + timeout_ms;
  const std::uint64_t request = last_request_;
  while (clock_.elapsed_ms() < end) {
    auto frame = receive(std::max<std::int64_t>(1, end - clock_.elapsed_ms()));
    if (!frame) return std::unexpected(frame.error());
    if (!*frame) continue;
    if ((*frame)->request() != request) {
      pushed_.push_back(std::move(**frame));
      continue;
    }
    if ((*frame)->has_problem()) return std::unexpected(relay::wire::to_error((*frame)->problem()));
    return std::move(**frame);
  }
  return policy::base::fail("stream.timeout", "no answer in time");
}

Result<std::optional<pb::ServerFrame>> TestDevice::receive(std::int64_t timeout_ms) {
  if (!link_) return policy::base::fail("stream.lost", "not connected");
  auto frame = link_->receive(timeout_ms);
  if (!frame) {
    lost_ = frame.error().code;
    link_.reset();
    return frame;
  }
  if (*frame && take_handshake(**frame)) return std::nullopt;
  return frame;
}

bool TestDevice::take_handshake(const pb::ServerFrame& frame) {
  if (!takes_handshakes_ || !frame.has_delivery()) return false;
  const auto& envelope = frame.delivery().stored().envelope();
  if (envelope.kind() == pb::APPLICATION) return false;
  groups_.take(envelope);
  ack(frame.delivery());
  return true;
}

pb::Conversation TestDevice::open(const std::vector<std::string>& persons) {
  pb::ClientFrame question;
  for (const auto& person : persons) question.mutable_open()->add_persons(person);
  auto answer = ask(std::move(question));
  EXPECT_TRUE(answer) << policy::base::to_string(answer.error());
  return answer ? answer->conversation() : pb::Conversation();
}

std::string TestDevice::new_message_id() { return policy::base::ClientMessageId{random_.array<16>()}.wire(); }

Result<pb::ClientFrame> TestDevice::sealed(const pb::Conversation& conversation, const std::string& text,
                                           pb::MessageClass message_class,
                                           const std::optional<std::string>& message_id) {
  pb::ClientFrame question;
  auto& envelope = *question.mutable_send()->mutable_envelope();
  envelope.set_conversation(conversation.conversation());
  envelope.set_kind(pb::APPLICATION);
  envelope.set_message_class(message_class);
  envelope.set_client_message_id(message_id.value_or(new_message_id()));
  if (auto done = groups_.seal(conversation, text, envelope); !done) return std::unexpected(done.error());
  return question;
}

Result<pb::Accepted> TestDevice::send(const pb::Conversation& conversation, const std::string& text,
                                      pb::MessageClass message_class, const std::string& reason,
                                      const std::optional<std::string>& message_id) {
  auto question = sealed(conversation, text, message_class, message_id);
  if (!question) return std::unexpected(question.error());
  question->mutable_send()->set_reason(reason);
  auto answer = ask(std::move(*question));
  if (!answer) return std::unexpected(answer.error());
  return answer->accepted();
}

std::optional<pb::ServerFrame> TestDevice::next(const std::function<bool(const pb::ServerFrame&)>& wanted,
                                                std::int64_t timeout_ms) {
  const auto kept = std::ranges::find_if(pushed_, wanted);
  if (kept != pushed_.end()) {
    auto frame = std::move(*kept);
    pushed_.erase(pushed_.begin(), kept + 1);
    return frame;
  }
  pushed_.clear();
  const auto end = clock_.elapsed_ms() + timeout_ms;
  while (link_ && clock_.elapsed_ms() < end) {
    auto frame = receive(std::max<std::int64_t>(1, end - clock_.elapsed_ms()));
    if (!frame) break;
    if (*frame && wanted(**frame)) return std::move(**frame);
  }
  return std::nullopt;
}

std::optional<pb::Delivery> TestDevice::next_delivery(std::int64_t timeout_ms) {
  auto frame = next([](const pb::ServerFrame& one) { return one.has_delivery(); }, timeout_ms);
  if (!frame) return std::nullopt;
  return std::move(*frame->mutable_delivery());
}

void TestDevice::ack(const pb::Delivery& delivery) {
  pb::ClientFrame frame;
  frame.set_request(++last_request_);
  frame.mutable_ack()->set_conversation(delivery.stored().envelope().conversation());
  frame.mutable_ack()->set_message_class(delivery.stored().envelope().message_class());
  frame.mutable_ack()->set_sequence(delivery.stored().sequence());
  if (link_ && !link_->send(frame)) link_.reset();
}

}  // namespace tests::support
