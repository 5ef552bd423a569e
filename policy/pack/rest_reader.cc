#include <array>

#include "policy/pack/family_reader.h"

namespace policy::pack {
namespace {

constexpr std::array<std::string_view, 4> kRestKinds{"after-duty", "off-duty", "window", "absence"};
constexpr std::array<std::string_view, 3> kEffects{"deliver", "silent", "hold"};
constexpr std::array<std::string_view, 2> kUnless{"duty", "on-call"};

void read_effects(TableReader& reader, RestRule& rule) {
  const Value* table = reader.table("effect", Need::kOptional);
  if (table == nullptr) return;
  TableReader inside(*table, "effect of " + reader.place(), reader.sink());
  for (const model::MessageClass c : model::kMessageClasses) {
    if (const auto effect = inside.choice(name_of(c), Need::kOptional, kEffects))
      rule.effects[index_of(c)] = static_cast<model::Effect>(*effect);
  }
  inside.done();
}

void read_adaptable(TableReader& reader, RestRule& rule) {
  const Value* table = reader.table("adaptable", Need::kOptional);
  if (table == nullptr) return;
  TableReader inside(*table, "adaptable of " + reader.place(), reader.sink());
  if (rule.kind == RestKind::kAfterDuty)
    rule.adaptable.minimum = read_bounded(inside, "minimum", Need::kOptional, kRestMax);
  if (rule.kind == RestKind::kAfterDuty || rule.kind == RestKind::kOffDuty) {
    rule.adaptable.grace = read_bounded(inside, "grace", Need::kOptional, kGraceMax);
    rule.adaptable.lead = read_bounded(inside, "lead", Need::kOptional, kGraceMax);
  }
  inside.done();
}

// What a parameter sets has one way to be set already.
void refuse_adaptable_uses(TableReader& reader, const RestRule& rule, const UseDrafts& uses) {
  for (const UseDraft& use : uses) {
    const auto& bound = use.term == Term::kMinimum ? rule.adaptable.minimum
                        : use.term == Term::kGrace ? rule.adaptable.grace
                                                   : rule.adaptable.lead;
    if (!bound) continue;
    reader.sink().add("pack.parameter", use.parameter.at,
                      "'" + std::string(name_of(use.term)) + "' of rule '" + rule.head.id +
                          "' that is both adaptable and a parameter",
                      "one of the two", "give the parameter bounds instead");
  }
}

void read_unless(TableReader& reader, RestRule& rule) {
  if (reader.names_nothing("unless")) return;
  for (const std::size_t what : reader.choices("unless", Need::kOptional, kUnless))
    (what == 0 ? rule.unless_duty : rule.unless_on_call) = true;
}

void read_terms(TableReader& reader, RestRule& rule, UseDrafts& uses) {
  rule.terms.grace = read_term(reader, Term::kGrace, Need::kOptional, uses);
  rule.terms.lead = read_term(reader, Term::kLead, Need::kOptional, uses);
}

// The keys that belong to the kind; a key of another kind is an unknown key here.
void read_kind(TableReader& reader, RestRule& rule, UseDrafts& uses) {
  switch (rule.kind) {
    case RestKind::kAfterDuty:
      rule.terms.minimum = read_term(reader, Term::kMinimum, Need::kRequired, uses);
      read_terms(reader, rule, uses);
      rule.terms.restart = read_restart(reader, &uses);
      break;
    case RestKind::kOffDuty: read_terms(reader, rule, uses); break;
    case RestKind::kWindow: rule.window = read_window(reader); break;
    case RestKind::kAbsence: break;
  }
}

}  // namespace

time::Restart read_restart(TableReader& reader, UseDrafts* uses) {
  const auto word = reader.text_at("restart", Need::kOptional);
  if (!word || word->text == "always") return {};
  if (word->text == "never") return {time::Restart::When::kNever, {}};
  constexpr std::string_view kLongerThan = "longer-than:";
  if (word->text.starts_with(kLongerThan)) {
    const std::string value = word->text.substr(kLongerThan.size());
    if (uses != nullptr && value.starts_with('$')) {
      uses->push_back({{}, Term::kRestart, {value.substr(1), word->at}});
      return {time::Restart::When::kLongerThan, {}};
    }
    if (const auto threshold = base::parse_duration(value)) return {time::Restart::When::kLongerThan, *threshold};
  }
  reader.sink().add("pack.value", word->at,
                    "key 'restart' in " + reader.place() + " is '" + base::printable(word->text) + "'",
                    "always, never, longer-than:15m",
                    did_you_mean(word->text, std::vector<std::string>{"always", "never", "longer-than:15m"}));
  return {};
}

std::string_view name_of(RestKind kind) { return kRestKinds[static_cast<std::size_t>(kind)]; }

void read_rest(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[[rest]]", sink);
  RestRule rule;
  rule.head = read_head(reader, draft);
  const auto kind = reader.choice("kind", Need::kRequired, kRestKinds);
  if (!kind) return;  // without its kind no key can be judged
  rule.kind = static_cast<RestKind>(*kind);
  reader.rename(reader.place() + " of kind " + std::string(kRestKinds[*kind]));
  UseDrafts uses;
  read_kind(reader, rule, uses);
  read_unless(reader, rule);
  read_effects(reader, rule);
  rule.applies = read_applies(reader);
  read_adaptable(reader, rule);
  refuse_adaptable_uses(reader, rule, uses);
  reader.done();
  if (rule.head.id.empty()) return;
  for (UseDraft& use : uses) {
    use.rule = rule.head.id;
    draft.uses.push_back(std::move(use));
  }
  draft.rests.push_back(std::move(rule));
}

void read_adapt(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[[adapt]]", sink);
  AdaptDraft adapt;
  adapt.at = table.at;
  const auto rule = reader.text_at("rule", Need::kRequired);
  if (rule) {
    adapt.rule = *rule;
    reader.rename("[[adapt]] of '" + base::printable(rule->text) + "'");
  }
  adapt.values.minimum = read_bounded(reader, "minimum", Need::kOptional, kRestMax);
  adapt.values.grace = read_bounded(reader, "grace", Need::kOptional, kGraceMax);
  adapt.values.lead = read_bounded(reader, "lead", Need::kOptional, kGraceMax);
  adapt.cite = reader.text("cite", Need::kRequired).value_or("");
  reader.done();
  if (rule) draft.adapts.push_back(std::move(adapt));
}

namespace {

time::Window read_hours(TableReader& reader) {
  time::Window hours;
  hours.days = read_days(reader, false);
  const auto from = reader.local_time("from", Need::kRequired);
  const auto to = reader.local_time("to", Need::kRequired);
  if (from && to) {
    hours.from = *from;
    hours.to = *to;
    if (*to <= *from) {
      reader.sink().add("pack.value", reader.at(), "core hours in " + reader.place() + " that end before they begin",
                        "hours within one date", "write two entries for a night");
    }
  }
  return hours;
}

}  // namespace

void read_schedule(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[schedule]", sink);
  Schedule schedule;
  const auto several = reader.tables("hours");
  for (const Value* entry : several) {
    TableReader inside(*entry, "hours of [schedule]", sink);
    schedule.hours.push_back(read_hours(inside));
    inside.done();
  }
  if (several.empty()) schedule.hours.push_back(read_hours(reader));
  schedule.applies = read_applies(reader);
  reader.done();
  draft.pack.schedule = std::move(schedule);
}

}  // namespace policy::pack
