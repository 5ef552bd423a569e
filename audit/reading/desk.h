// Where readings are announced: judges, logs, and only then answers (announcement.h). At most kPerHourMax an hour are
// logged, so that nobody fills the log with readings; what is refused is not logged, because anybody may hand in
// anything.
//
// Single thread at a time. What is given outlives it. Errors: those of `record`; nothing was answered then, and the
// announcement may be handed in again.
#pragma once

#include <deque>
#include <functional>

#include "audit/reading/announcement.h"

namespace audit::reading {

class Desk {
 public:
  static constexpr std::size_t kPerHourMax = 120;

  struct Entry {
    std::string origin;
    std::uint64_t number = 0;
  };
  struct Ports {
    // The day's pseudonym of a key's name, as of anybody's.
    std::function<event::Subject(std::string_view name)> subject;
    // Durable in the log when it returns.
    std::function<Result<Entry>(event::Record)> record;
  };
  struct Outcome {
    Judged judged;
    std::optional<Answer> answer;  // none: refused
  };

  Desk(std::vector<policy::base::note::VerifierKey> readers, std::string tenant, Ports ports)
      : readers_(std::move(readers)), tenant_(std::move(tenant)), ports_(std::move(ports)) {}

  Result<Outcome> take(std::string_view note, Instant now);

 private:
  bool is_full(Instant now);

  const std::vector<policy::base::note::VerifierKey> readers_;
  const std::string tenant_;
  const Ports ports_;
  std::deque<Instant> logged_;  // within the last hour, at most kPerHourMax
};

}  // namespace audit::reading
