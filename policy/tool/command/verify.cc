// `feierabend-policy verify`: would a gateway with this trust file put the bundle into force?
#include "policy/bundle/verify.h"

#include <boost/json.hpp>
#include <ostream>

#include "policy/base/words/german.h"
#include "policy/tool/command/bundle_file.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/output.h"
#include "policy/tool/command/report.h"

namespace policy::tool {
namespace {

namespace json = boost::json;

struct Asked {
  std::string bundle, trust, tenant, active_revision, at;
};

using Verdict = std::expected<bundle::Verified, pack::Errors>;

Input<Verdict> judge(const Asked& asked, base::Instant now, std::optional<bundle::InForce> in_force) {
  const auto bytes = read_file(asked.bundle, bundle::kBundleBytesMax + 1);
  if (!bytes) return std::unexpected(bytes.error());
  const auto note = read_note(asked.bundle);
  if (!note) return std::unexpected(note.error());
  const auto text = read_file(asked.trust, bundle::kTrustBytesMax + 1);
  if (!text) return std::unexpected(text.error());
  const auto trust = bundle::parse_trust(base::printable(asked.trust, 300), *text);
  if (!trust) return std::unexpected(Failure{{trust.error()}, kDataError});
  std::string tenant = asked.tenant;
  if (const auto parsed = bundle::parse_bundle(*bytes); parsed && tenant.empty()) tenant = parsed->terms.tenant;
  auto verdict = bundle::verify(*bytes, *note, {*trust, tenant, std::move(in_force), now});
  // Asked about an instant, "not yet" is no; asked about now, it is a matter of waiting.
  if (verdict && !asked.at.empty())
    if (auto due = bundle::check_due(*verdict, now); !due) return Verdict(std::unexpected(pack::Errors{due.error()}));
  return verdict;
}

int refused(const Context& context, const pack::Errors& errors) {
  if (!context.question.json) return report(context, {errors, kDataError});
  context.streams.out << json::serialize(json::object{{"ok", false}, {"errors", json_of(errors)}}) << '\n';
  return kDataError;
}

int accepted(const Context& context, const bundle::Verified& verified) {
  const Language language = context.question.language;
  const bundle::Terms& terms = verified.bundle.terms;
  if (context.question.json) {
    const json::object all{{"ok", true},
                           {"tenant", terms.tenant},
                           {"revision", terms.revision},
                           {"digest", base::to_hex(verified.digest)},
                           {"not_before", base::format_instant(terms.not_before)},
                           {"expires", base::format_instant(terms.expires)},
                           {"due", verified.due},
                           {"signed_by", json_of(verified.parties)},
                           {"findings", json_of(verified.findings)}};
    context.streams.out << json::serialize(all) << '\n';
    return kDone;
  }
  for (const base::Error& finding : verified.findings)
    context.streams.out << base::words::line_of(finding, language) << '\n';
  context.streams.out << say(language, verified.due ? Word::kVerifiedDue : Word::kVerifiedWaits, terms.revision,
                             joined(verified.parties), base::format_instant(terms.not_before),
                             base::format_instant(terms.expires), base::to_hex(verified.digest))
                      << '\n';
  return kDone;
}

int verify(const Context& context, const Asked& asked) {
  base::Instant now = context.clock.now();
  if (!asked.at.empty()) {
    const auto at = base::parse_instant(asked.at);
    if (!at) return usage(context, at.error());
    now = *at;
  }
  std::optional<bundle::InForce> in_force;
  if (!asked.active_revision.empty()) {
    const auto revision = parse_revision(asked.active_revision);
    if (!revision) return usage(context, revision.error());
    in_force = bundle::InForce{*revision, {}, {}};
  }
  const auto verdict = judge(asked, now, std::move(in_force));
  if (!verdict) return report(context, verdict.error());
  return *verdict ? accepted(context, **verdict) : refused(context, verdict->error());
}

}  // namespace

void add_verify(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("verify", Word::kVerify, [asked](const Context& context) { return verify(context, *asked); });
  sub.add_option("BUNDLE", asked->bundle, table.word(Word::kBundleFile))->required();
  table.option(sub, "--trust", asked->trust, Word::kTrust, "FILE")->required();
  table.option(sub, "--tenant", asked->tenant, Word::kTenantOfGateway, "NAME");
  table.option(sub, "--active-revision", asked->active_revision, Word::kActiveRevision, "N");
  table.option(sub, "--at", asked->at, Word::kVerifyAt, "INSTANT");
  table.add_json(sub);
}

}  // namespace policy::tool
