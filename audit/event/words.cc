#include "audit/event/words.h"

namespace audit::event {
namespace {

struct Told {
  std::string id, text;
};

Told same(std::string text) { return {text, text}; }

Told tell(const Subject& value, Language) { return value.pseudonym ? same(value.pseudonym->text()) : Told{"", "–"}; }
Told tell(Count value, Language) { return same(std::to_string(value.value)); }
Told tell(const CellCount& value, Language) { return same(std::to_string(value.value())); }
Told tell(Instant value, Language) { return same(policy::base::format_instant(value)); }
Told tell(const Digest& value, Language) { return same(policy::base::to_hex(value.bytes)); }
Told tell(const RuleId& value, Language) { return same(value.text()); }
template <typename Tag>
Told tell(const policy::base::Id<Tag>& value, Language) {
  return same(value.text());
}
Told tell(const RuleIds& value, Language) {
  std::string text;
  for (const RuleId& id : value.ids()) text += (text.empty() ? "" : ", ") + id.text();
  return same(text);
}
template <ClosedList E>
Told tell(E value, Language language) {
  const Word word = word_of(value);
  return {std::string(word.id), std::string(word.in(language))};
}

std::string row(const RecordInfo& record, const FieldInfo* field, Language language) {
  std::string out = "| " + std::to_string(static_cast<unsigned>(record.type)) + " | " +
                    std::string(record.in(language)) + " (`" + std::string(record.id) + "`) | ";
  if (field == nullptr) return out + "– | | | | |\n";
  const auto cell = [&](std::string_view text) { return std::string(text) + " | "; };
  out += cell(field->in(language)) + "`" + std::string(field->type) + "` | " +
         cell(word_of(field->purpose).in(language)) + cell(word_of(field->basis).in(language)) +
         std::string(word_of(field->deadline).in(language)) + " |\n";
  return out;
}

}  // namespace

std::vector<FieldText> fields_in_words(const Record& record, Language language) {
  std::vector<FieldText> fields;
  std::visit(
      [&](const auto& r) {
        visit_fields(r, [&](const FieldInfo& info, const auto& value) {
          Told told = tell(value, language);
          fields.push_back(
              {std::string(info.name), std::string(info.in(language)), std::move(told.id), std::move(told.text)});
        });
      },
      record);
  return fields;
}

std::string declaration_table(Language language) {
  std::string table = language == Language::kGerman
                          ? "| Nr. | Eintrag | Feld | Typ | Zweck | Rechtsgrundlage | Löschfrist |\n"
                          : "| no. | record | field | type | purpose | legal basis | deadline |\n";
  table += "|---|---|---|---|---|---|---|\n";
  for (const RecordInfo& record : declarations()) {
    if (record.fields.empty()) table += row(record, nullptr, language);
    for (const FieldInfo& field : record.fields) table += row(record, &field, language);
  }
  return table;
}

}  // namespace audit::event
