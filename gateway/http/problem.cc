#include "gateway/http/problem.h"

#include <array>
#include <utility>

#include "relay/wire/codec.h"

namespace gateway::http {
namespace {

struct Mapping {
  std::string_view prefix;
  unsigned status;
};

// The longest prefix that fits decides.
constexpr std::array<Mapping, 52> kMappings{{
    {"http.", 400},
    {"http.head-too-large", 431},
    {"http.body-too-large", 413},
    {"http.not-found", 404},
    {"http.method", 405},
    {"http.origin", 403},
    {"http.busy", 503},
    {"http.upgrade", 426},
    {"wire.", 400},
    {"wire.too-large", 413},
    {"login.", 401},
    {"login.locked", 429},
    {"login.syntax", 400},
    {"login.busy", 503},
    {"step.", 401},
    {"totp.", 401},
    {"token.", 401},
    {"proof.", 401},
    {"session.", 401},
    {"device.", 400},
    {"device.limit", 409},
    {"device.wiped", 410},
    {"device.unknown", 404},
    {"device.signature", 401},
    {"device.removed", 410},
    {"device.duplicate", 409},
    {"device.waiting", 403},
    {"device.not-waiting", 409},
    {"directory.", 503},
    {"store.", 503},
    {"relay.", 503},
    {"audit.", 503},
    {"role.", 403},
    {"person.unknown", 404},
    {"id.", 400},
    {"hex.", 400},
    {"base64.", 400},
    {"rate.", 429},
    {"conversation.", 404},
    {"random.", 503},
    {"device.key", 400},
    {"person.", 400},
    {"wipe.", 400},
    {"override.", 403},
    {"override.unknown", 404},
    {"override.unknown-reason", 400},
    {"override.limit", 409},
    {"override.people", 400},
    {"factor.needed", 403},
    {"opening.", 403},
    {"opening.too-many", 429},
    {"opening.syntax", 400},
}};

}  // namespace

unsigned status_of(const policy::base::Error& error) {
  std::size_t longest = 0;
  unsigned status = 500;
  for (const auto& [prefix, mapped] : kMappings) {
    if (prefix.size() < longest || !error.code.starts_with(prefix)) continue;
    longest = prefix.size();
    status = mapped;
  }
  return status;
}

relay::net::HttpResponse problem_response(const policy::base::Error& error) {
  const unsigned status = status_of(error);
  std::string json = relay::wire::to_json(relay::wire::to_problem(error));
  // RFC 9457 § 3.1: `type` names the kind, `title` says it in words, `status` repeats the code.
  json.insert(1, "\"type\":\"urn:feierabend:error:" + error.code + "\",\"status\":" + std::to_string(status) + ",");
  return {status,
          {{"Content-Type", "application/problem+json"},
           {"Cache-Control", "no-store"},
           {"X-Content-Type-Options", "nosniff"}},
          std::move(json)};
}

relay::net::HttpResponse json_response(std::string json) {
  return {200,
          {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}},
          std::move(json)};
}

}  // namespace gateway::http
