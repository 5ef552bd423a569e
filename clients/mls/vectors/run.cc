#include "clients/mls/vectors/run.h"

#include <array>

#include "clients/mls/vectors/checks.h"

namespace clients::mls {
namespace {

struct Check {
  std::string_view file;
  void (*run)(const Crypto&, const Entry&);
};

constexpr auto kChecks = std::to_array<Check>({
#define MLS_CHECK(file, function) {file, check_##function},
#include "clients/mls/vectors/checks.inc"
#undef MLS_CHECK
});

const Check* check_of(std::string_view name) {
  for (const Check& check : kChecks)
    if (name == check.file || (name.starts_with(check.file) && name[check.file.size()] == '-')) return &check;
  return nullptr;
}

// A list of objects.
const Json::Array* entries_of(const Json& json) {
  const auto* array = json.as<Json::Array>();
  if (array == nullptr || array->empty()) return nullptr;
  for (const Json& entry : *array)
    if (entry.as<Json::Object>() == nullptr) return nullptr;
  return array;
}

// Upstream's files also hold the suites that we do not speak.
bool is_of_another_suite(const Json& entry) {
  const Json* suite = entry.find("cipher_suite");
  const auto* number = suite == nullptr ? nullptr : suite->as<std::uint64_t>();
  return number != nullptr && !(*number <= 0xFFFF && is_supported(static_cast<std::uint16_t>(*number)));
}

}  // namespace

Tally run_vectors(const Crypto& crypto, std::string_view name, std::string_view text) {
  const auto json = parse_json(text);
  const Json::Array* entries = json ? entries_of(*json) : nullptr;
  const Check* check = check_of(name);
  if (entries == nullptr && check == nullptr) return {Tally::Kind::kNoVectors, 0, 0, {}};
  if (check == nullptr) return {Tally::Kind::kUnknown, 0, entries->size(), {}};
  if (entries == nullptr) return {Tally::Kind::kChecked, 0, 1, {"the file is damaged"}};
  Tally out;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const Json& entry = entries->at(i);
    if (is_of_another_suite(entry)) continue;
    std::string first_wrong;
    check->run(crypto, Entry(entry, "", first_wrong));
    ++out.total;
    if (first_wrong.empty())
      ++out.passed;
    else
      out.misses.push_back("entry " + std::to_string(i) + ": " + first_wrong);
  }
  return out;
}

}  // namespace clients::mls
