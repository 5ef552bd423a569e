// `feierabend-policy bundle` and `inspect`: packs into the one file that is signed, and what such a file holds.
#include "policy/bundle/bundle.h"

#include <boost/json.hpp>
#include <charconv>
#include <ostream>

#include "policy/bundle/statement.h"
#include "policy/tool/command/bundle_file.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/output.h"
#include "policy/tool/command/report.h"
#include "policy/tool/command/write_file.h"

namespace policy::tool {
namespace {

namespace json = boost::json;

struct Asked {
  std::string out, revision, not_before, expires, tenant;
};

base::Result<bundle::Terms> terms_of(const Asked& asked) {
  bundle::Terms terms{asked.tenant, 0, {}, {}};
  const auto revision = parse_revision(asked.revision);
  const auto begin = base::parse_instant(asked.not_before), end = base::parse_instant(asked.expires);
  if (!revision) return std::unexpected(revision.error());
  if (!begin) return std::unexpected(begin.error());
  if (!end) return std::unexpected(end.error());
  terms.revision = *revision;
  terms.not_before = *begin;
  terms.expires = *end;
  return terms;
}

int show(const Context& context, const BundleFile& file, json::object more) {
  if (!context.question.json) {
    print_bundle(context, file);
    return kDone;
  }
  json::object all = json_of(file);
  for (auto& member : more) all[member.key()] = member.value();
  context.streams.out << json::serialize(all) << '\n';
  return kDone;
}

int make(const Context& context, const Asked& asked) {
  const auto terms = terms_of(asked);
  if (!terms) return usage(context, terms.error());
  const auto sources = read_pack_sources(context.question.packs);
  if (!sources) return report(context, sources.error());
  const auto made = bundle::make_bundle(*terms, *sources, pack::shipped_calendars());
  if (!made) return report(context, {made.error(), kDataError});
  if (auto written = write_new(asked.out, bundle::format_bundle(*made), false); !written)
    return report(context, written.error());
  const auto file = read_bundle(asked.out);
  if (!file) return report(context, file.error());
  return show(context, *file, {{"file", asked.out}});
}

int inspect(const Context& context, const std::string& path) {
  const auto file = read_bundle(path);
  if (!file) return report(context, file.error());
  const auto bytes = read_note(path);
  if (!bytes) return report(context, bytes.error());
  std::vector<std::string> names;
  if (!bytes->empty()) {
    const auto note = base::note::parse_note(*bytes);
    if (!note) return report(context, {{note.error()}, kDataError});
    for (const auto& signature : note->signatures) names.push_back(base::printable(signature.name));
  }
  show(context, *file, {{"signatures_unchecked", json_of(names)}});
  if (!context.question.json)
    context.streams.out << say(context.question.language, Word::kBundleNotChecked, joined(names)) << '\n';
  return kDone;
}

}  // namespace

base::Result<std::uint64_t> parse_revision(const std::string& text) {
  std::uint64_t revision = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), revision);
  if (error == std::errc{} && end == text.data() + text.size() && revision > 0 && revision <= bundle::kRevisionMax)
    return revision;
  return base::fail("bundle.terms", "revision '" + base::printable(text) + "'", "1 to 9999999999");
}

void add_bundle(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("bundle", Word::kBundle, [asked](const Context& context) { return make(context, *asked); });
  table.option(sub, "--out", asked->out, Word::kBundleOut, "FILE")->required();
  table.option(sub, "--tenant", asked->tenant, Word::kTenant, "NAME")->required();
  table.option(sub, "--revision", asked->revision, Word::kRevision, "N")->required();
  table.option(sub, "--not-before", asked->not_before, Word::kNotBefore, "INSTANT")->required();
  table.option(sub, "--expires", asked->expires, Word::kExpires, "INSTANT")->required();
  sub.add_option("PACK", table.question().packs, table.word(Word::kPacks))->required();
  table.add_json(sub);
}

void add_inspect(Table& table) {
  auto path = std::make_shared<std::string>();
  CLI::App& sub =
      table.command("inspect", Word::kInspect, [path](const Context& context) { return inspect(context, *path); });
  sub.add_option("BUNDLE", *path, table.word(Word::kBundleFile))->required();
  table.add_json(sub);
}

}  // namespace policy::tool
