// `feierabend-audit report`: what was due and when it was deleted, what the rules refused, pierced and held, and who
// read the log; over a log that is verified first.
#include "audit/report/report.h"

#include <ostream>

#include "audit/tool/command/commands.h"
#include "audit/tool/command/report_document.h"
#include "audit/tool/command/shown.h"

namespace audit::tool {
namespace {

using policy::base::fail;

struct Asked {
  std::string folder, key;
  std::string from, to;  // months
  std::string units;     // a file
  bool csv = false, html = false;
  ReadingOptions reading;
};

Result<policy::base::Instant> begin_of_month(pseudonym::Epoch month) {
  return policy::base::parse_instant(pseudonym::epoch_text(month) + "-01T00:00:00Z");
}

// Whole months, so that two reports cannot differ by a few days of a few people.
Result<policy::base::Interval> period_of(const Asked& asked) {
  policy::base::Interval period{policy::base::kBeginningOfTime, policy::base::kEndOfTime};
  const auto bound = [](const std::string& text, std::uint32_t later,
                        policy::base::Instant& into) -> policy::base::Status {
    if (text.empty()) return {};
    const auto month = pseudonym::parse_epoch(text);
    if (!month) return fail("usage.month", "'" + policy::base::printable(text) + "'", "a month as 2026-11");
    const auto begin = begin_of_month({month->month + later});
    if (!begin) return std::unexpected(begin.error());
    into = *begin;
    return {};
  };
  if (auto good = bound(asked.from, 0, period.begin); !good) return std::unexpected(good.error());
  if (auto good = bound(asked.to, 1, period.end); !good) return std::unexpected(good.error());
  if (period.empty()) return fail("usage.month", "a period that ends before it begins", "months in their order");
  return period;
}

Result<std::optional<report::Units>> read_units(const std::string& file) {
  if (file.empty()) return std::nullopt;
  const auto text = read_input(file);
  if (!text) return std::unexpected(text.error());
  auto units = report::parse_units(*text);
  if (!units) {
    units.error().where = file + ":" + units.error().where;
    return std::unexpected(units.error());
  }
  return std::move(*units);
}

Result<report::Report> collect(const Context& context, LogReader& reader, const policy::base::Interval& period,
                               const std::optional<report::Units>& units) {
  report::Collector collector(period, context.world.clock.now(), units ? &*units : nullptr);
  for (std::uint64_t index = reader.first(); index < reader.size(); ++index) {
    const auto shown = read_shown(reader, index);
    if (!shown) return std::unexpected(shown.error());
    collector.add(index, shown->leaf, shown->event);
  }
  return collector.finish();
}

Result<Reported> make_report(const Context& context, const Asked& asked, const checkpoint::VerifierKey& key) {
  const auto period = period_of(asked);
  if (!period) return std::unexpected(period.error());
  const auto units = read_units(asked.units);
  if (!units) return std::unexpected(units.error());
  auto reader = LogReader::open(asked.folder, key);
  if (!reader) return std::unexpected(reader.error());
  if (auto noted = note_reading(context, asked.reading, *reader, {event::ReadKind::kReport, *period}); !noted)
    return std::unexpected(noted.error());
  auto check = verify::verify(reader->objects(), key);
  if (!check) return std::unexpected(check.error());
  auto counted = collect(context, *reader, *period, *units);
  if (!counted) return std::unexpected(counted.error());
  auto readings = read_readings(asked.reading.folder, reader->checkpoint().origin);
  if (!readings) return std::unexpected(readings.error());
  std::erase_if(*readings, [&](const NotedReading& one) { return !period->contains(one.event.at); });
  return Reported{std::move(*counted),
                  std::move(*check),
                  policy::base::to_base64(reader->checkpoint().root),
                  *period,
                  context.world.clock.now(),
                  asked.reading.purpose,
                  std::move(*readings)};
}

int report_on(const Context& context, const Asked& asked) {
  const auto key = read_required_key(asked.key);
  if (!key) return refuse(context, key.error());
  const auto reported = make_report(context, asked, *key);
  if (!reported) return refuse(context, reported.error());
  auto& out = context.streams.out;
  if (context.manner.json)
    out << boost::json::serialize(json_of(*reported)) << '\n';
  else if (asked.csv)
    out << to_csv(document_of(context, *reported));
  else if (asked.html)
    out << to_html(document_of(context, *reported));
  else
    out << to_text(document_of(context, *reported));
  return reported->check.good() ? kDone : kDataError;
}

}  // namespace

void add_report(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("report", Word::kReport, [asked](const Context& context) { return report_on(context, *asked); });
  table.folder(sub, asked->folder);
  table.key(sub, asked->key, Word::kKey)->required();
  table.option(sub, "--from", asked->from, Word::kReportFrom);
  table.option(sub, "--to", asked->to, Word::kReportTo);
  table.option(sub, "--units", asked->units, Word::kUnits);
  table.flag(sub, "--csv", asked->csv, Word::kCsv);
  table.flag(sub, "--html", asked->html, Word::kHtml);
  add_reading(table, sub, asked->reading);
}

}  // namespace audit::tool
