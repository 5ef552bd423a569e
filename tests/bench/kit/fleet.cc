#include "tests/bench/kit/fleet.h"

#include <liboath/oath.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "clients/transport/problem.h"
#include "clients/transport/proof.h"
#include "relay/net/http.h"
#include "relay/net/websocket.h"

namespace tests::bench {

using policy::base::as_bytes;
using policy::base::ByteView;
using policy::base::Error;
using policy::base::fail;
using policy::base::Status;
using relay::net::WsOpcode;

namespace {

constexpr std::size_t kAtOnce = 16;
constexpr relay::net::HttpLimits kHttp{16 * 1024, 256 * 1024};

// RFC 6238 as the gateway offers it: the secret of the otpauth URI, SHA-1, six digits, 30 s.
std::string code_now(const std::string& uri, const policy::base::Clock& clock) {
  const auto at = uri.find("secret=");
  if (at == std::string::npos) return {};
  const std::string base32 = uri.substr(at + 7, uri.find('&', at) - at - 7);
  char* secret = nullptr;
  std::size_t size = 0;
  char code[7] = {};
  if (oath_base32_decode(base32.data(), base32.size(), &secret, &size) != OATH_OK) return {};
  oath_totp_generate(secret, size, static_cast<std::time_t>(clock.now().unix_s), 30, 0, 6, code);
  std::free(secret);
  return code;
}

}  // namespace

class Fleet::Device final : public relay::net::ChannelOwner {
 public:
  Device(Fleet& fleet, std::size_t number, std::string person)
      : fleet_(fleet),
        number_(number),
        person_(std::move(person)),
        key_(clients::mls::DeviceKey::generate(fleet.random_)) {}
  ~Device() {
    if (channel_) channel_->detach();
  }

  const std::string& person() const { return person_; }
  const policy::base::DeviceId& id() const { return id_; }
  const clients::mls::DeviceKey& key() const { return key_; }

  void log_in(Lane::Done done) {
    pb::PasswordRequest request;
    request.set_user(person_);
    request.set_password(fleet_.password_);
    begin(std::move(done), post("/v1/login/password", request));
    next_ = &Device::on_password;
  }
  void connect(Lane::Done done) {
    const clients::transport::Credentials credentials{token_, key_};
    websocket_key_ = policy::base::to_base64(fleet_.random_.array<16>());
    relay::net::HttpRequest request{
        "GET", "/v1/stream",
        clients::transport::proof_fields(credentials, "GET", "/v1/stream", fleet_.lane_.clock(), fleet_.random_), ""};
    const std::pair<const char*, std::string> upgrade[] = {{"Upgrade", "websocket"},
                                                           {"Connection", "Upgrade"},
                                                           {"Origin", "https://" + host()},
                                                           {"Sec-WebSocket-Version", "13"},
                                                           {"Sec-WebSocket-Key", websocket_key_},
                                                           {"Sec-WebSocket-Protocol", "feierabend.v1"}};
    for (const auto& [name, value] : upgrade) request.fields.emplace_back(name, value);
    begin(std::move(done), relay::net::format_request(request, host()));
    next_ = &Device::on_upgrade;
  }
  void send(const pb::ClientFrame& frame) {
    if (streaming_) write(WsOpcode::kBinary, frame.SerializeAsString());
  }

 private:
  using Next = void (Device::*)(const relay::net::HttpResponse&);

  std::string host() const { return "127.0.0.1:" + std::to_string(fleet_.lane_.port()); }
  std::string post(const char* target, const google::protobuf::Message& body) const {
    return relay::net::format_request(
        {"POST", target, {{"Content-Type", "application/json"}}, relay::wire::to_json(body)}, host());
  }
  void begin(Lane::Done done, std::string first) {
    done_ = std::move(done);
    first_ = std::move(first);
    auto channel = fleet_.lane_.dial();
    if (!channel) return finish(std::unexpected(channel.error()));
    channel_ = std::move(*channel);
    channel_->start(*this);
  }
  void finish(Status status) {
    if (auto done = std::exchange(done_, nullptr)) done(std::move(status));
  }
  void give_up(Error why) {
    channel_->close();
    finish(std::unexpected(std::move(why)));
  }
  void write(WsOpcode opcode, const std::string& payload) {
    const auto drawn = fleet_.random_.array<4>();
    std::uint32_t mask = 0;
    std::memcpy(&mask, drawn.data(), sizeof mask);
    channel_->send(as_bytes(relay::net::ws_frame(opcode, payload, mask)));
  }

  void on_open() override { channel_->send(as_bytes(std::exchange(first_, {}))); }
  void on_closed(const Error& why) override {
    if (done_) return finish(std::unexpected(why));
    if (std::exchange(streaming_, false)) ++fleet_.lost_;
  }
  std::size_t on_bytes(ByteView bytes) override {
    std::size_t consumed = 0;
    if (!streaming_) {
      auto parsed = relay::net::parse_response(bytes, kHttp);
      if (!parsed) return give_up(parsed.error()), bytes.size();
      if (!*parsed) return 0;
      consumed = (*parsed)->consumed;
      (this->*next_)((*parsed)->message);
    }
    while (streaming_ && consumed < bytes.size()) {
      auto decoded = decoder_->decode(bytes.subspan(consumed));
      if (!decoded) return give_up(decoded.error()), bytes.size();
      if (decoded->consumed == 0) break;
      consumed += decoded->consumed;
      if (decoded->event) on_event(*decoded->event);
    }
    return consumed;
  }
  void on_event(const relay::net::WsEvent& event) {
    if (event.opcode == WsOpcode::kPing) return write(WsOpcode::kPong, event.payload);
    if (event.opcode != WsOpcode::kBinary) return;
    const auto frame = relay::wire::parse_server_frame(as_bytes(event.payload));
    if (!frame) return give_up(frame.error());
    fleet_.on_frame_(number_, *frame);
    if (frame->has_gate()) finish({});  // the first one: the stream stands
  }

  // One step of the login after the other, on one connection.
  template <typename Answer>
  std::optional<Answer> answer(const relay::net::HttpResponse& response) {
    if (response.status != 200) return give_up(clients::transport::problem_of(response)), std::nullopt;
    auto parsed = relay::wire::parse_json<Answer>(response.body);
    if (!parsed) return give_up(parsed.error()), std::nullopt;
    return std::move(*parsed);
  }
  void on_password(const relay::net::HttpResponse& response) {
    const auto step = answer<pb::LoginStep>(response);
    if (!step) return;
    pb::TotpRequest request;
    request.set_step_token(step->step_token());
    request.set_code(code_now(step->totp_uri(), fleet_.lane_.clock()));
    next_ = &Device::on_code;
    channel_->send(as_bytes(post("/v1/login/totp", request)));
  }
  void on_code(const relay::net::HttpResponse& response) {
    const auto step = answer<pb::LoginStep>(response);
    if (!step) return;
    pb::EnrolRequest request;
    request.set_step_token(step->step_token());
    request.set_name("bench");
    request.set_kind(pb::PHONE);
    request.set_identity_key(key_.identity_key().data(), key_.identity_key().size());
    const auto signature = key_.sign(clients::mls::enrol_statement(as_bytes(step->challenge()), key_.identity_key()));
    request.set_signature(signature.data(), signature.size());
    next_ = &Device::on_grant;
    channel_->send(as_bytes(post("/v1/login/enrol", request)));
  }
  void on_grant(const relay::net::HttpResponse& response) {
    const auto grant = answer<pb::SessionGrant>(response);
    if (!grant) return;
    const auto id = policy::base::DeviceId::from_wire(grant->device());
    if (!id) return give_up(id.error());
    id_ = *id;
    token_ = grant->token();
    channel_->close();
    finish({});
  }
  void on_upgrade(const relay::net::HttpResponse& response) {
    if (response.status != 101) return give_up(clients::transport::problem_of(response));
    if (relay::net::field(response.fields, "Sec-WebSocket-Accept") != relay::net::ws_accept(websocket_key_))
      return give_up({"fleet.upgrade", "a wrong Sec-WebSocket-Accept", "", "", ""});
    decoder_.emplace(relay::net::WsRole::kClient, relay::wire::kFrameBytesMax);
    streaming_ = true;
  }

  Fleet& fleet_;
  std::size_t number_;
  std::string person_, token_, first_, websocket_key_;
  policy::base::DeviceId id_;
  clients::mls::DeviceKey key_;
  std::shared_ptr<relay::net::Channel> channel_;
  std::optional<relay::net::WsDecoder> decoder_;
  Next next_ = nullptr;
  Lane::Done done_;
  bool streaming_ = false;
};

Fleet::Fleet(Lane& lane, std::vector<std::string> people, std::string password)
    : lane_(lane), password_(std::move(password)) {
  for (auto& person : people) devices_.push_back(std::make_shared<Device>(*this, devices_.size(), std::move(person)));
}

Fleet::~Fleet() = default;

const std::string& Fleet::person(std::size_t device) const { return devices_[device]->person(); }
const policy::base::DeviceId& Fleet::id(std::size_t device) const { return devices_[device]->id(); }
const clients::mls::DeviceKey& Fleet::key(std::size_t device) const { return devices_[device]->key(); }

Status Fleet::log_in() {
  return lane_.for_each(0, size(), kAtOnce, "logins",
                        [this](std::size_t i, Lane::Done done) { devices_[i]->log_in(std::move(done)); });
}

Status Fleet::connect(std::size_t first, std::size_t last) {
  auto status = lane_.for_each(first, last, kAtOnce, "streams",
                               [this](std::size_t i, Lane::Done done) { devices_[i]->connect(std::move(done)); });
  if (!status) return status;
  std::size_t lost = 0;
  lane_.run([&] { lost = lost_; });
  if (lost > 0) return fail("fleet.lost", std::to_string(lost) + " streams have gone");
  return {};
}

void Fleet::send(std::size_t device, const pb::ClientFrame& frame) { devices_[device]->send(frame); }

}  // namespace tests::bench
