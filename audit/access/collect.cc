#include "audit/access/collect.h"

#include <algorithm>

#include "audit/log/tile_reader.h"
#include "audit/subject/stretch.h"

namespace audit::access {
namespace {

using policy::base::fail;
using policy::base::Status;

bool may_name_others(event::RecordType type) {
  return std::ranges::any_of(event::declaration_of(type).fields,
                             [](const event::FieldInfo& field) { return field.type == "Pseudonym"; });
}

class Collector {
 public:
  Collector(const log::Objects& objects, std::uint64_t size, Export& out)
      : objects_(objects), size_(size), tiles_(objects, size), out_(out) {}

  Status look_at(std::uint64_t index, policy::base::ByteView bytes, const event::Leaf& leaf) {
    const bool named = leaf.subject.pseudonym && asked_for(*leaf.subject.pseudonym);
    const bool is_index = leaf.type == event::RecordType::kSubjectsIndexed;
    if (!named && !is_index && !may_name_others(leaf.type)) return {};
    auto side = subject::read_side(objects_, index);
    if (!side) return std::unexpected(side.error());
    ProvenEntry entry{index, {bytes.begin(), bytes.end()}, {}, side->key, std::move(side->ciphertext)};
    if (is_index) return add_index(std::move(entry));
    if (named || acted(entry)) return add(std::move(entry), out_.entries);
    return {};
  }

 private:
  bool asked_for(const pseudonym::Pseudonym& one) const {
    return std::ranges::find(out_.pseudonyms, one) != out_.pseudonyms.end();
  }

  bool acted(const ProvenEntry& entry) const {
    if (!entry.key) return false;
    const auto event = event::unseal(entry.leaf, *entry.key, entry.ciphertext);
    return event && std::ranges::any_of(out_.pseudonyms, [&](const auto& one) { return names(event->record, one); });
  }

  Status add(ProvenEntry entry, std::vector<ProvenEntry>& to) {
    auto path = merkle::inclusion_proof(entry.index, size_, tiles_.nodes());
    if (!path) return std::unexpected(path.error());
    entry.path = std::move(*path);
    to.push_back(std::move(entry));
    return {};
  }

  Status add_index(ProvenEntry entry) {
    if (!entry.key) return {};
    const auto event = event::unseal(entry.leaf, *entry.key, entry.ciphertext);
    if (!event) return std::unexpected(event.error());
    const auto& record = std::get<event::SubjectsIndexed>(event->record);
    const auto first = subject::first_kept(objects_);
    if (!first) return std::unexpected(first.error());
    if (record.begin.value < *first) return {};
    const std::uint64_t index_entry = entry.index;
    const auto index = subject::read_index(objects_, size_, {record.begin.value, record.end.value});
    if (!index) return std::unexpected(index.error());
    if (record.end.value > index_entry || index->digest() != record.index)
      return fail("access.index", "entry " + std::to_string(index_entry), "an index of the entries before it");
    std::vector<ProvenEntry> one;
    if (auto added = add(std::move(entry), one); !added) return added;
    IndexProof proof{std::move(one.front()), {}};
    for (const auto& pseudonym : out_.pseudonyms) proof.subjects.push_back(index->prove(pseudonym));
    out_.indexes.push_back(std::move(proof));
    return {};
  }

  const log::Objects& objects_;
  const std::uint64_t size_;
  log::TileReader tiles_;
  Export& out_;
};

}  // namespace

Result<Export> collect(const log::Objects& objects, const std::string& note, const checkpoint::Checkpoint& checkpoint,
                       std::vector<pseudonym::Pseudonym> pseudonyms) {
  Export out{note, std::move(pseudonyms), {}, {}};
  const auto first = subject::first_kept(objects);
  if (!first) return std::unexpected(first.error());
  Collector collector(objects, checkpoint.size, out);
  Status looked;
  const auto see = [&](std::uint64_t index, policy::base::ByteView bytes, const event::Leaf& leaf) {
    looked = collector.look_at(index, bytes, leaf);
    return looked.has_value();
  };
  if (auto walked = subject::walk(objects, checkpoint.size, {*first, checkpoint.size}, see); !walked)
    return std::unexpected(walked.error());
  if (!looked) return std::unexpected(looked.error());
  return out;
}

}  // namespace audit::access
