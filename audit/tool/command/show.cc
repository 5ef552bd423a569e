// `feierabend-audit show`: the entries of a log in words, one after the other, each proven where a key is given.
#include <ostream>

#include "audit/query/filter.h"
#include "audit/tool/command/commands.h"
#include "audit/tool/command/entry_list.h"
#include "audit/tool/command/reading.h"

namespace audit::tool {
namespace {

struct Asked {
  std::string folder;
  std::uint64_t from = 0;
  std::uint64_t count = 0;         // 0: all
  std::vector<std::string> types;  // ids of records; empty: all
  std::string key;                 // empty: without proof of inclusion
  bool csv = false;
  ReadingOptions reading;
};

int show_entries(const Context& context, const Asked& asked, const query::Filter& filter, LogReader& reader,
                 LogReader& chain_reader) {
  RuleChain chain(chain_reader);
  EntryList list(context, asked.csv);
  for (std::uint64_t index = std::max(asked.from, reader.first()); index < reader.size(); ++index) {
    if (asked.count > 0 && list.told() == asked.count) break;
    const auto leaf = reader.leaf(index);
    if (!leaf) return list.stop(index, leaf.error());
    if (!query::may_match(filter, *leaf)) continue;
    auto shown = read_whole(reader, chain, index, !asked.key.empty());
    if (!shown) return list.stop(index, shown.error());
    list.add(*shown);
  }
  return list.finish();
}

// Beside the entries, which may be read by a program.
void tell_pruned(const Context& context, const LogReader& reader) {
  if (!reader.pruned()) return;
  const auto& pruned = *reader.pruned();
  context.streams.err << context.say(reader.is_checked() ? Word::kPrunedSigned : Word::kPrunedUnchecked, pruned.minimum,
                                     policy::base::format_instant(pruned.pruned_at), pruned.origin)
                      << '\n';
}

int show(const Context& context, const Asked& asked) {
  const auto key = read_key(asked.key);
  if (!key) return refuse(context, key.error());
  const auto filter = query::parse({.types = asked.types});
  if (!filter) return refuse(context, filter.error());
  auto reader = LogReader::open(asked.folder, *key);
  if (!reader) return refuse(context, reader.error());
  auto chain_reader = LogReader::open(asked.folder, *key);
  if (!chain_reader) return refuse(context, chain_reader.error());
  if (asked.from > 0 && asked.from < reader->first()) return refuse(context, reader->pruned_error(asked.from));
  if (auto noted = note_reading(context, asked.reading, *reader, {event::ReadKind::kShow}); !noted)
    return refuse(context, noted.error());
  tell_pruned(context, *reader);
  return show_entries(context, asked, *filter, *reader, *chain_reader);
}

}  // namespace

void add_show(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub = table.command("show", Word::kShow, [asked](const Context& context) { return show(context, *asked); });
  table.folder(sub, asked->folder);
  table.option(sub, "--from", asked->from, Word::kFrom);
  table.option(sub, "--count", asked->count, Word::kCount);
  table.option(sub, "--type", asked->types, Word::kType);
  table.key(sub, asked->key, Word::kShowKey);
  table.flag(sub, "--csv", asked->csv, Word::kCsv);
  add_reading(table, sub, asked->reading);
}

}  // namespace audit::tool
