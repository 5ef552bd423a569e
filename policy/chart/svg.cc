#include "policy/chart/svg.h"

namespace policy::chart {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
          out += "\xEF\xBF\xBD";
        else
          out += c;
    }
  }
  return out;
}

std::string tenths(std::int64_t value) {
  const std::string sign = value < 0 ? "-" : "";
  const std::int64_t size = value < 0 ? -value : value;
  return sign + std::to_string(size / 10) + (size % 10 == 0 ? "" : "." + std::to_string(size % 10));
}

void Markup::indent() { out_.append(static_cast<std::size_t>(depth_), ' '); }

void Markup::begin(std::string_view element, Attributes attributes) {
  indent();
  out_ += "<";
  out_ += element;
  for (const Attribute& attribute : attributes) {
    out_ += " ";
    out_ += attribute.name;
    out_ += "=\"" + escaped(attribute.value) + "\"";
  }
}

Markup& Markup::open(std::string_view element, Attributes attributes) {
  begin(element, attributes);
  out_ += ">\n";
  ++depth_;
  return *this;
}

Markup& Markup::close(std::string_view element) {
  --depth_;
  indent();
  out_ += "</" + std::string(element) + ">\n";
  return *this;
}

Markup& Markup::leaf(std::string_view element, Attributes attributes) {
  begin(element, attributes);
  out_ += "/>\n";
  return *this;
}

Markup& Markup::text(std::string_view element, Attributes attributes, std::string_view text) {
  begin(element, attributes);
  out_ += ">" + escaped(text) + "</" + std::string(element) + ">\n";
  return *this;
}

Markup& Markup::raw(std::string_view markup) {
  out_ += markup;
  return *this;
}

}  // namespace policy::chart
