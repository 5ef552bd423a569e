#include "audit/prune/minimum_index.h"

#include <array>
#include <limits>

#include "audit/merkle/tile.h"

namespace audit::prune {
namespace {

using policy::base::fail;
using policy::base::printable;

constexpr std::string_view kMagic = "feierabend minimum index v1\n";

std::unexpected<policy::base::Error> bad(std::string_view seen) {
  return fail("minimum.syntax", std::string(seen), "'feierabend minimum index v1', origin, minimum, newest, pruned");
}

Result<std::string_view> take(std::string_view& rest, std::string_view label) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos || !rest.starts_with(label)) return bad("another line than expected");
  const std::string_view value = rest.substr(label.size(), end - label.size());
  rest.remove_prefix(end + 1);
  return value;
}

}  // namespace

Result<MinimumIndex> parse_minimum(std::string_view text) {
  if (!text.starts_with(kMagic)) return bad("another first line");
  text.remove_prefix(kMagic.size());
  const auto origin = take(text, "");
  if (!origin) return std::unexpected(origin.error());
  if (origin->empty()) return bad("no origin");
  std::array<std::uint64_t, 3> numbers{};
  constexpr std::array<std::string_view, 3> kLabels{"minimum ", "newest ", "pruned "};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto line = take(text, kLabels[i]);
    if (!line) return std::unexpected(line.error());
    const auto number = checkpoint::parse_decimal(*line);
    if (!number) return std::unexpected(number.error());
    numbers[i] = *number;
  }
  const auto& [minimum, newest, pruned] = numbers;
  if (!text.empty()) return bad("more lines than expected");
  if (minimum == 0 || minimum % merkle::kTileWidth != 0) return bad("a minimum that is not a multiple of 256");
  if (newest > std::numeric_limits<std::uint32_t>::max()) return bad("an hour that no entry can have");
  if (pruned > static_cast<std::uint64_t>(policy::base::kEndOfTime.unix_s)) return bad("a time after the year 9999");
  return MinimumIndex{std::string(*origin), minimum, newest, {static_cast<std::int64_t>(pruned)}};
}

std::string format_minimum(const MinimumIndex& minimum) {
  return std::string(kMagic) + minimum.origin + "\nminimum " + std::to_string(minimum.minimum) + "\nnewest " +
         std::to_string(minimum.newest_hour) + "\npruned " + std::to_string(minimum.pruned_at.unix_s) + "\n";
}

std::string sign_minimum(const MinimumIndex& minimum, const checkpoint::SigningKey& key) {
  return policy::base::note::sign_note(format_minimum(minimum), key);
}

Result<MinimumIndex> open_minimum(std::string_view note, const checkpoint::VerifierKey& key) {
  const auto text = policy::base::note::open_note(note, std::span(&key, 1));
  if (!text) return std::unexpected(text.error());
  auto minimum = parse_minimum(*text);
  if (minimum && minimum->origin != key.name())
    return fail("checkpoint.origin", "'" + printable(minimum->origin) + "'", "'" + printable(key.name()) + "'",
                "give the key of this log");
  return minimum;
}

}  // namespace audit::prune
