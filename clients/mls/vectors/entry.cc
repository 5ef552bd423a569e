#include "clients/mls/vectors/entry.h"

namespace clients::mls {
namespace {

const Json kNothing;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool read_hex(std::string_view text, Bytes& out) {
  if (text.size() % 2 != 0) return false;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    out.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return true;
}

}  // namespace

bool Entry::require(bool holds, std::string_view what) const {
  if (!holds && first_wrong_->empty()) *first_wrong_ = path_ + std::string(what);
  return holds;
}

const Json* Entry::field(std::string_view name) const {
  const Json* found = json_->find(name);
  require(found != nullptr, name);
  return found == nullptr ? &kNothing : found;
}

bool Entry::has(std::string_view name) const {
  const Json* found = json_->find(name);
  return found != nullptr && found->as<std::monostate>() == nullptr;
}

std::uint64_t Entry::number(std::string_view name) const {
  const auto* found = field(name)->as<std::uint64_t>();
  return require(found != nullptr, name) ? *found : 0;
}

std::size_t Entry::size_bytes(std::string_view name) const {
  const std::uint64_t found = number(name);
  return require(found <= kVectorBytesMax, name) ? static_cast<std::size_t>(found) : 0;
}

bool Entry::boolean(std::string_view name) const {
  const auto* found = field(name)->as<bool>();
  return require(found != nullptr, name) && *found;
}

std::string Entry::text(std::string_view name) const {
  const auto* found = field(name)->as<std::string>();
  return require(found != nullptr, name) ? *found : std::string();
}

Bytes Entry::bytes(std::string_view name) const {
  Bytes out;
  require(read_hex(text(name), out), name);
  return out;
}

Entry Entry::object(std::string_view name) const {
  const Json* found = field(name);
  require(found->as<Json::Object>() != nullptr, name);
  return {*found, path_ + std::string(name) + ".", *first_wrong_};
}

std::vector<Entry> Entry::list(std::string_view name) const {
  return Entry(*field(name), path_ + std::string(name), *first_wrong_).items();
}

std::vector<Entry> Entry::items() const {
  std::vector<Entry> out;
  const auto* array = json_->as<Json::Array>();
  if (!require(array != nullptr, "")) return out;
  for (const Json& one : *array) out.emplace_back(one, path_ + "[" + std::to_string(out.size()) + "].", *first_wrong_);
  return out;
}

std::vector<Bytes> Entry::bytes_list(std::string_view name) const {
  std::vector<Bytes> out;
  const auto* array = field(name)->as<Json::Array>();
  if (!require(array != nullptr, name)) return out;
  for (const Json& one : *array) {
    Bytes& bytes = out.emplace_back();
    const auto* text = one.as<std::string>();
    const bool is_null = one.as<std::monostate>() != nullptr;
    require(is_null || (text != nullptr && read_hex(*text, bytes)), name);
  }
  return out;
}

bool Entry::expect(std::string_view name, ByteView computed) const {
  return require(equal(bytes(name), computed), name);
}

bool Entry::expect(std::string_view name, std::uint64_t computed) const {
  return require(number(name) == computed, name);
}

}  // namespace clients::mls
