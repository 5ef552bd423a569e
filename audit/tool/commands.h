// What the tool can do, one function a subcommand. Each reads, writes and prints by itself and gives the exit code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "audit/tool/output.h"

namespace audit::tool {

// The X25519 pair of data protection officer or staff council: secret half into a new file, public half printed.
int party_key(const Manner& manner, const std::string& file);
// From a month's sealed key and the secret halves of both parties: the key under which that month's entries commit to
// facts, for feierabend-policy replay, into a new file that only its owner may read. The pseudonyms stay closed.
int input_key(const Manner& manner, const std::string& sealed, const std::string& officer, const std::string& council,
              const std::string& file);
// Makes a signing key file (secret) and prints the verifier key.
int keygen(const Manner& manner, const std::string& name, const std::string& file);

// `key` everywhere: a verifier key, or a file that holds one.
// `since`: the file of a checkpoint that was seen earlier, or empty.
int verify_log(const Manner& manner, const std::string& folder, const std::string& key, const std::string& since);

struct ShowOptions {
  std::uint64_t from = 0;
  std::optional<std::uint64_t> count;
  std::string type;  // a record's id; empty: all
  std::string key;   // empty: without proof of inclusion
};
int show(const Manner& manner, const std::string& folder, const ShowOptions& options);

// Writes `file` (".tlog-proof"), or prints the proof if it is empty.
int prove(const Manner& manner, const std::string& folder, std::uint64_t entry, const std::string& file);

// `entry` is the file of the leaf, or empty if the proof carries it as its extra data.
int verify_proof(const Manner& manner, const std::string& file, const std::string& entry, const std::string& key);

// The record of processing (GDPR Art. 30): what the log holds, why, on which basis and for how long.
int record(const Manner& manner);

}  // namespace audit::tool
