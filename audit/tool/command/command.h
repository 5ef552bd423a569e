// The commands of feierabend-audit, apart from the process around them.
//
//   verify FOLDER         is all of a log there and unaltered
//   show FOLDER           its records in words, each entry proven
//   query FOLDER          the entries that fit a question
//   report FOLDER         deletion calendar, counts never below five, readings
//   export FOLDER         all about one person, proven complete (GDPR Art. 15); verify-export checks it without the log
//   follow FOLDER         new entries as they come
//   readings FOLDER       when and for what this office has read a log
//   proof, verify-proof   one entry proven without the log
//   prune FOLDER          removes entries whose last deadline has passed
//   record                what a log holds, why and for how long (GDPR Art. 30)
//   keygen, party-key     the key that signs checkpoints; the pair of keys of officer or council
//   input-key             both parties open the key to the facts of a month
//   erase FOLDER          records whose time has come; again after a restore
//   open-request, sign-request, open FOLDER   both parties open the pseudonyms of days, through the gateway
//   witness …             a witness of logs, on the network or by file; its key; what a log asks of it; its quorum
//   completions SHELL     bash, zsh or fish
//
// show, query, report, export and follow read records: each takes a purpose and is noted before anything is shown
// (reading.h). verify, proof and verify-proof tell nothing that a record holds.
//
// Results go to `out`, errors to `err`; with --json both go to `out`. Exit codes: 0 done · 2 usage · 65 the log or the
// proof is not good, or the input is not what it should be · 66 input missing · 73 output cannot be created · 74
// reading or writing failed.
#pragma once

#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "policy/base/clock.h"
#include "policy/base/random.h"

namespace audit::tool {

constexpr int kDone = 0;
constexpr int kUsage = 2;
constexpr int kDataError = 65;
constexpr int kNoInput = 66;
constexpr int kCannotCreate = 73;
constexpr int kIoError = 74;

struct Streams {
  std::ostream& out;
  std::ostream& err;
};

// What a command cannot compute.
struct World {
  const policy::base::Clock& clock;
  policy::base::Random& random;
  // Waits so long; false if somebody asks the program to end.
  std::function<bool(policy::base::Seconds)> wait;
};

// `arguments` without the program's name. The language is that of --lang, else that of `locale` (LC_ALL, LC_MESSAGES or
// LANG: the first that is set); JSON is the same in both, but for labels made for reading.
int run(std::span<const std::string> arguments, const Streams& streams, const World& world,
        std::string_view locale = {});

}  // namespace audit::tool
