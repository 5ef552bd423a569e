#include "relay/net/http.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#pragma GCC diagnostic pop

#include <algorithm>

namespace relay::net {
namespace {

namespace http = boost::beast::http;
using policy::base::ByteView;
using policy::base::fail;
using policy::base::Result;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

template <typename Parser>
HttpFields fields_of(const Parser& parser) {
  HttpFields out;
  for (const auto& one : parser.get()) out.emplace_back(std::string(one.name_string()), std::string(one.value()));
  return out;
}

std::unexpected<policy::base::Error> refuse(const boost::system::error_code& error, const HttpLimits& limits) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return fail("http.head-too-large", "a head of more than " + std::to_string(limits.head_bytes_max) + " bytes",
                "at most " + std::to_string(limits.head_bytes_max));
  }
  if (error == http::error::body_limit) {
    return fail("http.body-too-large", "a body of more than " + std::to_string(limits.body_bytes_max) + " bytes",
                "at most " + std::to_string(limits.body_bytes_max));
  }
  return fail("http.syntax", "not an HTTP/1.1 message: " + error.message(), "RFC 9112");
}

// Feeds `bytes` to a fresh parser. Returns what a whole message took, nothing when there is more to come.
template <typename Parser>
Result<std::optional<std::size_t>> parse(Parser& parser, ByteView bytes, const HttpLimits& limits) {
  parser.header_limit(static_cast<std::uint32_t>(limits.head_bytes_max));
  parser.body_limit(limits.body_bytes_max);
  parser.eager(true);
  std::size_t consumed = 0;
  while (!parser.is_done()) {
    boost::system::error_code error;
    const std::size_t step = parser.put(boost::asio::buffer(bytes.data() + consumed, bytes.size() - consumed), error);
    consumed += step;
    if (error == http::error::need_more || (!error && step == 0)) return std::nullopt;
    if (error) return refuse(error, limits);
    if (consumed == bytes.size() && !parser.is_done()) return std::nullopt;
  }
  return consumed;
}

std::string format_fields(const HttpFields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) out += name + ": " + value + "\r\n";
  return out;
}

}  // namespace

std::string_view field(const HttpFields& fields, std::string_view name) {
  const auto found = std::ranges::find_if(fields, [&](const auto& one) { return same_name(one.first, name); });
  return found == fields.end() ? std::string_view{} : std::string_view(found->second);
}

Result<std::optional<HttpParsed<HttpRequest>>> parse_request(ByteView bytes, const HttpLimits& limits) {
  http::request_parser<http::string_body> parser;
  auto consumed = parse(parser, bytes, limits);
  if (!consumed) return std::unexpected(consumed.error());
  if (!*consumed) return std::nullopt;
  auto& request = parser.get();
  return HttpParsed<HttpRequest>{{std::string(request.method_string()), std::string(request.target()),
                                  fields_of(parser), std::move(request.body())},
                                 **consumed};
}

Result<std::optional<HttpParsed<HttpResponse>>> parse_response(ByteView bytes, const HttpLimits& limits) {
  http::response_parser<http::string_body> parser;
  auto consumed = parse(parser, bytes, limits);
  if (!consumed) return std::unexpected(consumed.error());
  if (!*consumed) return std::nullopt;
  auto& response = parser.get();
  return HttpParsed<HttpResponse>{{response.result_int(), fields_of(parser), std::move(response.body())}, **consumed};
}

std::string format_request(const HttpRequest& request, std::string_view host) {
  std::string out = request.method + " " + request.target + " HTTP/1.1\r\nHost: " + std::string(host) + "\r\n";
  out += format_fields(request.fields);
  if (!request.body.empty() || request.method == "POST")
    out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return out + "\r\n" + request.body;
}

std::string format_response(const HttpResponse& response) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " " +
                    std::string(http::obsolete_reason(static_cast<http::status>(response.status))) + "\r\n";
  out += format_fields(response.fields);
  if (response.status != 101) out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  return out + "\r\n" + response.body;
}

}  // namespace relay::net
