#include "audit/subject/index.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace audit::subject {
namespace {

using policy::base::Bytes;
using policy::base::ByteView;
using policy::base::fail;

void put(Bytes& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void put(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

Bytes begun(std::string_view context) {
  constexpr std::size_t kUsual = 128;  // room for what most hashes are made of
  Bytes out;
  out.reserve(kUsual);
  out.assign(context.begin(), context.end());
  out.push_back(0);
  return out;
}

Bytes begun(std::string_view context, const Stretch& stretch) {
  Bytes out = begun(context);
  put(out, stretch.begin);
  put(out, stretch.end);
  return out;
}

Hash key_of(const Stretch& stretch, const Pseudonym& pseudonym) {
  Bytes bytes = begun("feierabend subject key v1", stretch);
  put(bytes, pseudonym.view());
  return merkle::sha256(bytes);
}

Hash list_of(const std::vector<Listed>& entries) {
  Bytes bytes = begun("feierabend subject list v1");
  for (const Listed& listed : entries) {
    put(bytes, listed.entry);
    put(bytes, listed.leaf_hash);
  }
  return merkle::sha256(bytes);
}

Hash map_leaf(const Hash& key, const Hash& list) {
  Bytes bytes(key.begin(), key.end());
  put(bytes, list);
  return merkle::leaf_hash(bytes);
}

Digest digest_of(const Stretch& stretch, std::optional<std::uint64_t> acts, std::uint64_t subjects, const Hash& root) {
  Bytes bytes = begun(acts ? "feierabend subject index v2" : "feierabend subject index v1", stretch);
  if (acts) put(bytes, *acts);
  put(bytes, subjects);
  put(bytes, root);
  return {merkle::sha256(bytes)};
}

Status check_entries(const SubjectProof& proof) {
  std::uint64_t next = proof.stretch.begin;
  for (const Listed& listed : proof.entries) {
    if (listed.entry < next || listed.entry >= proof.stretch.end)
      return fail("subject.range", "entry " + std::to_string(listed.entry), "rising numbers within the stretch");
    next = listed.entry + 1;
  }
  return {};
}

Status verify_present(const SubjectProof& proof, const Hash& key) {
  if (proof.entries.empty() || !proof.neighbours.empty())
    return fail("subject.range", "a pseudonym without entries", "at least one entry");
  if (auto good = check_entries(proof); !good) return good;
  return merkle::verify_inclusion(*proof.position, proof.subjects, map_leaf(key, list_of(proof.entries)), proof.path,
                                  proof.root);
}

// No neighbour, and an empty map; else the first on the right of the key, the last on the left of it, or two that stand
// side by side.
Status check_places(const SubjectProof& proof, const Hash& key) {
  const auto& around = proof.neighbours;
  if (proof.subjects == 0) {
    if (around.empty() && proof.root == merkle::empty_root()) return {};
    return fail("subject.range", "neighbours in an empty index", "none");
  }
  const bool two = around.size() == 2 && around[1].position == around[0].position + 1;
  const bool at_an_end =
      around.size() == 1 && (around[0].key > key ? around[0].position == 0 : around[0].position == proof.subjects - 1);
  if (!two && !at_an_end)
    return fail("subject.range", "neighbours that leave a gap",
                "the two that stand side by side, or the one at an end");
  if ((two && !(around[0].key < key && key < around[1].key)) || around[0].key == key)
    return fail("subject.order", "a key that does not lie between its neighbours", "one that does");
  return {};
}

Status verify_absent(const SubjectProof& proof, const Hash& key) {
  if (!proof.entries.empty() || !proof.path.empty())
    return fail("subject.range", "entries of an absent pseudonym", "none");
  if (auto good = check_places(proof, key); !good) return good;
  for (const Neighbour& one : proof.neighbours) {
    auto good =
        merkle::verify_inclusion(one.position, proof.subjects, map_leaf(one.key, one.list), one.path, proof.root);
    if (!good) return good;
  }
  return {};
}

}  // namespace

Index::Index(Stretch stretch, const std::vector<Named>& entries, std::optional<std::uint64_t> acts)
    : stretch_(stretch), acts_(acts) {
  std::vector<Named> sorted = entries;
  if (!acts) std::erase_if(sorted, [](const Named& one) { return one.role == event::Role::kActor; });
  std::ranges::sort(sorted, {}, [](const Named& one) { return std::pair(one.pseudonym, one.listed.entry); });
  for (std::size_t i = 0; i < sorted.size();) {
    Leaf leaf{key_of(stretch, sorted[i].pseudonym), {}, {}};
    for (const Pseudonym& pseudonym = sorted[i].pseudonym; i < sorted.size() && sorted[i].pseudonym == pseudonym; ++i)
      leaf.entries.push_back(sorted[i].listed);
    leaf.list = list_of(leaf.entries);
    leaves_.push_back(std::move(leaf));
  }
  std::ranges::sort(leaves_, {}, &Leaf::key);
  std::vector<Hash> level;
  for (const Leaf& leaf : leaves_) level.push_back(map_leaf(leaf.key, leaf.list));
  while (!level.empty()) {
    std::vector<Hash> above;
    for (std::size_t i = 0; i + 1 < level.size(); i += 2) above.push_back(merkle::node_hash(level[i], level[i + 1]));
    levels_.push_back(std::move(level));
    level = std::move(above);
  }
}

Result<Hash> Index::node(unsigned level, std::uint64_t index) const { return levels_.at(level).at(index); }

Hash Index::root() const {
  const auto read = [this](unsigned level, std::uint64_t index) { return node(level, index); };
  return leaves_.empty() ? merkle::empty_root() : merkle::tree_root(leaves_.size(), read).value();
}

merkle::Proof Index::path_of(std::uint64_t position) const {
  const auto read = [this](unsigned level, std::uint64_t index) { return node(level, index); };
  return merkle::inclusion_proof(position, leaves_.size(), read).value();
}

Digest Index::digest() const { return digest_of(stretch_, acts_, leaves_.size(), root()); }

SubjectProof Index::prove(const Pseudonym& pseudonym) const {
  const Hash key = key_of(stretch_, pseudonym);
  SubjectProof proof{stretch_, leaves_.size(), root(), {}, {}, {}, {}, acts_};
  const auto found = std::ranges::lower_bound(leaves_, key, {}, &Leaf::key);
  const auto position = static_cast<std::uint64_t>(found - leaves_.begin());
  if (found != leaves_.end() && found->key == key) {
    proof.position = position;
    proof.entries = found->entries;
    proof.path = path_of(position);
    return proof;
  }
  const auto add = [&](std::uint64_t at) {
    proof.neighbours.push_back({at, leaves_[at].key, leaves_[at].list, path_of(at)});
  };
  if (position > 0) add(position - 1);
  if (position < leaves_.size()) add(position);
  return proof;
}

Status verify_subject(const SubjectProof& proof, const Pseudonym& pseudonym, const Digest& digest) {
  if (proof.stretch.begin > proof.stretch.end)
    return fail("subject.range", "a stretch that ends before it begins", "a stretch of entries");
  if (proof.acts && (*proof.acts < proof.stretch.begin || *proof.acts > proof.stretch.end))
    return fail("subject.range", "acts from entry " + std::to_string(*proof.acts) + " on", "an entry of the stretch");
  if (digest_of(proof.stretch, proof.acts, proof.subjects, proof.root) != digest)
    return fail("subject.digest", "another index", "the one to which the log commits");
  const Hash key = key_of(proof.stretch, pseudonym);
  return proof.position ? verify_present(proof, key) : verify_absent(proof, key);
}

}  // namespace audit::subject
