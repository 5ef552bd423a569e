#include "clients/mls/core/result.h"

#include <array>

namespace clients::mls {
namespace {

struct Text {
  std::string_view code, sentence;
};

constexpr auto kTexts = std::to_array<Text>({
#define MLS_REASON(name, code, sentence) {code, sentence},
#include "clients/mls/core/reasons.inc"
#undef MLS_REASON
});

}  // namespace

std::string_view code(Reason reason) { return kTexts[static_cast<std::size_t>(reason)].code; }
std::string_view sentence(Reason reason) { return kTexts[static_cast<std::size_t>(reason)].sentence; }

}  // namespace clients::mls
