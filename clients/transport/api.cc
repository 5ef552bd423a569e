#include "clients/transport/api.h"

#include "clients/transport/problem.h"

namespace clients::transport {
namespace base = policy::base;

base::Result<std::string> Api::call(const char* method, const char* target, std::string body,
                                    const Credentials* credentials) {
  relay::net::HttpRequest request{method, target, {}, std::move(body)};
  if (credentials != nullptr) request.fields = proof_fields(*credentials, method, target, network_.clock(), random_);
  auto response = https(network_, std::move(request));
  if (!response) return std::unexpected(response.error());
  if (response->status != 200) return std::unexpected(problem_of(*response));
  return std::move(response->body);
}

template <typename Answer>
base::Result<Answer> Api::ask(const char* method, const char* target, const google::protobuf::Message* body,
                              const Credentials* credentials) {
  auto json = call(method, target, body == nullptr ? "" : relay::wire::to_json(*body), credentials);
  if (!json) return std::unexpected(json.error());
  return relay::wire::parse_json<Answer>(*json);
}

namespace {

base::Status done(base::Result<pb::Empty> answer) {
  if (!answer) return std::unexpected(answer.error());
  return {};
}

}  // namespace

base::Result<pb::LoginStep> Api::password(const std::string& user, const std::string& password) {
  pb::PasswordRequest request;
  request.set_user(user);
  request.set_password(password);
  return ask<pb::LoginStep>("POST", "/v1/login/password", &request, nullptr);
}

base::Result<pb::LoginStep> Api::totp(const std::string& step_token, const std::string& code) {
  pb::TotpRequest request;
  request.set_step_token(step_token);
  request.set_code(code);
  return ask<pb::LoginStep>("POST", "/v1/login/totp", &request, nullptr);
}

base::Result<pb::SessionGrant> Api::enrol(const pb::EnrolRequest& request) {
  return ask<pb::SessionGrant>("POST", "/v1/login/enrol", &request, nullptr);
}

base::Result<pb::SessionGrant> Api::prove(const pb::DeviceProofRequest& request) {
  return ask<pb::SessionGrant>("POST", "/v1/login/device", &request, nullptr);
}

base::Status Api::logout(const Credentials& credentials) {
  const pb::Empty nothing;
  return done(ask<pb::Empty>("POST", "/v1/session/logout", &nothing, &credentials));
}

base::Result<pb::DeviceList> Api::devices(const Credentials& credentials) {
  return ask<pb::DeviceList>("GET", "/v1/devices", nullptr, &credentials);
}

base::Status Api::remove_device(const Credentials& credentials, const base::DeviceId& device) {
  pb::DeviceRequest request;
  request.set_device(device.wire());
  return done(ask<pb::Empty>("POST", "/v1/devices/remove", &request, &credentials));
}

base::Status Api::consent(const Credentials& credentials, const pb::ConsentRequest& request) {
  return done(ask<pb::Empty>("POST", "/v1/devices/consent", &request, &credentials));
}

base::Result<pb::LogKeys> Api::log_keys(const Credentials& credentials) {
  return ask<pb::LogKeys>("GET", "/v1/log", nullptr, &credentials);
}

base::Result<pb::DeviceList> Api::devices_of(const Credentials& credentials, const std::string& person) {
  pb::PersonRequest request;
  request.set_person(person);
  return ask<pb::DeviceList>("POST", "/v1/admin/devices", &request, &credentials);
}

base::Status Api::wipe(const Credentials& credentials, const base::DeviceId& device, const std::string& reason) {
  pb::DeviceRequest request;
  request.set_device(device.wire());
  request.set_reason(reason);
  return done(ask<pb::Empty>("POST", "/v1/admin/wipe", &request, &credentials));
}

base::Result<pb::OverrideAnswers> Api::override_gates(const Credentials& credentials,
                                                      const pb::OverrideRequest& request) {
  return ask<pb::OverrideAnswers>("POST", "/v1/overrides", &request, &credentials);
}

base::Result<pb::Overrides> Api::overrides(const Credentials& credentials) {
  return ask<pb::Overrides>("GET", "/v1/overrides", nullptr, &credentials);
}

base::Result<pb::GateAnswer> Api::own_gate(const Credentials& credentials, base::Seconds open_for) {
  pb::GateRequest request;
  request.set_open_for_s(open_for.count);
  return ask<pb::GateAnswer>("POST", "/v1/me/gate", &request, &credentials);
}

base::Result<pb::Ledger> Api::ledger(const Credentials& credentials) {
  return ask<pb::Ledger>("GET", "/v1/me/ledger", nullptr, &credentials);
}

base::Status Api::health() {
  auto answer = call("GET", "/healthz", "", nullptr);
  if (!answer) return std::unexpected(answer.error());
  return {};
}

}  // namespace clients::transport
