// The folder into which requests to open pseudonyms are put, `<data>/audit/openings`, and what becomes of them.
//
//   <name>.request     put there by anybody who may write there; the signatures count (audit/opening/opening.h)
//   <name>.answer      the gateway's parts of the days, once the opening is in the log
//   <name>.refused     why there is no answer, in both languages; this is in the log, too
//
// A request is removed when its answer or refusal is there. After a failure it stays and is judged again, so an opening
// may stand in the log twice, but never not at all. Names are of a-z, 0-9, '.' and '-'; at most kAtOnceMax are taken in
// one pass. One thread at a time. Errors: those of the desk, file.read, file.write.
#pragma once

#include <functional>
#include <string>

#include "audit/opening/desk.h"

namespace gateway::app {

class RequestFolder {
 public:
  static constexpr std::size_t kAtOnceMax = 16;

  RequestFolder(std::string folder, audit::opening::Desk desk) : folder_(std::move(folder)), desk_(std::move(desk)) {}
  // Makes the folder.
  policy::base::Status prepare() const;
  policy::base::Status take_all(policy::base::Instant now) const;

 private:
  policy::base::Status take(const std::string& path, policy::base::Instant now) const;

  const std::string folder_;
  const audit::opening::Desk desk_;
};

// Error: those of a verifier key, and opening.signers (one key for both).
policy::base::Result<audit::opening::Signers> parse_signers(const std::string& officer, const std::string& council);

}  // namespace gateway::app
