// `feierabend-policy roster`: rosters read, counted, and written in another format.
#include <array>
#include <boost/json.hpp>
#include <ostream>

#include "policy/tool/command/commands.h"
#include "policy/tool/command/output.h"
#include "policy/tool/command/report.h"
#include "policy/tool/command/write_file.h"

namespace policy::tool {
namespace {

namespace json = boost::json;

struct Asked {
  std::string action;
  std::vector<std::string> files;
  std::string people, zone, person, until;
  std::string to, out, out_zone;
};

constexpr std::size_t kKinds = 6;

struct Count {
  std::size_t entries = 0;
  base::Seconds length;
};

struct Summary {
  std::size_t people = 0, entries = 0;
  base::Interval span{base::kEndOfTime, base::kBeginningOfTime};
  std::array<Count, kKinds> kinds{};
};

Summary summary_of(const model::People& people) {
  Summary all;
  for (const auto& [id, facts] : people) {
    if (!facts.roster.empty()) ++all.people;
    for (const model::RosterEntry& entry : facts.roster) {
      ++all.entries;
      all.span = {std::min(all.span.begin, entry.span.begin), std::max(all.span.end, entry.span.end)};
      Count& kind = all.kinds[static_cast<std::size_t>(entry.kind)];
      ++kind.entries;
      kind.length = kind.length + (entry.span.end - entry.span.begin);
    }
  }
  return all;
}

// All files together. Without a table of people everybody is admitted.
Input<model::People> read_all(const Asked& asked) {
  roster::Options options;
  options.zone = asked.zone;
  options.person = asked.person;
  options.admit_strangers = asked.people.empty();
  if (!asked.until.empty()) {
    const auto until = base::parse_instant(asked.until);
    if (!until) return std::unexpected(Failure{{until.error()}, kUsage});
    options.horizon = *until;
  }
  model::People people;
  if (!asked.people.empty()) {
    const auto text = read_file(asked.people, kTableBytesMax);
    if (!text) return std::unexpected(text.error());
    auto known = pack::read_people(asked.people, *text);
    if (!known) return std::unexpected(Failure{std::move(known.error()), kDataError});
    people = std::move(*known);
  }
  for (const std::string& file : asked.files)
    if (auto read = read_roster(file, options, people); !read) return std::unexpected(read.error());
  return people;
}

int check(const Context& context, const Asked& asked) {
  const auto people = read_all(asked);
  if (!people) return report(context, people.error());
  const Summary all = summary_of(*people);
  std::ostream& out = context.streams.out;
  const Language language = context.question.language;
  const std::string begin = base::format_instant(all.span.begin), end = base::format_instant(all.span.end);
  if (context.question.json) {
    json::object kinds;
    for (std::size_t i = 0; i < kKinds; ++i)
      kinds[name_of(static_cast<model::RosterKind>(i))] =
          json::object{{"entries", all.kinds[i].entries}, {"seconds", all.kinds[i].length.count}};
    json::object answer{{"ok", true}, {"people", all.people}, {"entries", all.entries}};
    answer["begin"] = all.entries == 0 ? json::value() : json::value(begin);
    answer["end"] = all.entries == 0 ? json::value() : json::value(end);
    answer["kinds"] = std::move(kinds);
    out << json::serialize(answer) << '\n';
    return kDone;
  }
  if (all.entries == 0) {
    out << say(language, Word::kRosterEmpty) << '\n';
    return kDone;
  }
  std::vector<std::vector<std::string>> rows{{say(language, Word::kRosterHeadKind),
                                              say(language, Word::kRosterHeadCount),
                                              say(language, Word::kRosterHeadHours)}};
  for (std::size_t i = 0; i < kKinds; ++i)
    if (all.kinds[i].entries > 0)
      rows.push_back({std::string(name_of(static_cast<model::RosterKind>(i))), std::to_string(all.kinds[i].entries),
                      std::to_string(all.kinds[i].length.count / base::kHour.count)});
  print_table(out, rows);
  out << say(language, Word::kRosterSummary, all.people, all.entries, begin, end) << '\n';
  return kDone;
}

int convert(const Context& context, const Asked& asked) {
  const auto format = asked.to.empty() ? roster::format_of(asked.out) : roster::parse_format(asked.to);
  if (!format) return usage(context, format.error());
  std::optional<time::Zone> zone;
  if (!asked.out_zone.empty()) {
    auto found = time::Zone::find(asked.out_zone);
    if (!found) return usage(context, found.error());
    zone = std::move(*found);
  }
  const auto people = read_all(asked);
  if (!people) return report(context, people.error());
  const std::string text = roster::write_roster_file(*people, *format, {context.clock.now(), zone ? &*zone : nullptr});
  if (asked.out.empty()) {
    context.streams.out << text;
    return kDone;
  }
  if (auto written = write_new(asked.out, text, false); !written) return report(context, written.error());
  if (context.question.json)
    context.streams.out << json::serialize(json::object{{"ok", true}, {"out", asked.out}}) << '\n';
  return kDone;
}

int act(const Context& context, const Asked& asked) {
  return asked.action == "check" ? check(context, asked) : convert(context, asked);
}

}  // namespace

void add_roster(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("roster", Word::kRosterCommand, [asked](const Context& context) { return act(context, *asked); });
  sub.add_option("ACTION", asked->action, table.word(Word::kRosterAction))
      ->required()
      ->check(CLI::IsMember({"check", "convert"}));
  sub.add_option("ROSTER", asked->files, table.word(Word::kRosterFiles))->required();
  table.option(sub, "--people", asked->people, Word::kRosterPeople, "FILE");
  table.option(sub, "--zone", asked->zone, Word::kRosterZone, "ZONE");
  table.option(sub, "--person", asked->person, Word::kRosterPerson, "ID");
  table.option(sub, "--until", asked->until, Word::kRosterUntil, "INSTANT");
  table.option(sub, "--to", asked->to, Word::kRosterTo, "FORMAT");
  table.option(sub, "--out", asked->out, Word::kRosterOut, "FILE");
  table.option(sub, "--out-zone", asked->out_zone, Word::kRosterOutZone, "ZONE");
  table.add_json(sub);
}

}  // namespace policy::tool
