// The commands, in the order in which help lists them. Each is in the file of its name.
#pragma once

#include <array>

#include "audit/tool/command/table.h"

namespace audit::tool {

void add_keygen(Table& table);
void add_party_key(Table& table);
void add_input_key(Table& table);
void add_verify(Table& table);
void add_show(Table& table);
void add_query(Table& table);
void add_report(Table& table);
void add_export(Table& table);
void add_verify_export(Table& table);
void add_follow(Table& table);
void add_readings(Table& table);
void add_proof(Table& table);
void add_verify_proof(Table& table);
void add_record(Table& table);
void add_prune(Table& table);
void add_erase(Table& table);
void add_open_request(Table& table);
void add_sign_request(Table& table);
void add_open(Table& table);
void add_witness(Table& table);
void add_completions(Table& table);

constexpr auto kCommands = std::to_array<void (*)(Table&)>({
    add_keygen, add_party_key,     add_input_key,    add_verify,       add_show,  add_query,        add_report,
    add_export, add_verify_export, add_follow,       add_readings,     add_proof, add_verify_proof, add_record,
    add_prune,  add_erase,         add_open_request, add_sign_request, add_open,  add_witness,      add_completions,
});

}  // namespace audit::tool
