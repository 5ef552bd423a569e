// `feierabend-policy simulate`: what other rules do to a roster, in numbers about units.
#include <algorithm>
#include <boost/json.hpp>
#include <ostream>
#include <span>
#include <thread>

#include "policy/simulate/outcome.h"
#include "policy/simulate/table.h"
#include "policy/simulate/units.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/output.h"
#include "policy/tool/command/report.h"
#include "policy/tool/command/span.h"
#include "policy/tool/command/two_sets.h"
#include "policy/vocabulary/message_words.h"

namespace policy::tool {
namespace {

namespace json = boost::json;
using simulate::Cells;

constexpr std::size_t kProgressEvery = 5000;  // people
constexpr std::size_t kThreadsMax = 8;

struct Asked {
  TwoSets sets;
  SpanAsked span;
  std::string prefix, units;
  bool csv = false;
};

json::value json_of(const std::optional<Cells>& cells) {
  if (!cells) return nullptr;
  json::object classes;
  for (const model::MessageClass c : model::kMessageClasses) {
    const simulate::ClassCells& one = cells->classes[static_cast<std::size_t>(c)];
    classes[name_of(c)] = json::object{{"hours_before", one.hours_before},
                                       {"hours_after", one.hours_after},
                                       {"hours_change", one.hours_change},
                                       {"longer", one.longer},
                                       {"shorter", one.shorter}};
  }
  return json::object{{"people", cells->people},
                      {"classes", std::move(classes)},
                      {"interruptions", cells->interruptions},
                      {"avoided", cells->avoided}};
}

void print_json(std::ostream& out, const simulate::Table& table, base::Interval span) {
  json::array rows;
  for (const simulate::Row& row : table.rows)
    rows.emplace_back(json::object{{"unit", row.unit}, {"cells", json_of(row.cells)}});
  out << json::serialize(json::object{{"begin", base::format_instant(span.begin)},
                                      {"end", base::format_instant(span.end)},
                                      {"people_min", simulate::kPeopleMin},
                                      {"hours_step", simulate::kHoursStep},
                                      {"units", std::move(rows)},
                                      {"others", json_of(table.others)},
                                      {"total", json_of(table.total)}})
      << '\n';
}

// Quoted, and never a formula for a spreadsheet (OWASP, "CSV Injection").
std::string csv_text(const std::string& text) {
  std::string out = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r").contains(text.front())) out += '\'';
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

void print_csv(std::ostream& out, const simulate::Table& table) {
  out << "kind,unit,class,people,hours_before,hours_after,hours_change,longer,shorter,interruptions,avoided\n";
  const auto row = [&](std::string_view kind, const std::string& unit, const std::optional<Cells>& cells) {
    for (const model::MessageClass c : model::kMessageClasses) {
      out << kind << ',' << csv_text(unit) << ',' << name_of(c) << ',';
      if (cells) {
        const simulate::ClassCells& one = cells->classes[static_cast<std::size_t>(c)];
        out << cells->people << ',' << one.hours_before << ',' << one.hours_after << ',' << one.hours_change << ','
            << one.longer << ',' << one.shorter << ',' << cells->interruptions << ',' << cells->avoided << '\n';
      } else {
        out << ",,,,,,,\n";
      }
    }
  };
  for (const simulate::Row& unit : table.rows) row("unit", unit.unit, unit.cells);
  if (table.others) row("others", "", table.others);
  row("total", "", table.total);
}

using Line = std::vector<std::string>;

// One line for each row of the table: its name, and what `columns` makes of its cells.
template <typename Columns>
std::vector<Line> lines_of(const simulate::Table& table, Language language, Line head, Columns columns) {
  const std::size_t width = head.size();
  std::vector<Line> out{std::move(head)};
  const auto add = [&](std::string name, const std::optional<Cells>& cells) {
    Line line{std::move(name)};
    if (cells)
      for (const std::int64_t number : columns(*cells)) line.push_back(std::to_string(number));
    line.resize(width, "–");
    out.push_back(std::move(line));
  };
  for (const simulate::Row& row : table.rows)
    add(row.unit.empty() ? say(language, Word::kNoUnit) : base::printable(row.unit), row.cells);
  if (table.others) add(say(language, Word::kOtherUnits), table.others);
  add(say(language, Word::kTotal), table.total);
  return out;
}

void print_words(const Context& context, const simulate::Table& table) {
  const Language language = context.question.language;
  std::ostream& out = context.streams.out;
  if (!table.total) {
    out << say(language, Word::kWithheld) << '\n';
    return;
  }
  for (const model::MessageClass c : model::kMessageClasses) {
    out << vocabulary::capital(vocabulary::messages(c)).in(language) << '\n';
    const Line head{say(language, Word::kHeadUnit),   say(language, Word::kHeadPeople),
                    say(language, Word::kHeadBefore), say(language, Word::kHeadAfter),
                    say(language, Word::kHeadChange), say(language, Word::kHeadLonger),
                    say(language, Word::kHeadShorter)};
    print_table(out, lines_of(table, language, head, [c](const Cells& cells) {
                  const simulate::ClassCells& one = cells.classes[static_cast<std::size_t>(c)];
                  return std::array{cells.people,     one.hours_before, one.hours_after,
                                    one.hours_change, one.longer,       one.shorter};
                }));
    out << '\n';
  }
  const Line head{say(language, Word::kHeadUnit), say(language, Word::kHeadInterruptions),
                  say(language, Word::kHeadAvoided)};
  print_table(out, lines_of(table, language, head,
                            [](const Cells& cells) { return std::array{cells.interruptions, cells.avoided}; }));
  out << '\n' << say(language, Word::kSimulateNote, simulate::kHoursStep) << '\n';
}

Input<simulate::Units> units_of(const Asked& asked, const model::People& people) {
  if (asked.units.empty()) return simulate::units_by_group(people, asked.prefix);
  const auto text = read_file(asked.units, kTableBytesMax);
  if (!text) return std::unexpected(text.error());
  auto units = simulate::read_units(asked.units, *text, people);
  if (!units) return std::unexpected(Failure{std::move(units.error()), kDataError});
  return std::move(*units);
}

using Person = std::pair<const std::string, model::PersonFacts>;

// The outcomes of some people, worked out by several threads: a decision depends on nothing but its arguments.
void count(const LoadedSets& sets, base::Interval span, const simulate::Units& units, std::span<const Person*> people,
           std::span<simulate::Outcome> outcomes) {
  const std::size_t threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kThreadsMax);
  std::vector<std::jthread> working;
  for (std::size_t t = 0; t < threads; ++t) {
    working.emplace_back([&, t] {
      simulate::Counter counter(*sets.before, *sets.after, span);
      for (std::size_t i = t; i < people.size(); i += threads)
        outcomes[i] = counter.outcome_of(people[i]->second, units.of.at(people[i]->first));
    });
  }
}

std::vector<simulate::Outcome> count_all(const Context& context, const LoadedSets& sets, base::Interval span,
                                         const simulate::Units& units, const model::People& people) {
  std::vector<const Person*> all;
  for (const Person& person : people) all.push_back(&person);
  std::vector<simulate::Outcome> outcomes(all.size());
  for (std::size_t from = 0; from < all.size(); from += kProgressEvery) {
    if (from > 0) context.streams.err << say(context.question.language, Word::kProgress, from, all.size()) << std::endl;
    const std::size_t size = std::min(kProgressEvery, all.size() - from);
    count(sets, span, units, std::span(all).subspan(from, size), std::span(outcomes).subspan(from, size));
  }
  return outcomes;
}

int simulate_sets(const Context& context, const Asked& asked) {
  const auto span = span_of(asked.span);
  if (!span) return usage(context, span.error());
  const auto sets = load(asked.sets);
  if (!sets) return report(context, sets.error());
  const auto people = read_facts(context.question.files);
  if (!people) return report(context, people.error());
  const auto units = units_of(asked, *people);
  if (!units) return report(context, units.error());
  const auto outcomes = count_all(context, *sets, *span, *units, *people);
  const simulate::Table table = simulate::publish(units->names, outcomes);
  if (context.question.json)
    print_json(context.streams.out, table, *span);
  else if (asked.csv)
    print_csv(context.streams.out, table);
  else
    print_words(context, table);
  return kDone;
}

}  // namespace

void add_simulate(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub = table.command("simulate", Word::kSimulate,
                                [asked](const Context& context) { return simulate_sets(context, *asked); });
  add_two_sets(table, sub, asked->sets);
  table.add_facts(sub);
  add_span(table, sub, asked->span);
  CLI::Option* units = table.option(sub, "--units", asked->units, Word::kUnits, "FILE");
  table.option(sub, "--unit-prefix", asked->prefix, Word::kUnitPrefix, "PREFIX")->excludes(units);
  CLI::Option* csv = sub.add_flag("--csv", asked->csv, table.word(Word::kCsv));
  table.add_json(sub);
  sub.get_option("--json")->excludes(csv);
}

}  // namespace policy::tool
