#include <algorithm>

#include "clients/cli/commands.h"
#include "clients/cli/message_line.h"

namespace clients::cli {

namespace {

template <typename Call>
auto with_progress(Reached& at, Screen& screen, const Call& call) {
  const Progress progress(screen, screen.say(Word::kConnecting, base::printable(at.home->account().server())));
  return call();
}

std::string span_text(std::int64_t begin_s, std::int64_t end_s) {
  return local_time(begin_s) + " – " + local_time(end_s);
}

boost::json::object json_of(const pb::OverrideRecord& granted) {
  return {{"person", base::printable(granted.person())},
          {"rule", base::printable(granted.rule())},
          {"role", base::printable(granted.role())},
          {"reason", base::printable(granted.reason())},
          {"granted_by", base::printable(granted.granted_by())},
          {"begin", instant_json(granted.begin_s())},
          {"end", instant_json(granted.end_s())}};
}

std::string text_of(const Screen& screen, const pb::OverrideRecord& granted) {
  return span_text(granted.begin_s(), granted.end_s()) + "  " +
         screen.say(Word::kOverrideLine, base::printable(granted.rule()), base::printable(granted.reason()),
                    base::printable(granted.granted_by()), base::printable(granted.person()));
}

// What somebody asked for, person by person; the worst of the answers gives the exit code.
int show(Screen& screen, const pb::OverrideAnswers& answers) {
  int code = terminal::kDone;
  for (const auto& answer : answers.answers()) {
    const std::string person = base::printable(answer.person());
    if (!answer.has_problem()) {
      screen.put(screen.say(Word::kOverrideGranted, person, local_time(answer.until_s())),
                 {{"person", person}, {"until", instant_json(answer.until_s())}});
      continue;
    }
    const auto why = relay::wire::to_error(answer.problem());
    code = terminal::exit_code_of(why.code);
    screen.put(screen.say(Word::kOverrideRefused, person, screen.line_of(why)),
               {{"person", person}, {"until", nullptr}, {"error", cli::json_of(why)}});
  }
  return code;
}

boost::json::array spans_json(const google::protobuf::RepeatedPtrField<pb::Span>& spans) {
  boost::json::array out;
  for (const auto& span : spans)
    out.push_back(boost::json::object{{"begin", instant_json(span.begin_s())}, {"end", instant_json(span.end_s())}});
  return out;
}

boost::json::object json_of(const pb::Ledger& ledger) {
  boost::json::array stretches, overrides, expired, pseudonyms;
  for (const auto& stretch : ledger.stretches()) {
    boost::json::array rules;
    for (const auto& rule : stretch.rules()) rules.emplace_back(base::printable(rule));
    stretches.push_back(boost::json::object{{"begin", instant_json(stretch.begin_s())},
                                            {"end", instant_json(stretch.end_s())},
                                            {"effect", base::printable(stretch.effect())},
                                            {"rules", std::move(rules)}});
  }
  for (const auto& granted : ledger.overrides()) overrides.push_back(json_of(granted));
  for (const auto& day : ledger.expired())
    expired.push_back(boost::json::object{{"day", instant_json(day.day_s())}, {"count", day.count()}});
  for (const auto& one : ledger.pseudonym_openings())
    pseudonyms.push_back(boost::json::object{{"begin", instant_json(one.begin_s())},
                                             {"end", instant_json(one.end_s())},
                                             {"opened", instant_json(one.opened_s())},
                                             {"purpose", base::printable(one.purpose())}});
  return {{"begin", instant_json(ledger.begin_s())},
          {"end", instant_json(ledger.end_s())},
          {"now", instant_json(ledger.now_s())},
          {"stretches", std::move(stretches)},
          {"interruptions", spans_json(ledger.interruptions())},
          {"overrides", std::move(overrides)},
          {"openings", spans_json(ledger.openings())},
          {"expired", std::move(expired)},
          {"pseudonym_openings", std::move(pseudonyms)}};
}

std::string day_text(std::int64_t unix_s) { return base::format_instant({unix_s}).substr(0, 10); }

std::string text_of(const Screen& screen, const pb::Ledger& ledger) {
  std::string out = screen.say(Word::kLedgerHead, span_text(ledger.begin_s(), ledger.end_s()));
  const auto head = [&](Word word, bool any) {
    if (any) out += "\n" + screen.say(word);
  };
  head(Word::kLedgerClosed, !ledger.stretches().empty());
  for (const auto& stretch : ledger.stretches()) {
    std::string rules;
    for (const auto& rule : stretch.rules()) rules += (rules.empty() ? "" : ", ") + base::printable(rule);
    out += "\n  " + span_text(stretch.begin_s(), stretch.end_s()) + "  " + rules;
  }
  head(Word::kLedgerInterruptions, !ledger.interruptions().empty());
  for (const auto& span : ledger.interruptions()) out += "\n  " + local_time(span.begin_s());
  head(Word::kLedgerOverrides, !ledger.overrides().empty());
  for (const auto& granted : ledger.overrides()) out += "\n  " + text_of(screen, granted);
  head(Word::kLedgerOpenings, !ledger.openings().empty());
  for (const auto& span : ledger.openings()) out += "\n  " + span_text(span.begin_s(), span.end_s());
  head(Word::kLedgerExpired, !ledger.expired().empty());
  for (const auto& day : ledger.expired()) out += "\n  " + day_text(day.day_s()) + "  " + std::to_string(day.count());
  head(Word::kLedgerPseudonyms, !ledger.pseudonym_openings().empty());
  for (const auto& one : ledger.pseudonym_openings()) {
    const auto& purpose = screen.language() == terminal::Language::kGerman ? one.purpose_de() : one.purpose_en();
    out += "\n  " + screen.say(Word::kLedgerPseudonymLine, day_text(one.begin_s()), day_text(one.end_s() - 1),
                               day_text(one.opened_s()), base::printable(purpose));
  }
  return out;
}

}  // namespace

Outcome override_grant(const Options& options, Screen& screen, Machine& machine) {
  auto length = base::parse_duration(options.open_for);
  if (!length) return std::unexpected(length.error());
  auto at = reach(options, screen, machine);
  if (!at) return std::unexpected(at.error());
  pb::OverrideRequest request;
  request.set_rule(options.rule);
  request.set_reason(options.reason);
  request.set_for_s(length->count);
  request.set_code(options.code);
  for (const auto& person : options.people) request.add_people(person);
  const auto ask = [&] { return at->api->override_gates(at->home->credentials(), request); };
  auto answers = with_progress(*at, screen, ask);
  if (!answers && answers.error().code == "factor.needed") {
    auto code = ask_code(options, screen, machine);
    if (!code) return std::unexpected(code.error());
    request.set_code(*code);
    answers = with_progress(*at, screen, ask);
  }
  if (!answers) return std::unexpected(at->home->heed(answers.error()));
  return show(screen, *answers);
}

Outcome override_list(const Options& options, Screen& screen, Machine& machine) {
  auto at = reach(options, screen, machine);
  if (!at) return std::unexpected(at.error());
  auto granted = with_progress(*at, screen, [&] { return at->api->overrides(at->home->credentials()); });
  if (!granted) return std::unexpected(at->home->heed(granted.error()));
  for (const auto& one : granted->overrides()) screen.put(text_of(screen, one), json_of(one));
  if (granted->overrides().empty()) screen.line(screen.say(Word::kNothing));
  return terminal::kDone;
}

Outcome gate_open(const Options& options, Screen& screen, Machine& machine) {
  auto length = base::parse_duration(options.open_for);
  if (!length) return std::unexpected(length.error());
  if (length->count <= 0) return base::fail("opening.syntax", "an opening for 0 s", "1m to 7d");
  auto at = reach(options, screen, machine);
  if (!at) return std::unexpected(at.error());
  auto answer = with_progress(*at, screen, [&] { return at->api->own_gate(at->home->credentials(), *length); });
  if (!answer) return std::unexpected(at->home->heed(answer.error()));
  screen.put(screen.say(Word::kGateOpened, local_time(answer->open_until_s())),
             {{"open_until", instant_json(answer->open_until_s())}});
  return terminal::kDone;
}

Outcome gate_close(const Options& options, Screen& screen, Machine& machine) {
  auto at = reach(options, screen, machine);
  if (!at) return std::unexpected(at.error());
  auto answer =
      with_progress(*at, screen, [&] { return at->api->own_gate(at->home->credentials(), base::Seconds{0}); });
  if (!answer) return std::unexpected(at->home->heed(answer.error()));
  screen.put(screen.say(Word::kGateClosed), {{"open_until", nullptr}});
  return terminal::kDone;
}

Outcome ledger(const Options& options, Screen& screen, Machine& machine) {
  auto at = reach(options, screen, machine);
  if (!at) return std::unexpected(at.error());
  auto found = with_progress(*at, screen, [&] { return at->api->ledger(at->home->credentials()); });
  if (!found) return std::unexpected(at->home->heed(found.error()));
  screen.put(text_of(screen, *found), json_of(*found));
  return terminal::kDone;
}

}  // namespace clients::cli
