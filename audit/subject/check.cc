#include "audit/subject/check.h"

#include <algorithm>

namespace audit::subject {
namespace {

// Above it a stretch is read once more instead of being kept: 56 bytes an entry.
constexpr std::size_t kKeptMax = 1'000'000;

class Checker {
 public:
  Checker(const log::Objects& objects, std::uint64_t size, std::uint64_t first)
      : objects_(objects), size_(size), first_(first), covered_(first) {}

  Status look_at(std::uint64_t entry, policy::base::ByteView bytes, const event::Leaf& leaf) {
    if (leaf.type == event::RecordType::kSubjectsIndexed) return check(entry, bytes);
    if (leaf.subject.pseudonym && keeps_all_) {
      named_.push_back({*leaf.subject.pseudonym, {entry, merkle::leaf_hash(bytes)}});
      if (named_.size() > kKeptMax) named_.clear(), keeps_all_ = false;
    }
    return {};
  }
  std::vector<WrongIndex> take_wrong() { return std::move(wrong_); }

 private:
  Status check(std::uint64_t entry, policy::base::ByteView bytes) {
    const auto side = read_side(objects_, entry);
    if (!side) return std::unexpected(side.error());
    if (!side->key) return {};
    const auto opened = event::unseal(bytes, *side->key, side->ciphertext);
    if (!opened) return std::unexpected(opened.error());
    const auto& record = std::get<event::SubjectsIndexed>(opened->record);
    const Stretch stretch{record.begin.value, record.end.value};
    if (stretch.begin > stretch.end || stretch.end > entry) {
      wrong_.push_back({entry, false});
      return {};
    }
    if (stretch.begin > covered_) wrong_.push_back({entry, true});
    const auto digest = stretch.begin < first_ ? record.index : digest_of(stretch);
    if (!digest) return std::unexpected(digest.error());
    if (*digest != record.index) wrong_.push_back({entry, false});
    cover(stretch.end, entry);
    return {};
  }

  Result<Digest> digest_of(const Stretch& stretch) const {
    if (keeps_all_ && stretch.begin == covered_) {
      const auto end =
          std::ranges::lower_bound(named_, stretch.end, {}, [](const auto& one) { return one.listed.entry; });
      return Index(stretch, {named_.begin(), end}).digest();
    }
    const auto index = read_index(objects_, size_, stretch);
    if (!index) return std::unexpected(index.error());
    return index->digest();
  }

  void cover(std::uint64_t end, std::uint64_t entry) {
    if (end <= covered_) return;
    std::erase_if(named_, [&](const auto& one) { return one.listed.entry < end; });
    if (!keeps_all_ && end == entry) keeps_all_ = true;  // nothing between was passed over
    covered_ = end;
  }

  const log::Objects& objects_;
  const std::uint64_t size_, first_;
  std::uint64_t covered_;
  std::vector<Index::Named> named_;  // from covered_ on, if keeps_all_
  bool keeps_all_ = true;
  std::vector<WrongIndex> wrong_;
};

}  // namespace

Result<std::vector<WrongIndex>> wrong_indexes(const log::Objects& objects, std::uint64_t size) {
  const auto first = first_kept(objects);
  if (!first) return std::unexpected(first.error());
  Checker checker(objects, size, *first);
  Status looked;
  const auto see = [&](std::uint64_t entry, policy::base::ByteView bytes, const event::Leaf& leaf) {
    looked = checker.look_at(entry, bytes, leaf);
    return looked.has_value();
  };
  if (auto walked = walk(objects, size, {*first, size}, see); !walked) return std::unexpected(walked.error());
  if (!looked) return std::unexpected(looked.error());
  return checker.take_wrong();
}

}  // namespace audit::subject
