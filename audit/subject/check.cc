#include "audit/subject/check.h"

#include <algorithm>

namespace audit::subject {
namespace {

class Checker {
 public:
  Checker(const log::Objects& objects, std::uint64_t size, std::uint64_t first)
      : objects_(objects), size_(size), first_(first), covered_(first) {}

  Status look_at(std::uint64_t entry, policy::base::ByteView bytes, std::vector<WrongIndex>& wrong) {
    const auto side = read_side(objects_, entry);
    if (!side) return std::unexpected(side.error());
    if (!side->key) return {};
    const auto opened = event::unseal(bytes, *side->key, side->ciphertext);
    if (!opened) return std::unexpected(opened.error());
    const auto& record = std::get<event::SubjectsIndexed>(opened->record);
    const Stretch stretch{record.begin.value, record.end.value};
    if (stretch.begin > stretch.end || stretch.end > entry) {
      wrong.push_back({entry, false});
      return {};
    }
    if (stretch.begin > covered_) wrong.push_back({entry, true});
    covered_ = std::max(covered_, stretch.end);
    if (stretch.begin < first_) return {};
    const auto index = read_index(objects_, size_, stretch);
    if (!index) return std::unexpected(index.error());
    if (index->digest() != record.index) wrong.push_back({entry, false});
    return {};
  }

 private:
  const log::Objects& objects_;
  const std::uint64_t size_, first_;
  std::uint64_t covered_;
};

}  // namespace

Result<std::vector<WrongIndex>> wrong_indexes(const log::Objects& objects, std::uint64_t size) {
  const auto first = first_kept(objects);
  if (!first) return std::unexpected(first.error());
  Checker checker(objects, size, *first);
  std::vector<WrongIndex> wrong;
  Status looked;
  const auto see = [&](std::uint64_t entry, policy::base::ByteView bytes, const event::Leaf& leaf) {
    if (leaf.type == event::RecordType::kSubjectsIndexed) looked = checker.look_at(entry, bytes, wrong);
    return looked.has_value();
  };
  if (auto walked = walk(objects, size, {*first, size}, see); !walked) return std::unexpected(walked.error());
  if (!looked) return std::unexpected(looked.error());
  return wrong;
}

}  // namespace audit::subject
