#include "policy/tool/command/bundle_file.h"

#include <boost/json.hpp>
#include <filesystem>
#include <ostream>

#include "policy/base/note/note.h"
#include "policy/tool/command/output.h"

namespace policy::tool {

Input<BundleFile> read_bundle(const std::string& path) {
  auto bytes = read_file(path, bundle::kBundleBytesMax + 1);  // one more, so that the parser reports the limit
  if (!bytes) return std::unexpected(bytes.error());
  auto parsed = bundle::parse_bundle(*bytes);
  if (!parsed) return std::unexpected(Failure{{parsed.error()}, kDataError});
  auto rules = bundle::load_rules(*parsed);
  if (!rules) return std::unexpected(Failure{std::move(rules.error()), kDataError});
  const base::Sha256 digest = base::sha256(*bytes);
  return BundleFile{std::move(*bytes), std::move(*parsed), digest, std::move(*rules)};
}

Input<std::string> read_note(const std::string& path) {
  const std::string note = path + ".note";
  std::error_code error;
  if (!std::filesystem::exists(note, error)) return std::string();
  return read_file(note, base::note::kNoteSizeMax + 1);
}

void print_bundle(const Context& context, const BundleFile& file) {
  const Language language = context.question.language;
  const bundle::Terms& terms = file.bundle.terms;
  std::vector<std::vector<std::string>> rows{{say(language, Word::kBundleTenant), terms.tenant},
                                             {say(language, Word::kBundleRevision), std::to_string(terms.revision)},
                                             {say(language, Word::kBundleFrom), base::format_instant(terms.not_before)},
                                             {say(language, Word::kBundleExpires), base::format_instant(terms.expires)},
                                             {say(language, Word::kBundleSigners), joined(file.bundle.signers)},
                                             {say(language, Word::kBundleDigest), base::to_hex(file.digest)}};
  for (const pack::Pack& pack : file.rules->rules().packs) {
    const std::string& title = language == Language::kGerman ? pack.title.de : pack.title.en;
    rows.push_back({say(language, Word::kBundlePack), pack.id + ", " + say(language, pack.layer) + ", " +
                                                          say(language, Word::kPackVersion, pack.version) +
                                                          (title.empty() ? "" : ": " + base::printable(title, 200))});
  }
  for (const bundle::ZonePin& zone : file.bundle.zones) rows.push_back({say(language, Word::kBundleZone), zone.name});
  for (const bundle::Part& part : file.bundle.calendars)
    rows.push_back({say(language, Word::kBundleCalendar), part.name});
  print_table(context.streams.out, rows);
}

boost::json::object json_of(const BundleFile& file) {
  namespace json = boost::json;
  const bundle::Terms& terms = file.bundle.terms;
  json::array packs, zones, calendars;
  for (const pack::Pack& pack : file.rules->rules().packs)
    packs.emplace_back(json::object{{"id", pack.id}, {"layer", name_of(pack.layer)}, {"version", pack.version}});
  for (const bundle::ZonePin& zone : file.bundle.zones)
    zones.emplace_back(json::object{{"name", zone.name}, {"digest", base::to_hex(zone.digest)}});
  for (const bundle::Part& part : file.bundle.calendars)
    calendars.emplace_back(json::object{{"name", part.name}, {"digest", base::to_hex(base::sha256(part.bytes))}});
  return {{"tenant", terms.tenant},
          {"revision", terms.revision},
          {"digest", base::to_hex(file.digest)},
          {"not_before", base::format_instant(terms.not_before)},
          {"expires", base::format_instant(terms.expires)},
          {"signers", json_of(file.bundle.signers)},
          {"packs", std::move(packs)},
          {"zones", std::move(zones)},
          {"calendars", std::move(calendars)}};
}

}  // namespace policy::tool
