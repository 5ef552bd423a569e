// Folders into which officer and council put signed requests, and what becomes of them: `<data>/audit/openings` to open
// pseudonyms (audit/opening/opening.h), `<data>/audit/readings` to announce a reading (audit/reading/announcement.h).
//
//   <name>.request     put there by anybody who may write there; the signatures count
//   <name>.answer      what was granted, once it is in the log
//   <name>.refused     why there is no answer, in both languages; a refused opening is in the log, too
//
// The folder is made for the gateway's account alone. An operator who gives it to a group and sets its setgid bit lets
// the members of that group in, under accounts of their own: answers and refusals have mode 0640 and that group then,
// else 0600.
//
// A request is removed when its answer or refusal is there. After a failure it stays and is judged again, so an entry
// may stand in the log twice, but never not at all. Names are of a-z, 0-9, '.' and '-'; at most kAtOnceMax are taken in
// one pass. One thread at a time. Errors: those of the judge, file.read, file.write.
#pragma once

#include <functional>
#include <string>

#include "audit/opening/desk.h"
#include "audit/reading/desk.h"

namespace gateway::app {

class RequestFolder {
 public:
  static constexpr std::size_t kAtOnceMax = 16;

  struct Reply {
    bool granted = false;
    std::string text;  // of the answer or the refusal
  };
  // `bytes` are one more than may be read as a request if there are that many.
  using Judge = std::function<policy::base::Result<Reply>(std::string_view bytes, policy::base::Instant now)>;

  RequestFolder(std::string folder, Judge judge) : folder_(std::move(folder)), judge_(std::move(judge)) {}
  // Makes the folder, 0700; one that is there keeps its rights.
  policy::base::Status prepare() const;
  policy::base::Status take_all(policy::base::Instant now) const;

 private:
  policy::base::Status take(const std::string& path, policy::base::Instant now) const;
  bool is_for_a_group() const;

  const std::string folder_;
  const Judge judge_;
};

RequestFolder::Judge judge_of(audit::opening::Desk desk);
RequestFolder::Judge judge_of(audit::reading::Desk desk);

// Error: those of a verifier key, and opening.signers (one key for both).
policy::base::Result<audit::opening::Signers> parse_signers(const std::string& officer, const std::string& council);

}  // namespace gateway::app
