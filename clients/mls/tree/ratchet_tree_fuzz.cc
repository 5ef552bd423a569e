// The parser takes any bytes: what it accepts encodes to the same bytes, and bears every operation on a tree.
#include <cstdlib>

#include "clients/mls/tree/testing/device.h"

namespace {

using namespace clients::mls;  // NOLINT(google-build-using-namespace): a program of its own

constexpr std::uint32_t kLeavesTried = 64;

void demand(bool holds) {
  if (!holds) std::abort();
}

void change(const Crypto& crypto, const RatchetTree& tree, LeafIndex at) {
  const LeafNode leaf = *tree.leaf(at);
  RatchetTree other = tree;
  demand(other.update(at, leaf) && other.members() == tree.members());
  demand(other.remove(at) && other.members() == tree.members() - 1);
  demand(other.members() == 0 || RatchetTree::parse(other.encode()) == other);
  demand(other.add({leaf, leaf}) && other.members() == tree.members() + 1);
  const auto again = RatchetTree::parse(other.encode());
  demand(again && *again == other && again->tree_hash(crypto) == other.tree_hash(crypto));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  const auto tree = RatchetTree::parse(bytes);
  if (!tree) return 0;
  demand(equal(tree->encode(), bytes));
  if (tree->leaves() > kLeavesTried) return 0;
  static const NativeCrypto crypto(seeded(1));
  demand(tree->resolution(root(tree->leaves())).size() <= tree->members() * 2);
  tree->for_each_member([&](LeafIndex at, const LeafNode&) { change(crypto, *tree, at); });
  return 0;
}
