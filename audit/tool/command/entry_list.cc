#include "audit/tool/command/entry_list.h"

#include <ostream>

#include "audit/event/words.h"
#include "audit/tool/command/csv.h"
#include "policy/base/words/german.h"

namespace audit::tool {
namespace {

std::string csv_of(const Context& context, const Shown& shown) {
  std::string details;
  if (shown.event)
    for (const auto& field : event::fields_in_words(shown.event->record, context.manner.events()))
      details += (details.empty() ? "" : "; ") + field.label + ": " + field.text;
  const auto at = shown.event ? shown.event->at : hour_of(shown.leaf);
  const auto& declaration = event::declaration_of(shown.leaf.type);
  return csv_line({std::to_string(shown.index), policy::base::format_instant(at), std::string(declaration.id),
                   std::string(declaration.in(context.manner.events())), shown.state,
                   shown.proven ? (*shown.proven ? "yes" : "no") : "",
                   shown.leaf.subject.pseudonym ? shown.leaf.subject.pseudonym->text() : "", details,
                   shown.rules_entry ? std::to_string(*shown.rules_entry) : ""});
}

}  // namespace

EntryList::EntryList(const Context& context, bool csv) : context_(context), csv_(csv) {
  if (csv_)
    context_.streams.out << csv_line(
        {"entry", "at", "type", "record", "state", "proven", "subject", "details", "rules_entry"});
  else if (context_.manner.json)
    context_.streams.out << '[';
}

void EntryList::add(const Shown& shown) {
  auto& out = context_.streams.out;
  if (csv_)
    out << csv_of(context_, shown);
  else if (context_.manner.json)
    out << (told_ == 0 ? "\n" : ",\n") << boost::json::serialize(json_of(context_, shown));
  else
    out << text_of(context_, shown) << '\n';
  ++told_;
  all_good_ = all_good_ && shown.proven.value_or(true) && (shown.event || shown.state == "erased");
}

void EntryList::close() {
  if (!csv_ && context_.manner.json) context_.streams.out << (told_ == 0 ? "]\n" : "\n]\n");
}

int EntryList::stop(std::uint64_t index, const policy::base::Error& error) {
  close();
  context_.streams.err << "feierabend-audit: " << context_.say(Word::kAtEntry, index)
                       << policy::base::words::line_of(error, context_.manner.language) << '\n';
  return exit_code_of(error);
}

int EntryList::finish() {
  close();
  return all_good_ ? kDone : kDataError;
}

}  // namespace audit::tool
