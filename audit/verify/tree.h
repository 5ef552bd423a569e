// The tiles above the entries, checked against the bundles that were read: level by level, complete tiles below give
// the hashes above. Where a walk did not read the entries, the stored tile below stands for them, so that two levels
// never contradict each other unnoticed.
//
// One thread.
#pragma once

#include <optional>
#include <vector>

#include "audit/log/ports.h"
#include "audit/merkle/tile.h"
#include "audit/verify/findings.h"

namespace audit::verify {

class UpperTiles {
 public:
  // The walk begins with bundle `first`; below it no tile is read that ends there.
  UpperTiles(const log::Objects& objects, std::uint64_t first, std::uint64_t size, Findings& findings)
      : objects_(objects), first_(first), size_(size), findings_(findings) {}

  // The bundles from `first` on, in order; none: it could not be computed.
  void add(const std::optional<merkle::Hash>& root) { below_.push_back(root); }
  void check();

 private:
  std::optional<merkle::Hash> check_tile(unsigned level, std::uint64_t index);
  std::optional<merkle::Hash> child(std::uint64_t number) const;

  const log::Objects& objects_;
  std::uint64_t first_, size_;
  Findings& findings_;
  std::uint64_t below_first_ = 0;
  std::vector<std::optional<merkle::Hash>> below_;
};

}  // namespace audit::verify
