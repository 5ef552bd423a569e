// The commands, in the order in which help lists them. Each is in the file of its name.
#pragma once

#include <array>

#include "policy/tool/command/table.h"

namespace policy::tool {

void add_check(Table& table);
void add_decide(Table& table);  // and explain
void add_timeline(Table& table);
void add_test(Table& table);
void add_prove(Table& table);
void add_bundle(Table& table);
void add_inspect(Table& table);
void add_keygen(Table& table);
void add_sign(Table& table);
void add_verify(Table& table);
void add_facts(Table& table);
void add_replay(Table& table);
void add_render(Table& table);
void add_diff(Table& table);
void add_simulate(Table& table);
void add_roster(Table& table);
void add_completions(Table& table);

constexpr auto kCommands = std::to_array<void (*)(Table&)>({
    add_check,
    add_decide,
    add_timeline,
    add_test,
    add_prove,
    add_bundle,
    add_inspect,
    add_keygen,
    add_sign,
    add_verify,
    add_facts,
    add_replay,
    add_render,
    add_diff,
    add_simulate,
    add_roster,
    add_completions,
});

}  // namespace policy::tool
