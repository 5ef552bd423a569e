// One object of a vector file, and what is found wrong with it.
//
// A check reads fields and compares; the first field that is missing, malformed or different is kept, later ones are
// not, so that a check is written straight through and never asks whether it may go on. A missing field reads as zeros
// or nothing.
#pragma once

#include <string>

#include "clients/mls/core/result.h"
#include "clients/mls/crypto/port.h"
#include "clients/mls/vectors/json.h"

namespace clients::mls {

constexpr std::size_t kVectorBytesMax = 1 << 20;  // of what an entry asks to be computed

class Entry {
 public:
  // `json` and `first_wrong` outlive the entry. `path` stands before the names of its fields in what is told.
  Entry(const Json& json, std::string path, std::string& first_wrong)
      : json_(&json), path_(std::move(path)), first_wrong_(&first_wrong) {}

  bool has(std::string_view name) const;  // false for null, too
  std::uint64_t number(std::string_view name) const;
  std::size_t size_bytes(std::string_view name) const;  // at most kVectorBytesMax
  bool boolean(std::string_view name) const;
  std::string text(std::string_view name) const;
  Bytes bytes(std::string_view name) const;  // of a hex string
  template <std::size_t kSize = 32>
  std::array<std::uint8_t, kSize> fixed(std::string_view name) const {
    const Bytes found = bytes(name);
    std::array<std::uint8_t, kSize> out{};
    if (require(found.size() == kSize, name)) std::copy(found.begin(), found.end(), out.begin());
    return out;
  }
  Secret secret(std::string_view name) const { return Secret(fixed<32>(name)); }
  CipherSuite suite() const { return static_cast<CipherSuite>(number("cipher_suite")); }

  Entry object(std::string_view name) const;
  std::vector<Entry> list(std::string_view name) const;        // of objects or lists
  std::vector<Entry> items() const;                            // of this value, where it is a list itself
  std::vector<Bytes> bytes_list(std::string_view name) const;  // null: empty
  const Json& json() const { return *json_; }

  // That the field holds what was computed.
  bool expect(std::string_view name, ByteView computed) const;
  bool expect(std::string_view name, const Secret& computed) const { return expect(name, computed.view()); }
  bool expect(std::string_view name, std::uint64_t computed) const;
  // That something holds; `what` is told if not. Returns it.
  bool require(bool holds, std::string_view what) const;
  template <typename T>
  bool require(const Result<T>& result, std::string_view what) const {
    return require(result.has_value(),
                   result ? what : std::string(what) + " (" + std::string(code(result.error().reason)) + ")");
  }

 private:
  const Json* field(std::string_view name) const;

  const Json* json_;
  std::string path_;
  std::string* first_wrong_;
};

}  // namespace clients::mls
