#include "audit/verify/position.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "audit/checkpoint/checkpoint.h"
#include "audit/merkle/tile.h"
#include "policy/base/instant.h"

namespace audit::verify {
namespace {

using policy::base::fail;

constexpr std::string_view kMagic = "feierabend-audit position v1";
constexpr std::size_t kPositionSizeMax = 2 * policy::base::note::kNoteSizeMax;

std::unexpected<policy::base::Error> bad(std::string_view seen) {
  return fail("position.syntax", std::string(seen), "a file that feierabend-audit verify --resume wrote",
              "remove the file, then verify from the beginning");
}

}  // namespace

Result<Position> parse_position(std::string_view text) {
  if (text.size() > kPositionSizeMax) return bad("a file of " + std::to_string(text.size()) + " bytes");
  const auto line = [&text]() -> std::optional<std::string_view> {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end + 1);
    return taken;
  };
  if (line() != kMagic) return bad("another first line");
  std::array<std::uint64_t, 5> numbers{};
  constexpr std::array<std::string_view, 5> kLabels{"first ", "entries ", "latest ", "records ", "erased "};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto read = line();
    if (!read || !read->starts_with(kLabels[i])) return bad("another line than expected");
    const auto number = checkpoint::parse_decimal(read->substr(kLabels[i].size()));
    if (!number) return std::unexpected(number.error());
    numbers[i] = *number;
  }
  const auto& [first, entries, latest, records, erased] = numbers;
  if (entries % merkle::kTileWidth != 0 || first > entries) return bad("a number of entries that is no position");
  if (latest > static_cast<std::uint64_t>(policy::base::kEndOfTime.unix_s)) return bad("a time after the year 9999");
  std::vector<merkle::Hash> hashes;
  auto read = line();
  for (; read && !read->empty(); read = line()) {
    const auto bytes = policy::base::from_base64(*read);
    if (!bytes || hashes.size() == merkle::kProofHashesMax) return bad("a hash that is none, or too many");
    const auto hash = merkle::to_hash(*bytes);
    if (!hash) return std::unexpected(hash.error());
    hashes.push_back(*hash);
  }
  if (!read) return bad("no empty line");
  auto range = merkle::CompactRange::from(entries, std::move(hashes));
  if (!range) return std::unexpected(range.error());
  return Position{first, std::move(*range), static_cast<std::int64_t>(latest), records, erased, std::string(text)};
}

std::string format_position(const Position& position) {
  std::string text = std::string(kMagic) + "\nfirst " + std::to_string(position.first) + "\nentries " +
                     std::to_string(position.range.size()) + "\nlatest " + std::to_string(position.latest) +
                     "\nrecords " + std::to_string(position.records) + "\nerased " + std::to_string(position.erased) +
                     "\n";
  for (const merkle::Hash& hash : position.range.hashes()) text += policy::base::to_base64(hash) + "\n";
  return text + "\n" + position.checkpoint;
}

Result<merkle::Hash> root_after(merkle::CompactRange range, std::uint64_t size, const merkle::NodeReader& read) {
  while (range.size() < size) {
    const std::uint64_t begin = range.size(), rest = size - begin;
    const auto aligned = static_cast<unsigned>(begin == 0 ? 63 : std::countr_zero(begin));
    const unsigned level = std::min(aligned, static_cast<unsigned>(std::bit_width(rest)) - 1);
    const auto hash = read(level, begin >> level);
    if (!hash) return hash;
    range.append_subtree(level, *hash);
  }
  return range.root();
}

Result<merkle::CompactRange> range_before(std::uint64_t size, const merkle::NodeReader& read) {
  std::vector<merkle::Hash> hashes;
  for (int bit = 63; bit >= 0; --bit) {
    const auto level = static_cast<unsigned>(bit);
    if (((size >> level) & 1) == 0) continue;
    const auto hash = read(level, (size >> level) - 1);
    if (!hash) return std::unexpected(hash.error());
    hashes.push_back(*hash);
  }
  return merkle::CompactRange::from(size, std::move(hashes));
}

}  // namespace audit::verify
