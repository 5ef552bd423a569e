// Where requests for opening are handed in: judges, logs, notes whom to tell, and only then releases (opening.h).
//
// Single thread at a time. What is given outlives it. Errors: those of `record`, `note` and of the DayKeeper; after any
// of them nothing was released, and the request may be handed in again.
#pragma once

#include <functional>
#include <optional>

#include "audit/opening/day_keeper.h"
#include "audit/opening/opening.h"

namespace audit::opening {

class Desk {
 public:
  struct Entry {
    std::string origin;
    std::uint64_t number = 0;
  };
  struct Ports {
    // Durable in the log when it returns.
    std::function<Result<Entry>(event::Record)> record;
    // Durable in the list of what people are told.
    std::function<policy::base::Status(const Request&, const event::Digest&)> note;
  };
  struct Outcome {
    Judged judged;
    std::optional<Answer> answer;  // none: refused
  };

  Desk(Signers signers, std::string tenant, const DayKeeper& days, Ports ports)
      : signers_(std::move(signers)), tenant_(std::move(tenant)), days_(days), ports_(std::move(ports)) {}

  Result<Outcome> take(std::string_view request, Instant now) const;

 private:
  const Signers signers_;
  const std::string tenant_;
  const DayKeeper& days_;
  const Ports ports_;
};

}  // namespace audit::opening
