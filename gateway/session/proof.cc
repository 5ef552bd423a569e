#include "gateway/session/proof.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>

#include "gateway/session/token.h"

namespace gateway::session {
namespace {

std::unexpected<base::Error> syntax(std::string seen) {
  return base::fail("proof.syntax", std::move(seen),
                    "unix_s.nonce.signature, the last two in base64url without padding",
                    "make the proof as gateway/session/proof.h describes it");
}

bool is_method(std::string_view text) {
  return !text.empty() && text.size() <= 16 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_target(std::string_view text) {
  return !text.empty() && text.size() <= kTargetSizeMax &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

// Cuts off what stands before the next dot.
std::string_view next_part(std::string_view& rest) {
  const std::size_t dot = std::min(rest.find('.'), rest.size());
  const std::string_view part = rest.substr(0, dot);
  rest.remove_prefix(std::min(dot + 1, rest.size()));
  return part;
}

}  // namespace

base::Result<Proof> parse_proof(std::string_view header, std::string_view method, std::string_view target) {
  if (header.size() > kProofHeaderSizeMax) return syntax("a proof of " + std::to_string(header.size()) + " bytes");
  if (!is_method(method) || !is_target(target)) return syntax("a method or target that cannot be signed");
  if (std::ranges::count(header, '.') != 2) return syntax("a proof without its three parts");
  Proof proof{.method = std::string(method), .target = std::string(target)};
  const std::string_view time = next_part(header);
  const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), proof.unix_s);
  if (error != std::errc() || end != time.data() + time.size() || time != std::to_string(proof.unix_s) ||
      base::Instant{proof.unix_s} > base::kEndOfTime || proof.unix_s < 0)
    return syntax("a time '" + base::printable(time, 24) + "'");
  proof.nonce = next_part(header);
  const auto nonce = base::from_base64url(proof.nonce);
  if (!nonce || nonce->size() != 16 || base::to_base64url(*nonce) != proof.nonce)
    return syntax("a nonce that is not 16 bytes");
  const auto signature = base::from_base64url(header);
  if (!signature || signature->size() != proof.signature.size() || base::to_base64url(*signature) != header)
    return syntax("a signature that is not 64 bytes");
  std::ranges::copy(*signature, proof.signature.begin());
  return proof;
}

std::string format_proof(const Proof& proof) {
  return std::to_string(proof.unix_s) + "." + proof.nonce + "." + base::to_base64url(proof.signature);
}

std::string proof_message(const Proof& proof, std::string_view token) {
  return "feierabend-proof-v1\n" + proof.method + "\n" + proof.target + "\n" + std::to_string(proof.unix_s) + "\n" +
         proof.nonce + "\n" + base::to_hex(hash_token(token));
}

base::Status check_proof(const Proof& proof, std::string_view token, const device::PublicKey& key, base::Instant now) {
  const std::string message = proof_message(proof, token);
  const auto bytes = base::as_bytes(message);
  if (crypto_sign_verify_detached(proof.signature.data(), bytes.data(), bytes.size(), key.data()) != 0)
    return base::fail("proof.signature", "a proof that the session's device did not sign for this request",
                      "method, target, time, nonce and token of this very request", "log in again on this device");
  // Proof times come through parse_proof() or from our own code; either way both instants are far from overflow.
  if (proof.unix_s < now.unix_s - kProofWindow_s || proof.unix_s > now.unix_s + kProofWindow_s)
    return base::fail(
        "proof.stale",
        "a proof made at " + base::format_instant({proof.unix_s}) + "; here it is " + base::format_instant(now),
        "at most " + std::to_string(kProofWindow_s) + " s away", "set the device's clock");
  return {};
}

base::Status ReplayGuard::admit(const store::SessionId& session, std::string_view nonce) {
  const std::scoped_lock lock(mutex_);
  const std::int64_t now_ms = clock_.elapsed_ms();
  forget_old(now_ms);
  std::size_t& count = count_[session];
  std::string key = session.wire() + std::string(nonce);
  if (seen_.contains(key))
    return base::fail("proof.replayed", "a proof that was used before", "a new nonce for every request",
                      "sign the request anew");
  if (count >= kNoncesPerSessionMax)
    return base::fail("proof.too-many", std::to_string(count) + " requests of one session within three minutes",
                      "fewer than " + std::to_string(kNoncesPerSessionMax), "send requests more slowly");
  ++count;
  // A proof stays good for two windows at most: made a window ahead of our clock, used a window behind it.
  order_.push_back({.forget_at_ms = now_ms + (2 * kProofWindow_s + 1) * 1000, .session = session, .key = key});
  seen_.insert(std::move(key));
  return {};
}

std::size_t ReplayGuard::size() const {
  const std::scoped_lock lock(mutex_);
  return order_.size();
}

void ReplayGuard::forget_old(std::int64_t now_ms) {
  while (!order_.empty() && order_.front().forget_at_ms <= now_ms) {
    const Seen& oldest = order_.front();
    seen_.erase(oldest.key);
    if (const auto count = count_.find(oldest.session); --count->second == 0) count_.erase(count);
    order_.pop_front();
  }
}

}  // namespace gateway::session
