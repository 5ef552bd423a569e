#include "audit/tool/command/access_document.h"

#include <algorithm>
#include <set>

#include "audit/event/words.h"
#include "audit/tool/command/shown.h"

namespace audit::tool {
namespace {

namespace json = boost::json;
using policy::base::format_instant;

std::string details_of(const Context& context, const access::CheckedEntry& entry) {
  std::string details = entry.only_acted ? context.say(Word::kAccessOnlyActed) : "";
  if (!entry.event) return (details.empty() ? "" : details + "; ") + context.say(Word::kErased);
  for (const auto& field : event::fields_in_words(entry.event->record, context.manner.events()))
    details += (details.empty() ? "" : "; ") + field.label + ": " + field.text;
  return details;
}

Section entries_section(const Context& context, const access::Checked& checked) {
  Section section{context.say(Word::kAccessEntries)};
  if (checked.entries.empty()) {
    section.paragraphs = {context.say(Word::kAccessNone)};
    return section;
  }
  section.table.head = {context.say(Word::kEntryHead), context.say(Word::kAtHead), context.say(Word::kRecordHead),
                        context.say(Word::kAccessHeld)};
  for (const auto& entry : checked.entries)
    section.table.rows.push_back(
        {std::to_string(entry.index), format_instant(entry.event ? entry.event->at : hour_of(entry.leaf)),
         std::string(event::declaration_of(entry.leaf.type).in(context.manner.events())), details_of(context, entry)});
  return section;
}

std::set<event::RecordType> types_of(const access::Checked& checked) {
  std::set<event::RecordType> types;
  for (const auto& entry : checked.entries) types.insert(entry.leaf.type);
  return types;
}

// Why it is held and for how long, as declared: GDPR Art. 15 (1) (a) to (d).
Section purposes_section(const Context& context, const access::Checked& checked) {
  const auto language = context.manner.events();
  Section section{context.say(Word::kAccessWhy)};
  section.table.head = {context.say(Word::kRecordHead), context.say(Word::kAccessField),
                        context.say(Word::kPurposeHead), context.say(Word::kAccessBasis),
                        context.say(Word::kAccessDeadline)};
  for (const auto type : types_of(checked)) {
    const auto& declaration = event::declaration_of(type);
    for (const auto& field : declaration.fields)
      section.table.rows.push_back({std::string(declaration.in(language)), std::string(field.in(language)),
                                    std::string(event::word_of(field.purpose).in(language)),
                                    std::string(event::word_of(field.basis).in(language)),
                                    std::string(event::word_of(field.deadline).in(language))});
  }
  if (section.table.rows.empty()) section.table.head.clear();
  return section;
}

Section completeness_section(const Context& context, const access::Export& given, const access::Checked& checked) {
  Section section{context.say(Word::kAccessComplete)};
  section.paragraphs.push_back(context.say(Word::kAccessProven, checked.entries.size(), checked.checkpoint.size));
  if (checked.covered.end > checked.covered.begin)
    section.paragraphs.push_back(
        context.say(Word::kAccessCovered, checked.covered.begin, checked.covered.end, given.indexes.size()));
  if (checked.acts.end > checked.acts.begin)
    section.paragraphs.push_back(context.say(Word::kAccessActs, checked.acts.begin, checked.acts.end));
  if (checked.acts.end == checked.acts.begin)
    section.paragraphs.push_back(context.say(Word::kAccessActsNone));
  else if (checked.acts.begin > checked.covered.begin)
    section.paragraphs.push_back(context.say(Word::kAccessActsBefore));
  if (checked.covered.end < checked.checkpoint.size)
    section.paragraphs.push_back(context.say(Word::kAccessTail, std::max(checked.covered.end, checked.covered.begin)));
  return section;
}

}  // namespace

Document document_of(const Context& context, const access::Export& given, const access::Checked& checked) {
  std::string pseudonyms;
  for (const auto& one : given.pseudonyms) pseudonyms += (pseudonyms.empty() ? "" : ", ") + one.text();
  Document document{context.manner.language, context.say(Word::kAccessTitle),
                    context.say(Word::kAccessOf, checked.checkpoint.origin, checked.checkpoint.size,
                                policy::base::to_base64(checked.checkpoint.root), pseudonyms)};
  document.sections.push_back(entries_section(context, checked));
  document.sections.push_back(completeness_section(context, given, checked));
  document.sections.push_back(purposes_section(context, checked));
  document.sections.push_back(
      {context.say(Word::kAccessRights), {context.say(Word::kAccessRecipients), context.say(Word::kAccessYours)}});
  return document;
}

json::object json_of(const Context& context, const access::Export& given, const access::Checked& checked) {
  json::array pseudonyms, entries, declarations;
  for (const auto& one : given.pseudonyms) pseudonyms.emplace_back(one.text());
  for (const auto& entry : checked.entries)
    entries.push_back(
        json_of(context, Shown{entry.index, entry.leaf, entry.event, entry.event ? "readable" : "erased", true, {}}));
  for (const auto type : types_of(checked)) {
    const auto& declaration = event::declaration_of(type);
    for (const auto& field : declaration.fields)
      declarations.push_back(json::object{{"type", declaration.id},
                                          {"field", field.name},
                                          {"purpose", event::word_of(field.purpose).id},
                                          {"basis", event::word_of(field.basis).id},
                                          {"deadline", event::word_of(field.deadline).id}});
  }
  return {{"good", true},
          {"origin", checked.checkpoint.origin},
          {"size", checked.checkpoint.size},
          {"pseudonyms", std::move(pseudonyms)},
          {"covered", json::object{{"begin", checked.covered.begin}, {"end", checked.covered.end}}},
          {"acts", json::object{{"begin", checked.acts.begin}, {"end", checked.acts.end}}},
          {"entries", std::move(entries)},
          {"declarations", std::move(declarations)}};
}

}  // namespace audit::tool
