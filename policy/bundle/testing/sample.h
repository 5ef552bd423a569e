// A small bundle and keys for it, for the tests of this room.
#pragma once

#include <string>
#include <vector>

#include "policy/bundle/bundle.h"
#include "policy/bundle/statement.h"

namespace policy::bundle {

using Key = base::note::SigningKey;

inline constexpr const char* kTenant = "polizei-muster.example";

inline std::string sample_pack(const std::string& id, const std::string& from, const std::string& more = "",
                               const std::string& zone = "Europe/Berlin") {
  return "[pack]\nid = \"" + id + "\"\nlayer = \"agreement\"\nversion = 1\nzone = \"" + zone + "\"\n" + more +
         "signers = [\"administration\", \"staff-council\"]\n\n[[rest]]\nid = \"rest.night\"\nkind = \"window\"\n"
         "days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\", \"holiday\"]\nfrom = " +
         from + "\nto = 06:00:00\n";
}

inline Terms sample_terms(std::uint64_t revision) {
  return {kTenant, revision, base::parse_instant("2026-06-01T00:00:00Z").value(),
          base::parse_instant("2027-06-01T00:00:00Z").value()};
}

inline Bundle sample_bundle(std::uint64_t revision) {
  const std::vector<pack::PackSource> packs{{"sample.toml", sample_pack("sample", "20:00:00")}};
  return make_bundle(sample_terms(revision), packs, pack::shipped_calendars()).value();
}

inline Key key_of(const std::string& party) {
  base::SystemRandom random;
  return Key::generate(key_name(party, kTenant).value(), random).value();
}

inline Trust trust_in(const std::vector<const Key*>& keys) {
  Trust trust;
  for (const Key* const key : keys) trust.keys.push_back(key->verifier());
  return trust;
}

// The same secret under another name.
inline Key rename(const Key& key, const std::string& name) {
  struct Fixed final : base::Random {
    base::Bytes seed;
    void fill(std::span<std::uint8_t> bytes) override { std::copy_n(seed.begin(), bytes.size(), bytes.begin()); }
  } seed;
  const std::string text = key.text();
  seed.seed = base::from_base64(text.substr(text.size() - 44)).value();
  seed.seed.erase(seed.seed.begin());  // the type
  return Key::generate(name, seed).value();
}

}  // namespace policy::bundle
