#include "audit/certificate/collect.h"

#include "audit/log/tile_reader.h"
#include "audit/subject/stretch.h"

namespace audit::certificate {
namespace {

std::unexpected<policy::base::Error> no_entry(std::uint64_t index) {
  return policy::base::fail("certificate.entry", "entry " + std::to_string(index) + ", which is not there or erased",
                            "the entry that the certificate was issued with", "issue the certificate anew");
}

Result<Bytes> leaf_at(const log::Objects& objects, std::uint64_t index, std::uint64_t size) {
  std::optional<Bytes> found;
  const auto walked =
      subject::walk(objects, size, {index, index + 1}, [&](std::uint64_t, ByteView bytes, const event::Leaf&) {
        found = Bytes(bytes.begin(), bytes.end());
        return false;
      });
  if (!walked) return std::unexpected(walked.error());
  if (!found) return no_entry(index);
  return std::move(*found);
}

}  // namespace

Result<Certificate> collect(const log::Objects& objects, const std::string& note,
                            const checkpoint::Checkpoint& checkpoint, std::uint64_t index, Bytes statement) {
  if (index >= checkpoint.size) return no_entry(index);
  auto leaf = leaf_at(objects, index, checkpoint.size);
  if (!leaf) return std::unexpected(leaf.error());
  auto side = subject::read_side(objects, index);
  if (!side) return std::unexpected(side.error());
  if (!side->key) return no_entry(index);
  log::TileReader tiles(objects, checkpoint.size);
  auto path = merkle::inclusion_proof(index, checkpoint.size, tiles.nodes());
  if (!path) return std::unexpected(path.error());
  return Certificate{std::move(statement),
                     std::move(*leaf),
                     *side->key,
                     std::move(side->ciphertext),
                     checkpoint::format_tlog_proof({{}, index, std::move(*path), note}),
                     {}};
}

}  // namespace audit::certificate
