// A log in memory that its test can grow, roll back and fork. For tests; one thread.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "audit/checkpoint/checkpoint.h"
#include "audit/merkle/proof.h"
#include "audit/witness/add_checkpoint.h"
#include "policy/base/clock.h"

namespace audit::witness {

class SetClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return at.load(); }
  std::int64_t now_ms() const override { return at.load().unix_s * 1000; }
  std::int64_t elapsed_ms() const override { return at.load().unix_s * 1000; }
  std::atomic<policy::base::Instant> at{{1795424400}};  // 2026-11-23T09:00:00Z
};

class SmallLog {
 public:
  explicit SmallLog(const std::string& origin) : key_(make_key(origin)) {}

  const checkpoint::SigningKey& key() const { return key_; }
  std::size_t size() const { return leaves_.size(); }
  void grow(std::size_t to, const std::string& content = "entry ") {
    while (leaves_.size() < to)
      leaves_.push_back(merkle::leaf_hash(policy::base::as_bytes(content + std::to_string(leaves_.size()))));
  }
  void roll_back(std::size_t to) { leaves_.resize(to); }

  checkpoint::Checkpoint checkpoint() const {
    return {key_.verifier().name(), leaves_.size(), merkle::tree_root(leaves_.size(), nodes()).value(), {}};
  }
  std::string note() const { return sign_checkpoint(checkpoint(), key_); }
  merkle::Proof proof(std::uint64_t from) const {
    return from == 0 || from >= size() ? merkle::Proof{} : merkle::consistency_proof(from, size(), nodes()).value();
  }
  std::string request(std::uint64_t from) const { return format_add_checkpoint({from, proof(from), note()}); }

 private:
  static checkpoint::SigningKey make_key(const std::string& origin) {
    policy::base::SystemRandom random;
    return checkpoint::SigningKey::generate(origin, random).value();
  }
  merkle::NodeReader nodes() const {
    return [this](unsigned level, std::uint64_t index) { return node(level, index); };
  }
  policy::base::Result<merkle::Hash> node(unsigned level, std::uint64_t index) const {
    if (level == 0) return leaves_.at(index);
    return merkle::node_hash(*node(level - 1, 2 * index), *node(level - 1, 2 * index + 1));
  }

  checkpoint::SigningKey key_;
  std::vector<merkle::Hash> leaves_;
};

}  // namespace audit::witness
