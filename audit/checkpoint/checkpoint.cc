#include "audit/checkpoint/checkpoint.h"

#include <charconv>

namespace audit::checkpoint {

using policy::base::fail;
using policy::base::printable;

namespace {

std::unexpected<policy::base::Error> bad_checkpoint(std::string_view seen) {
  return fail("checkpoint.syntax", std::string(seen), "origin, size and base64 root, each on its line");
}

}  // namespace

Result<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0'))
    return fail("checkpoint.number", "'" + printable(text) + "'", "a decimal number below 2^64, no leading zeros");
  return value;
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  if (text.empty() || text.back() != '\n') return bad_checkpoint("a text without its last newline");
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.emplace_back(text.substr(begin, end - begin));
    if (lines.back().empty()) return bad_checkpoint("an empty line");
    begin = end + 1;
  }
  if (lines.size() < 3) return bad_checkpoint(std::to_string(lines.size()) + " lines");
  auto size = parse_decimal(lines[1]);
  if (!size) return std::unexpected(size.error());
  auto bytes = policy::base::from_base64(lines[2]);
  if (!bytes || bytes->size() != merkle::kHashSize) return bad_checkpoint("a root that is not 32 bytes of base64");
  Checkpoint checkpoint{lines[0], *size, *merkle::to_hash(*bytes), {}};
  checkpoint.extensions.assign(lines.begin() + 3, lines.end());
  return checkpoint;
}

std::string format_checkpoint(const Checkpoint& checkpoint) {
  std::string text = checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
                     policy::base::to_base64(checkpoint.root) + "\n";
  for (const std::string& line : checkpoint.extensions) text += line + "\n";
  return text;
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const SigningKey& key) {
  return policy::base::note::sign_note(format_checkpoint(checkpoint), key);
}

Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key) {
  auto text = policy::base::note::open_note(note, std::span(&key, 1));
  if (!text) return std::unexpected(text.error());
  auto checkpoint = parse_checkpoint(*text);
  if (!checkpoint) return checkpoint;
  if (checkpoint->origin != key.name())
    return fail("checkpoint.origin", "'" + printable(checkpoint->origin) + "'", "'" + printable(key.name()) + "'",
                "give the key of this log");
  return checkpoint;
}

}  // namespace audit::checkpoint
