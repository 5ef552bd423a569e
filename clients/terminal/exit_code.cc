#include "clients/terminal/exit_code.h"

#include <array>
#include <cstddef>

namespace clients::terminal {

namespace {

struct Mapping {
  std::string_view prefix;
  int code;
};

constexpr std::array kMappings = std::to_array<Mapping>({
    {"call.", kUsage},
    {"url.", kUsage},
    {"duration.", kUsage},
    {"class.", kUsage},
    {"store.pin-short", kUsage},
    {"hex.", kUsage},
    {"id.", kUsage},
    {"payload.", kUsage},
    {"wipe.reason", kUsage},
    {"store.", kInputOutput},
    {"store.pin", kRefused},
    {"store.damaged", kDataError},
    {"store.too-new", kDataError},
    {"store.absent", kNotSetUp},
    {"store.full", kTryAgain},
    {"file.", kInputOutput},
    {"message.unknown", kNoInput},
    {"device.ambiguous", kUsage},
    {"person.", kNoUser},
    {"socket.", kUnavailable},
    {"channel.", kUnavailable},
    {"https.", kUnavailable},
    {"stream.", kUnavailable},
    {"stream.timeout", kTryAgain},
    {"stream.replaced", kRefused},
    {"relay.", kTryAgain},
    {"directory.", kTryAgain},
    {"audit.", kTryAgain},
    {"http.busy", kTryAgain},
    {"login.busy", kTryAgain},
    {"rate.", kTryAgain},
    {"engine.busy", kTryAgain},
    {"tls.handshake", kProtocol},
    {"tls.trust", kNotSetUp},
    {"wire.", kProtocol},
    {"http.", kProtocol},
    {"https.status", kProtocol},
    {"login.", kRefused},
    {"step.", kRefused},
    {"totp.", kRefused},
    {"factor.", kRefused},
    {"session.", kRefused},
    {"session.none", kNotSetUp},
    {"token.", kRefused},
    {"proof.", kRefused},
    {"device.", kRefused},
    {"role.", kRefused},
    {"rule.", kRefused},
    {"alarm.", kRefused},
    {"class.refused", kRefused},
    {"reason.", kRefused},
    {"override.", kRefused},
    {"override.people", kUsage},
    {"opening.", kRefused},
    {"opening.syntax", kUsage},
    {"label.", kRefused},
    {"content.", kDataError},
    {"conversation.", kNoInput},
    {"deadline.", kRefused},
    {"cipher.", kDataError},
    {"tool.", kUnavailable},
    {"status.", kRefused},
    {"send.", kRefused},
    {"retention.", kRefused},
    {"search.", kUsage},
});

}  // namespace

int exit_code_of(std::string_view error_code) {
  std::size_t longest = 0;
  int code = kSoftware;
  for (const auto& [prefix, mapped] : kMappings) {
    if (prefix.size() < longest || !error_code.starts_with(prefix)) continue;
    longest = prefix.size();
    code = mapped;
  }
  return code;
}

}  // namespace clients::terminal
