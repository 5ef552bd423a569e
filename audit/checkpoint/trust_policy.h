// Who must have signed a checkpoint (C2SP tlog-policy): the logs that are known, the witnesses, and the quorum of
// witnesses whose cosignatures make a checkpoint one to rely on.
//
//   log <vkey> [<url>]                    none: whoever asks knows the log
//   witness <name> <vkey> [<url>]         its submission prefix
//   group <name> all|any|<k> <name>…      names of lines above; a name is a member of one group at most
//   quorum <name>                         exactly one line; "none" asks for no witness
//
// Lines end in a newline; items stand between spaces and tabs; empty lines and lines that begin with '#' count for
// nothing. Names are bytes. Pure; values; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint/cosignature.h"

namespace audit::checkpoint {

constexpr std::size_t kPolicySizeMax = 64 * 1024;
constexpr policy::base::Seconds kClocksApartMax{300};  // of a witness and of who asks for a quorum
constexpr std::size_t kPolicyLinesOfAKindMax = 32;     // logs, witnesses, groups: as many of each

struct KnownLog {
  VerifierKey key;
  std::string url;  // may be empty
  bool operator==(const KnownLog&) const = default;
};

struct KnownWitness {
  std::string name;  // in the policy; the key has its own
  std::string url;   // may be empty
  bool operator==(const KnownWitness&) const = default;
};

class TrustPolicy {
 public:
  // `where` names the text in errors, whose place is where:line. Errors: policy-file.size, policy-file.syntax,
  // policy-file.name (used twice, not known above, member of two groups), policy-file.key-twice, policy-file.many,
  // policy-file.quorum (none, or two), and those of the keys.
  static Result<TrustPolicy> parse(std::string_view where, std::string_view text);
  std::string text() const;

  const std::vector<KnownLog>& logs() const { return logs_; }
  const std::vector<KnownWitness>& witnesses() const { return witnesses_; }
  const std::vector<CosignerKey>& keys() const { return keys_; }  // of the witnesses, in their order
  bool operator==(const TrustPolicy&) const = default;

  // `times`: when each witness cosigned. The latest instant at which a quorum's cosignatures were all that young, so
  // that a quorum holds for those not older; none: there is no quorum. kEndOfTime where none is asked for.
  std::optional<Instant> quorum_since(std::span<const std::optional<Instant>> times) const;
  // Names of witnesses without a time that keep a quorum from being there, joined with ", ". Empty with a quorum.
  std::string missing(std::span<const std::optional<Instant>> times) const;

 private:
  friend class PolicyReader;
  // Witnesses first, then groups: an index below witnesses_.size() is a witness.
  struct Group {
    std::string name;
    std::size_t threshold = 0;
    std::vector<std::size_t> members;
    bool operator==(const Group&) const = default;
  };
  // Of all witnesses and groups, in the order of their indexes.
  std::vector<std::optional<Instant>> all_times(std::span<const std::optional<Instant>> times) const;
  const std::string& name_of(std::size_t index) const;
  void find_missing(std::size_t index, std::span<const std::optional<Instant>> all, std::vector<bool>& out) const;

  std::vector<KnownLog> logs_;
  std::vector<KnownWitness> witnesses_;
  std::vector<CosignerKey> keys_;
  std::vector<Group> groups_;
  std::optional<std::size_t> quorum_;  // none: no witness is asked for
};

// A checkpoint that a log of the policy has signed and a quorum cosigned.
struct Witnessed {
  Checkpoint checkpoint;
  std::vector<std::optional<Instant>> times;  // by witness of the policy
  Instant since;                              // as quorum_since
};

// Checks all of it. `logs` are the keys of the logs; the policy's own if empty. A cosignature from after `not_after`
// counts for nothing, because a witness whose clock runs ahead would make an old checkpoint young.
// Errors: those of open_checkpoint; note.signature; quorum.missing, with the names of who is missing.
Result<Witnessed> open_witnessed(std::string_view note, const TrustPolicy& policy, std::span<const VerifierKey> logs,
                                 Instant not_after);

}  // namespace audit::checkpoint
