// Records in words, for a person to read, and the declaration as a table, for the record of processing.
//
// Pure; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "audit/event/record.h"

namespace audit::event {

struct FieldText {
  std::string name;   // stable, for JSON: "message_class"
  std::string label;  // in the language asked for
  std::string id;     // stable, for JSON: a word's id, a number, hexadecimal digits, RFC 3339
  std::string text;   // in the language asked for
};

// The fields of a record in declared order, the subject included ("–" where the log knows none).
std::vector<FieldText> fields_in_words(const Record& record, Language language);

// The table of all records and fields with type, purpose, legal basis and deadline, in Markdown.
std::string declaration_table(Language language);

}  // namespace audit::event
