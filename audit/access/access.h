// What somebody who asks for their data (GDPR Art. 15) is given of the log: every entry about their pseudonyms, each
// proven to stand in it, and the list proven complete by the indexes to which the log commits (subject/index.h). It can
// be checked with the verifier key alone, by the person, without the log and without trusting who wrote it.
//
// What is proven complete are the entries whose leaf names a pseudonym, within the stretches of the indexes: from
// `covered.begin` to `covered.end`. Entries after that are listed as the officer found them in the log. Entries in
// which the person only acted (who granted an override, ordered a wipe) name them inside the record; they are listed as
// long as the record is there. An erased record is listed with its type and hour: what it held is gone.
//
// Pure; values; safe from any thread. Errors: access.entry (an entry that is about none of the pseudonyms, stands twice
// or does not fit its proof), access.index (stretches that leave a gap or do not fit the records), access.incomplete
// (an entry that an index lists is missing), access.unlisted (one that no index lists), those of open_checkpoint,
// decode_leaf, unseal, verify_inclusion and verify_subject.
#pragma once

#include <string>
#include <vector>

#include "audit/checkpoint/checkpoint.h"
#include "audit/event/sealed.h"
#include "audit/subject/index.h"

namespace audit::access {

using policy::base::Bytes;
using policy::base::Result;

struct ProvenEntry {
  std::uint64_t index = 0;
  Bytes leaf;
  merkle::Proof path;
  std::optional<event::EntryKey> key;  // none: the record was erased
  Bytes ciphertext;                    // empty then
  bool operator==(const ProvenEntry&) const = default;
};

struct IndexProof {
  ProvenEntry record;                           // subjects-indexed
  std::vector<subject::SubjectProof> subjects;  // one for each pseudonym, in their order
  bool operator==(const IndexProof&) const = default;
};

struct Export {
  std::string checkpoint;  // the signed note
  std::vector<pseudonym::Pseudonym> pseudonyms;
  std::vector<ProvenEntry> entries;  // rising
  std::vector<IndexProof> indexes;   // rising
  bool operator==(const Export&) const = default;
};

struct CheckedEntry {
  std::uint64_t index = 0;
  event::Leaf leaf;
  std::optional<event::Event> event;  // none: erased
};

struct Checked {
  checkpoint::Checkpoint checkpoint;
  std::vector<CheckedEntry> entries;
  subject::Stretch covered;  // empty: no index, completeness rests on who read the log
};

Result<Checked> verify(const Export& given, const checkpoint::VerifierKey& key);

// Does the record name the pseudonym in a field other than its subject?
bool names(const event::Record& record, const pseudonym::Pseudonym& pseudonym);

}  // namespace audit::access
