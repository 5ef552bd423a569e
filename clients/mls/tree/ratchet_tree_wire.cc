// The ratchet_tree extension (RFC 9420 § 12.4.3.3).
#include <algorithm>

#include "clients/mls/tree/ratchet_tree.h"

namespace clients::mls {
namespace {

// § 7.8.
enum class NodeType : std::uint8_t { kLeaf = 1, kParent = 2 };

template <typename T>
void write_node(Writer& out, NodeType type, const T* node) {
  out.u8(node == nullptr ? 0 : 1);
  if (node == nullptr) return;
  out.u8(static_cast<std::uint8_t>(type));
  write(out, *node);
}

}  // namespace

Bytes RatchetTree::encode() const {
  Writer out;
  out.vector([&](Writer& body) {
    // The last filled node is a leaf, as a filled parent has members on both sides.
    for (NodeIndex at; at.value + 1 < 2 * end_.value; ++at.value) {
      if (is_leaf(at))
        write_node(body, NodeType::kLeaf, leaf(leaf_of(at)));
      else
        write_node(body, NodeType::kParent, parent_node(at));
    }
  });
  return out.take();
}

// Blank leaves and parents are kept until the number of nodes is known.
void RatchetTree::read_node(Reader& in, NodeIndex at) {
  if (at.value >= node_count(kLeavesMax)) return in.fail(Reason::kTree, at.value);
  Leaf leaf;
  Parent parent;
  if (read_presence(in)) {
    const NodeType expected = is_leaf(at) ? NodeType::kLeaf : NodeType::kParent;
    if (in.u8() != static_cast<std::uint8_t>(expected)) in.fail(Reason::kTree, at.value);
    if (is_leaf(at)) {
      auto node = std::make_shared<LeafNode>();
      read(in, *node);
      leaf = std::move(node);
      ++members_;
    } else {
      auto node = std::make_shared<ParentNode>();
      read(in, *node);
      parent = std::move(node);
    }
  }
  if (is_leaf(at))
    leaves_.push_back(std::move(leaf));
  else
    parents_.push_back(std::move(parent));
}

Result<RatchetTree> RatchetTree::parse(ByteView bytes) {
  if (bytes.size() > kMessageBytesMax) return refuse(Reason::kTooLarge);
  RatchetTree tree;
  Reader in(bytes);
  NodeIndex at;
  in.vector([&](Reader& body) {
    tree.read_node(body, at);
    ++at.value;
  });
  if (const Status done = in.done(); !done) return std::unexpected(done.error());
  if (tree.leaves_.empty() || tree.leaves_.size() == tree.parents_.size() || !tree.leaves_.back())
    return refuse(Reason::kTree, at.value);
  tree.end_ = {tree.leaves()};
  tree.resize(width_for({tree.end_.value - 1}));
  if (const Status form = tree.check_form(); !form) return std::unexpected(form.error());
  return tree;
}

Status RatchetTree::check_form() const {
  std::vector<std::uint32_t> members_before(leaves() + 1);
  for (std::uint32_t i = 0; i < leaves(); ++i) members_before[i + 1] = members_before[i] + (leaves_[i] ? 1 : 0);
  const auto is_peopled = [&](NodeIndex at) {
    const LeafRange range = leaves_below(at);
    return members_before[range.begin.value] < members_before[range.end.value];
  };
  Status status;
  for_each_parent([&](NodeIndex at, const ParentNode& node) {
    const bool holds = is_peopled(*left(at)) && is_peopled(*right(at)) &&
                       std::ranges::all_of(node.unmerged_leaves, [&](LeafIndex unmerged) {
                         return leaf(unmerged) != nullptr && is_below(node_of(unmerged), at);
                       });
    if (!holds && status) status = refuse(Reason::kTree, at.value);
  });
  return status;
}

}  // namespace clients::mls
