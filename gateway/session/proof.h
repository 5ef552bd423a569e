// Proof of the device's key, made anew for every request and for the WebSocket upgrade (in the spirit of RFC 9449): a
// token alone opens nothing. The device signs with its Ed25519 key exactly these bytes:
//
//   "feierabend-proof-v1\n" method "\n" target "\n" unix_s "\n" nonce "\n" hex(SHA-256(token))
//
// method in capitals, target as sent in the request line, unix_s in decimal, nonce 16 random bytes in base64url without
// padding, the hash in lower case over the token's text. In a header the proof is "unix_s.nonce.signature", the
// signature in base64url without padding.
//
// ReplayGuard: any thread. The functions are pure.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "gateway/device/device.h"
#include "gateway/store/records.h"
#include "policy/base/clock.h"
#include "policy/base/result.h"

namespace gateway::session {

namespace base = policy::base;

constexpr std::int64_t kProofWindow_s = 90;
constexpr std::size_t kProofHeaderSizeMax = 160;
constexpr std::size_t kTargetSizeMax = 2048;
constexpr std::size_t kNoncesPerSessionMax = 4096;  // within two windows; more is refused, never forgotten

struct Proof {
  std::string method{};
  std::string target{};
  std::int64_t unix_s = 0;
  std::string nonce{};  // 22 characters of base64url
  device::Signature signature{};
};

// Error: proof.syntax.
base::Result<Proof> parse_proof(std::string_view header, std::string_view method, std::string_view target);
std::string format_proof(const Proof& proof);

std::string proof_message(const Proof& proof, std::string_view token);

// Signature and time, not replay. Errors: proof.signature, proof.stale.
base::Status check_proof(const Proof& proof, std::string_view token, const device::PublicKey& key, base::Instant now);

// Remembers the nonces of the last two windows, so that a proof that was seen on the way opens nothing a second time.
class ReplayGuard {
 public:
  explicit ReplayGuard(const base::Clock& clock) : clock_(clock) {}
  // Errors: proof.replayed, proof.too-many.
  base::Status admit(const store::SessionId& session, std::string_view nonce);
  std::size_t size() const;

 private:
  struct Seen {
    std::int64_t forget_at_ms;
    store::SessionId session;
    std::string key;
  };
  void forget_old(std::int64_t now_ms);

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<Seen> order_;  // by forget_at_ms; these three are guarded by mutex_
  std::unordered_set<std::string> seen_;
  std::unordered_map<store::SessionId, std::size_t> count_;
};

}  // namespace gateway::session
