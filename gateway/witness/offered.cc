#include "gateway/witness/offered.h"

#include <algorithm>

#include "audit/checkpoint/cosignature.h"
#include "audit/event/codec.h"
#include "audit/log/tile_reader.h"
#include "audit/merkle/proof.h"

namespace gateway::witness {

using audit::checkpoint::Checkpoint;
using audit::checkpoint::TrustPolicy;
using audit::checkpoint::VerifierKey;
using base::Error;
using base::fail;
using base::Instant;
using base::Result;
using base::Status;

namespace {

struct OneOffered {
  Checkpoint checkpoint;
  std::vector<std::optional<Instant>> times;
};

// None: about another log.
Result<std::optional<OneOffered>> open_offered(base::ByteView bytes, const TrustPolicy& policy,
                                               const VerifierKey& key) {
  if (bytes.size() > kOfferedBytesMax)
    return fail("witness.offered", "a file of " + std::to_string(bytes.size()) + " bytes",
                "a checkpoint with its cosignatures", "remove the file");
  const auto note = policy::base::note::parse_note(base::as_text(bytes));
  if (!note) return std::unexpected(note.error());
  auto checkpoint = audit::checkpoint::parse_checkpoint(note->text);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  if (checkpoint->origin != key.name()) return std::nullopt;
  auto opened = audit::checkpoint::open_checkpoint(base::as_text(bytes), key);
  if (!opened) return std::unexpected(opened.error());
  auto times = audit::checkpoint::cosigned_by(*note, policy.keys());
  if (!times) return std::unexpected(times.error());
  return OneOffered{std::move(*opened), std::move(*times)};
}

// The end of the hour of the first entry behind the cosigned ones; the end of time if there is none.
Result<Instant> vouched_until(const audit::log::Objects& log, std::uint64_t size, std::uint64_t cosigned) {
  if (cosigned >= size) return base::kEndOfTime;
  const auto stored = audit::log::read_tile(log, std::nullopt, cosigned / audit::merkle::kTileWidth, size);
  if (!stored) return std::unexpected(stored.error());
  const auto entries = audit::merkle::parse_bundle(stored->bytes, stored->tile.width);
  if (!entries) return std::unexpected(entries.error());
  const auto leaf = audit::event::decode_leaf(entries->at(cosigned % audit::merkle::kTileWidth));
  if (!leaf) return std::unexpected(leaf.error());
  return Instant{(std::int64_t{leaf->hour} + 1) * base::kHour.count};
}

Error at(Error error, const std::string& path) {
  error.where = "witness/" + path;
  return error;
}

}  // namespace

Status check_continues(const audit::log::Objects& log, const Checkpoint& now, const Checkpoint& before) {
  const auto other = [&] {
    return fail("witness.contradicts",
                "a log of " + std::to_string(now.size) + " entries that does not continue the " +
                    std::to_string(before.size) + " that witnesses have cosigned",
                "the log that was cosigned", "this log was rolled back or replaced: find out by whom");
  };
  if (before.size > now.size) return other();
  audit::log::TileReader tiles(log, now.size);
  const auto root = audit::merkle::tree_root(before.size, tiles.nodes());
  if (!root) return std::unexpected(root.error());
  if (*root != before.root) return other();
  return {};
}

Offered read_offered(const audit::log::Objects& kept, const TrustPolicy& policy, const audit::log::Objects& log,
                     const VerifierKey& key, const Checkpoint& now, Instant not_after) {
  Offered out{std::vector<std::optional<Instant>>(policy.witnesses().size()), {}, {}};
  auto paths = kept.list(kOfferedPrefix);
  if (!paths) return out.fault = paths.error(), out;
  if (paths->size() > kOfferedMax) paths->resize(kOfferedMax);
  for (const std::string& path : *paths) {
    const auto bytes = kept.get(path);
    const auto one = bytes ? open_offered(bytes->value_or(base::Bytes{}), policy, key)
                           : Result<std::optional<OneOffered>>(std::unexpected(bytes.error()));
    if (!one) {
      if (!out.fault) out.fault = at(one.error(), path);
      continue;
    }
    // Without a cosignature it is the log's own word, and says nothing of what witnesses know.
    if (!*one || std::ranges::none_of((*one)->times, [](const auto& time) { return time.has_value(); })) continue;
    if (auto continues = check_continues(log, now, (*one)->checkpoint); !continues) {
      auto& place = continues.error().code == "witness.contradicts" ? out.objection : out.fault;
      if (!place) place = at(continues.error(), path);
      continue;
    }
    const auto until = vouched_until(log, now.size, (*one)->checkpoint.size);
    if (!until) {
      if (!out.fault) out.fault = at(until.error(), path);
      continue;
    }
    for (std::size_t i = 0; i < out.times.size(); ++i)
      if (const auto time = (*one)->times[i]; time && *time <= not_after)
        out.times[i] = std::max(out.times[i], std::optional(std::min(*time, *until)));
  }
  return out;
}

}  // namespace gateway::witness
