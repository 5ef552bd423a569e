#include "policy/bundle/statement.h"

#include <algorithm>
#include <set>

namespace policy::bundle {
namespace {

using base::fail;
using base::printable;
using base::note::Note;
using base::note::VerifierKey;

base::Result<Note> read_note(std::string_view bytes, const Terms& terms, const base::Sha256& digest) {
  auto note = base::note::parse_note(bytes);
  if (note && note->text != statement(terms, digest)) {
    return fail("bundle.statement", "signatures for another bundle, or a bundle that was changed after it was signed",
                "the bundle that was signed, byte for byte",
                "compare the digests that feierabend-policy inspect shows");
  }
  return note;
}

// "name+8 hex digits+base64 of the key": what stands behind the name and its id.
std::string key_bytes(const VerifierKey& key) {
  const std::string text = key.text();
  return text.substr(key.name().size() + 10);
}

base::Status add_key(std::string_view line, const std::string& where, Trust& trust) {
  auto key = VerifierKey::parse(line);
  if (!key) {
    key.error().where = where;
    return std::unexpected(key.error());
  }
  for (const VerifierKey& known : trust.keys) {
    if (key_bytes(known) != key_bytes(*key)) continue;
    return fail("trust.same-key", "one key for '" + printable(known.name()) + "' and '" + printable(key->name()) + "'",
                "a key of its own for each party", "let each party make its own key", where);
  }
  if (trust.keys.size() == kTrustKeysMax)
    return fail("trust.keys", "more than 64 keys", "1 to 64 keys", "remove keys that are out of use", where);
  trust.keys.push_back(std::move(*key));
  return {};
}

base::Status add_required(std::string_view names, const std::string& where, std::set<std::string>& required) {
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(' '), names.size());
    const std::string party(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
    if (party.empty()) continue;
    if (auto good = check_party(party); !good) {
      good.error().where = where;
      return good;
    }
    required.insert(party);
  }
  return {};
}

// Without a remark, which begins at the line's start or behind a space, and without spaces around.
std::string_view content_of(std::string_view line) {
  if (line.starts_with('#')) return {};
  line = line.substr(0, std::min(line.find(" #"), line.size()));
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::string statement(const Terms& terms, const base::Sha256& digest) {
  return "feierabend bundle v1 statement\n" + terms.tenant + "\nrevision " + std::to_string(terms.revision) +
         "\nnot-before " + base::format_instant(terms.not_before) + "\nexpires " + base::format_instant(terms.expires) +
         "\nsha256 " + base::to_hex(digest) + "\n";
}

base::Result<std::string> key_name(std::string_view party, std::string_view tenant) {
  if (auto good = check_party(party); !good) return std::unexpected(good.error());
  if (auto good = check_tenant(tenant); !good) return std::unexpected(good.error());
  return std::string(party) + "@" + std::string(tenant);
}

std::optional<std::string> party_of(std::string_view key_name, std::string_view tenant) {
  const std::size_t at = key_name.find('@');
  if (at == std::string_view::npos || key_name.substr(at + 1) != tenant) return std::nullopt;
  std::string party(key_name.substr(0, at));
  if (!check_party(party)) return std::nullopt;
  return party;
}

base::Result<Trust> parse_trust(std::string_view name, std::string_view text) {
  if (text.size() > kTrustBytesMax)
    return fail("trust.syntax", "a trust file of " + std::to_string(text.size()) + " bytes", "at most 65536", {},
                std::string(name));
  Trust trust;
  std::set<std::string> required;
  constexpr std::string_view kRequire = "require ";
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = content_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string where = std::string(name) + ":" + std::to_string(number);
    if (line.empty()) continue;
    auto read = line.starts_with(kRequire) ? add_required(line.substr(kRequire.size()), where, required)
                                           : add_key(line, where, trust);
    if (!read) return std::unexpected(read.error());
  }
  if (trust.keys.empty())
    return fail("trust.keys", "a trust file without a key", "1 to 64 keys", "write a verifier key on each line",
                std::string(name));
  trust.required.assign(required.begin(), required.end());
  return trust;
}

base::Result<std::string> add_signature(std::string_view note, const Terms& terms, const base::Sha256& digest,
                                        const base::note::SigningKey& key) {
  const VerifierKey& verifier = key.verifier();
  if (!party_of(verifier.name(), terms.tenant)) {
    return fail("bundle.tenant", "key '" + printable(verifier.name()) + "' for a bundle of '" + terms.tenant + "'",
                "a key that is named party@" + terms.tenant, "make one with keygen --tenant " + terms.tenant);
  }
  Note signed_note{statement(terms, digest), {}};
  if (!note.empty()) {
    auto known = read_note(note, terms, digest);
    if (!known) return std::unexpected(known.error());
    signed_note = std::move(*known);
  }
  for (const auto& signature : signed_note.signatures) {
    if (signature.name == verifier.name() && signature.id == verifier.id())
      return fail("bundle.signed", "a signature by '" + printable(verifier.name()) + "' is there already",
                  "one signature of each party", "pass the bundle on to the party that is missing");
  }
  signed_note.signatures.push_back({verifier.name(), verifier.id(), key.sign(signed_note.text)});
  const std::string text = format_note(signed_note);
  if (auto readable = base::note::parse_note(text); !readable) return std::unexpected(readable.error());
  return text;
}

base::Result<Signatures> read_signatures(std::string_view bytes, const Terms& terms, const base::Sha256& digest,
                                         const Trust& trust) {
  const auto note = read_note(bytes, terms, digest);
  if (!note) return std::unexpected(note.error());
  Signatures found;
  std::set<std::string> parties, strangers;
  for (const auto& signature : note->signatures) {
    const auto key = std::ranges::find_if(trust.keys, [&](const VerifierKey& known) {
      return known.name() == signature.name && known.id() == signature.id;
    });
    if (key == trust.keys.end()) {
      strangers.insert(printable(signature.name));
      continue;
    }
    if (!key->verifies(note->text, signature.bytes)) {
      return fail("bundle.signature", "a signature by '" + printable(key->name()) + "' that does not verify",
                  "an unchanged signature", "let this party sign again");
    }
    if (auto party = party_of(key->name(), terms.tenant)) {
      parties.insert(std::move(*party));
      ++found.known;
    }
  }
  found.parties.assign(parties.begin(), parties.end());
  found.strangers.assign(strangers.begin(), strangers.end());
  return found;
}

}  // namespace policy::bundle
