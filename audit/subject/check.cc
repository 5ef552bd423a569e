#include "audit/subject/check.h"

#include <algorithm>

namespace audit::subject {
namespace {

// Above it a stretch is read once more instead of being kept: 64 bytes a pseudonym.
constexpr std::size_t kKeptMax = 1'000'000;

class Checker {
 public:
  Checker(const log::Objects& objects, std::uint64_t size, std::uint64_t first)
      : objects_(objects), size_(size), first_(first), covered_(first) {}

  Status look_at(std::uint64_t entry, policy::base::ByteView bytes, const event::Leaf& leaf) {
    if (leaf.type == event::RecordType::kSubjectsIndexed) return check(entry, bytes);
    if (!keeps_all_) return {};
    kept_.see(entry, bytes, leaf);
    if (kept_.named.size() + kept_.hiding.size() > kKeptMax) kept_ = {}, keeps_all_ = false;
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
      wrong_.push_back({entry, Fault::kDigest});
      return {};
    }
    if (stretch.begin > covered_) wrong_.push_back({entry, Fault::kGap});
    if (stretch.begin >= first_)
      if (auto compared = compare(stretch, record.index, entry); !compared) return compared;
    cover(stretch.end, entry);
    return {};
  }

  Status compare(const Stretch& stretch, const Digest& digest, std::uint64_t entry) {
    const auto gathered = gathered_of(stretch);
    if (!gathered) return std::unexpected(gathered.error());
    const auto index = gathered->index_with(stretch, digest);
    if (!index) {
      wrong_.push_back({entry, Fault::kDigest});
      return {};
    }
    const auto acts = index->acts();
    if (names_actors_ && acts.value_or(stretch.end) > std::max(stretch.begin, covered_))
      wrong_.push_back({entry, Fault::kActs});
    names_actors_ = names_actors_ || acts;
    return {};
  }

  Result<Gathered> gathered_of(const Stretch& stretch) const {
    if (!keeps_all_ || stretch.begin != covered_) return gather(objects_, size_, stretch);
    const auto end =
        std::ranges::lower_bound(kept_.named, stretch.end, {}, [](const auto& one) { return one.listed.entry; });
    return Gathered{{kept_.named.begin(), end},
                    {kept_.hiding.begin(), std::ranges::lower_bound(kept_.hiding, stretch.end)}};
  }

  void cover(std::uint64_t end, std::uint64_t entry) {
    if (end <= covered_) return;
    std::erase_if(kept_.named, [&](const auto& one) { return one.listed.entry < end; });
    std::erase_if(kept_.hiding, [&](std::uint64_t one) { return one < end; });
    if (!keeps_all_ && end == entry) keeps_all_ = true;  // nothing between was passed over
    covered_ = end;
  }

  const log::Objects& objects_;
  const std::uint64_t size_, first_;
  std::uint64_t covered_;
  Gathered kept_;  // from covered_ on, if keeps_all_
  bool keeps_all_ = true;
  bool names_actors_ = false;  // an index before had them
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
