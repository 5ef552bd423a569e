// JSON of the login messages. Protobuf's own parser lets duplicate keys, comments, single quotes and names in two
// spellings through; a strict scan by Boost.JSON (RFC 8259) goes before it, so that two readers of one text cannot
// disagree.
#include <google/protobuf/util/json_util.h>

#include <boost/json/basic_parser_impl.hpp>
#include <set>
#include <vector>

#include "relay/wire/codec.h"
#include "relay/wire/field_rules.h"

namespace relay::wire {
namespace {

using boost::json::error_code;
using boost::json::string_view;
using policy::base::fail;
using policy::base::printable;

constexpr std::size_t kNestingMax = 8;
constexpr std::size_t kKeyBytesMax = 64;

// Only what is refused is of interest; values pass by. Each on_* returns false to stop the parse.
struct KeyScan {
  static constexpr std::size_t max_object_size = 256;
  static constexpr std::size_t max_array_size = 4096;
  static constexpr std::size_t max_key_size = kKeyBytesMax;
  static constexpr std::size_t max_string_size = kJsonBodyBytesMax;

  std::vector<std::set<std::string, std::less<>>> open;
  std::string key;
  std::string complaint;

  bool take_key(string_view part, error_code& error) {
    key.append(part.data(), part.size());
    if (key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos)
      complaint = "the member '" + printable(key) + "'";
    else if (!open.back().insert(key).second)
      complaint = "the member '" + key + "' twice";
    key.clear();
    if (!complaint.empty()) error = boost::json::make_error_code(boost::json::error::syntax);
    return complaint.empty();
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return open.emplace_back(), true; }
  bool on_object_end(std::size_t, error_code&) { return open.pop_back(), true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t, error_code&) { return true; }
  bool on_key_part(string_view part, std::size_t, error_code&) { return key.append(part.data(), part.size()), true; }
  bool on_key(string_view part, std::size_t, error_code& error) { return take_key(part, error); }
  bool on_string_part(string_view, std::size_t, error_code&) { return true; }
  bool on_string(string_view, std::size_t, error_code&) { return true; }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t, string_view, error_code&) { return true; }
  bool on_uint64(std::uint64_t, string_view, error_code&) { return true; }
  bool on_double(double, string_view, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }
};

Status scan(std::string_view json) {
  boost::json::parse_options options;
  options.max_depth = kNestingMax;
  boost::json::basic_parser<KeyScan> parser(options);
  error_code error;
  const std::size_t used = parser.write_some(false, json.data(), json.size(), error);
  if (!error && used == json.size() && parser.done()) return {};
  const std::string& complaint = parser.handler().complaint;
  if (!complaint.empty()) return fail("wire.syntax", complaint, "each member once, named as in the protocol");
  return fail("wire.syntax", "no JSON text at byte " + std::to_string(used) + (error ? ": " + error.message() : ""),
              "one JSON object, nested at most " + std::to_string(kNestingMax) + " deep");
}

}  // namespace

Status parse_json_into(std::string_view json, google::protobuf::Message& out) {
  if (json.size() > kJsonBodyBytesMax)
    return fail("wire.too-large", "a JSON body of " + std::to_string(json.size()) + " bytes",
                "at most " + std::to_string(kJsonBodyBytesMax) + " bytes");
  if (auto status = scan(json); !status) return status;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  options.case_insensitive_enum_parsing = false;
  const auto parsed = google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &out, options);
  if (!parsed.ok())
    return fail("wire.syntax", printable(std::string_view(parsed.message().data(), parsed.message().size()), 200),
                "a " + out.GetDescriptor()->name() + " in protobuf's JSON form");
  return check_fields(out, Origin::kServer);
}

std::string to_json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string out;
  // Fails only for Any and for invalid UTF-8, which the setters of this schema's owners never produce.
  if (!google::protobuf::util::MessageToJsonString(message, &out, options).ok()) return "{}";
  return out;
}

}  // namespace relay::wire
