// What the parties sign: a short text that commits to a bundle, as a signed note (policy/base/note) in a file beside
// it, <bundle>.note.
//
//   feierabend bundle v1 statement
//   <tenant>
//   revision <decimal>
//   not-before <RFC 3339, UTC>
//   expires <RFC 3339, UTC>
//   sha256 <64 hex digits, of the bundle's bytes>
//
//   — <party>@<tenant> <base64>
//
// A party is who its key is named after: "staff-council@polizei-muster.example". A party may have several keys; they
// count once. Whose keys they are is said by the verifier's trust file and by nothing in the bundle:
//
//   # keys that may sign rules of this authority, one a line, as keygen prints them
//   administration@polizei-muster.example+1a2b3c4d+AQ…
//   staff-council@polizei-muster.example+5e6f7a8b+AQ…
//   require administration staff-council        # who must sign whatever the packs name
//
// Pure; values; safe from any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/note/note.h"
#include "policy/bundle/bundle.h"

namespace policy::bundle {

constexpr std::size_t kTrustBytesMax = 64 * 1024;
constexpr std::size_t kTrustKeysMax = 64;

std::string statement(const Terms& terms, const base::Sha256& digest);

// Errors: bundle.party, bundle.tenant.
base::Result<std::string> key_name(std::string_view party, std::string_view tenant);
// The party of a key's name in this tenant; nothing for a key of another.
std::optional<std::string> party_of(std::string_view key_name, std::string_view tenant);

struct Trust {
  std::vector<base::note::VerifierKey> keys;
  std::vector<std::string> required;  // sorted
};
// Errors: trust.syntax, trust.keys (none, or too many), trust.same-key (one key under two names would be one party that
// signs as two), bundle.party, key.*; `where` is "name:line".
base::Result<Trust> parse_trust(std::string_view name, std::string_view text);

// The note with one more signature. `note` is empty for the first. Errors: those of parse_note; bundle.statement (the
// note is about another bundle), bundle.signed (this key has signed already), bundle.tenant (a key of another tenant).
base::Result<std::string> add_signature(std::string_view note, const Terms& terms, const base::Sha256& digest,
                                        const base::note::SigningKey& key);

// What the signatures of a note say.
struct Signatures {
  std::vector<std::string> parties;    // whose known keys have signed, sorted, each once
  std::vector<std::string> strangers;  // names of keys that are not in the trust file; printable
  std::size_t known = 0;               // signatures by known keys: more than parties where one signed twice
};
// Errors: those of parse_note; bundle.statement (about another bundle, or one byte of it is another),
// bundle.signature (a known key's signature that does not verify).
base::Result<Signatures> read_signatures(std::string_view note, const Terms& terms, const base::Sha256& digest,
                                         const Trust& trust);

}  // namespace policy::bundle
