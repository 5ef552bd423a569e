#include "audit/witness/collector.h"

#include <algorithm>

#include "audit/log/layout.h"
#include "audit/log/tile_reader.h"

namespace audit::witness {

using policy::base::fail;
using policy::base::printable;
using policy::base::note::NoteSignature;

namespace {

std::string text_of(const std::string& note) { return note.substr(0, note.find("\n\n") + 1); }

// The first of the lines that this key made, if it is a cosignature of the text.
Result<NoteSignature> own_line(std::string_view lines, std::string_view text, const checkpoint::CosignerKey& key) {
  auto parsed = checkpoint::parse_signature_lines(lines);
  if (!parsed) return std::unexpected(parsed.error());
  const auto own = std::ranges::find_if(*parsed, [&](const NoteSignature& line) { return key.made(line); });
  if (own == parsed->end())
    return fail("witness.refused", "a cosignature by another key", "one by '" + printable(key.name()) + "'",
                "compare the key in the policy with that of the witness");
  if (!key.verified(text, *own))
    return fail("note.signature", "a cosignature by '" + printable(key.name()) + "' that does not verify",
                "a cosignature of this checkpoint", {});
  return std::move(*own);
}

}  // namespace

Result<AddCheckpoint> request_from(const log::Objects& log, const std::string& note, std::uint64_t size,
                                   std::uint64_t old_size) {
  if (old_size > size)
    return fail("witness.ahead", "a witness that has cosigned " + std::to_string(old_size) + " entries",
                "at most the " + std::to_string(size) + " of this log",
                "this log was rolled back: find out by whom, and restore what is missing");
  AddCheckpoint request{old_size, {}, note};
  if (old_size == 0 || old_size == size) return request;
  log::TileReader tiles(log, size);
  auto proof = merkle::consistency_proof(old_size, size, tiles.nodes());
  if (!proof) return std::unexpected(proof.error());
  request.proof = std::move(*proof);
  return request;
}

Result<NoteSignature> Collector::ask(std::size_t witness, const log::Objects& log, const Round& round) {
  const std::uint64_t size = round.checkpoint.size;
  std::uint64_t& known = sizes_[{round.checkpoint.origin, witness}];
  const auto post = [&]() -> Result<Way::Reply> {
    const auto request = request_from(log, round.note, size, known);
    if (!request) return std::unexpected(request.error());
    return way_.add_checkpoint(policy_.witnesses()[witness], format_add_checkpoint(*request));
  };
  if (known > size) known = 0;  // what this process believes may be of a log that was restored since
  auto reply = post();
  if (reply && reply->status == 409) {
    const std::string_view digits = std::string_view(reply->body).substr(0, reply->body.find('\n'));
    if (const auto stated = checkpoint::parse_decimal(digits); stated && *stated != known) {
      known = *stated;
      reply = post();
    }
  }
  if (!reply) return std::unexpected(reply.error());
  if (reply->status == 409 || reply->status == 422)
    return fail("witness.contradicts", "status " + std::to_string(reply->status) + ": " + printable(reply->body, 300),
                "a log that continues what this witness cosigned before",
                "ask the witness for the checkpoints it keeps: this log was rolled back or has two views");
  if (reply->status != 200)
    return fail("witness.refused", "status " + std::to_string(reply->status) + ": " + printable(reply->body, 300),
                "a cosignature");
  auto line = own_line(reply->body, text_of(round.note), policy_.keys()[witness]);
  if (line) known = size;
  return line;
}

Result<Round> Collector::collect(const log::Objects& log, const checkpoint::VerifierKey& key) {
  const auto stored = log.get(log::kCheckpointPath);
  if (!stored) return std::unexpected(stored.error());
  if (!*stored) return fail("checkpoint.missing", "a log without a checkpoint", "a log that has begun");
  Round round{std::string(policy::base::as_text(**stored)), {}, {}};
  auto opened = checkpoint::open_checkpoint(round.note, key);
  if (!opened) return std::unexpected(opened.error());
  round.checkpoint = std::move(*opened);
  std::vector<NoteSignature> lines;
  for (std::size_t i = 0; i < policy_.witnesses().size(); ++i) {
    auto line = ask(i, log, round);
    round.errors.push_back(line ? std::nullopt : std::optional(line.error()));
    if (line) lines.push_back(std::move(*line));
  }
  if (!lines.empty()) round.note += checkpoint::format_signature_lines(lines);
  return round;
}

}  // namespace audit::witness
