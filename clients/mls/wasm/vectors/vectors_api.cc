#include "clients/mls/wasm/vectors/vectors_api.h"

#include "clients/mls/core/codec.h"
#include "clients/mls/vectors/run.h"
#include "clients/mls/wasm/session.h"

using namespace clients::mls;

std::uint32_t mls_run_vectors(const char* name, std::size_t name_size, const char* text, std::size_t text_size) {
  Session& session = Session::instance();
  const Tally tally = run_vectors(session.crypto(), {name, name_size}, {text, text_size});
  Writer counts, misses;
  counts.u8(static_cast<std::uint8_t>(tally.kind));
  counts.u32(static_cast<std::uint32_t>(tally.passed));
  counts.u32(static_cast<std::uint32_t>(tally.total));
  for (const std::string& miss : tally.misses) misses.raw(as_bytes(miss + "\n"));
  return session.bring(counts.take(), misses.take());
}
