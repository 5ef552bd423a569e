// `feierabend-audit record`: the record of processing (GDPR Art. 30): what the log holds, why, on which basis and for
// how long. Made from the declarations of the records.
#include "audit/event/words.h"
#include "audit/tool/command/commands.h"

namespace audit::tool {
namespace {

namespace json = boost::json;

json::array fields_json(const Context& context, const event::RecordInfo& declaration) {
  const auto language = context.manner.events();
  json::array fields;
  for (const auto& field : declaration.fields)
    fields.push_back(json::object{{"name", field.name},
                                  {"label", field.in(language)},
                                  {"type", field.type},
                                  {"purpose", event::word_of(field.purpose).in(language)},
                                  {"basis", event::word_of(field.basis).in(language)},
                                  {"deadline", event::word_of(field.deadline).in(language)}});
  return fields;
}

int record(const Context& context) {
  const auto language = context.manner.events();
  json::array records;
  for (const auto& declaration : event::declarations())
    records.push_back(json::object{{"number", static_cast<unsigned>(declaration.type)},
                                   {"id", declaration.id},
                                   {"label", declaration.in(language)},
                                   {"fields", fields_json(context, declaration)}});
  const std::string table = event::declaration_table(language);
  answer(context, std::string_view(table).substr(0, table.size() - 1), records);
  return kDone;
}

}  // namespace

void add_record(Table& table) { table.command("record", Word::kRecord, record); }

}  // namespace audit::tool
