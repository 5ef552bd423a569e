// A writer of SVG 1.1 and of the HTML around it: elements and escaped text, nothing else. Output is deterministic:
// attributes stand in the order of the call, numbers are whole or have one decimal. Values; pure.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace policy::chart {

// & < > " ' as entities; control characters, which XML forbids, as U+FFFD. For text and attribute values.
std::string escaped(std::string_view text);

// Tenths of a user unit: "12", "12.5".
std::string tenths(std::int64_t value);

struct Attribute {
  std::string_view name;
  std::string value;
};
using Attributes = std::initializer_list<Attribute>;

class Markup {
 public:
  Markup& open(std::string_view element, Attributes attributes = {});
  Markup& close(std::string_view element);
  Markup& leaf(std::string_view element, Attributes attributes);                         // <element …/>
  Markup& text(std::string_view element, Attributes attributes, std::string_view text);  // <element …>text</element>
  // Finished markup, as another Markup made it.
  Markup& raw(std::string_view markup);
  std::string take() { return std::move(out_); }

 private:
  void begin(std::string_view element, Attributes attributes);
  void indent();
  std::string out_;
  int depth_ = 0;
};

}  // namespace policy::chart
