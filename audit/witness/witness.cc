#include "audit/witness/witness.h"

#include <algorithm>

#include "audit/witness/add_checkpoint.h"

namespace audit::witness {

using policy::base::fail;
using policy::base::printable;
using policy::base::note::Note;

namespace {

constexpr const char* kSizeType = "text/x.tlog.size";

Answer refusal(unsigned status, Error why) {
  std::string body = to_string(why) + "\n";
  return {status, {}, std::move(body), std::move(why)};
}

Answer conflict(std::uint64_t size, Error why) { return {409, kSizeType, std::to_string(size) + "\n", std::move(why)}; }

Error forked(const checkpoint::Checkpoint& asked) {
  return {"witness.forked",
          "another tree of " + std::to_string(asked.size) + " entries than the one cosigned before",
          "the log that was cosigned before",
          "this log has two views: ask its operator, and keep this checkpoint",
          {}};
}

// RFC 6962 § 2.1.2, but for the beginning: nothing is a prefix of every tree (tlog-witness).
Status check_proof(std::uint64_t old_size, const merkle::Hash& old_root, const merkle::Proof& proof,
                   const checkpoint::Checkpoint& asked) {
  if (old_size == 0 || old_size == asked.size) {
    if (proof.empty()) return {};
    return fail("witness.proof", "a proof where there is nothing to prove", "no hashes");
  }
  auto good = merkle::verify_consistency(old_size, asked.size, proof, old_root, asked.root);
  if (good) return {};
  return fail("witness.proof",
              "no proof that " + std::to_string(asked.size) + " entries continue the " + std::to_string(old_size) +
                  " cosigned before",
              "the consistency proof between the two sizes",
              "if the log has none, it was rolled back or has two views: keep this checkpoint");
}

// The signatures of the log's own keys.
Note without_strangers(const Note& note, std::span<const checkpoint::VerifierKey> keys) {
  Note own{note.text, {}};
  std::ranges::copy_if(note.signatures, std::back_inserter(own.signatures), [&](const auto& line) {
    return std::ranges::any_of(keys, [&](const auto& key) { return key.name() == line.name && key.id() == line.id; });
  });
  return own;
}

}  // namespace

std::string origin_hash(std::string_view origin) {
  return policy::base::to_hex(merkle::sha256(policy::base::as_bytes(origin)));
}

void Witness::add_log(checkpoint::VerifierKey key, log::LockedCheckpoint& latest, log::Objects& doubts) {
  const std::scoped_lock lock(mutex_);
  Known& known = logs_[key.name()];
  known.latest = &latest;
  known.doubts = &doubts;
  known.keys.push_back(std::move(key));
}

policy::base::Result<Witness::Record> Witness::read_record(const Known& log) const {
  auto stored = log.latest->load();
  if (!stored) return std::unexpected(stored.error());
  if (stored->empty()) return Record{};
  const auto damaged = [] {
    return fail("witness.state", "a record that this witness has not signed", "the record as this witness left it",
                "find out who changed it; do not take an old one from a backup");
  };
  const auto note = policy::base::note::parse_note(*stored);
  if (!note) return damaged();
  const checkpoint::CosignerKey own = key_.verifier();
  const auto times = checkpoint::cosigned_by(*note, std::span(&own, 1));
  const auto checkpoint = checkpoint::parse_checkpoint(note->text);
  if (!times || !times->front() || !checkpoint || checkpoint->origin != log.keys.front().name()) return damaged();
  return Record{std::move(*stored), checkpoint->size, checkpoint->root};
}

// Bounded, and of no consequence for the answer: who asks may not learn whether there was room.
void Witness::keep_doubt(const Known& log, std::string_view note) {
  const auto kept = log.doubts->list(kDoubtsPrefix);
  if (!kept || kept->size() >= kDoubtsMax) return;
  const auto bytes = policy::base::as_bytes(note);
  const log::Object object{std::string(kDoubtsPrefix) + policy::base::to_hex(merkle::sha256(bytes)),
                           {bytes.begin(), bytes.end()}};
  (void)log.doubts->put_all(std::span(&object, 1));
}

Answer Witness::cosign(const Known& log, const Record& before, const Note& note) {
  const auto now = clock_.now();
  if (now.unix_s < 0) return refusal(500, {"witness.clock", "a clock before 1970", "the time of day", {}, {}});
  Note cosigned = without_strangers(note, log.keys);
  const auto line = key_.cosign(note.text, now);
  cosigned.signatures.push_back(line);
  if (auto stored = log.latest->replace(before.note, format_note(cosigned)); !stored)
    return refusal(500, stored.error());
  return {200, {}, checkpoint::format_signature_lines(std::span(&line, 1)), {}};
}

Answer Witness::add_checkpoint(std::string_view body) {
  const auto request = parse_add_checkpoint(body);
  if (!request) return refusal(400, request.error());
  const auto note = policy::base::note::parse_note(request->note);
  const auto asked = checkpoint::parse_checkpoint(note->text);
  if (!asked) return refusal(400, asked.error());

  const std::scoped_lock lock(mutex_);
  const auto log = logs_.find(asked->origin);
  if (log == logs_.end())
    return refusal(404, {"witness.unknown-log",
                         "log '" + printable(asked->origin) + "'",
                         "a log that this witness knows",
                         "give the witness the key of this log",
                         {}});
  if (auto opened = policy::base::note::open_note(request->note, log->second.keys); !opened)
    return refusal(403, opened.error());
  if (request->old_size > asked->size)
    return refusal(400, {"witness.old-size",
                         "an old size of " + std::to_string(request->old_size),
                         "at most the new one, " + std::to_string(asked->size),
                         {},
                         {}});
  const auto record = read_record(log->second);
  if (!record) return refusal(500, record.error());
  if (request->old_size != record->size)
    return conflict(record->size, {"witness.conflict",
                                   "a request that begins at " + std::to_string(request->old_size),
                                   "one that begins at " + std::to_string(record->size) + ", the size cosigned last",
                                   "ask again from there",
                                   {}});
  if (asked->size == record->size && asked->root != record->root) {
    keep_doubt(log->second, request->note);
    return conflict(record->size, forked(*asked));
  }
  if (auto good = check_proof(record->size, record->root, request->proof, *asked); !good) {
    keep_doubt(log->second, request->note);
    return refusal(422, good.error());
  }
  return cosign(log->second, *record, *note);
}

Answer Witness::latest(std::string_view hash) const {
  const std::scoped_lock lock(mutex_);
  for (const auto& [origin, log] : logs_) {
    if (origin_hash(origin) != hash) continue;
    auto record = read_record(log);
    if (!record) return refusal(500, record.error());
    if (!record->note.empty()) return {200, {}, std::move(record->note), {}};
  }
  return refusal(
      404,
      {"witness.unknown-log", "a log without a cosigned checkpoint", "a log that this witness has cosigned", {}, {}});
}

}  // namespace audit::witness
