#include "clients/terminal/line_editor.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace clients::terminal {

namespace {

constexpr unsigned char kEscape = 0x1b;
constexpr std::size_t kSequenceBytesMax = 8;

constexpr unsigned char ctrl(char letter) { return static_cast<unsigned char>(letter & 0x1f); }
bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

std::size_t character_size(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

bool is_final(char byte) { return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '~'; }

}  // namespace

std::size_t columns(std::string_view text) {
  std::size_t wide = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (continues(text[at])) continue;
    const auto lead = static_cast<unsigned char>(text[at]);
    // U+1F000 and up are mostly emoji; E3–ED begin Kana, CJK and Hangul.
    wide += lead >= 0xF0 || (lead >= 0xE3 && lead <= 0xED) ? 2 : 1;
  }
  return wide;
}

LineEditor::Typed LineEditor::feed(std::string_view bytes) {
  Typed out;
  for (const char byte : bytes) take(static_cast<unsigned char>(byte), out);
  return out;
}

void LineEditor::take(unsigned char byte, Typed& out) {
  if (!pending_.empty() && static_cast<unsigned char>(pending_.front()) == kEscape) {
    if (pending_.size() < kSequenceBytesMax) pending_ += static_cast<char>(byte);  // what is longer is swallowed whole
    const bool introduced = pending_.size() == 2 && (byte == '[' || byte == 'O');
    if (introduced) return;
    if (pending_.size() == 2 || is_final(static_cast<char>(byte))) {
      const std::string keys = std::exchange(pending_, {});
      sequence(keys);
    }
    return;
  }
  if (!pending_.empty()) {
    if (!continues(static_cast<char>(byte))) {
      pending_.clear();  // half a character: dropped, and this byte begins anew
    } else {
      pending_ += static_cast<char>(byte);
      if (pending_.size() == character_size(static_cast<unsigned char>(pending_.front())))
        insert(std::exchange(pending_, {}));
      return;
    }
  }
  if (byte < 0x20 || byte == 0x7f) return control(byte, out);
  const auto size = character_size(byte);
  if (size == 1) insert(std::string_view(reinterpret_cast<const char*>(&byte), 1));
  if (size > 1) pending_ = static_cast<char>(byte);
}

void LineEditor::control(unsigned char byte, Typed& out) {
  switch (byte) {
    case '\r':
    case '\n':
      if (!line_.empty()) remembered_.push_back(line_);
      if (remembered_.size() > kRememberedMax) remembered_.pop_front();
      out.lines.push_back(std::exchange(line_, {}));
      cursor_ = 0;
      recalled_.reset();
      break;
    case 0x7f:
    case ctrl('H'):
      if (cursor_ > 0) {
        const auto begin = before(cursor_);
        line_.erase(begin, cursor_ - begin);
        cursor_ = begin;
      }
      break;
    case ctrl('A'): cursor_ = 0; break;
    case ctrl('E'): cursor_ = line_.size(); break;
    case ctrl('U'):
      line_.erase(0, cursor_);
      cursor_ = 0;
      break;
    case ctrl('W'): {
      auto begin = cursor_;
      while (begin > 0 && line_[begin - 1] == ' ') --begin;
      while (begin > 0 && line_[begin - 1] != ' ') --begin;
      line_.erase(begin, cursor_ - begin);
      cursor_ = begin;
      break;
    }
    case ctrl('C'): out.end = true; break;
    case ctrl('D'): out.end = out.end || line_.empty(); break;
    case kEscape: pending_ = static_cast<char>(kEscape); break;
    default: break;
  }
}

void LineEditor::sequence(std::string_view keys) {
  const std::string_view key = keys.substr(1);
  if (key == "[A" || key == "OA") return recall(-1);
  if (key == "[B" || key == "OB") return recall(+1);
  if (key == "[C" || key == "OC") cursor_ = after(cursor_);
  if (key == "[D" || key == "OD") cursor_ = before(cursor_);
  if (key == "[H" || key == "[1~") cursor_ = 0;
  if (key == "[F" || key == "[4~") cursor_ = line_.size();
  if (key == "[3~" && cursor_ < line_.size()) line_.erase(cursor_, after(cursor_) - cursor_);
}

void LineEditor::recall(int direction) {
  if (remembered_.empty()) return;
  const auto last = remembered_.size();
  const auto at = recalled_.value_or(last);
  if ((direction < 0 && at == 0) || (direction > 0 && at >= last)) return;
  recalled_ = direction < 0 ? at - 1 : at + 1;
  line_ = *recalled_ < last ? remembered_[*recalled_] : std::string();
  cursor_ = line_.size();
}

void LineEditor::insert(std::string_view character) {
  if (line_.size() + character.size() > kLineBytesMax) return;
  line_.insert(cursor_, character);
  cursor_ += character.size();
}

std::size_t LineEditor::before(std::size_t at) const {
  if (at == 0) return 0;
  --at;
  while (at > 0 && continues(line_[at])) --at;
  return at;
}

std::size_t LineEditor::after(std::size_t at) const {
  if (at >= line_.size()) return line_.size();
  ++at;
  while (at < line_.size() && continues(line_[at])) ++at;
  return at;
}

std::string LineEditor::draw(std::string_view prompt) const {
  std::string out = clear() + std::string(prompt) + line_;
  const auto back = columns(std::string_view(line_).substr(cursor_));
  if (back > 0) out += "\x1b[" + std::to_string(back) + "D";
  return out;
}

}  // namespace clients::terminal
