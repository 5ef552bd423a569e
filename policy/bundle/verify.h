// May this bundle come into force here? Everything that the answer depends on is passed in: trust, what is in force,
// the instant.
//
// A bundle is accepted when
//   - it and its note are well formed, and the note is about exactly these bytes and this tenant;
//   - every party has signed: those that its packs name, those that the trust file requires, and those that signed what
//     is in force now, so that nobody is dropped without having agreed to it;
//   - its revision is above the one in force;
//   - its rules load, no parameter is without a value, every pack below the law names signers;
//   - its time zones move the clock here as they did where it was made;
//   - it has not expired.
// What is already in force is judged by signatures and rules alone: that it expired meanwhile, or that the machine's
// zones changed, is a finding, because protection does not end by waiting.
//
// Reads the machine's tz database, as loading packs does; otherwise pure. Safe from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/bundle/pins.h"
#include "policy/bundle/statement.h"

namespace policy::bundle {

// What is in force, as far as a successor is measured by it.
struct InForce {
  std::uint64_t revision = 0;
  base::Sha256 digest{};
  std::vector<std::string> parties;  // whose signatures it asked for
  bool operator==(const InForce&) const = default;
};

struct Judge {
  const Trust& trust;
  std::string tenant;
  std::optional<InForce> in_force;
  base::Instant now;
};

struct Verified {
  Bundle bundle;
  base::Sha256 digest{};
  std::shared_ptr<const pack::RuleSet> rules;
  Pins pins;                          // with the machine's zones
  std::vector<std::string> parties;   // whose signatures it asks for, and has
  std::size_t signatures = 0;         // by known keys
  bool in_force = false;              // it is what Judge::in_force says
  bool due = false;                   // not_before has come
  std::vector<base::Error> findings;  // bundle.expired, bundle.tz-data of what is in force; bundle.unknown-signer

  InForce terms_for_successor() const { return {bundle.terms.revision, digest, parties}; }
};

// Errors: those of parse_bundle, parse_note, read_signatures, load_packs and check_agreed; bundle.tenant,
// bundle.unsigned, bundle.unknown-signer, bundle.parties (a party is missing), bundle.rollback, bundle.expired,
// bundle.tz-data.
// `note` is empty where there is none.
std::expected<Verified, std::vector<base::Error>> verify(std::string_view bundle, std::string_view note,
                                                         const Judge& judge);

// Error: bundle.expired.
base::Status check_expired(const Terms& terms, base::Instant now);
// Error: bundle.not-yet.
base::Status check_due(const Verified& verified, base::Instant now);

}  // namespace policy::bundle
