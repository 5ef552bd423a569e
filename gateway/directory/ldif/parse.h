// LDIF content records (RFC 2849), read strictly: bytes in, values out.
//
// Taken: `version: 1`, comments, folded lines, LF or CRLF, `name: value`, `name:: base64`. One leniency: a plain value
// may be UTF-8 with non-ASCII letters ("cn: Jörg"). Refused: change records, values by URL, attribute options, control
// characters and broken UTF-8 in plain values, a second `dn`, lines beyond the bounds below.
//
// Errors: ldif.syntax, ldif.unsupported, ldif.too-large; `where` is "name:line:column", counted from 1, at the line
// where a folded line begins. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"

namespace gateway::directory::ldif {

namespace base = policy::base;

constexpr std::size_t kFileSizeMax = 64U << 20U;
constexpr std::size_t kLineSizeMax = 1U << 20U;  // unfolded
constexpr std::size_t kEntriesMax = 250'000;
constexpr std::size_t kValuesPerEntryMax = 200'000;

struct Attribute {
  std::string name;  // lower case
  std::string value;
};

struct Entry {
  std::string dn;
  std::size_t line = 0;
  std::vector<Attribute> attributes;

  std::vector<std::string_view> all(std::string_view name) const;
  std::string_view first(std::string_view name) const;            // empty if there is none
  bool has(std::string_view name, std::string_view value) const;  // value compared without ASCII case
};

base::Result<std::vector<Entry>> parse(std::string_view text, std::string_view name);

// For comparing distinguished names: ASCII lower case, no blanks around unescaped ',' '+' '='.
std::string normalised_dn(std::string_view dn);

}  // namespace gateway::directory::ldif
