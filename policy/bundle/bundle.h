// A bundle: everything that gates are computed from, apart from people and rosters, as one file that parties sign.
//
//   feierabend bundle v1
//   tenant <name>
//   revision <decimal>
//   not-before <RFC 3339, UTC>
//   expires <RFC 3339, UTC>
//   signer <party>                       one line a party, sorted: the union of `signers` of the packs
//   zone <SHA-256, 64 hex digits> <name> one line a time zone that the rules use, sorted by name; see zone_digest()
//   pack <size in bytes> <pack id>       one line a pack, in load order
//   calendar <size in bytes> <name>      one line a table of public holidays; none where no pack names holidays
//   <empty line>
//   the bytes of all packs, then of all calendars, without anything between them
//
// Lines end in \n. One bundle has one form: the parser refuses what format_bundle() would write otherwise. Who signs
// and how: statement.h; what is accepted: verify.h.
//
// Pure; values; safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/instant.h"
#include "policy/base/result.h"
#include "policy/base/sha256.h"
#include "policy/pack/calendar.h"
#include "policy/pack/rule_set.h"

namespace policy::bundle {

constexpr std::size_t kBundleBytesMax = 16 * 1024 * 1024;
constexpr std::size_t kHeaderBytesMax = 64 * 1024;
constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kSignersMax = 16;
constexpr std::size_t kZonesMax = 64;
constexpr std::size_t kCalendarsMax = 64;
constexpr std::uint64_t kRevisionMax = 9'999'999'999;

struct ZonePin {
  std::string name;  // "Europe/Berlin"
  base::Sha256 digest{};
  bool operator==(const ZonePin&) const = default;
};

struct Part {
  std::string name;  // a pack's id, a calendar's file name
  std::string bytes;
  bool operator==(const Part&) const = default;
};

// What the parties agree on beside the rules themselves.
struct Terms {
  std::string tenant;
  std::uint64_t revision = 0;  // from 1; rises with each bundle that comes into force
  base::Instant not_before;
  base::Instant expires;
  bool operator==(const Terms&) const = default;
};

struct Bundle {
  Terms terms;
  std::vector<std::string> signers;
  std::vector<ZonePin> zones;
  std::vector<Part> packs;
  std::vector<Part> calendars;
  bool operator==(const Bundle&) const = default;
};

// Errors: bundle.size, bundle.syntax (with `where` as "bundle:LINE").
base::Result<Bundle> parse_bundle(std::string_view bytes);
std::string format_bundle(const Bundle& bundle);

// 1 to 64 of letters, digits, '.', '-', '_'. Error: bundle.tenant.
base::Status check_tenant(std::string_view tenant);
// 1 to 64 of small letters, digits and '-'. Error: bundle.party.
base::Status check_party(std::string_view party);

// The rules of a bundle. Reads the machine's tz database, as loading packs does. Errors: those of load_packs.
pack::LoadedRules load_rules(const Bundle& bundle);

// From packs to a bundle. Refuses what nobody should sign: packs that do not load, parameters without a value
// (bundle.unset-parameter), a pack below the law without signers, fewer than two parties (bundle.signers), terms that
// cannot be (bundle.terms, bundle.tenant).
std::expected<Bundle, std::vector<base::Error>> make_bundle(const Terms& terms, std::span<const pack::PackSource> packs,
                                                            std::span<const pack::CalendarSource> calendars);

}  // namespace policy::bundle
