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

bool is_about(const CheckedEntry& entry, const std::vector<pseudonym::Pseudonym>& pseudonyms) {
  return std::ranges::any_of(pseudonyms, [&](const auto& one) {
    return entry.leaf.subject.pseudonym == one || (entry.event && names(entry.event->record, one));
  });
}

bool leaf_names(const CheckedEntry& entry, const std::vector<pseudonym::Pseudonym>& pseudonyms) {
  return entry.leaf.subject.pseudonym &&
         std::ranges::find(pseudonyms, *entry.leaf.subject.pseudonym) != pseudonyms.end();
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
    entries.push_back(std::move(*checked));
  }
  return entries;
}

// The stretch that an index record commits to, with what its proofs list.
Result<subject::Stretch> check_index(const Export& given, const IndexProof& index,
                                     const checkpoint::Checkpoint& checkpoint, std::map<std::uint64_t, Hash>& listed) {
  auto checked = check_entry(index.record, checkpoint);
  if (!checked) return std::unexpected(checked.error());
  const auto* record = checked->event ? std::get_if<event::SubjectsIndexed>(&checked->event->record) : nullptr;
  if (record == nullptr || record->end.value > index.record.index || index.subjects.size() != given.pseudonyms.size())
    return fail("access.index", entry_text(index.record.index), "an index, with a proof for each pseudonym");
  const subject::Stretch stretch{record->begin.value, record->end.value};
  for (std::size_t i = 0; i < index.subjects.size(); ++i) {
    const auto& proof = index.subjects[i];
    if (proof.stretch != stretch)
      return fail("access.index", entry_text(index.record.index), "proofs for the stretch that the log names");
    if (auto good = subject::verify_subject(proof, given.pseudonyms[i], record->index); !good)
      return std::unexpected(good.error());
    for (const auto& one : proof.entries) listed[one.entry] = one.leaf_hash;
  }
  return stretch;
}

Result<subject::Stretch> check_indexes(const Export& given, const checkpoint::Checkpoint& checkpoint,
                                       std::map<std::uint64_t, Hash>& listed) {
  subject::Stretch covered;
  bool first = true;
  for (const IndexProof& index : given.indexes) {
    const auto stretch = check_index(given, index, checkpoint, listed);
    if (!stretch) return stretch;
    if (!first && (stretch->begin > covered.end || stretch->end < covered.end))
      return fail("access.index", "a gap before entry " + std::to_string(stretch->begin),
                  "stretches that follow one another");
    if (first) covered.begin = stretch->begin;
    covered.begin = std::min(covered.begin, stretch->begin);
    covered.end = stretch->end;
    first = false;
  }
  return covered;
}

Status check_complete(const Export& given, const Checked& checked, const std::map<std::uint64_t, Hash>& listed) {
  std::map<std::uint64_t, Hash> there;
  for (std::size_t i = 0; i < checked.entries.size(); ++i) {
    const CheckedEntry& entry = checked.entries[i];
    if (!leaf_names(entry, given.pseudonyms)) continue;
    there[entry.index] = merkle::leaf_hash(given.entries[i].leaf);
    const bool covered = entry.index >= checked.covered.begin && entry.index < checked.covered.end;
    if (covered && !listed.contains(entry.index))
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
  bool found = false;
  std::visit(
      [&](const auto& one) {
        event::visit_fields(one, [&](const event::FieldInfo&, const auto& value) {
          if constexpr (std::same_as<std::remove_cvref_t<decltype(value)>, event::Pseudonym>)
            found = found || value == pseudonym;
        });
      },
      record);
  return found;
}

Result<Checked> verify(const Export& given, const checkpoint::VerifierKey& key) {
  auto checkpoint = checkpoint::open_checkpoint(given.checkpoint, key);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  auto entries = check_entries(given, *checkpoint);
  if (!entries) return std::unexpected(entries.error());
  std::map<std::uint64_t, Hash> listed;
  const auto covered = check_indexes(given, *checkpoint, listed);
  if (!covered) return std::unexpected(covered.error());
  Checked checked{std::move(*checkpoint), std::move(*entries), *covered};
  if (auto complete = check_complete(given, checked, listed); !complete) return std::unexpected(complete.error());
  return checked;
}

}  // namespace audit::access
