// Size and seed of a property test. Each run draws the same cases, so that a change is judged by what it changed;
// NAME=random looks at new ones, NAME=N repeats or lengthens. For tests.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string_view>

namespace policy::base {

inline std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

inline std::uint64_t seed_from_environment(const char* name, std::uint64_t otherwise = 20260328) {
  const char* text = std::getenv(name);
  if (text != nullptr && std::string_view(text) == "random") return std::random_device{}();
  return from_environment(name, otherwise);
}

}  // namespace policy::base
