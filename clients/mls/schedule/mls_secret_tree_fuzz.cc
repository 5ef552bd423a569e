// A stored secret tree may be anything: what is read is written as the same bytes, bears every operation, and gives no
// key twice.
#include <cstdlib>

#include "clients/mls/crypto/native/native.h"
#include "clients/mls/schedule/secret_tree.h"

namespace {

using namespace clients::mls;  // NOLINT(google-build-using-namespace): a program of its own

void demand(bool holds) {
  if (!holds) std::abort();
}

void use(const Crypto& crypto, SecretTree& tree, LeafIndex leaf, Ratchet ratchet) {
  for (const std::uint32_t generation : {0U, 7U, 3U, 2000U}) {
    if (!tree.find(crypto, leaf, ratchet, generation)) continue;
    demand(tree.spend(crypto, leaf, ratchet, generation).has_value());
    demand(!tree.find(crypto, leaf, ratchet, generation));
  }
  if (const auto key = tree.next(crypto, leaf, ratchet)) demand(!tree.find(crypto, leaf, ratchet, key->generation));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  auto tree = parse_secret_tree(bytes);
  if (!tree) return 0;
  Writer again;
  write(again, *tree);
  demand(equal(again.bytes(), bytes));
  static const NativeCrypto crypto;
  for (const std::uint32_t leaf : {0U, 1U, 2U, 5U, 1U << 20})
    for (const Ratchet ratchet : {Ratchet::kHandshake, Ratchet::kApplication}) use(crypto, *tree, {leaf}, ratchet);
  Writer used;
  write(used, *tree);
  demand(parse_secret_tree(used.bytes()).has_value());
  return 0;
}
