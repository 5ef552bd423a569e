#include "policy/pack/document.h"

#include <algorithm>
#include <string_view>

namespace {

// toml++ 3.3.0 asserts things about its input that input can violate ("[=" is enough), and with NDEBUG tells the
// compiler to assume them. Both are replaced: the one about keys is followed by a proper error of its own, any other
// becomes an exception that parse_document() turns into an error.
struct ParserSlip {};

constexpr void parser_expects(bool holds, std::string_view what) {
  if (!holds && !what.starts_with("is_bare_key_character")) throw ParserSlip{};
}

}  // namespace

#undef NDEBUG
#define TOML_ASSERT(expr) ::parser_expects(static_cast<bool>(expr), #expr)
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include <optional>

namespace policy::pack {
namespace {

Position position(const toml::source_region& region) { return {region.begin.line, region.begin.column}; }

// Walks the text outside strings and comments. Knows only as much TOML as is needed to find them.
class NestingScan {
 public:
  explicit NestingScan(std::string_view text) : rest_(text) {}

  // The first place that is nested too deep.
  std::optional<Position> too_deep() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '"' || c == '\'') {
        skip_string(c);
        continue;
      }
      if (c == '#') {
        while (!rest_.empty() && rest_.front() != '\n') take(1);
        continue;
      }
      if (c == '[' || c == '{') ++depth_;
      if ((c == ']' || c == '}') && depth_ > 0) --depth_;
      if (c == '.') ++dots_;
      if (depth_ > kNestingMax || dots_ > kDotsPerLineMax) return at_;
      take(1);
    }
    return std::nullopt;
  }

 private:
  void take(std::size_t count) {
    for (const char c : rest_.substr(0, count)) {
      ++at_.column;
      if (c == '\n') {
        at_ = {at_.line + 1, 1};
        dots_ = 0;
      }
    }
    rest_.remove_prefix(std::min(count, rest_.size()));
  }

  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool multiline = rest_.starts_with(three);
    take(multiline ? 3 : 1);
    while (!rest_.empty()) {
      if (quote == '"' && rest_.front() == '\\') {
        take(2);
        continue;
      }
      if (!multiline && rest_.front() == '\n') return;  // the parser will report it
      if (multiline ? rest_.starts_with(three) : rest_.front() == quote) {
        take(multiline ? 3 : 1);
        // Up to two quotes may stand before the closing three.
        while (multiline && !rest_.empty() && rest_.front() == quote) take(1);
        return;
      }
      take(1);
    }
  }

  std::string_view rest_;
  Position at_;
  std::size_t depth_ = 0;
  std::size_t dots_ = 0;
};

void set_local_time(Value& value, const toml::time& time) {
  if (time.nanosecond != 0) {
    value.text = "a local time with a fraction of a second";
    return;
  }
  value.kind = Value::Kind::kLocalTime;
  value.local_time = {time.hour * 3600 + time.minute * 60 + time.second};
}

void set_instant(Value& value, const toml::date_time& moment) {
  if (!moment.offset.has_value() || moment.time.nanosecond != 0) {
    value.text = "a date and time without zone, or with a fraction of a second";
    return;
  }
  const time::LocalDate date = time::date_of({moment.date.year, moment.date.month, moment.date.day});
  const base::Instant instant{date.days * 86400 + moment.time.hour * 3600 + moment.time.minute * 60 +
                              moment.time.second - moment.offset->minutes * 60};
  if (instant < base::kBeginningOfTime || instant > base::kEndOfTime || moment.date.year < 1) {
    value.text = "an instant outside the years 0001 to 9999";
    return;
  }
  value.kind = Value::Kind::kInstant;
  value.instant = instant;
}

Value convert(const toml::node& node);

void set_table(Value& value, const toml::table& table) {
  value.kind = Value::Kind::kTable;
  for (auto&& [key, node] : table)
    value.members.push_back({std::string(key.str()), position(key.source()), convert(node)});
}

void set_list(Value& value, const toml::array& list) {
  value.kind = Value::Kind::kList;
  for (auto&& node : list) value.items.push_back(convert(node));
}

// Recursion is bounded by kNestingMax and kDotsPerLineMax.
Value convert(const toml::node& node) {
  Value value;
  value.at = position(node.source());
  if (const auto* text = node.as_string()) {
    value.kind = Value::Kind::kText;
    value.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = Value::Kind::kInteger;
    value.integer = integer->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = Value::Kind::kBoolean;
    value.boolean = boolean->get();
  } else if (const auto* time = node.as_time()) {
    set_local_time(value, time->get());
  } else if (const auto* moment = node.as_date_time()) {
    set_instant(value, moment->get());
  } else if (const auto* table = node.as_table()) {
    set_table(value, *table);
  } else if (const auto* list = node.as_array()) {
    set_list(value, *list);
  } else {
    value.text = node.is_floating_point() ? "a number with a fraction" : "a local date";
  }
  return value;
}

}  // namespace

std::string_view name_of(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::kText: return "a string";
    case Value::Kind::kInteger: return "a whole number";
    case Value::Kind::kBoolean: return "true or false";
    case Value::Kind::kLocalTime: return "a local time";
    case Value::Kind::kInstant: return "an instant with zone";
    case Value::Kind::kList: return "a list";
    case Value::Kind::kTable: return "a table";
    case Value::Kind::kOther: return "a value that packs do not use";
  }
  return "a value";
}

std::string where(std::string_view name, Position at) {
  return std::string(name) + ':' + std::to_string(at.line) + ':' + std::to_string(at.column);
}

base::Result<Value> parse_document(std::string_view name, std::string_view toml_text) {
  if (toml_text.size() > kPackBytesMax) {
    return base::fail("pack.too-large", "a file of " + std::to_string(toml_text.size()) + " bytes",
                      "at most " + std::to_string(kPackBytesMax) + " bytes", "split it", std::string(name));
  }
  if (const auto place = NestingScan(toml_text).too_deep()) {
    return base::fail("pack.too-deep", "tables or lists nested too deep",
                      "at most " + std::to_string(kNestingMax) + " open brackets and " +
                          std::to_string(kDotsPerLineMax) + " dots on a line",
                      "packs need three levels", where(name, *place));
  }
  const auto bad_syntax = [&](std::string_view what, Position at) {
    return base::fail("pack.syntax", base::printable(what, 300), "TOML 1.0", {}, where(name, at));
  };
  try {
    Value root = convert(toml::parse(toml_text));
    if (root.at.line == 0) root.at = {};
    return root;
  } catch (const toml::parse_error& error) {
    return bad_syntax(error.description(), position(error.source()));
  } catch (const ParserSlip&) {
    return bad_syntax("text that the TOML parser cannot read", {});
  }
}

}  // namespace policy::pack
