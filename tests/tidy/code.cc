// Telling code from comments and literals, well enough for a linter: no preprocessing, no trigraphs, no line that is
// continued inside a token.
#include "tests/tidy/lint.h"

namespace tests::tidy {
namespace {

constexpr std::string_view kLineEnd = "\n";

class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text), out_(text) {}

  std::string run() {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  bool here(std::string_view token) const { return text_.substr(at_).starts_with(token); }
  // Blanks up to `end`, which may lie behind the text.
  void blank_until(std::size_t end) {
    for (; at_ < std::min(end, text_.size()); ++at_)
      if (text_[at_] != '\n') out_[at_] = ' ';
  }
  std::size_t behind(std::string_view token, std::size_t from) const {
    const std::size_t found = text_.find(token, from);
    return found == std::string_view::npos ? text_.size() : found + token.size();
  }
  // A digit separator (1'000) is no character literal.
  bool opens_character() const {
    return at_ == 0 || !std::string_view("0123456789abcdefABCDEF").contains(text_[at_ - 1]);
  }

  void step() {
    if (here("//")) return blank_until(behind(kLineEnd, at_) - 1);
    if (here("/*")) return blank_until(behind("*/", at_ + 2));
    if (here("#include")) {
      at_ = behind(kLineEnd, at_);  // what it names is code
      return;
    }
    if (here("R\"")) return raw_string();
    if (text_[at_] == '"') return literal('"');
    if (text_[at_] == '\'' && opens_character()) return literal('\'');
    ++at_;
  }

  void raw_string() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return blank_until(text_.size());
    const std::string close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    blank_until(behind(close, open));
  }

  void literal(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') end += text_[end] == '\\' ? 2U : 1U;
    ++at_;  // the quotes stay, so that a call still looks like one
    blank_until(end);
    if (at_ < text_.size()) ++at_;
  }

  std::string_view text_;
  std::string out_;
  std::size_t at_ = 0;
};

}  // namespace

std::string code_of(std::string_view text) { return Blanker(text).run(); }

}  // namespace tests::tidy
