// `feierabend-policy prove`: what the packs claim, over a roster or over every conceivable one.
#include <unistd.h>

#include <boost/json.hpp>
#include <iostream>
#include <thread>

#include "policy/prove/symbolic/prover.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/fact_stream.h"
#include "policy/tool/command/proof_words.h"
#include "policy/tool/command/report.h"
#include "policy/tool/command/span.h"
#include "policy/tool/command/sweep_workers.h"

namespace policy::tool {
namespace {

constexpr std::int64_t kProgressEvery_ms = 500;
constexpr unsigned kWorkersMax = 64;

struct Asked {
  std::string claim;
  FactFiles files;
  SpanAsked span;
};

// How far a sweep is, on a terminal; silent elsewhere.
class Progress {
 public:
  Progress(const Context& context, std::uint64_t people)
      : context_(context), people_(people), begun_ms_(context.clock.elapsed_ms()), told_ms_(begun_ms_) {
    speaks_ = &context.streams.err == &std::cerr && isatty(STDERR_FILENO) != 0;
  }
  ~Progress() {
    if (told_) context_.streams.err << "\r\x1b[K" << std::flush;
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void operator()(std::uint64_t seen) {
    if (!speaks_) return;
    const std::int64_t now_ms = context_.clock.elapsed_ms();
    if (now_ms - told_ms_ < kProgressEvery_ms) return;
    told_ms_ = now_ms;
    told_ = true;
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(now_ms - begun_ms_, 1));
    const std::uint64_t rate = std::max<std::uint64_t>(seen * 1000 / ms, 1);
    const Language language = context_.question.language;
    const std::string text = seen < people_ ? say(language, Word::kProveProgress, seen, rate, (people_ - seen) / rate)
                                            : say(language, Word::kProveProgressOpen, seen, rate);
    context_.streams.err << "\r\x1b[K" << text << std::flush;
  }

 private:
  const Context& context_;
  std::uint64_t people_;
  std::int64_t begun_ms_, told_ms_;
  bool speaks_ = false, told_ = false;
};

int answer(const Context& context, const pack::RuleSet& rules, const prove::Report& report) {
  const time::Zone& zone = *rules.rules().zone_table;
  if (context.question.json)
    context.streams.out << boost::json::serialize(json_of(zone, report)) << '\n';
  else
    print_proof(context.streams.out, context.question.language, zone, report);
  return report.ok() ? kDone : kDataError;
}

// A table that is not sorted by person is read whole.
Input<prove::Tally> sweep_files(const Context& context, const FactFiles& files, const prove::Plan& plan) {
  const unsigned workers = std::clamp(std::thread::hardware_concurrency(), 1U, kWorkersMax);
  const auto attempt = [&](Reading reading) -> Input<prove::Tally> {
    auto people = open_people(files, reading);
    if (!people) return std::unexpected(people.error());
    Progress progress(context, (*people)->people());
    return sweep(plan, workers, **people, [&](std::uint64_t seen) { progress(seen); });
  };
  auto tally = attempt(Reading::kAsItArrives);
  const bool unsorted = !tally && tally.error().errors.front().code == "roster.unsorted";
  return unsorted ? attempt(Reading::kAtOnce) : std::move(tally);
}

int over_roster(const Context& context, const Asked& asked, const std::shared_ptr<const pack::RuleSet>& rules) {
  const auto span = span_of(asked.span);
  if (!span) return usage(context, span.error());
  const auto plan = prove::Plan::make(rules, *span, asked.claim);
  if (!plan) return report(context, {{plan.error()}, kDataError});
  const auto tally = sweep_files(context, asked.files, **plan);
  if (!tally) return report(context, tally.error());
  return answer(context, *rules, prove::report_of(*rules, **plan, *tally));
}

int prove_claims(const Context& context, const Asked& asked) {
  const bool any = !asked.files.people.empty() || !asked.files.roster.empty() || !asked.files.interruptions.empty() ||
                   !asked.span.from.empty() || !asked.span.to.empty();
  const bool all =
      !asked.files.people.empty() && !asked.files.roster.empty() && !asked.span.from.empty() && !asked.span.to.empty();
  if (any && !all) {
    return usage(context, {"call.syntax",
                           "a roster or a span that is not complete",
                           "--people, --roster, --from and --to together, or none of them",
                           {},
                           {}});
  }
  auto rules = read_rules(context.question.packs);
  if (!rules) return report(context, rules.error());
  if (all) return over_roster(context, asked, *rules);
  const auto proof = prove::symbolic::prove(*rules, asked.claim);
  if (!proof) return report(context, {{proof.error()}, kDataError});
  return answer(context, **rules, *proof);
}

}  // namespace

void add_prove(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("prove", Word::kProve, [asked](const Context& context) { return prove_claims(context, *asked); });
  table.add_packs(sub);
  table.option(sub, "--people", asked->files.people, Word::kProvePeople, "FILE");
  table.option(sub, "--roster", asked->files.roster, Word::kProveRoster, "FILE");
  table.option(sub, "--interruptions", asked->files.interruptions, Word::kInterruptions, "FILE");
  table.option(sub, "--zone", asked->files.zone, Word::kRosterZone, "ZONE");
  table.option(sub, "--from", asked->span.from, Word::kFrom, "INSTANT");
  table.option(sub, "--to", asked->span.to, Word::kTo, "INSTANT");
  table.option(sub, "--claim", asked->claim, Word::kProveClaim, "ID");
  table.add_json(sub);
}

}  // namespace policy::tool
