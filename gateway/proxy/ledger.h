// The audit log as the gateway uses it: records that stand on disk before what they tell takes effect. No log, no
// service: a failed append is an error that the caller must answer with a refusal.
//
// It also gives out what proves an entry: for certificates of devices.
//
// Thread-safe. Errors: those of audit::log, with codes "audit.…".
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/certificate/certificate.h"
#include "audit/event/record.h"
#include "policy/base/result.h"
#include "policy/base/sha256.h"
#include "policy/model/message_class.h"
#include "relay/net/loop.h"

namespace gateway::proxy {

class Ledger {
 public:
  virtual ~Ledger() = default;

  // Blocks until the record is durable.
  virtual policy::base::Status record(audit::event::Record record) = 0;
  struct Entry {
    std::string origin;
    std::uint64_t number = 0;
  };
  // The same, and says where the entry is.
  virtual policy::base::Result<Entry> record_numbered(audit::event::Record record) = 0;
  // The certificate whose entry this is. Nothing until a published checkpoint covers it. Error: certificate.entry
  // (erased), those of the stored log.
  virtual policy::base::Result<std::optional<audit::certificate::Certificate>> certificate(
      const Entry& entry, policy::base::Bytes statement) = 0;
  // Of every year whose entries may still be there, the present one first.
  virtual policy::base::Result<std::vector<audit::checkpoint::VerifierKey>> verifier_keys() = 0;
  // `then` runs on `loop` once the record is durable, or with the reason why it is not.
  virtual void record(relay::net::Loop& loop, audit::event::Record record,
                      std::function<void(policy::base::Status)> then) = 0;
  // Plain allows are counted per quarter of an hour and class, not listed.
  virtual void count_allow(policy::model::MessageClass message_class) = 0;
  // The person's pseudonym of this day.
  virtual audit::event::Subject subject(std::string_view person) = 0;
  // What an entry says of somebody's facts: a commitment under this month's input key (policy/replay/replay.h).
  virtual audit::event::Digest committed(const policy::base::Sha256& input) = 0;
};

}  // namespace gateway::proxy
