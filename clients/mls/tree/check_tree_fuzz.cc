// A tree from a stranger may be anything: the check of it and of a path through it ends, and says yes or no.
#include <cstdlib>

#include "clients/mls/tree/parent_hash.h"
#include "clients/mls/tree/testing/device.h"
#include "clients/mls/tree/validation.h"

namespace {

using namespace clients::mls;  // NOLINT(google-build-using-namespace): a program of its own

constexpr std::uint32_t kLeavesTried = 64;

// A path of `at` fits whatever the tree is.
void put_path(const Crypto& crypto, const RatchetTree& tree, LeafIndex at) {
  static const KeyPair signature_key = generate_signature_key_pair(crypto);
  const auto draft = draft_path(crypto, tree, at, *tree.leaf(at), {}, signature_key);
  const auto path = seal_path(crypto, kDefaultSuite, *draft, {}, {});
  if (!path) return;  // a key that protects nothing
  const auto merged = merge_path(crypto, tree, at, *path);
  if (!merged || merged->tree_hash(crypto) != draft->tree.tree_hash(crypto)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tree = RatchetTree::parse({data, size});
  if (!tree || tree->leaves() > kLeavesTried) return 0;
  static const NativeCrypto crypto(seeded(1));
  const auto checked = check_tree(crypto, kDefaultSuite, *tree, {}, {});
  // The parts that a whole check does not reach after the first refusal.
  const auto hashes = check_parent_hashes(crypto, *tree);
  const auto agree = check_members_agree(*tree);
  if (checked && !(hashes && agree)) std::abort();
  LeafIndex first;
  while (tree->leaf(first) == nullptr) ++first.value;
  put_path(crypto, *tree, first);
  return 0;
}
