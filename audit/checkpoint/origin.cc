#include "audit/checkpoint/origin.h"

#include <charconv>

namespace audit::checkpoint {
namespace {

constexpr std::string_view kProduct = "/feierabend/";

}  // namespace

std::string format_origin(const Origin& origin) {
  return origin.authority + std::string(kProduct) + std::to_string(origin.year);
}

std::optional<Origin> parse_origin(std::string_view text) {
  const auto product = text.rfind(kProduct);
  if (product == std::string_view::npos || product == 0) return std::nullopt;
  Origin out{std::string(text.substr(0, product)), 0};
  const std::string_view digits = text.substr(product + kProduct.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.year);
  if (error != std::errc() || end != digits.data() + digits.size() || out.year < 0) return std::nullopt;
  return out;
}

}  // namespace audit::checkpoint
