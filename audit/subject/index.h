// The index of pseudonyms: a sorted Merkle map from each pseudonym to the entries that name it within a stretch [begin,
// end) of a log. The log commits to it by a record `subjects-indexed`, stretch after stretch, so that what somebody is
// told about a pseudonym can be proven complete to who has nothing but a checkpoint.
//
//   key     = SHA-256("feierabend subject key v1" ‖ 0x00 ‖ begin ‖ end ‖ pseudonym)
//   list    = SHA-256("feierabend subject list v1" ‖ 0x00 ‖ (entry number ‖ leaf hash of the entry)…), rising
//   leaf    = key ‖ list; the leaves stand in rising order of their keys in a tree of RFC 6962
//   digest  = SHA-256("feierabend subject index v2" ‖ 0x00 ‖ begin ‖ end ‖ acts ‖ number of leaves ‖ root)
//   before    SHA-256("feierabend subject index v1" ‖ 0x00 ‖ begin ‖ end ‖ number of leaves ‖ root)
//
// An index of version 1 lists an entry under its subject only. One of version 2 lists it under everybody whom its leaf
// names, subject and actors, and says from which entry on, `acts`, every leaf names who acted in it: 1 after the last
// leaf of the stretch that does not, `begin` if all do. What stands before that proves subjects only. Which role
// somebody has in an entry says its leaf, to whose hash the list commits.
//
// Numbers are eight bytes, big endian. Proven is either that a pseudonym stands at one place with exactly these
// entries, or that it stands nowhere: its key lies between those of two neighbours. What is shown of a neighbour are
// two hashes over values that cannot be guessed: no pseudonym, and not which entries are theirs.
//
// Pure; values; safe from any thread. Errors: subject.range (a proof that does not fit its own numbers), subject.order
// (neighbours between which the key does not lie), subject.digest (hashes that lead to another index), proof.*.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "audit/event/codec.h"
#include "audit/merkle/proof.h"

namespace audit::subject {

using event::Digest;
using merkle::Hash;
using policy::base::Result;
using policy::base::Status;
using pseudonym::Pseudonym;

// Entries [begin, end) of a log.
struct Stretch {
  std::uint64_t begin = 0, end = 0;
  bool operator==(const Stretch&) const = default;
};

struct Listed {
  std::uint64_t entry = 0;
  Hash leaf_hash{};
  bool operator==(const Listed&) const = default;
};

struct Neighbour {
  std::uint64_t position = 0;
  Hash key{}, list{};
  merkle::Proof path;
  bool operator==(const Neighbour&) const = default;
};

struct SubjectProof {
  Stretch stretch;
  std::uint64_t subjects = 0;  // leaves of the map
  Hash root{};
  std::optional<std::uint64_t> position;   // none: absent
  std::vector<Listed> entries;             // rising; empty where absent
  merkle::Proof path;                      // of the leaf at `position`
  std::vector<Neighbour> neighbours;       // where absent: up to two, left one first
  std::optional<std::uint64_t> acts = {};  // none: an index of version 1
  bool operator==(const SubjectProof&) const = default;
};

class Index {
 public:
  // Who is named by which entry of the stretch, in rising order of the entries; who has both roles, as subject only.
  struct Named {
    Pseudonym pseudonym;
    Listed listed;
    event::Role role = event::Role::kSubject;
  };
  // Without `acts` of version 1, for which who only acts is passed over.
  Index(Stretch stretch, const std::vector<Named>& entries, std::optional<std::uint64_t> acts = {});

  const Stretch& stretch() const { return stretch_; }
  std::uint64_t subjects() const { return leaves_.size(); }
  std::optional<std::uint64_t> acts() const { return acts_; }
  Digest digest() const;
  SubjectProof prove(const Pseudonym& pseudonym) const;

 private:
  struct Leaf {
    Hash key{}, list{};
    std::vector<Listed> entries;
  };
  merkle::Proof path_of(std::uint64_t position) const;
  Result<Hash> node(unsigned level, std::uint64_t index) const;
  Hash root() const;

  Stretch stretch_;
  std::optional<std::uint64_t> acts_;
  std::vector<Leaf> leaves_;               // rising keys
  std::vector<std::vector<Hash>> levels_;  // complete subtrees, leaf hashes first
};

// Whether `proof` shows all entries of `pseudonym` within its stretch, by the index of this digest.
Status verify_subject(const SubjectProof& proof, const Pseudonym& pseudonym, const Digest& digest);

}  // namespace audit::subject
