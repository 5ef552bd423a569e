// `feierabend-audit show`: the entries of a log in words, each proven where a key is given.
#include <ostream>

#include "audit/tool/command/commands.h"
#include "audit/tool/command/shown.h"
#include "policy/base/words/german.h"

namespace audit::tool {
namespace {

struct Asked {
  std::string folder;
  std::uint64_t from = 0;
  std::uint64_t count = 0;  // 0: all
  std::string type;         // a record's id; empty: all
  std::string key;          // empty: without proof of inclusion
};

policy::base::Status check_type(const std::string& type) {
  if (type.empty() || event::record_type_from(type)) return {};
  std::string ids;
  for (const auto& declaration : event::declarations()) ids += (ids.empty() ? "" : ", ") + std::string(declaration.id);
  return policy::base::fail("usage.type", "'" + policy::base::printable(type) + "'", ids);
}

int show(const Context& context, const Asked& asked) {
  const auto key = read_key(asked.key);
  if (!key) return refuse(context, key.error());
  if (const auto known = check_type(asked.type); !known) return refuse(context, known.error());
  auto reader = LogReader::open(asked.folder, *key);
  if (!reader) return refuse(context, reader.error());
  auto& out = context.streams.out;
  const bool json = context.manner.json;
  std::uint64_t told = 0;
  bool all_good = true;
  if (json) out << '[';
  for (std::uint64_t index = asked.from; index < reader->size(); ++index) {
    if (asked.count > 0 && told == asked.count) break;
    auto shown = read_shown(*reader, index);
    if (!shown) {
      if (json) out << "]\n";
      context.streams.err << "feierabend-audit: " << context.say(Word::kAtEntry, index)
                          << policy::base::words::line_of(shown.error(), context.manner.language) << '\n';
      return exit_code_of(shown.error());
    }
    if (!asked.type.empty() && event::declaration_of(shown->leaf.type).id != asked.type) continue;
    if (*key) shown->proven = is_proven(*reader, index).value_or(false);
    all_good = all_good && shown->proven.value_or(true) && (shown->event || shown->state == "erased");
    if (json)
      out << (told == 0 ? "\n" : ",\n") << boost::json::serialize(json_of(context, *shown));
    else
      out << text_of(context, *shown) << '\n';
    ++told;
  }
  if (json) out << (told == 0 ? "]\n" : "\n]\n");
  return all_good ? kDone : kDataError;
}

}  // namespace

void add_show(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub = table.command("show", Word::kShow, [asked](const Context& context) { return show(context, *asked); });
  table.folder(sub, asked->folder);
  table.option(sub, "--from", asked->from, Word::kFrom);
  table.option(sub, "--count", asked->count, Word::kCount);
  table.option(sub, "--type", asked->type, Word::kType);
  table.key(sub, asked->key, Word::kShowKey);
}

}  // namespace audit::tool
