#include "policy/base/sha256.h"

#include <sodium.h>

#include <algorithm>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace policy::base {
namespace {

constexpr std::size_t kBlock = 64;

#if defined(__x86_64__)

// FIPS 180-4 § 4.2.2.
alignas(16) constexpr std::array<std::uint32_t, 64> kRound{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// Asked of the processor itself: GCC 12 has no name for SHA in __builtin_cpu_supports.
bool has_instructions() {
  static const bool has = [] {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSSE3) == 0 || (c & bit_SSE4_1) == 0) return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
  }();
  return has;
}

// Intel's SHA extensions: sha256rnds2 does two rounds on ABEF and CDGH, sha256msg1 and msg2 extend the message.
__attribute__((target("sha,sse4.1,ssse3"))) void compress(std::array<std::uint32_t, 8>& state, const std::uint8_t* data,
                                                          std::size_t blocks) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  const auto at = [](auto* from) { return reinterpret_cast<const __m128i*>(from); };
  const __m128i dcba = _mm_loadu_si128(at(&state[0])), hgfe = _mm_loadu_si128(at(&state[4]));
  const __m128i cdab = _mm_shuffle_epi32(dcba, 0xB1), efgh = _mm_shuffle_epi32(hgfe, 0x1B);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8), cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
  for (; blocks > 0; --blocks, data += kBlock) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i words[4];
    for (int i = 0; i < 4; ++i) words[i] = _mm_shuffle_epi8(_mm_loadu_si128(at(data + 16 * i)), swap);
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      __m128i& now = words[i % 4];
      if (i >= 4) {
        const __m128i carried = _mm_alignr_epi8(words[(i + 3) % 4], words[(i + 2) % 4], 4);
        now = _mm_add_epi32(_mm_sha256msg1_epu32(now, words[(i + 1) % 4]), carried);
        now = _mm_sha256msg2_epu32(now, words[(i + 3) % 4]);
      }
      const __m128i keyed = _mm_add_epi32(now, _mm_load_si128(at(&kRound[static_cast<std::size_t>(4 * i)])));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, keyed);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(keyed, 0x0E));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1B), dchg = _mm_shuffle_epi32(cdgh, 0xB1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(&state[0]), _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(&state[4]), _mm_alignr_epi8(dchg, feba, 8));
}

#else
bool has_instructions() { return false; }
void compress(std::array<std::uint32_t, 8>&, const std::uint8_t*, std::size_t) {}
#endif

// FIPS 180-4 §§ 5.1.1, 5.3.3, 6.2.2, over `before`, which is one block or nothing, and `bytes`.
Sha256 hash_by_instructions(ByteView before, ByteView bytes) {
  std::array<std::uint32_t, 8> state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  compress(state, before.data(), before.size() / kBlock);
  const std::size_t whole = bytes.size() / kBlock * kBlock, rest = bytes.size() - whole;
  compress(state, bytes.data(), whole / kBlock);
  std::array<std::uint8_t, 2 * kBlock> last{};
  std::ranges::copy(bytes.subspan(whole), last.begin());
  last[rest] = 0x80;
  const std::size_t blocks = rest < kBlock - 8 ? 1 : 2;
  const std::uint64_t bits = (before.size() + bytes.size()) * 8;
  for (std::size_t i = 1; i <= 8; ++i) last[blocks * kBlock - i] = static_cast<std::uint8_t>(bits >> (8 * (i - 1)));
  compress(state, last.data(), blocks);
  Sha256 hash;
  for (std::size_t i = 0; i < hash.size(); ++i) hash[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - i % 4 * 8));
  return hash;
}

// RFC 2104 for a key that is shorter than a block.
Sha256 hmac_by_instructions(const Sha256& key, ByteView bytes) {
  std::array<std::uint8_t, kBlock> block{};
  std::ranges::copy(key, block.begin());
  for (std::uint8_t& byte : block) byte ^= 0x36;
  const Sha256 inner = hash_by_instructions(block, bytes);
  for (std::uint8_t& byte : block) byte ^= 0x36 ^ 0x5c;
  const Sha256 mac = hash_by_instructions(block, inner);
  sodium_memzero(block.data(), block.size());
  return mac;
}

}  // namespace

Sha256 sha256(ByteView bytes) {
  static_assert(crypto_hash_sha256_BYTES == std::tuple_size_v<Sha256>);
  if (has_instructions()) return hash_by_instructions({}, bytes);
  Sha256 hash;
  crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  return hash;
}

Sha256 hmac_sha256(const Sha256& key, ByteView bytes) {
  static_assert(crypto_auth_hmacsha256_BYTES == std::tuple_size_v<Sha256>);
  if (has_instructions()) return hmac_by_instructions(key, bytes);
  Sha256 mac;
  crypto_auth_hmacsha256(mac.data(), bytes.data(), bytes.size(), key.data());
  return mac;
}

}  // namespace policy::base
