// What somebody who asks for their data (GDPR Art. 15) is given of the log: every entry about their pseudonyms, each
// proven to stand in it, and the list proven complete by the indexes to which the log commits (subject/index.h). It can
// be checked with the verifier key alone, by the person, without the log and without trusting who wrote it.
//
// What is proven complete are the entries about a pseudonym, within the stretches of the indexes: from `covered.begin`
// to `covered.end`. From `acts.begin` to `acts.end`, that holds for entries in which the person only acted (who granted
// an override, ordered a wipe), too: there every leaf names who acted, and the indexes list it. Logs of before named
// them inside the record only: such entries are listed as long as the record is there. Entries after `covered.end` are
// listed as the officer found them in the log. An erased record is listed with what its leaf says, type, hour and
// people: what it held is gone.
//
// Pure; values; safe from any thread. Errors: access.entry (an entry that is about none of the pseudonyms, stands twice
// or does not fit its proof), access.index (stretches that leave a gap or do not fit the records), access.incomplete
// (an entry that an index lists is missing), access.unlisted (one that no index lists, although they should), those of
// open_checkpoint, decode_leaf, unseal, verify_inclusion and verify_subject.
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
  bool only_acted = false;            // it is about somebody else, or about nobody
};

struct Checked {
  checkpoint::Checkpoint checkpoint;
  std::vector<CheckedEntry> entries;
  subject::Stretch covered;  // empty: no index, completeness rests on who read the log
  subject::Stretch acts;     // within it; empty: no index lists who acted
};

Result<Checked> verify(const Export& given, const checkpoint::VerifierKey& key);

// Does the record name the pseudonym as one who acted?
bool names(const event::Record& record, const pseudonym::Pseudonym& pseudonym);

}  // namespace audit::access
