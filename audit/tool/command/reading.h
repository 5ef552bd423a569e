// Each reading of a log is itself an entry (BDSG § 76 (2)): with its purpose, before the first record is shown, and
// nothing is shown that could not be noted.
//
// The officer's program cannot append to the gateway's log: it has neither its key nor, as a rule, write access. So it
// keeps a log of its own, in the same formats and with the same sequencer, one for each log that is read:
//
//   READINGS/<year>/        the readings: log-consulted, one for each pseudonym that was asked for, else one
//   READINGS/<year>.key     its signing key, made at the first reading;  READINGS/<year>.vkey   its verifier key
//
// <year> is the last part of the read log's origin, and "<origin>/readings" is the origin of the readings. What this
// proves, and what not: nobody, not even the officer, can take a single reading out or change it, and a witness (the
// staff council) that has cosigned its checkpoint notices a log that was begun anew. But who never ran this program,
// or threw its folder away before anybody saw a checkpoint, leaves no trace here. `report` tells these readings beside
// those that the gateway has logged.
//
// With a gateway (--gateway: its folder `readings`, --reader-key: the officer's signing key) the reading is entered
// into that gateway's log first (announce.h), so that no one but the gateway could leave it out. Without one it is said
// that it stands in the office's own log only.
//
// One thread. Durable when note_reading() returns. Errors: usage.purpose, usage.readings, reading.other-log (the folder
// belongs to the readings of another log), those of announce_reading(), store.* and log.* of the readings, output.*.
#pragma once

#include <string>
#include <vector>

#include "audit/tool/command/log_reader.h"
#include "audit/tool/command/table.h"

namespace audit::tool {

struct ReadingOptions {
  std::string purpose;  // id of a ReadPurpose
  std::string folder;   // READINGS
  std::string gateway;  // the gateway's folder for announcements; empty: offline
  std::string key;      // the signing key of officer or council, with `gateway`
};
// --purpose, --readings, --gateway and --reader-key; the last three also from FEIERABEND_AUDIT_READINGS, …_GATEWAY and
// …_READER_KEY.
void add_reading(Table& table, CLI::App& sub, ReadingOptions& options);

struct Reading {
  event::ReadKind kind{};
  policy::base::Interval period{policy::base::kBeginningOfTime, policy::base::kEndOfTime};
  std::vector<event::Pseudonym> people = {};
};
policy::base::Status note_reading(const Context& context, const ReadingOptions& options, const LogReader& reader,
                                  const Reading& reading);

// The verified readings of the log with this origin, oldest first; empty if there are none. Errors: as LogReader, and
// reading.other-log.
struct NotedReading {
  std::uint64_t entry = 0;
  event::Event event;
};
Result<std::vector<NotedReading>> read_readings(const std::string& folder, const std::string& origin);

}  // namespace audit::tool
