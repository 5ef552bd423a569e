#include "policy/bundle/bundle.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "policy/base/bytes.h"

namespace policy::bundle {
namespace {

constexpr std::string_view kFirstLine = "feierabend bundle v1";

bool made_of(std::string_view text, bool (*allowed)(char)) {
  return !text.empty() && text.size() <= kNameBytesMax && std::ranges::all_of(text, allowed);
}
bool is_small(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }
bool is_name(char c) { return is_small(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_'; }
bool is_zone(char c) { return is_name(c) || c == '/' || c == '+'; }

// Decimal without sign and leading zeros, as std::to_string writes it.
std::optional<std::uint64_t> number(std::string_view text, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

// Reads the header line by line; the first thing that is wrong ends it.
class Header {
 public:
  explicit Header(std::string_view bytes) : rest_(bytes) {}

  base::Result<Bundle> read() {
    Bundle out;
    expect_first_line();
    out.terms.tenant = value("tenant");
    if (good() && !check_tenant(out.terms.tenant)) wrong("a tenant name that cannot be");
    out.terms.revision = natural(value("revision"), kRevisionMax);
    out.terms.not_before = instant(value("not-before"));
    out.terms.expires = instant(value("expires"));
    while (more("signer", out.signers.size(), kSignersMax)) out.signers.push_back(name(value("signer"), is_small));
    while (more("zone", out.zones.size(), kZonesMax)) out.zones.push_back(zone(value("zone")));
    while (more("pack", sizes_.size(), pack::kPacksMax)) out.packs.push_back(part(value("pack")));
    while (more("calendar", out.calendars.size(), kCalendarsMax)) out.calendars.push_back(part(value("calendar")));
    if (good() && line() != "") wrong("a line that does not belong here");
    for (std::size_t i = 0; good() && i < sizes_.size(); ++i)
      (i < out.packs.size() ? out.packs[i] : out.calendars[i - out.packs.size()]).bytes = body(sizes_[i]);
    if (good() && !rest_.empty()) wrong("bytes after the last part");
    if (error_) return std::unexpected(*error_);
    return out;
  }

 private:
  bool good() const { return !error_; }

  void wrong(std::string seen) {
    if (error_) return;
    error_ = base::Error{"bundle.syntax", std::move(seen), "the form of a bundle",
                         "make it with feierabend-policy bundle", "bundle:" + std::to_string(line_)};
  }

  std::string_view line() {
    if (!good()) return {};
    ++line_;
    const std::size_t end = rest_.find('\n');
    header_bytes_ += end;
    if (end == std::string_view::npos || header_bytes_ > kHeaderBytesMax) {
      wrong("a head that does not end");
      return {};
    }
    const std::string_view found = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return found;
  }

  void expect_first_line() {
    if (line() != kFirstLine) wrong("a file that is no bundle");
  }

  // "key value": the value.
  std::string_view value(std::string_view key) {
    const std::string_view found = line();
    if (found.size() > key.size() && found.starts_with(key) && found[key.size()] == ' ')
      return found.substr(key.size() + 1);
    wrong("a line that does not belong here");
    return {};
  }

  bool more(std::string_view key, std::size_t count, std::size_t max) {
    if (!good() || !rest_.starts_with(std::string(key) + " ")) return false;
    if (count < max) return true;
    wrong("too many lines of one kind");
    return false;
  }

  std::uint64_t natural(std::string_view text, std::uint64_t max) {
    const auto found = number(text, max);
    if (!found) wrong("a number that cannot be");
    return found.value_or(0);
  }

  base::Instant instant(std::string_view text) {
    const auto found = base::parse_instant(text);
    if (good() && !found) wrong("an instant that cannot be");
    return found.value_or(base::Instant{});
  }

  std::string name(std::string_view text, bool (*allowed)(char)) {
    if (good() && !made_of(text, allowed)) wrong("a name that cannot be");
    return std::string(text);
  }

  ZonePin zone(std::string_view text) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const auto digest = base::from_hex(text.substr(0, space));
    ZonePin pin{name(text.substr(std::min(space + 1, text.size())), is_zone), {}};
    if (digest && digest->size() == pin.digest.size())
      std::ranges::copy(*digest, pin.digest.begin());
    else
      wrong("a digest that cannot be");
    return pin;
  }

  Part part(std::string_view text) {
    const std::size_t space = std::min(text.find(' '), text.size());
    sizes_.push_back(natural(text.substr(0, space), kBundleBytesMax));
    return {name(text.substr(std::min(space + 1, text.size())), is_name), {}};
  }

  std::string body(std::uint64_t size) {
    if (size > rest_.size()) {
      wrong("a part that is cut off");
      return {};
    }
    std::string found(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return found;
  }

  std::string_view rest_;
  std::size_t line_ = 0, header_bytes_ = 0;
  std::vector<std::uint64_t> sizes_;  // of packs, then of calendars
  std::optional<base::Error> error_;
};

}  // namespace

base::Status check_tenant(std::string_view tenant) {
  if (made_of(tenant, is_name)) return {};
  return base::fail("bundle.tenant", "tenant '" + base::printable(tenant) + "'",
                    "1 to 64 letters, digits, '.', '-' and '_'");
}

base::Status check_party(std::string_view party) {
  if (made_of(party, is_small)) return {};
  return base::fail("bundle.party", "party '" + base::printable(party) + "'", "1 to 64 small letters, digits and '-'",
                    "name it as the packs do, for example staff-council");
}

base::Result<Bundle> parse_bundle(std::string_view bytes) {
  if (bytes.size() > kBundleBytesMax) {
    return base::fail("bundle.size", "a bundle of " + std::to_string(bytes.size()) + " bytes",
                      "at most " + std::to_string(kBundleBytesMax));
  }
  auto bundle = Header(bytes).read();
  // Order, duplicates, leading zeros, offsets of instants: whatever has a second spelling fails here.
  if (bundle &&
      (format_bundle(*bundle) != bytes || !std::ranges::is_sorted(bundle->signers, std::ranges::less_equal{}) ||
       !std::ranges::is_sorted(bundle->zones, std::ranges::less_equal{}, &ZonePin::name))) {
    return base::fail("bundle.syntax", "a bundle in another spelling", "the form of a bundle",
                      "make it with feierabend-policy bundle");
  }
  return bundle;
}

std::string format_bundle(const Bundle& bundle) {
  std::string out(kFirstLine);
  out += "\ntenant " + bundle.terms.tenant + "\nrevision " + std::to_string(bundle.terms.revision) + "\nnot-before " +
         base::format_instant(bundle.terms.not_before) + "\nexpires " + base::format_instant(bundle.terms.expires) +
         "\n";
  for (const auto& signer : bundle.signers) out += "signer " + signer + "\n";
  for (const auto& zone : bundle.zones) out += "zone " + base::to_hex(zone.digest) + " " + zone.name + "\n";
  for (const auto& part : bundle.packs) out += "pack " + std::to_string(part.bytes.size()) + " " + part.name + "\n";
  for (const auto& part : bundle.calendars)
    out += "calendar " + std::to_string(part.bytes.size()) + " " + part.name + "\n";
  out += "\n";
  for (const auto* const parts : {&bundle.packs, &bundle.calendars})
    for (const auto& part : *parts) out += part.bytes;
  return out;
}

}  // namespace policy::bundle
