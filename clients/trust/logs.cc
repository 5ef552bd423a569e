#include "clients/trust/logs.h"

#include "audit/checkpoint/origin.h"

namespace clients::trust {
namespace base = policy::base;
namespace record = store::record;
using audit::checkpoint::parse_origin;
using audit::checkpoint::VerifierKey;

namespace {

constexpr std::int64_t kYear_s = 31'556'952;  // of the Gregorian calendar, on average

int year_of(base::Instant now) { return 1970 + static_cast<int>(now.unix_s / kYear_s); }

std::unexpected<base::Error> not_ours(std::string_view origin) {
  return base::fail("log.foreign", "log '" + base::printable(origin) + "'",
                    "the logs of the authority that this device knows, up to next year's",
                    "tell your data protection officer");
}

base::Status trust_one(store::Store& store, const std::vector<record::TrustedLog>& known, const pb::LogKey& log,
                       base::Instant now) {
  const auto key = VerifierKey::parse(log.verifier_key());
  if (!key) return std::unexpected(key.error());
  const auto origin = parse_origin(key->name());
  if (!origin || origin->year > year_of(now) + 1) return not_ours(key->name());
  for (const auto& one : known) {
    if (one.origin() == key->name() && one.verifier_key() == key->text()) return {};
    if (one.origin() == key->name())
      return base::fail("log.key-changed", "another key of log '" + base::printable(key->name()) + "' than before",
                        "the key that was seen first", "tell your data protection officer; this must not happen");
    if (parse_origin(one.origin())->authority != origin->authority) return not_ours(key->name());
  }
  record::TrustedLog kept;
  kept.set_origin(key->name());
  kept.set_verifier_key(key->text());
  return store.trust(kept);
}

}  // namespace

base::Status trust_logs(store::Store& store, const LogKeys& logs, base::Instant now) {
  if (logs.size() > kLogsMax) return not_ours(logs.Get(kLogsMax).origin());
  for (const auto& log : logs) {
    // Anew each time: those of one answer are held against each other, too.
    const auto known = store.trusted_logs();
    if (!known) return std::unexpected(known.error());
    if (auto status = trust_one(store, *known, log, now); !status) return status;
  }
  return {};
}

base::Result<std::vector<VerifierKey>> trusted_logs(store::Store& store) {
  const auto known = store.trusted_logs();
  if (!known) return std::unexpected(known.error());
  std::vector<VerifierKey> out;
  for (const auto& one : *known) {
    auto key = VerifierKey::parse(one.verifier_key());
    if (!key) return std::unexpected(key.error());
    out.push_back(*std::move(key));
  }
  return out;
}

}  // namespace clients::trust
