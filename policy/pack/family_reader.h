// The tables of a pack, family by family. Inside of policy/pack.
#pragma once

#include "policy/pack/pack_reader.h"

namespace policy::pack {

// Reads id, title and cite, and registers the id. Without a default the id is required.
RuleHead read_head(TableReader& reader, PackDraft& draft, const std::string& default_id = {});
ClassSet read_classes(TableReader& reader, std::string_view key, Need need);  // absent: all
Applies read_applies(TableReader& reader);
std::optional<base::Seconds> read_bounded(TableReader& reader, std::string_view key, Need need, base::Seconds max);
time::DaySet read_days(TableReader& reader, bool with_holiday);
time::Window read_window(TableReader& reader);  // days, from, to
// A term of a rest: a duration within the bound of its kind, or "$id", which goes to `uses`.
base::Seconds read_term(TableReader& reader, Term term, Need need, UseDrafts& uses);
// Key `restart`; absent: always. A threshold of "$id" goes to `uses`, where there are any.
time::Restart read_restart(TableReader& reader, UseDrafts* uses);

void read_rest(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_exception(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_self_open(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_parameter(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_set(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_adapt(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_claim(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_schedule(const Value& table, PackDraft& draft, ErrorSink& sink);

void read_devices(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_sessions(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_content(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_log(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_log_access(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_push(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_retention(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_alarm(const Value& table, PackDraft& draft, ErrorSink& sink);

}  // namespace policy::pack
