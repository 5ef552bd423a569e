#include "audit/log/group.h"

#include <algorithm>

#include "audit/merkle/tile.h"

namespace audit::log {
namespace {

using policy::base::Bytes;
using policy::base::ByteView;

constexpr std::string_view kMagic = "feierabend-group v1\n";
constexpr std::size_t kHeadSize = kMagic.size() + 4;

std::optional<Bytes> take_sized(ByteView& rest) {
  if (rest.size() < 2) return {};
  const std::size_t size = static_cast<std::size_t>(rest[0]) << 8 | rest[1];
  if (rest.size() - 2 < size) return {};
  Bytes taken(rest.begin() + 2, rest.begin() + 2 + static_cast<std::ptrdiff_t>(size));
  rest = rest.subspan(2 + size);
  return taken;
}

bool take_entry(ByteView& rest, SealedEntry& entry) {
  auto leaf = take_sized(rest);
  if (!leaf || rest.size() < entry.key.size()) return false;
  std::ranges::copy(rest.first(entry.key.size()), entry.key.begin());
  rest = rest.subspan(entry.key.size());
  auto ciphertext = take_sized(rest);
  if (!ciphertext) return false;
  entry.sealed = {std::move(*leaf), std::move(*ciphertext)};
  return true;
}

std::unexpected<policy::base::Error> bad_group(std::string where) {
  return policy::base::fail("group.syntax", "a group of entries that cannot be read", "what the sequencer has written",
                            {}, std::move(where));
}

}  // namespace

GroupWriter::GroupWriter() : bytes_(kMagic.begin(), kMagic.end()) { bytes_.resize(kHeadSize); }

void GroupWriter::append(const SealedEntry& entry) {
  merkle::append_entry(bytes_, entry.sealed.leaf);
  bytes_.insert(bytes_.end(), entry.key.begin(), entry.key.end());
  merkle::append_entry(bytes_, entry.sealed.ciphertext);
  ++count_;
}

const Bytes& GroupWriter::bytes() {
  for (unsigned i = 0; i < 4; ++i) bytes_[kMagic.size() + i] = static_cast<std::uint8_t>(count_ >> (24 - 8 * i));
  return bytes_;
}

policy::base::Result<std::vector<SealedEntry>> decode_group(ByteView bytes) {
  if (bytes.size() < kHeadSize || !policy::base::as_text(bytes).starts_with(kMagic)) return bad_group("head");
  std::size_t count = 0;
  for (unsigned i = 0; i < 4; ++i) count = count << 8 | bytes[kMagic.size() + i];
  ByteView rest = bytes.subspan(kHeadSize);
  std::vector<SealedEntry> entries;
  while (!rest.empty()) {
    const std::string where = "entry " + std::to_string(entries.size());
    if (entries.size() == count || !take_entry(rest, entries.emplace_back())) return bad_group(where);
  }
  if (entries.size() != count) return bad_group("entry " + std::to_string(entries.size()));
  return entries;
}

}  // namespace audit::log
