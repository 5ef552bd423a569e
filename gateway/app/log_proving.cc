// What the log proves of itself to clients: its keys, and entries with their path to a signed checkpoint.
#include "audit/certificate/collect.h"
#include "audit/checkpoint/origin.h"
#include "audit/log/layout.h"
#include "gateway/app/durable_file.h"
#include "gateway/app/log_ledger.h"

namespace gateway::app {

using policy::base::Result;

namespace {

constexpr int kYears = 3;  // entries about devices go at the end of the following year

}  // namespace

// Of a year whose signing key was put away, the public one stays.
Result<std::optional<audit::checkpoint::VerifierKey>> LogLedger::verifier_key(int year) const {
  const std::string base = options_.folder + "/" + std::to_string(year);
  for (const bool is_public : {true, false}) {
    const auto text = read_key_text(base + (is_public ? ".vkey" : ".key"));
    if (!text) return std::unexpected(text.error());
    if (!*text) continue;
    if (is_public) return audit::checkpoint::VerifierKey::parse(**text);
    const auto key = audit::checkpoint::SigningKey::parse(**text);
    if (!key) return std::unexpected(key.error());
    return key->verifier();
  }
  return std::nullopt;
}

Result<std::vector<audit::checkpoint::VerifierKey>> LogLedger::verifier_keys() {
  const auto running = current();
  if (!running) return std::unexpected(running.error());
  std::vector<audit::checkpoint::VerifierKey> out;
  for (int year = (*running)->year; year > (*running)->year - kYears; --year) {
    auto key = verifier_key(year);
    if (!key) return std::unexpected(key.error());
    if (*key) out.push_back(**std::move(key));
  }
  return out;
}

Result<std::optional<audit::certificate::Certificate>> LogLedger::certificate(const Entry& entry,
                                                                              policy::base::Bytes statement) {
  const auto origin = audit::checkpoint::parse_origin(entry.origin);
  if (!origin || origin->authority != options_.tenant) return std::nullopt;  // when the tenant had another name
  const auto key = verifier_key(origin->year);
  if (!key) return std::unexpected(key.error());
  if (!*key) return std::nullopt;
  const auto objects = audit::store::FolderObjects::open_to_read(options_.folder + "/" + std::to_string(origin->year));
  if (!objects) return std::unexpected(objects.error());
  const auto stored = (*objects)->get(audit::log::kCheckpointPath);
  if (!stored) return std::unexpected(stored.error());
  if (!*stored) return std::nullopt;
  const std::string note(policy::base::as_text(**stored));
  const auto checkpoint = audit::checkpoint::open_checkpoint(note, **key);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  if (entry.number >= checkpoint->size) return std::nullopt;
  return audit::certificate::collect(**objects, note, *checkpoint, entry.number, std::move(statement));
}

}  // namespace gateway::app
