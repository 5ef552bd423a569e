// What the test module offers beside ../api.h.
#pragma once

#include "clients/mls/wasm/api.h"

extern "C" {

// Runs the vectors of one file (vectors/run.h); `name` without ".json". Part 0: uint8 kind · uint32 passed · uint32
// total. Part 1: what was missed, one line each.
FEIERABEND_EXPORT(mls_run_vectors)
std::uint32_t mls_run_vectors(const char* name, std::size_t name_size, const char* text, std::size_t text_size);
}
