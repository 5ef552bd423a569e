#include "audit/access/collect.h"

#include <algorithm>

#include "audit/log/tile_reader.h"
#include "audit/subject/stretch.h"

namespace audit::access {
namespace {

using policy::base::fail;
using policy::base::Status;

class Collector {
 public:
  Collector(const log::Objects& objects, std::uint64_t size, Export& out)
      : objects_(objects), size_(size), tiles_(objects, size), out_(out) {}

  Status look_at(std::uint64_t index, policy::base::ByteView bytes, const event::Leaf& leaf) {
    bool named = false;
    event::visit_people(leaf, [&](const auto& one, event::Role) { named = named || asked_for(one); });
    const bool is_index = leaf.type == event::RecordType::kSubjectsIndexed;
    if (!named && !is_index && !event::hides_actors(leaf)) return {};
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
    const subject::Stretch stretch{record.begin.value, record.end.value};
    const auto gathered = subject::gather(objects_, size_, stretch);
    if (!gathered) return std::unexpected(gathered.error());
    const auto index = gathered->index_with(stretch, record.index);
    if (record.end.value > index_entry || !index)
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
