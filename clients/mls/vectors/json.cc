#include "clients/mls/vectors/json.h"

#include <limits>

namespace clients::mls {
namespace {

// Each function takes its value from the front of the text and says whether it was well-formed.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::expected<Json, std::size_t> whole() {
    Json out;
    if (!value(out, 0)) return std::unexpected(at_);
    skip_space();
    if (at_ != text_.size()) return std::unexpected(at_);
    return out;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char wanted) {
    if (peek() != wanted || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view wanted) {
    if (!text_.substr(at_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }
  void skip_space() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') ++at_;
  }

  bool value(Json& out, int depth) {
    skip_space();
    switch (peek()) {
      case '{': return depth < kJsonDepthMax && object(out.value.emplace<Json::Object>(), depth + 1);
      case '[': return depth < kJsonDepthMax && array(out.value.emplace<Json::Array>(), depth + 1);
      case '"': return string(out.value.emplace<std::string>());
      case 't': out.value = true; return take("true");
      case 'f': out.value = false; return take("false");
      case 'n': return take("null");
      default: return number(out.value.emplace<std::uint64_t>());
    }
  }

  // What stands between two brackets, parted by commas.
  template <typename One>
  bool list(char close, One&& one) {
    ++at_;
    skip_space();
    if (take(close)) return true;
    do {
      if (!one()) return false;
      skip_space();
    } while (take(','));
    return take(close);
  }
  bool array(Json::Array& out, int depth) {
    return list(']', [&] { return value(out.emplace_back(), depth); });
  }
  bool object(Json::Object& out, int depth) {
    return list('}', [&] {
      std::string name;
      skip_space();
      if (!string(name)) return false;
      for (const Json::Member& known : out)
        if (known.name == name) return false;
      skip_space();
      return take(':') && value(out.emplace_back(Json::Member{std::move(name), {}}).value, depth);
    });
  }

  bool number(std::uint64_t& out) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    const std::size_t begin = at_;
    for (; peek() >= '0' && peek() <= '9'; ++at_) {
      const auto digit = static_cast<std::uint64_t>(peek() - '0');
      if (out > (kMax - digit) / 10) return false;
      out = out * 10 + digit;
    }
    const std::size_t digits = at_ - begin;
    return digits > 0 && (digits == 1 || text_[begin] != '0');
  }

  bool string(std::string& out) {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < ' ') return false;
      if (c != '\\')
        out += c;
      else if (!escape(out))
        return false;
    }
    return false;
  }
  bool escape(std::string& out) {
    constexpr std::string_view kNames = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t which = kNames.find(peek());
    if (at_ == text_.size() || which == std::string_view::npos) return false;  // \u is in no vector
    out += kMeanings[which];
    ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

const Json* Json::find(std::string_view name) const {
  if (const Object* object = as<Object>()) {
    for (const Member& member : *object)
      if (member.name == name) return &member.value;
  }
  return nullptr;
}

std::expected<Json, std::size_t> parse_json(std::string_view text) { return Parser(text).whole(); }

}  // namespace clients::mls
