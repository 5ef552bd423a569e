#include "clients/mls/tree/ratchet_tree.h"

#include <algorithm>

namespace clients::mls {
namespace {

template <typename T>
bool same(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
  return a == b || (a && b && *a == *b);
}

}  // namespace

const LeafNode* RatchetTree::leaf(LeafIndex at) const {
  return at.value < leaves_.size() ? leaves_[at.value].get() : nullptr;
}

const ParentNode* RatchetTree::parent_node(NodeIndex at) const {
  return !is_leaf(at) && at.value / 2 < parents_.size() ? parent_at(at).get() : nullptr;
}

void RatchetTree::resize(std::uint32_t width) {
  leaves_.resize(width);
  parents_.resize(width == 0 ? 0 : width - 1);
  hashes_.resize(node_count(width));
}

Result<std::vector<LeafIndex>> RatchetTree::add(std::vector<LeafNode> leaves) {
  if (leaves.size() > kLeavesMax - members_) return refuse(Reason::kFull, kLeavesMax);
  std::vector<LeafIndex> added;
  added.reserve(leaves.size());
  for (LeafNode& node : leaves) {
    while (leaf(blank_) != nullptr) ++blank_.value;
    resize(std::max(this->leaves(), width_for(blank_)));
    leaves_[blank_.value] = std::make_shared<const LeafNode>(std::move(node));
    added.push_back(blank_);
    end_ = std::max(end_, LeafIndex{++blank_.value});
  }
  members_ += static_cast<std::uint32_t>(added.size());
  add_unmerged(added);
  return added;
}

// Level by level, and once for all that stand below the same node: a list is copied once, however many join it.
void RatchetTree::add_unmerged(std::span<const LeafIndex> added) {
  for (const LeafIndex at : added) hashes_[node_of(at).value].reset();
  for (std::uint32_t above = 1; std::uint32_t{1} << above <= leaves(); ++above) {
    for (auto first = added.begin(); first != added.end();) {
      const NodeIndex node = ancestor(*first, above);
      const auto last = std::lower_bound(first, added.end(), leaves_below(node).end);
      hashes_[node.value].reset();
      if (Parent& filled = parent_at(node)) {
        ParentNode changed = *filled;
        const auto middle = changed.unmerged_leaves.insert(changed.unmerged_leaves.end(), first, last);
        std::inplace_merge(changed.unmerged_leaves.begin(), middle, changed.unmerged_leaves.end());
        filled = std::make_shared<const ParentNode>(std::move(changed));
      }
      first = last;
    }
  }
}

void RatchetTree::blank_path(LeafIndex at) {
  hashes_[node_of(at).value].reset();
  for (const NodeIndex above : direct_path(node_of(at), leaves())) {
    parent_at(above).reset();
    hashes_[above.value].reset();
  }
}

Status RatchetTree::update(LeafIndex at, LeafNode node) {
  if (leaf(at) == nullptr) return refuse(Reason::kLeaf, at.value);
  leaves_[at.value] = std::make_shared<const LeafNode>(std::move(node));
  blank_path(at);
  return {};
}

Status RatchetTree::remove(LeafIndex at) {
  if (leaf(at) == nullptr) return refuse(Reason::kLeaf, at.value);
  leaves_[at.value].reset();
  blank_path(at);
  --members_;
  blank_ = std::min(blank_, at);
  while (end_.value > 0 && leaves_[end_.value - 1] == nullptr) --end_.value;
  resize(members_ == 0 ? 0 : width_for({end_.value - 1}));
  return {};
}

void RatchetTree::put_path(LeafIndex at, LeafNode node, std::vector<std::pair<NodeIndex, ParentNode>> parents) {
  leaves_[at.value] = std::make_shared<const LeafNode>(std::move(node));
  blank_path(at);
  for (auto& [place, parent] : parents) parent_at(place) = std::make_shared<const ParentNode>(std::move(parent));
}

bool RatchetTree::has_members(NodeIndex at) const {
  const LeafRange range = leaves_below(at);
  for (LeafIndex below = range.begin; below < std::min(range.end, end_); ++below.value)
    if (leaves_[below.value]) return true;
  return false;
}

std::vector<NodeIndex> RatchetTree::resolution(NodeIndex at) const {
  std::vector<NodeIndex> out;
  resolve(at, out);
  return out;
}

void RatchetTree::resolve(NodeIndex at, std::vector<NodeIndex>& out) const {
  if (is_leaf(at)) {
    if (leaf(leaf_of(at)) != nullptr) out.push_back(at);
  } else if (const ParentNode* filled = parent_node(at)) {
    out.push_back(at);
    for (const LeafIndex unmerged : filled->unmerged_leaves) out.push_back(node_of(unmerged));
  } else {
    resolve(*left(at), out);
    resolve(*right(at), out);
  }
}

std::vector<RatchetTree::PathStep> RatchetTree::filtered_direct_path(LeafIndex at) const {
  std::vector<PathStep> out;
  NodeIndex below = node_of(at);
  for (const NodeIndex above : direct_path(below, leaves())) {
    const NodeIndex aside = *sibling(below, leaves());
    if (has_members(aside)) out.push_back({above, aside});
    below = above;
  }
  return out;
}

bool RatchetTree::operator==(const RatchetTree& other) const {
  return std::ranges::equal(leaves_, other.leaves_, same<LeafNode>) &&
         std::ranges::equal(parents_, other.parents_, same<ParentNode>);
}

}  // namespace clients::mls
