#include "clients/terminal/qr.h"

#include <qrencode.h>

#include <memory>

namespace clients::terminal {
namespace base = policy::base;

namespace {

constexpr int kQuietZone = 2;  // modules; ISO/IEC 18004 asks for 4, phones read 2 on a screen
constexpr std::size_t kTextBytesMax = 1024;

}  // namespace

base::Result<std::vector<std::string>> qr_lines(std::string_view text, bool light_terminal) {
  const auto too_long = [&] {
    return base::fail("qr.too-long", "a text of " + std::to_string(text.size()) + " bytes",
                      "1 to " + std::to_string(kTextBytesMax));
  };
  if (text.empty() || text.size() > kTextBytesMax) return too_long();
  const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
      QRcode_encodeData(static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0,
                        QR_ECLEVEL_M),
      QRcode_free);
  if (!code) return too_long();
  const auto light = [&](int x, int y) {
    const bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    const bool dark = inside && (code->data[y * code->width + x] & 1) != 0;
    return dark == light_terminal;
  };
  std::vector<std::string> lines;
  for (int y = -kQuietZone; y < code->width + kQuietZone; y += 2) {
    std::string line;
    for (int x = -kQuietZone; x < code->width + kQuietZone; ++x) {
      const bool upper = light(x, y), lower = light(x, y + 1);
      line += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace clients::terminal
