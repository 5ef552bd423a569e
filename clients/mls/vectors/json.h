// JSON (RFC 8259) as far as the vectors use it: no numbers but integers from 0 to 2^64 − 1.
//
// Our own, because the checks also run in WebAssembly without exceptions, where the one library that could (RapidJSON)
// would be a further dependency of a build that needs nothing but a compiler.
//
// Values. A parsed text is bounded by its own size, and nests at most kJsonDepthMax deep.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace clients::mls {

constexpr int kJsonDepthMax = 32;

struct Json {
  using Array = std::vector<Json>;
  struct Member;
  using Object = std::vector<Member>;  // in the order of the text; no name twice
  std::variant<std::monostate, bool, std::uint64_t, std::string, Array, Object> value;

  // The content, or nothing if it is of another kind.
  template <typename T>
  const T* as() const {
    return std::get_if<T>(&value);
  }
  // The member of that name, or nothing.
  const Json* find(std::string_view name) const;
};

struct Json::Member {
  std::string name;
  Json value;
};

// Error: the offset of the first byte that does not belong.
std::expected<Json, std::size_t> parse_json(std::string_view text);

}  // namespace clients::mls
