// `feierabend-audit record`: the record of processing (GDPR Art. 30) of the metadata log: what it holds about whom,
// why, on which basis, for how long, who receives it and how it is protected. Fields, purposes, bases and deadlines
// come from the declarations of the records; recipients and measures say what the program does by itself.
#include <map>
#include <ostream>
#include <set>

#include "audit/event/words.h"
#include "audit/tool/command/commands.h"
#include "audit/tool/command/document.h"

namespace audit::tool {
namespace {

namespace json = boost::json;

struct Asked {
  bool table = false, html = false;
};

constexpr std::array kRecipients{Word::kRecipientOfficer, Word::kRecipientCouncil, Word::kRecipientPerson,
                                 Word::kRecipientAuthority};
constexpr std::array kMeasures{Word::kMeasurePseudonyms, Word::kMeasureNoContent, Word::kMeasureKeys,
                               Word::kMeasureTree,       Word::kMeasureWitness,   Word::kMeasureReadings,
                               Word::kMeasureCells};

std::vector<std::string> all_of(const Context& context, std::span<const Word> words) {
  std::vector<std::string> out;
  for (const Word word : words) out.push_back(context.say(word));
  return out;
}

template <event::ClosedList E>
std::set<E> used(E event::FieldInfo::* part) {
  std::set<E> out;
  for (const auto& declaration : event::declarations())
    for (const auto& field : declaration.fields) out.insert(field.*part);
  return out;
}

// How long which records are held: by deadline, so that a reader sees at a glance what goes when.
DocumentTable deadlines(const Context& context) {
  const auto language = context.manner.events();
  DocumentTable table{{context.say(Word::kAccessDeadline), context.say(Word::kRecordsHead)}, {}};
  for (const auto deadline : used(&event::FieldInfo::deadline)) {
    std::string records;
    for (const auto& declaration : event::declarations())
      if (!declaration.fields.empty() && declaration.fields.front().deadline == deadline)
        records += (records.empty() ? "" : ", ") + std::string(declaration.in(language));
    table.rows.push_back({std::string(event::word_of(deadline).in(language)), records});
  }
  return table;
}

DocumentTable fields(const Context& context) {
  const auto language = context.manner.events();
  DocumentTable table{{context.say(Word::kRecordHead), context.say(Word::kAccessField), context.say(Word::kPurposeHead),
                       context.say(Word::kAccessBasis), context.say(Word::kAccessDeadline)},
                      {}};
  for (const auto& declaration : event::declarations()) {
    if (declaration.fields.empty()) table.rows.push_back({std::string(declaration.in(language)), "–", "–", "–", "–"});
    for (const auto& field : declaration.fields)
      table.rows.push_back({std::string(declaration.in(language)), std::string(field.in(language)),
                            std::string(event::word_of(field.purpose).in(language)),
                            std::string(event::word_of(field.basis).in(language)),
                            std::string(event::word_of(field.deadline).in(language))});
  }
  return table;
}

std::vector<std::string> purposes(const Context& context) {
  std::vector<std::string> out;
  for (const auto purpose : used(&event::FieldInfo::purpose))
    out.emplace_back(event::word_of(purpose).in(context.manner.events()));
  return out;
}

Document document_of(const Context& context) {
  Document document{context.manner.language, context.say(Word::kRecordTitle), context.say(Word::kRecordOf)};
  document.sections = {
      {context.say(Word::kRecordPurposes), purposes(context)},
      {context.say(Word::kRecordPeople), {context.say(Word::kRecordPeopleText)}},
      {context.say(Word::kRecordRecipients), all_of(context, kRecipients)},
      {context.say(Word::kRecordTransfers), {context.say(Word::kRecordNoTransfers)}},
      {context.say(Word::kRecordDeadlines), {context.say(Word::kRecordDeadlinesText)}, deadlines(context)},
      {context.say(Word::kRecordMeasures), all_of(context, kMeasures)},
      {context.say(Word::kRecordFields), {context.say(Word::kRecordFieldsText)}, fields(context)}};
  return document;
}

json::array texts(const std::vector<std::string>& all) {
  json::array out;
  for (const std::string& text : all) out.emplace_back(text);
  return out;
}

json::array fields_json(const Context& context, const event::RecordInfo& declaration) {
  const auto language = context.manner.events();
  json::array out;
  for (const auto& field : declaration.fields)
    out.push_back(json::object{{"name", field.name},
                               {"label", field.in(language)},
                               {"type", field.type},
                               {"purpose", event::word_of(field.purpose).in(language)},
                               {"basis", event::word_of(field.basis).in(language)},
                               {"deadline", event::word_of(field.deadline).in(language)}});
  return out;
}

json::object json_of(const Context& context) {
  json::array records;
  for (const auto& declaration : event::declarations())
    records.push_back(json::object{{"number", static_cast<unsigned>(declaration.type)},
                                   {"id", declaration.id},
                                   {"label", declaration.in(context.manner.events())},
                                   {"fields", fields_json(context, declaration)}});
  json::object retention;
  for (const auto deadline : used(&event::FieldInfo::deadline)) {
    json::array ids;
    for (const auto& declaration : event::declarations())
      if (!declaration.fields.empty() && declaration.fields.front().deadline == deadline)
        ids.emplace_back(declaration.id);
    retention[event::word_of(deadline).id] = std::move(ids);
  }
  return {{"title", context.say(Word::kRecordTitle)},
          {"purposes", texts(purposes(context))},
          {"data_subjects", context.say(Word::kRecordPeopleText)},
          {"recipients", texts(all_of(context, kRecipients))},
          {"transfers", context.say(Word::kRecordNoTransfers)},
          {"retention", std::move(retention)},
          {"measures", texts(all_of(context, kMeasures))},
          {"records", std::move(records)}};
}

int record(const Context& context, const Asked& asked) {
  if (context.manner.json)
    answer(context, {}, json_of(context));
  else if (asked.table)
    context.streams.out << event::declaration_table(context.manner.events());
  else
    context.streams.out << (asked.html ? to_html(document_of(context)) : to_text(document_of(context)));
  return kDone;
}

}  // namespace

void add_record(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("record", Word::kRecord, [asked](const Context& context) { return record(context, *asked); });
  table.flag(sub, "--table", asked->table, Word::kRecordTable);
  table.flag(sub, "--html", asked->html, Word::kHtml);
}

}  // namespace audit::tool
