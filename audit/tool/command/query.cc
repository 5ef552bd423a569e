// `feierabend-audit query`: the entries that fit a question, each proven.
#include "audit/query/filter.h"

#include <ostream>

#include "audit/tool/command/commands.h"
#include "audit/tool/command/entry_list.h"
#include "audit/tool/command/reading.h"

namespace audit::tool {
namespace {

struct Asked {
  std::string folder, key;
  query::Wording wording;
  bool csv = false;
  ReadingOptions reading;
};

// An erased record may have matched or not: that is said beside the answer, never left out in silence.
int find(const Context& context, const Asked& asked, const query::Filter& filter, LogReader& reader,
         LogReader& chain_reader) {
  RuleChain chain(chain_reader);
  EntryList list(context, asked.csv);
  std::uint64_t not_judged = 0;
  for (std::uint64_t index = reader.first(); index < reader.size(); ++index) {
    const auto leaf = reader.leaf(index);
    if (!leaf) return list.stop(index, leaf.error());
    if (!query::may_match(filter, *leaf)) continue;
    auto shown = read_whole(reader, chain, index, true);
    if (!shown) return list.stop(index, shown.error());
    if (shown->event ? query::matches(filter, *shown->event) : !filter.looks_inside())
      list.add(*shown);
    else if (!shown->event)
      ++not_judged;
  }
  const int code = list.finish();
  if (not_judged > 0) context.streams.err << context.say(Word::kNotJudged, not_judged) << '\n';
  if (list.told() == 0 && !context.manner.json && !asked.csv)
    answer(context, context.say(Word::kNothingFound), nullptr);
  return code;
}

int query(const Context& context, const Asked& asked) {
  const auto key = read_required_key(asked.key);
  if (!key) return refuse(context, key.error());
  const auto filter = query::parse(asked.wording);
  if (!filter) return refuse(context, filter.error());
  auto reader = LogReader::open(asked.folder, *key);
  if (!reader) return refuse(context, reader.error());
  auto chain_reader = LogReader::open(asked.folder, *key);
  if (!chain_reader) return refuse(context, chain_reader.error());
  const Reading reading{event::ReadKind::kQuery, filter->period, filter->subjects};
  if (auto noted = note_reading(context, asked.reading, *reader, reading); !noted)
    return refuse(context, noted.error());
  return find(context, asked, *filter, *reader, *chain_reader);
}

}  // namespace

void add_query(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("query", Word::kQuery, [asked](const Context& context) { return query(context, *asked); });
  table.folder(sub, asked->folder);
  table.key(sub, asked->key, Word::kKey)->required();
  table.option(sub, "--type", asked->wording.types, Word::kType);
  table.option(sub, "--from", asked->wording.begin, Word::kQueryFrom);
  table.option(sub, "--to", asked->wording.end, Word::kQueryTo);
  table.option(sub, "--subject", asked->wording.subjects, Word::kSubject);
  table.option(sub, "--device", asked->wording.device, Word::kDevice);
  table.option(sub, "--rule", asked->wording.rule, Word::kRule);
  table.option(sub, "--class", asked->wording.message_class, Word::kClass);
  table.option(sub, "--reason", asked->wording.reason, Word::kReason);
  table.flag(sub, "--csv", asked->csv, Word::kCsv);
  add_reading(table, sub, asked->reading);
}

}  // namespace audit::tool
