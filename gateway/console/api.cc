#include "gateway/console/api.h"

#include <algorithm>

#include "gateway/http/problem.h"

namespace gateway::console {

using policy::base::fail;
using policy::base::Result;

const std::vector<Api::Route>& Api::routes() {
  static const std::vector<Route> table{
      {"POST", "/v1/login/password", &Api::login_password},
      {"POST", "/v1/login/totp", &Api::login_totp},
      {"POST", "/v1/login/enrol", &Api::login_enrol},
      {"POST", "/v1/login/device", &Api::login_device},
      {"POST", "/v1/login/remove-device", &Api::login_remove_device},
      {"POST", "/v1/session/rotate", &Api::session_rotate},
      {"POST", "/v1/session/logout", &Api::session_logout},
      {"GET", "/v1/devices", &Api::own_devices},
      {"POST", "/v1/devices/remove", &Api::remove_own_device},
      {"POST", "/v1/devices/consent", &Api::consent_to_device},
      {"GET", "/v1/log", &Api::log_keys},
      {"POST", "/v1/admin/devices", &Api::admin_devices},
      {"POST", "/v1/admin/wipe", &Api::admin_wipe},
      {"POST", "/v1/overrides", &Api::grant_overrides},
      {"GET", "/v1/overrides", &Api::granted_overrides},
      {"POST", "/v1/me/gate", &Api::own_gate},
      {"GET", "/v1/me/ledger", &Api::own_ledger},
      {"GET", "/v1/me/openings", &Api::pseudonym_openings},
      {"GET", "/v1/content", &Api::content},
      {"GET", "/healthz", &Api::healthz},
      {"GET", "/readyz", &Api::readyz},
  };
  return table;
}

relay::net::HttpResponse Api::handle(const ApiRequest& request) {
  std::string path;
  for (const auto& segment : request.segments) path += "/" + segment;
  bool known_path = false;
  for (const auto& route : routes()) {
    if (path != route.path) continue;
    known_path = true;
    if (request.method != route.method) continue;
    const Json answer = (this->*route.handler)(request);
    return answer ? http::json_response(*answer) : http::problem_response(answer.error());
  }
  const policy::base::Error refused =
      known_path ? policy::base::Error{"http.method", "method " + request.method + " on " + path,
                                       "the other one of GET and POST", "", ""}
                 : policy::base::Error{"http.not-found", "path '" + policy::base::printable(path) + "'",
                                       "the paths of the protocol, see relay/wire/client.proto", "", ""};
  return http::problem_response(refused);
}

Result<Api::Credentials> Api::credentials(const ApiRequest& request) {
  constexpr std::string_view kScheme = "Feierabend ";
  if (!request.authorization.starts_with(kScheme) || request.proof.empty()) {
    return fail("session.missing", "no token or no proof of the device",
                "Authorization: Feierabend TOKEN and Feierabend-Proof", "log in");
  }
  auto proof = session::parse_proof(request.proof, request.method, request.target);
  if (!proof) return std::unexpected(proof.error());
  return Credentials{request.authorization.substr(kScheme.size()), std::move(*proof)};
}

Result<session::SessionInfo> Api::authenticate(const ApiRequest& request) {
  auto shown = credentials(request);
  if (!shown) return std::unexpected(shown.error());
  return services_.sessions.authenticate(shown->token, shown->proof);
}

Result<session::SessionInfo> Api::authenticate_usable(const ApiRequest& request) {
  auto session = authenticate(request);
  if (session && session->waiting) return std::unexpected(device::waiting_error());
  return session;
}

}  // namespace gateway::console
