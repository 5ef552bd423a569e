#include "tests/support/marker/marker.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "policy/base/bytes.h"
#include "policy/base/sha256.h"

namespace tests::support {
namespace {

constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// ASCII only: other letters stand in the form as it is.
std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string hex(std::string_view bytes) { return policy::base::to_hex(policy::base::as_bytes(bytes)); }

// The characters that depend on `bytes` alone, whatever stands before and after it in a text that is encoded as a
// whole; `shift` bytes of a group of three stand before it.
std::string base64_core(std::string_view bytes, std::size_t shift, std::string_view alphabet) {
  std::string out;
  const std::size_t first = (8 * shift + 5) / 6, end = (8 * (shift + bytes.size())) / 6;
  for (std::size_t at = first; at < end; ++at) {
    unsigned value = 0;
    for (std::size_t bit = 6 * at; bit < 6 * at + 6; ++bit) {
      const auto byte = static_cast<unsigned char>(bytes[bit / 8 - shift]);
      value = value << 1U | ((byte >> (7U - bit % 8U)) & 1U);
    }
    out += alphabet[value];
  }
  return out;
}

// Code points of UTF-8 of the basic plane; `text` is a constant of a test.
std::vector<unsigned> code_points(std::string_view text) {
  std::vector<unsigned> out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80)
      out.push_back(byte);
    else if (byte < 0xC0 && !out.empty())
      out.back() = out.back() << 6U | (byte & 0x3FU);
    else
      out.push_back(byte & (byte < 0xE0 ? 0x1FU : 0x0FU));
  }
  return out;
}

std::string utf16(std::string_view text, bool big_endian) {
  std::string out;
  for (const unsigned point : code_points(text)) {
    const std::array<char, 2> bytes{static_cast<char>(point >> 8U), static_cast<char>(point & 0xFFU)};
    out += bytes[big_endian ? 0 : 1];
    out += bytes[big_endian ? 1 : 0];
  }
  return out;
}

std::string latin1(std::string_view text) {
  std::string out;
  for (const unsigned point : code_points(text)) out += static_cast<char>(point & 0xFFU);
  return out;
}

void add_base64(std::string_view bytes, std::vector<Form>& forms) {
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const std::string by = ", shifted by " + std::to_string(shift);
    forms.push_back({"base64" + by, base64_core(bytes, shift, kPlain)});
    forms.push_back({"base64url" + by, base64_core(bytes, shift, kUrl)});
  }
}

}  // namespace

std::vector<Form> forms_of(std::string_view marker) {
  const auto hash = policy::base::sha256(policy::base::as_bytes(marker));
  const std::string name(hash.begin(), hash.begin() + 16);
  std::vector<Form> forms{{"text", lower(marker), true},
                          {"hexadecimal", hex(marker), true},
                          {"UTF-16, little endian", lower(utf16(marker, false)), true},
                          {"UTF-16, big endian", lower(utf16(marker, true)), true},
                          {"Latin-1", lower(latin1(marker)), true},
                          {"backwards", lower(std::string(marker.rbegin(), marker.rend())), true},
                          {"SHA-256", name},
                          {"SHA-256, hexadecimal", hex(name), true}};
  add_base64(marker, forms);
  add_base64(name, forms);
  return forms;
}

std::vector<Form> forms_of_secret(std::string_view secret) {
  std::vector<Form> forms{{"bytes", std::string(secret)}, {"hexadecimal", hex(secret), true}};
  add_base64(secret, forms);
  return forms;
}

void Haystack::add(std::string name, std::string bytes) {
  std::string lowered = lower(bytes);
  straws_.push_back({std::move(name), std::move(bytes), std::move(lowered)});
}

void Haystack::add_files(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string path = std::filesystem::relative(entry.path(), folder).string();
    add("the path " + path, path);
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    add(path, {std::istreambuf_iterator<char>(in), {}});
  }
}

std::size_t Haystack::size_bytes() const {
  std::size_t size = 0;
  for (const Straw& straw : straws_) size += straw.bytes.size();
  return size;
}

bool Haystack::has(const Straw& straw, const Form& form) {
  return (form.any_case ? straw.lower : straw.bytes).find(form.bytes) != std::string::npos;
}

std::string Haystack::found(const std::vector<std::string>& markers) const {
  std::string out;
  for (const std::string& marker : markers)
    for (const Form& form : forms_of(marker))
      for (const Straw& straw : straws_)
        if (has(straw, form)) out.append(straw.name).append(": ").append(form.name).append(" of '" + marker + "'\n");
  return out;
}

std::size_t Haystack::secrets_found(const std::vector<std::string>& secrets) const {
  return static_cast<std::size_t>(std::ranges::count_if(secrets, [&](const std::string& secret) {
    const auto forms = forms_of_secret(secret);
    return std::ranges::any_of(straws_, [&](const Straw& straw) {
      return std::ranges::any_of(forms, [&](const Form& form) { return has(straw, form); });
    });
  }));
}

}  // namespace tests::support
