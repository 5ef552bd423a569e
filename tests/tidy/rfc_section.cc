#include "tests/tidy/rfc_section.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace tests::tidy {
namespace {

// What no document of the protocol speaks of.
constexpr std::array<std::string_view, 6> kOurs{
    "clients/mls/device_key.h",   // the login's key and statements
    "clients/mls/core/bytes.h",   // octets and how they are compared and wiped
    "clients/mls/core/result.h",  // reasons and their words
    "/testing/",
    "/vectors/",
    "/wasm/",  // the border to a host; the same core behind it
};

bool is_concerned(std::string_view path) {
  return path.starts_with("clients/mls/") && path.ends_with(".h") &&
         std::ranges::none_of(kOurs, [&](std::string_view part) { return path.contains(part); });
}

std::string_view trimmed(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(' ') - begin + 1);
}

// "class Group;", which is defined, and then sourced, elsewhere.
bool only_names(std::string_view code) {
  const bool type = code.starts_with("class ") || code.starts_with("struct ");
  return type && code.ends_with(';') && code.find_first_of("{(=") == std::string_view::npos;
}

bool declares(std::string_view code) {
  if (code.empty() || code.front() == '}' || code.front() == '#') return false;
  return !code.starts_with("namespace ") && code != "public:" && !only_names(code);
}

bool names_section(std::string_view line) {
  constexpr std::string_view kSign = "§";
  for (std::size_t at = line.find(kSign); at != std::string_view::npos; at = line.find(kSign, at)) {
    at += kSign.size();
    const std::string_view rest = line.substr(at);
    if (rest.size() > 1 && rest[0] == ' ' && std::isdigit(static_cast<unsigned char>(rest[1])) != 0) return true;
  }
  return false;
}

// The lines between two blank ones, as far as they were read.
struct Block {
  std::size_t first = 0;  // the first line that declares; from 1, 0: none
  std::string_view seen;
  bool sourced = false;
};

void close(const SourceFile& file, Block& block, std::vector<Finding>& out) {
  if (block.first != 0 && !block.sourced)
    out.push_back({file.path, block.first, "rfc-section", std::string(block.seen),
                   "its section, in the comment before it or behind it: \"§ 7.2\" (RFC 9420), \"RFC 9180 § 5.1\""});
  block = {};
}

}  // namespace

void find_unsourced(const SourceFile& file, std::span<const std::string_view> lines,
                    std::span<const std::string_view> code, std::vector<Finding>& out) {
  if (!is_concerned(file.path)) return;
  bool hidden = false;  // behind private:, until the class ends
  Block block;
  for (std::size_t i = 0; i < lines.size() && i < code.size(); ++i) {
    if (code[i].starts_with(" private:") || code[i].starts_with(" protected:")) hidden = true;
    if (code[i].starts_with(" public:") || code[i].starts_with("}")) hidden = false;
    if (trimmed(lines[i]).empty()) close(file, block, out);
    const std::string_view declared = trimmed(code[i]);
    if (!hidden && block.first == 0 && declares(declared)) {
      block.first = i + 1;
      block.seen = declared;
    }
    block.sourced = block.sourced || names_section(lines[i]);
  }
  close(file, block, out);
}

}  // namespace tests::tidy
