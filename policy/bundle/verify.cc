#include "policy/bundle/verify.h"

#include <algorithm>
#include <set>

#include "policy/bundle/agreed.h"

namespace policy::bundle {
namespace {

using base::Error;
using base::fail;
using Errors = std::vector<Error>;

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out.empty() ? "nobody" : out;
}

void add_all(Errors& to, Errors from) { std::ranges::move(from, std::back_inserter(to)); }

std::vector<std::string> together(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  std::set<std::string> all(one.begin(), one.end());
  all.insert(other.begin(), other.end());
  return {all.begin(), all.end()};
}

Error stranger(const std::string& name) {
  return {"bundle.unknown-signer",
          "a signature by '" + name + "' with a key that is not trusted here",
          "keys of the trust file",
          "compare the key with the one in the trust file",
          {}};
}

Error unsigned_bundle(const std::vector<std::string>& needed) {
  return {"bundle.unsigned",
          "a bundle that nobody known has signed",
          "signatures of " + listed(needed),
          "let each party run feierabend-policy sign",
          {}};
}

base::Status check_parties(const Signatures& signatures, const std::vector<std::string>& needed) {
  std::vector<std::string> missing;
  std::ranges::set_difference(needed, signatures.parties, std::back_inserter(missing));
  if (missing.empty()) return {};
  if (!signatures.strangers.empty()) return std::unexpected(stranger(signatures.strangers.front()));
  if (signatures.parties.empty()) return std::unexpected(unsigned_bundle(needed));
  const std::string twice =
      signatures.known > signatures.parties.size() ? " (" + std::to_string(signatures.known) + " signatures)" : "";
  return fail("bundle.parties",
              "a bundle signed by " + listed(signatures.parties) + twice + "; missing: " + listed(missing),
              "signatures of " + listed(needed), "let each party run feierabend-policy sign");
}

base::Status check_revision(const Terms& terms, const base::Sha256& digest, const std::optional<InForce>& in_force) {
  if (!in_force || terms.revision > in_force->revision || digest == in_force->digest) return {};
  return fail("bundle.rollback",
              "revision " + std::to_string(terms.revision) + " while revision " + std::to_string(in_force->revision) +
                  " is in force",
              "a higher revision", "make the bundle again with a higher revision");
}

std::optional<Error> zones_differ(const Bundle& bundle, const pack::RuleSet& rules) {
  const auto here = zone_pins(rules);
  if (here == bundle.zones) return {};
  std::string names;
  for (const ZonePin& pin : here)
    if (std::ranges::find(bundle.zones, pin) == bundle.zones.end()) names += (names.empty() ? "" : ", ") + pin.name;
  return Error{"bundle.tz-data",
               "time zone data that differ from those of the bundle (" + (names.empty() ? "a zone less" : names) + ")",
               "the time zone data with which the bundle was made",
               "bring tzdata to the same version, or make the bundle again here",
               {}};
}

// What only hinders a newcomer is a finding about what is in force already.
void judge_newcomer(std::optional<Error> error, Verified& verified, Errors& errors) {
  if (error) (verified.in_force ? verified.findings : errors).push_back(std::move(*error));
}

}  // namespace

std::expected<Verified, Errors> verify(std::string_view bundle_bytes, std::string_view note, const Judge& judge) {
  auto bundle = parse_bundle(bundle_bytes);
  if (!bundle) return std::unexpected(Errors{bundle.error()});
  Errors errors = check_terms(bundle->terms);
  if (bundle->terms.tenant != judge.tenant)
    errors.push_back({"bundle.tenant",
                      "a bundle of tenant '" + bundle->terms.tenant + "'",
                      "a bundle of '" + base::printable(judge.tenant) + "'",
                      {},
                      {}});
  Verified out;
  out.bundle = std::move(*bundle);
  out.digest = base::sha256(bundle_bytes);
  if (note.empty()) errors.push_back(unsigned_bundle(out.bundle.signers));
  if (!errors.empty()) return std::unexpected(std::move(errors));
  const auto signatures = read_signatures(note, out.bundle.terms, out.digest, judge.trust);
  if (!signatures) return std::unexpected(Errors{signatures.error()});
  out.signatures = signatures->known;
  out.parties = together(out.bundle.signers, judge.trust.required);
  const auto needed = judge.in_force ? together(out.parties, judge.in_force->parties) : out.parties;
  out.in_force = judge.in_force && judge.in_force->digest == out.digest;
  out.due = out.bundle.terms.not_before <= judge.now;
  if (auto parties = check_parties(*signatures, needed); !parties) errors.push_back(parties.error());
  if (auto revision = check_revision(out.bundle.terms, out.digest, judge.in_force); !revision)
    errors.push_back(revision.error());
  if (auto ended = check_expired(out.bundle.terms, judge.now); !ended) judge_newcomer(ended.error(), out, errors);
  if (!errors.empty()) return std::unexpected(std::move(errors));  // nothing below is worth reading unsigned

  const auto rules = load_rules(out.bundle);
  if (!rules) return std::unexpected(rules.error());
  out.rules = *rules;
  out.pins = pins_of(**rules, out.digest);
  add_all(errors, check_agreed(**rules));
  if (signers_of(**rules) != out.bundle.signers)
    errors.push_back({"bundle.signers",
                      "signers that are not those of the packs",
                      listed(signers_of(**rules)),
                      "make it with feierabend-policy bundle",
                      {}});
  judge_newcomer(zones_differ(out.bundle, **rules), out, errors);
  for (const auto& name : signatures->strangers) out.findings.push_back(stranger(name));
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return out;
}

base::Status check_expired(const Terms& terms, base::Instant now) {
  if (now < terms.expires) return {};
  return fail("bundle.expired", "rules that expired " + base::format_instant(terms.expires),
              "rules that have not expired", "agree on a new revision and sign it");
}

base::Status check_due(const Verified& verified, base::Instant now) {
  const base::Instant begin = verified.bundle.terms.not_before;
  if (begin <= now) return {};
  return fail("bundle.not-yet", "rules that come into force " + base::format_instant(begin),
              "rules that are in force at " + base::format_instant(now));
}

}  // namespace policy::bundle
