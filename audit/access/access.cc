#include "audit/access/access.h"

#include <algorithm>
#include <map>

namespace audit::access {
namespace {

using merkle::Hash;
using policy::base::fail;
using policy::base::Status;

std::string entry_text(std::uint64_t index) { return "entry " + std::to_string(index); }

Result<CheckedEntry> check_entry(const ProvenEntry& given, const checkpoint::Checkpoint& checkpoint) {
  const auto leaf = event::decode_leaf(given.leaf);
  if (!leaf) return std::unexpected(leaf.error());
  auto proven = merkle::verify_inclusion(given.index, checkpoint.size, merkle::leaf_hash(given.leaf), given.path,
                                         checkpoint.root);
  if (!proven) return std::unexpected(proven.error());
  CheckedEntry checked{given.index, *leaf, {}};
  if (!given.key) return checked;
  auto opened = event::unseal(given.leaf, *given.key, given.ciphertext);
  if (!opened) return std::unexpected(opened.error());
  checked.event = std::move(*opened);
  return checked;
}

using Pseudonyms = std::vector<pseudonym::Pseudonym>;

bool is_subject(const CheckedEntry& entry, const Pseudonyms& pseudonyms) {
  return entry.leaf.subject.pseudonym &&
         std::ranges::find(pseudonyms, *entry.leaf.subject.pseudonym) != pseudonyms.end();
}

bool leaf_names(const CheckedEntry& entry, const Pseudonyms& pseudonyms) {
  return is_subject(entry, pseudonyms) ||
         std::ranges::find_first_of(entry.leaf.actors, pseudonyms) != entry.leaf.actors.end();
}

bool is_about(const CheckedEntry& entry, const Pseudonyms& pseudonyms) {
  return leaf_names(entry, pseudonyms) || std::ranges::any_of(pseudonyms, [&](const auto& one) {
           return entry.event && names(entry.event->record, one);
         });
}

// What the indexes say: how far they reach, and all that they list.
struct Told {
  subject::Stretch covered, acts;
  std::map<std::uint64_t, Hash> listed;
};

bool contains(const subject::Stretch& stretch, std::uint64_t index) {
  return index >= stretch.begin && index < stretch.end;
}

Result<std::vector<CheckedEntry>> check_entries(const Export& given, const checkpoint::Checkpoint& checkpoint) {
  std::vector<CheckedEntry> entries;
  for (const ProvenEntry& one : given.entries) {
    if (!entries.empty() && one.index <= entries.back().index)
      return fail("access.entry", entry_text(one.index), "rising numbers, each once");
    auto checked = check_entry(one, checkpoint);
    if (!checked) return std::unexpected(checked.error());
    if (!is_about(*checked, given.pseudonyms))
      return fail("access.entry", entry_text(one.index), "entries about the pseudonyms that were asked for");
    checked->only_acted = !is_subject(*checked, given.pseudonyms);
    entries.push_back(std::move(*checked));
  }
  return entries;
}

// The stretch that an index record commits to, and from where on it lists who acted; `listed` gets what its proofs
// list.
struct ToldByIndex {
  subject::Stretch stretch;
  std::optional<std::uint64_t> acts;
};
Result<ToldByIndex> check_index(const Export& given, const IndexProof& index, const checkpoint::Checkpoint& checkpoint,
                                std::map<std::uint64_t, Hash>& listed) {
  auto checked = check_entry(index.record, checkpoint);
  if (!checked) return std::unexpected(checked.error());
  const auto* record = checked->event ? std::get_if<event::SubjectsIndexed>(&checked->event->record) : nullptr;
  if (record == nullptr || record->end.value > index.record.index || index.subjects.size() != given.pseudonyms.size())
    return fail("access.index", entry_text(index.record.index), "an index, with a proof for each pseudonym");
  const subject::Stretch stretch{record->begin.value, record->end.value};
  const auto acts = index.subjects.empty() ? std::nullopt : index.subjects.front().acts;
  for (std::size_t i = 0; i < index.subjects.size(); ++i) {
    const auto& proof = index.subjects[i];
    if (proof.stretch != stretch)
      return fail("access.index", entry_text(index.record.index), "proofs for the stretch that the log names");
    if (auto good = subject::verify_subject(proof, given.pseudonyms[i], record->index); !good)
      return std::unexpected(good.error());
    for (const auto& one : proof.entries) listed[one.entry] = one.leaf_hash;
  }
  return ToldByIndex{stretch, acts};
}

// Without a gap up to the end of the newest index; one of version 1, or one with a gap of its own, begins anew.
subject::Stretch extended(const subject::Stretch& acts, const ToldByIndex& by) {
  if (!by.acts) return {};
  if (acts.end > acts.begin && *by.acts <= acts.end) return {std::min(acts.begin, *by.acts), by.stretch.end};
  return {*by.acts, by.stretch.end};
}

Result<Told> check_indexes(const Export& given, const checkpoint::Checkpoint& checkpoint) {
  Told told;
  bool first = true;
  for (const IndexProof& index : given.indexes) {
    const auto by = check_index(given, index, checkpoint, told.listed);
    if (!by) return std::unexpected(by.error());
    const auto& stretch = by->stretch;
    if (!first && (stretch.begin > told.covered.end || stretch.end < told.covered.end))
      return fail("access.index", "a gap before entry " + std::to_string(stretch.begin),
                  "stretches that follow one another");
    if (first) told.covered.begin = stretch.begin;
    told.covered.begin = std::min(told.covered.begin, stretch.begin);
    told.covered.end = stretch.end;
    told.acts = extended(told.acts, *by);
    first = false;
  }
  return told;
}

Status check_complete(const Export& given, const Checked& checked, const std::map<std::uint64_t, Hash>& listed) {
  std::map<std::uint64_t, Hash> there;
  for (std::size_t i = 0; i < checked.entries.size(); ++i) {
    const CheckedEntry& entry = checked.entries[i];
    if (leaf_names(entry, given.pseudonyms)) there[entry.index] = merkle::leaf_hash(given.entries[i].leaf);
    if (contains(entry.only_acted ? checked.acts : checked.covered, entry.index) && !listed.contains(entry.index))
      return fail("access.unlisted", entry_text(entry.index), "an entry that the indexes list");
  }
  for (const auto& [index, hash] : listed) {
    const auto found = there.find(index);
    if (found == there.end() || found->second != hash)
      return fail("access.incomplete", entry_text(index), "every entry that the indexes list");
  }
  return {};
}

}  // namespace

bool names(const event::Record& record, const pseudonym::Pseudonym& pseudonym) {
  const auto actors = event::actors_of(record);
  return std::ranges::find(actors, pseudonym) != actors.end();
}

Result<Checked> verify(const Export& given, const checkpoint::VerifierKey& key) {
  auto checkpoint = checkpoint::open_checkpoint(given.checkpoint, key);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  auto entries = check_entries(given, *checkpoint);
  if (!entries) return std::unexpected(entries.error());
  auto told = check_indexes(given, *checkpoint);
  if (!told) return std::unexpected(told.error());
  Checked checked{std::move(*checkpoint), std::move(*entries), told->covered, told->acts};
  if (auto complete = check_complete(given, checked, told->listed); !complete) return std::unexpected(complete.error());
  return checked;
}

}  // namespace audit::access
