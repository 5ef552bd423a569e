#include "audit/verify/repeats.h"

#include <algorithm>

namespace audit::verify {

void Repeats::begin(std::uint64_t pass) {
  pass_ = pass;
  held_.clear();
  // Address space only: the system gives memory as it is filled. A part differs from the mean by far less than 1 %.
  held_.reserve(expected_ + expected_ / 64 + 1024);
}

void Repeats::add(std::uint64_t commitment) {
  if (passes_ == 1 || commitment % passes_ == pass_) held_.push_back(commitment);
}

std::vector<std::uint64_t> Repeats::twice(std::size_t count_max) {
  std::ranges::sort(held_);
  std::vector<std::uint64_t> found;
  for (std::size_t i = 1; i < held_.size() && found.size() < count_max; ++i)
    if (held_[i] == held_[i - 1] && (found.empty() || found.back() != held_[i])) found.push_back(held_[i]);
  held_.clear();
  return found;
}

}  // namespace audit::verify
