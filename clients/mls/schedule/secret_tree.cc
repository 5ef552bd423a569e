#include "clients/mls/schedule/secret_tree.h"

#include <bit>
#include <utility>

namespace clients::mls {
namespace {

constexpr std::uint8_t kFormat = 1;

}  // namespace

SecretTree::SecretTree(CipherSuite suite, std::uint32_t leaves, const Secret& encryption_secret)
    : suite_(suite), leaves_(leaves) {
  nodes_.emplace(NodeIndex{leaves - 1}, encryption_secret);
}

Result<SecretTree::Unfolded> SecretTree::unfold(const Crypto& crypto, LeafIndex leaf) const {
  if (leaf.value >= leaves_) return refuse(Reason::kLeaf, leaf.value);
  Unfolded out;
  const NodeIndex target = node_of(leaf);
  NodeIndex node{leaves_ - 1};
  const Secret* secret = nullptr;
  Secret own;
  const auto child = [&](const char* side) { return expand_with_label(crypto, own, "tree", as_bytes(side)); };
  // Of the nodes between the root and a leaf that was not used yet, one holds a secret.
  for (std::uint32_t half = leaves_ / 2;; half /= 2) {
    if (const auto found = nodes_.find(node); found != nodes_.end()) {
      out.from = node;
      own = found->second;
      secret = &own;
    }
    if (half == 0) break;
    const NodeIndex left{node.value - half}, right{node.value + half};
    const bool goes_left = target < node;
    if (secret != nullptr) {
      out.beside.emplace(goes_left ? right : left, child(goes_left ? "right" : "left"));
      own = child(goes_left ? "left" : "right");
    }
    node = goes_left ? left : right;
  }
  if (secret == nullptr) return refuse(Reason::kLeaf, leaf.value);
  out.ratchets = {HashRatchet(expand_with_label(crypto, own, "handshake", {})),
                  HashRatchet(expand_with_label(crypto, own, "application", {}))};
  return out;
}

// What `use` does with the ratchet is kept only if it succeeds.
template <typename Use>
auto SecretTree::change(const Crypto& crypto, LeafIndex leaf, Ratchet ratchet, Use&& use) {
  using Out = decltype(use(std::declval<HashRatchet&>()));
  const auto which = static_cast<std::size_t>(ratchet);
  if (const auto known = ratchets_.find(leaf); known != ratchets_.end()) return use(known->second[which]);
  auto unfolded = unfold(crypto, leaf);
  if (!unfolded) return Out(std::unexpected(unfolded.error()));
  Out out = use(unfolded->ratchets[which]);
  if (!out) return out;
  nodes_.erase(unfolded->from);
  nodes_.merge(unfolded->beside);
  ratchets_.emplace(leaf, unfolded->ratchets);
  return out;
}

Result<MessageKey> SecretTree::next(const Crypto& crypto, LeafIndex leaf, Ratchet ratchet) {
  return change(crypto, leaf, ratchet, [&](HashRatchet& chain) { return chain.next(crypto, suite_); });
}

Result<MessageKey> SecretTree::find(const Crypto& crypto, LeafIndex leaf, Ratchet ratchet,
                                    std::uint32_t generation) const {
  const auto which = static_cast<std::size_t>(ratchet);
  if (const auto known = ratchets_.find(leaf); known != ratchets_.end())
    return known->second[which].find(crypto, suite_, generation);
  const auto unfolded = unfold(crypto, leaf);
  if (!unfolded) return std::unexpected(unfolded.error());
  return unfolded->ratchets[which].find(crypto, suite_, generation);
}

Status SecretTree::spend(const Crypto& crypto, LeafIndex leaf, Ratchet ratchet, std::uint32_t generation) {
  return change(crypto, leaf, ratchet, [&](HashRatchet& chain) { return chain.spend(crypto, suite_, generation); });
}

void write(Writer& out, const SecretTree& value) {
  out.u8(kFormat);
  out.u16(static_cast<std::uint16_t>(value.suite_));
  out.u32(value.leaves_);
  out.vector([&](Writer& body) {
    for (const auto& [node, secret] : value.nodes_) {
      body.u32(node.value);
      body.raw(secret.view());
    }
  });
  out.vector([&](Writer& body) {
    for (const auto& [leaf, ratchets] : value.ratchets_) {
      body.u32(leaf.value);
      for (const HashRatchet& ratchet : ratchets) write(body, ratchet);
    }
  });
}

namespace {

// The key of the next element of a map, whose keys rise and stay below a bound.
template <typename Map>
typename Map::mapped_type& next_element(Reader& in, Map& map, std::uint32_t below) {
  const typename Map::key_type key{in.u32()};
  if (key.value >= below || (!map.empty() && key <= map.rbegin()->first)) in.fail(Reason::kValue);
  return map[key];
}

}  // namespace

Result<SecretTree> parse_secret_tree(ByteView bytes) {
  Reader in(bytes);
  SecretTree out;
  if (in.u8() != kFormat) in.fail(Reason::kUnsupported);
  const std::uint16_t suite = in.u16();
  if (!is_supported(suite)) in.fail(Reason::kUnsupported);
  out.suite_ = static_cast<CipherSuite>(suite);
  out.leaves_ = in.u32();
  if (!std::has_single_bit(out.leaves_) || out.leaves_ > kLeavesMax) in.fail(Reason::kValue);
  in.vector([&](Reader& body) { read_raw(body, next_element(body, out.nodes_, 2 * out.leaves_ - 1).writable()); });
  in.vector([&](Reader& body) {
    for (HashRatchet& ratchet : next_element(body, out.ratchets_, out.leaves_)) read(body, ratchet);
  });
  if (const Status done = in.done(); !done) return std::unexpected(done.error());
  return out;
}

AeadKey sender_data_key(const Crypto& crypto, CipherSuite suite, const Secret& sender_data, ByteView ciphertext) {
  return labelled_aead_key(crypto, suite, sender_data, ciphertext.first(std::min(ciphertext.size(), kHashBytes)));
}

void apply_reuse_guard(std::array<std::uint8_t, kAeadNonceBytes>& nonce, const std::array<std::uint8_t, 4>& guard) {
  for (std::size_t i = 0; i < guard.size(); ++i) nonce[i] = static_cast<std::uint8_t>(nonce[i] ^ guard[i]);
}

}  // namespace clients::mls
