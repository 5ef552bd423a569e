// A witness as the commands of `witness` open it: its key, and for each log a record in a folder of its own.
//
//   <folder>/<hex SHA-256 of the origin>/sequencer/checkpoint   the last cosigned checkpoint
//                                       /doubts/                signed checkpoints that do not fit to it
//
// One thread. Errors: key.*, key.rights, input.*, store.* (store.locked: another process is this witness).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audit/store/folder.h"
#include "audit/tool/command/table.h"
#include "audit/witness/witness.h"

namespace audit::tool {

struct WitnessFiles {
  std::string key, folder;
  std::vector<std::string> logs;  // verifier keys or their files
};

class OpenWitness {
 public:
  static policy::base::Result<OpenWitness> open(const WitnessFiles& files, const policy::base::Clock& clock);
  witness::Witness& operator*() const { return *witness_; }
  witness::Witness* operator->() const { return witness_.get(); }
  const std::vector<std::string>& origins() const { return origins_; }
  const store::FolderObjects& objects(std::size_t origin) const { return *objects_[origin]; }

 private:
  policy::base::Status add(const std::string& folder, const std::string& log);

  std::vector<std::string> origins_;
  std::vector<std::unique_ptr<store::FolderLock>> locks_;
  std::vector<std::unique_ptr<store::FolderObjects>> objects_;
  std::unique_ptr<witness::Witness> witness_;  // refers to the two above
};

// --key, --folder and --log, all required.
void witness_options(Table& table, CLI::App& sub, WitnessFiles& files);

void add_witness_serve(Table& table, CLI::App& family);
void add_witness_sign(Table& table, CLI::App& family);     // sign, state
void add_witness_request(Table& table, CLI::App& family);  // request
void add_witness_check(Table& table, CLI::App& family);    // check

}  // namespace audit::tool
