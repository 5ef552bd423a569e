#include "clients/groups/safety_number.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace clients::groups {
namespace {

constexpr std::string_view kDomain = "feierabend-safety-number-v1";
constexpr int kRounds = 5200;
constexpr std::size_t kGroupsOfHalf = 6, kDigits = 5, kBytesOfGroup = 5, kGroupsOfLine = 4;
constexpr std::uint64_t kModulus = 100'000;

using Hash = std::array<std::uint8_t, crypto_hash_sha512_BYTES>;

policy::base::Bytes statement_of(PersonKeys person) {
  std::ranges::sort(person.keys);
  policy::base::Bytes out(kDomain.begin(), kDomain.end());
  out.push_back(static_cast<std::uint8_t>(person.person.size() >> 8U));
  out.push_back(static_cast<std::uint8_t>(person.person.size()));
  out.insert(out.end(), person.person.begin(), person.person.end());
  for (const auto& key : person.keys) out.insert(out.end(), key.begin(), key.end());
  return out;
}

std::string half_of(const PersonKeys& person) {
  const auto statement = statement_of(person);
  Hash hash{};
  crypto_hash_sha512(hash.data(), statement.data(), statement.size());
  policy::base::Bytes round(hash.size() + statement.size());
  std::ranges::copy(statement, round.begin() + static_cast<std::ptrdiff_t>(hash.size()));
  for (int i = 0; i < kRounds; ++i) {
    std::ranges::copy(hash, round.begin());
    crypto_hash_sha512(hash.data(), round.data(), round.size());
  }
  std::string out;
  for (std::size_t group = 0; group < kGroupsOfHalf; ++group) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < kBytesOfGroup; ++i) value = value << 8U | hash[group * kBytesOfGroup + i];
    const auto digits = std::to_string(value % kModulus);
    out += std::string(kDigits - digits.size(), '0') + digits;
  }
  return out;
}

}  // namespace

std::string safety_number(const PersonKeys& one, const PersonKeys& other) {
  auto first = half_of(one), second = half_of(other);
  if (second < first) std::swap(first, second);
  return first + second;
}

std::vector<std::string> in_lines(const std::string& safety_number) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < safety_number.size(); at += kDigits) {
    if (at % (kDigits * kGroupsOfLine) == 0)
      out.emplace_back();
    else
      out.back() += ' ';
    out.back() += safety_number.substr(at, kDigits);
  }
  return out;
}

}  // namespace clients::groups
