// `feierabend-audit readings`: who of this officer's office has read a log, when and for which purpose. Reading one's
// own readings is no reading of the log.
#include "audit/event/words.h"
#include "audit/tool/command/commands.h"
#include "audit/tool/command/entry_list.h"
#include "audit/tool/command/reading.h"

namespace audit::tool {
namespace {

struct Asked {
  std::string folder, readings;
  bool csv = false;
};

int readings(const Context& context, const Asked& asked) {
  const auto reader = LogReader::open(asked.folder, {});
  if (!reader) return refuse(context, reader.error());
  const auto noted = read_readings(asked.readings, reader->checkpoint().origin);
  if (!noted) return refuse(context, noted.error());
  EntryList list(context, asked.csv);
  for (const NotedReading& one : *noted) {
    Shown shown{one.entry, {}, one.event, "readable", {}, {}};
    shown.leaf = {
        event::type_of(one.event.record), event::hour_of(one.event.at), event::subject_of(one.event.record), {}};
    list.add(shown);
  }
  return list.finish();
}

}  // namespace

void add_readings(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub = table.command("readings", Word::kReadingsCommand,
                                [asked](const Context& context) { return readings(context, *asked); });
  table.folder(sub, asked->folder);
  table.option(sub, "--readings", asked->readings, Word::kReadings)->required()->envname("FEIERABEND_AUDIT_READINGS");
  table.flag(sub, "--csv", asked->csv, Word::kCsv);
}

}  // namespace audit::tool
