// Errors as values, for the whole house.
//
// An Error is what a person reads when the house refuses something: a stable code, what was seen, what is allowed and
// what to do. `code` is "area.reason" in lower case with dashes and never changes its meaning; the other members are
// plain English sentences without a trailing full stop. Untrusted text is put into `seen` through printable(), so that
// an error is always safe to log or to show on a terminal.
//
// Values; copyable; no thread rules.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace policy::base {

struct [[nodiscard]] Error {
  std::string code;     // "pack.unknown-key"
  std::string seen;     // "key 'minimun' in [[rest]]"
  std::string allowed;  // "id, kind, minimum, grace, …"; may be empty
  std::string remedy;   // "did you mean 'minimum'?"; may be empty
  std::string where;    // "rules/arbzg/pack.toml:12:3"; may be empty

  bool operator==(const Error&) const = default;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(std::string code, std::string seen, std::string allowed = {},
                                   std::string remedy = {}, std::string where = {}) {
  return std::unexpected<Error>(
      Error{std::move(code), std::move(seen), std::move(allowed), std::move(remedy), std::move(where)});
}

// One line: "where: seen; allowed: …; remedy [code]". Omits what is empty.
std::string to_string(const Error& error);

// Untrusted bytes made safe for a terminal or a log: control characters, invalid UTF-8, bidirectional overrides
// (U+202A–U+202E, U+2066–U+2069) and line separators become \xNN or \u{NNNN}; cut to `size_max` bytes with "…".
std::string printable(std::string_view untrusted, std::size_t size_max = 80);

}  // namespace policy::base
