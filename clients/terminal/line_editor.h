// One line being typed on a terminal in raw mode: bytes in, finished lines and drawing out. Knows UTF-8, cursor keys,
// backspace, Ctrl-A/E/U/W/C/D and the lines typed before; knows nothing of a terminal's descriptors.
//
// Value; one thread. Bounded: kLineBytesMax a line, kRememberedMax lines. Bytes that are no UTF-8 and unknown sequences
// are dropped.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clients::terminal {

constexpr std::size_t kLineBytesMax = 8 * 1024;
constexpr std::size_t kRememberedMax = 100;

class LineEditor {
 public:
  struct Typed {
    std::vector<std::string> lines;  // finished with Enter
    bool end = false;                // Ctrl-D on an empty line, or Ctrl-C
  };
  Typed feed(std::string_view bytes);

  // Draws prompt and line on the present row, cursor where it belongs. Clears the row first.
  std::string draw(std::string_view prompt) const;
  // Clears the present row, so that something else can be printed there.
  static std::string clear() { return "\r\x1b[K"; }

  const std::string& line() const { return line_; }

 private:
  void take(unsigned char byte, Typed& out);
  void control(unsigned char byte, Typed& out);
  void sequence(std::string_view keys);
  void recall(int direction);
  void insert(std::string_view character);
  std::size_t before(std::size_t at) const;
  std::size_t after(std::size_t at) const;

  std::string line_, pending_;  // pending: an unfinished character or escape sequence
  std::size_t cursor_ = 0;      // byte offset at a character's begin
  std::deque<std::string> remembered_;
  std::optional<std::size_t> recalled_;
};

// Columns that this text takes on a terminal, about: one a character, two for East Asian wide ones and emoji.
std::size_t columns(std::string_view text);

}  // namespace clients::terminal
