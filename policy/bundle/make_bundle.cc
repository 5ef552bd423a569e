// From packs to a bundle, and back to rules.
#include <algorithm>
#include <set>

#include "policy/bundle/agreed.h"
#include "policy/bundle/bundle.h"
#include "policy/bundle/pins.h"
#include "policy/pack/rules.h"

namespace policy::bundle {

std::vector<base::Error> check_terms(const Terms& terms) {
  std::vector<base::Error> errors;
  if (auto tenant = check_tenant(terms.tenant); !tenant) errors.push_back(tenant.error());
  if (terms.revision == 0 || terms.revision > kRevisionMax)
    errors.push_back({"bundle.terms", "revision " + std::to_string(terms.revision), "1 to 9999999999", {}, {}});
  if (terms.expires <= terms.not_before) {
    errors.push_back({"bundle.terms",
                      "a bundle from " + base::format_instant(terms.not_before) + " that expires " +
                          base::format_instant(terms.expires),
                      "an end after the beginning",
                      {},
                      {}});
  }
  return errors;
}

std::vector<std::string> signers_of(const pack::RuleSet& rules) {
  std::set<std::string> all;
  for (const auto& pack : rules.rules().packs) all.insert(pack.signers.begin(), pack.signers.end());
  return {all.begin(), all.end()};
}

std::vector<base::Error> check_agreed(const pack::RuleSet& rules) {
  std::vector<base::Error> errors;
  for (const auto& pack : rules.rules().packs) {
    for (const auto& signer : pack.signers)
      if (auto party = check_party(signer); !party) errors.push_back(party.error());
    if (pack.layer != pack::Layer::kLaw && pack.signers.empty()) {
      errors.push_back({"bundle.signers",
                        "pack '" + pack.id + "' names no signers",
                        "signers in every pack below the law",
                        "write signers = [\"administration\", \"staff-council\"] into [pack]",
                        {}});
    }
  }
  if (const auto signers = signers_of(rules); signers.size() < kPartiesMin || signers.size() > kSignersMax) {
    errors.push_back({"bundle.signers",
                      "packs that name " + std::to_string(signers.size()) + " signers together",
                      "2 to 16 parties: nobody changes rules alone",
                      "write signers = [\"administration\", \"staff-council\"] into [pack]",
                      {}});
  }
  for (const auto& parameter : rules.rules().parameters) {
    if (parameter.value) continue;
    errors.push_back({"bundle.unset-parameter",
                      "parameter '" + parameter.head.id + "' has no value",
                      "a value for every parameter",
                      "set it with [[set]] in a pack of the agreement",
                      {}});
  }
  return errors;
}

pack::LoadedRules load_rules(const Bundle& bundle) {
  std::vector<pack::PackSource> packs;
  for (const Part& part : bundle.packs) packs.push_back({part.name, part.bytes});
  std::vector<pack::CalendarSource> calendars;
  for (const Part& part : bundle.calendars) calendars.push_back({part.name, part.bytes});
  return pack::load_packs(packs, calendars);
}

std::expected<Bundle, std::vector<base::Error>> make_bundle(const Terms& terms, std::span<const pack::PackSource> packs,
                                                            std::span<const pack::CalendarSource> calendars) {
  std::vector<base::Error> errors = check_terms(terms);
  const auto rules = pack::load_packs(packs, calendars);
  if (!rules) errors.insert(errors.end(), rules.error().begin(), rules.error().end());
  if (rules) {
    const auto disagreed = check_agreed(**rules);
    errors.insert(errors.end(), disagreed.begin(), disagreed.end());
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  Bundle out{terms, signers_of(**rules), zone_pins(**rules), {}, {}};
  bool holidays = false;
  for (std::size_t i = 0; i < packs.size(); ++i) {
    const auto& pack = (*rules)->rules().packs[i];
    out.packs.push_back({pack.id, packs[i].toml});
    holidays = holidays || !pack.holidays_name.empty();
  }
  for (const auto& calendar : calendars) {
    const std::size_t slash = calendar.name.rfind('/');
    const std::string name = calendar.name.substr(slash == std::string::npos ? 0 : slash + 1);
    if (holidays) out.calendars.push_back({name, calendar.csv});
  }
  // What is made must be readable: size and names are checked where they are always checked.
  auto again = parse_bundle(format_bundle(out));
  if (!again) return std::unexpected(std::vector{again.error()});
  return out;
}

}  // namespace policy::bundle
