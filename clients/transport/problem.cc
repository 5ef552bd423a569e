#include "clients/transport/problem.h"

#include <boost/json.hpp>

#include "relay/wire/codec.h"

namespace clients::transport {
namespace base = policy::base;

namespace {

constexpr std::size_t kDepthMax = 8;
constexpr std::size_t kCodeBytesMax = 64;

std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->as_string()) : std::string();
}

bool is_code(std::string_view code) {
  return !code.empty() && code.size() <= kCodeBytesMax &&
         code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string_view::npos;
}

}  // namespace

base::Error problem_of(const relay::net::HttpResponse& response) {
  const base::Error unknown{"https.status", "status " + std::to_string(response.status) + " without an explanation",
                            "an answer of a Feierabend server", "check the address: is another server listening there?",
                            ""};
  boost::json::parse_options options;
  options.max_depth = kDepthMax;
  boost::system::error_code error;
  const auto document = boost::json::parse(response.body, error, {}, options);
  if (error || !document.is_object()) return unknown;
  relay::wire::pb::Problem problem;
  const auto& object = document.as_object();
  if (!is_code(text_of(object, "code"))) return unknown;
  problem.set_code(text_of(object, "code"));
  problem.set_seen(text_of(object, "seen"));
  problem.set_allowed(text_of(object, "allowed"));
  problem.set_remedy(text_of(object, "remedy"));
  return relay::wire::to_error(problem);
}

}  // namespace clients::transport
