#include "clients/mls/schedule/hash_ratchet.h"

namespace clients::mls {
namespace {

constexpr std::uint64_t kGenerations = std::uint64_t{1} << 32;

AeadKey key_of(const Crypto& crypto, CipherSuite suite, const Secret& secret, std::uint32_t generation) {
  AeadKey out;
  derive_tree_secret(crypto, secret, "key", generation, out.key.writable().first(aead_key_bytes(suite)));
  derive_tree_secret(crypto, secret, "nonce", generation, out.nonce);
  return out;
}

void step(const Crypto& crypto, Secret& secret, std::uint32_t generation) {
  Secret following;
  derive_tree_secret(crypto, secret, "secret", generation, following.writable());
  secret = following;
}

}  // namespace

Status HashRatchet::check(std::uint32_t generation) const {
  if (generation < head_) {
    if (!skipped_.contains(generation)) return refuse(Reason::kSpent, generation);
  } else if (generation - head_ > kForwardStepsMax) {
    return refuse(Reason::kGeneration, generation);
  }
  return {};
}

Result<MessageKey> HashRatchet::next(const Crypto& crypto, CipherSuite suite) {
  if (head_ == kGenerations) return refuse(Reason::kGeneration, head_);
  const auto generation = static_cast<std::uint32_t>(head_);
  MessageKey out{generation, key_of(crypto, suite, secret_, generation)};
  step(crypto, secret_, generation);
  ++head_;
  return out;
}

Result<MessageKey> HashRatchet::find(const Crypto& crypto, CipherSuite suite, std::uint32_t generation) const {
  if (const Status good = check(generation); !good) return std::unexpected(good.error());
  if (generation < head_) return MessageKey{generation, skipped_.find(generation)->second};
  Secret secret = secret_;
  for (auto i = static_cast<std::uint32_t>(head_); i < generation; ++i) step(crypto, secret, i);
  return MessageKey{generation, key_of(crypto, suite, secret, generation)};
}

Status HashRatchet::spend(const Crypto& crypto, CipherSuite suite, std::uint32_t generation) {
  if (const Status good = check(generation); !good) return good;
  skipped_.erase(generation);
  for (; head_ <= generation; ++head_) {
    const auto at = static_cast<std::uint32_t>(head_);
    // Older ones would be given up again before the loop ends.
    if (at < generation && generation - at <= kSkippedKeysMax) skipped_.emplace(at, key_of(crypto, suite, secret_, at));
    step(crypto, secret_, at);
  }
  while (skipped_.size() > kSkippedKeysMax) skipped_.erase(skipped_.begin());
  return {};
}

void write(Writer& out, const HashRatchet& value) {
  out.u64(value.head_);
  out.raw(value.secret_.view());
  out.vector([&](Writer& body) {
    for (const auto& [generation, key] : value.skipped_) {
      body.u32(generation);
      body.raw(key.key.view());
      body.raw(key.nonce);
    }
  });
}

void read(Reader& in, HashRatchet& value) {
  value.head_ = in.u64();
  read_raw(in, value.secret_.writable());
  if (value.head_ > kGenerations) in.fail(Reason::kValue);
  in.vector([&](Reader& body) {
    const std::uint32_t generation = body.u32();
    const bool rises = value.skipped_.empty() || generation > value.skipped_.rbegin()->first;
    if (!rises || generation >= value.head_ || value.skipped_.size() == kSkippedKeysMax)
      return body.fail(Reason::kValue);
    AeadKey& key = value.skipped_[generation];
    read_raw(body, key.key.writable());
    read_raw(body, key.nonce);
  });
}

}  // namespace clients::mls
