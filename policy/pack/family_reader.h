// The tables of a pack, family by family. Inside of policy/pack.
#pragma once

#include "policy/pack/pack_reader.h"

namespace policy::pack {

// Reads id, title and cite, and registers the id.
RuleHead read_head(TableReader& reader, PackDraft& draft);
ClassSet read_classes(TableReader& reader, std::string_view key, Need need);  // absent: all
Applies read_applies(TableReader& reader);
std::optional<base::Seconds> read_bounded(TableReader& reader, std::string_view key, Need need, base::Seconds max);
time::DaySet read_days(TableReader& reader, bool with_holiday);

void read_rest(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_exception(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_adapt(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_claim(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_schedule(const Value& table, PackDraft& draft, ErrorSink& sink);

void read_devices(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_sessions(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_retention(const Value& table, PackDraft& draft, ErrorSink& sink);
void read_alarm(const Value& table, PackDraft& draft, ErrorSink& sink);

}  // namespace policy::pack
