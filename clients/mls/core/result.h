// Errors of the MLS core: a reason, and where the wire was at fault.
//
// The core depends on the standard library alone and is compiled to WebAssembly, so an error is two numbers and the
// texts stand in one table (reasons.inc). Whoever shows an error to a person makes a policy::base::Error of it.
//
// Values; no thread rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

namespace clients::mls {

enum class Reason : std::uint8_t {
#define MLS_REASON(name, code, sentence) name,
#include "clients/mls/core/reasons.inc"
#undef MLS_REASON
};
constexpr std::size_t kReasons = 0
#define MLS_REASON(name, code, sentence) +1
#include "clients/mls/core/reasons.inc"
#undef MLS_REASON
    ;

struct [[nodiscard]] Error {
  Reason reason{};
  std::uint64_t detail =
      0;  // offset in bytes of a decoding error, else the leaf, epoch or count the sentence speaks of

  bool operator==(const Error&) const = default;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> refuse(Reason reason, std::uint64_t detail = 0) {
  return std::unexpected<Error>(Error{reason, detail});
}

// "mls.epoch": stable, never changes its meaning.
std::string_view code(Reason reason);
// One English sentence without a trailing full stop: what was seen.
std::string_view sentence(Reason reason);

}  // namespace clients::mls
