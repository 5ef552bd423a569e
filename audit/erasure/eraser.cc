#include "audit/erasure/eraser.h"

#include <algorithm>
#include <map>

#include "audit/event/codec.h"
#include "audit/log/erasing.h"
#include "audit/log/layout.h"
#include "audit/log/tile_reader.h"
#include "audit/merkle/hash.h"
#include "audit/retention/deadline.h"
#include "policy/base/sha256.h"

namespace audit::erasure {
namespace {

using event::Deadline;
using event::ErasureReason;
using merkle::kTileWidth;
using policy::base::Bytes;
using policy::base::fail;

// None: the bundle was pruned, and with it all that could be erased.
Result<std::vector<Bytes>> leaves_of(const Place& place, std::uint64_t bundle) {
  auto stored = log::read_tile(place.objects, std::nullopt, bundle, place.published.size);
  if (!stored && stored.error().code == "log.tile-missing") return std::vector<Bytes>{};
  if (!stored) return std::unexpected(stored.error());
  auto leaves = merkle::parse_bundle(stored->bytes, stored->tile.width);
  if (!leaves) return leaves;
  leaves->resize(merkle::width_of(0, bundle, place.published.size));
  return leaves;
}

event::Digest digest_of(const std::vector<Bytes>& leaves, const Slots& slots) {
  Bytes hashes;
  for (std::size_t slot = 0; slot < leaves.size(); ++slot) {
    if (!slots[slot]) continue;
    const merkle::Hash hash = merkle::leaf_hash(leaves[slot]);
    hashes.insert(hashes.end(), hash.begin(), hash.end());
  }
  return {policy::base::sha256(hashes)};
}

bool reaches_beyond(const Slots& slots, std::size_t width) { return (slots >> width).any(); }

// Is the line about entries of this very tree?
Result<bool> is_here(const Place& place, const ErasedBundle& line) {
  if (line.bundle >= (place.published.size + kTileWidth - 1) / kTileWidth) return false;
  const auto leaves = leaves_of(place, line.bundle);
  if (!leaves) return std::unexpected(leaves.error());
  if (leaves->empty()) return true;
  return !reaches_beyond(line.slots, leaves->size()) && digest_of(*leaves, line.slots) == line.leaves;
}

Instant begin_of(std::uint32_t hour) { return {std::int64_t{hour} * 3600}; }

bool is_cut_off(const Place& place, const ErasedBundle& line) {
  return line.bundle == place.published.size / kTileWidth &&
         reaches_beyond(line.slots, merkle::width_of(0, line.bundle, place.published.size));
}

// What a tree that was restored has of the bundle in which its backup ended. The line's digest is over entries that are
// gone; so it counts by the hours of its run, because whatever was logged after the restore is of a later one.
Result<Slots> rest_of(const Place& place, const Run& run, const ErasedBundle& line) {
  const auto leaves = leaves_of(place, line.bundle);
  if (!leaves) return std::unexpected(leaves.error());
  Slots rest;
  for (std::size_t slot = 0; slot < leaves->size(); ++slot) {
    if (!line.slots[slot]) continue;
    const auto leaf = event::decode_leaf((*leaves)[slot]);
    if (!leaf) return std::unexpected(leaf.error());
    rest[slot] = begin_of(leaf->hour) >= run.begin && begin_of(leaf->hour) < run.end;
  }
  return rest;
}

// Is there a line about whole entries of this tree that is about others? Then the ledger is another tree's.
Result<bool> is_contradicted(const Place& place, const Ledger& ledger) {
  for (const Run& run : ledger.runs) {
    for (const ErasedBundle& line : run.bundles) {
      if (line.bundle >= place.published.size / kTileWidth) continue;
      const auto here = is_here(place, line);
      if (!here) return std::unexpected(here.error());
      if (!*here) return true;
    }
  }
  return false;
}

void add_indices(const ErasedBundle& line, std::vector<std::uint64_t>& out) {
  for (std::size_t slot = 0; slot < line.slots.size(); ++slot)
    if (line.slots[slot]) out.push_back(line.bundle * kTileWidth + slot);
}

// Counts the entry in, and widens the period to its hour.
void count_in(const event::Leaf& leaf, Run& run) {
  const Instant begin = begin_of(leaf.hour), end = begin_of(leaf.hour + 1);
  run.begin = run.records == 0 ? begin : std::min(run.begin, begin);
  run.end = run.records == 0 ? end : std::max(run.end, end);
  ++run.records;
}

std::uint64_t looked_at(const Ledger& ledger, const event::RuleId& rule) {
  std::uint64_t upto = 0;
  for (const Run& run : ledger.runs)
    if (run.reason == ErasureReason::kDeadline && run.rule == rule) upto = std::max(upto, run.upto);
  return upto;
}

}  // namespace

Result<Ledger> Eraser::ledger() const {
  const auto bytes = place_.objects.get(log::kErasuresPath);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return Ledger{place_.published.origin, {}};
  auto read = parse_ledger(policy::base::as_text(**bytes));
  if (!read) return read;
  if (read->origin != place_.published.origin)
    return fail("erasures.other-log", "the erasures of '" + policy::base::printable(read->origin, 255) + "'",
                place_.published.origin, "give the list of this log");
  return read;
}

Status Eraser::store(const Ledger& ledger) {
  const std::string text = format_ledger(ledger);
  return place_.put({std::string(log::kErasuresPath), Bytes(text.begin(), text.end())});
}

Result<std::optional<ErasedBundle>> Eraser::choose(std::uint64_t bundle, std::uint64_t from, const Wanted& wanted,
                                                   Run& run) {
  const auto leaves = leaves_of(place_, bundle);
  if (!leaves) return std::unexpected(leaves.error());
  std::vector<event::Leaf> read;
  ErasedBundle chosen{bundle, {}, {}};
  for (std::size_t slot = 0; slot < leaves->size(); ++slot) {
    auto leaf = event::decode_leaf((*leaves)[slot]);
    if (!leaf) return std::unexpected(leaf.error());
    const std::uint64_t index = bundle * kTileWidth + slot;
    chosen.slots[slot] = index >= from && index < run.upto && wanted(*leaf);
    read.push_back(std::move(*leaf));
  }
  if (chosen.slots.none()) return std::nullopt;
  const auto unerased = log::unerased_entries(place_.objects, bundle);
  if (!unerased) return std::unexpected(unerased.error());
  chosen.slots &= *unerased;
  for (std::size_t slot = 0; slot < read.size(); ++slot)
    if (chosen.slots[slot]) count_in(read[slot], run);
  if (chosen.slots.none()) return std::nullopt;
  chosen.leaves = digest_of(*leaves, chosen.slots);
  return chosen;
}

Result<Outcome> Eraser::erase_where(Run run, std::uint64_t from, const Wanted& wanted) {
  const std::uint64_t first = from / kTileWidth, end = (run.upto + kTileWidth - 1) / kTileWidth;
  for (std::uint64_t bundle = first; bundle < end; ++bundle) {
    auto chosen = choose(bundle, from, wanted, run);
    if (!chosen) return std::unexpected(chosen.error());
    if (*chosen) run.bundles.push_back(**chosen);
    tell(bundle - first + 1, end - first);
  }
  auto ledger = this->ledger();
  if (!ledger) return std::unexpected(ledger.error());
  return begin(std::move(*ledger), std::move(run));
}

Result<Outcome> Eraser::begin(Ledger ledger, Run run) {
  if (run.bundles.empty()) return Outcome{};
  std::size_t lines = run.bundles.size();
  for (const Run& earlier : ledger.runs) lines += earlier.bundles.size();
  if (lines > kBundlesMax)
    return fail("erasures.too-many", std::to_string(lines) + " bundles", "at most " + std::to_string(kBundlesMax));
  ledger.runs.push_back(std::move(run));
  if (auto stored = store(ledger); !stored) return std::unexpected(stored.error());
  if (auto done = carry_out(ledger); !done) return std::unexpected(done.error());
  return Outcome{ledger.runs.back().records, 0};
}

Status Eraser::carry_out(Ledger& ledger) {
  Run& run = ledger.runs.back();
  for (std::size_t at = 0; at < run.bundles.size(); at += kBundlesAtOnce) {
    std::vector<std::uint64_t> indices;
    const std::size_t end = std::min(at + kBundlesAtOnce, run.bundles.size());
    for (std::size_t i = at; i < end; ++i) add_indices(run.bundles[i], indices);
    if (auto erased = place_.erase(std::move(indices)); !erased) return erased;
    tell(end, run.bundles.size());
  }
  if (auto told = place_.record(receipt_of(run)); !told) return told;
  run.done = true;
  return store(ledger);
}

Result<Outcome> Eraser::finish() {
  auto ledger = this->ledger();
  if (!ledger) return std::unexpected(ledger.error());
  if (ledger->runs.empty() || ledger->runs.back().done) return Outcome{};
  // A restored tree may be shorter than the one in which the run began.
  for (const ErasedBundle& line : ledger->runs.back().bundles) {
    const auto here = is_here(place_, line);
    if (!here) return std::unexpected(here.error());
    if (!*here)
      return fail("erasures.other-log", "an erasure of entries that this tree does not have", "entries of this log",
                  "have the folder verified with feierabend-audit verify", std::string(log::kErasuresPath));
  }
  if (auto done = carry_out(*ledger); !done) return std::unexpected(done.error());
  return Outcome{ledger->runs.back().records, 0};
}

// Hours never go down from one entry to the next.
Result<std::uint64_t> Eraser::first_entry_of(std::uint32_t hour) const {
  std::uint64_t first = 0, count = place_.published.size;
  while (count > 0) {
    const std::uint64_t middle = first + count / 2;
    const auto leaves = leaves_of(place_, middle / kTileWidth);
    if (!leaves) return std::unexpected(leaves.error());
    const auto leaf =
        leaves->empty() ? Result<event::Leaf>(event::Leaf{}) : event::decode_leaf((*leaves)[middle % kTileWidth]);
    if (!leaf) return std::unexpected(leaf.error());
    if (leaves->empty() || leaf->hour < hour) {
      first = middle + 1;
      count -= count / 2 + 1;
    } else {
      count /= 2;
    }
  }
  return first;
}

Result<Outcome> Eraser::erase_due(Instant now) {
  auto all = finish();
  if (!all) return all;
  for (const auto& word : event::Vocabulary<Deadline>::kWords) {
    const auto deadline = static_cast<Deadline>(word.number);
    const auto rule = event::RuleId::from(word.id);
    const auto upto = first_entry_of(retention::first_kept_hour(deadline, now));
    const auto ledger = this->ledger();
    if (!rule || !upto || !ledger) return std::unexpected(!rule ? rule.error() : !upto ? upto.error() : ledger.error());
    const std::uint64_t from = looked_at(*ledger, *rule);
    if (from >= *upto) continue;
    auto outcome = erase_where({ErasureReason::kDeadline, *rule, {}, {}, 0, *upto, {}, false}, from,
                               [&](const event::Leaf& leaf) { return retention::deadline_of(leaf.type) == deadline; });
    if (!outcome) return outcome;
    all->records += outcome->records;
  }
  return all;
}

Result<Outcome> Eraser::erase_people(std::span<const event::Pseudonym> people, const event::RuleId& rule) {
  const auto finished = finish();
  if (!finished) return finished;
  std::vector<event::Pseudonym> sorted(people.begin(), people.end());
  std::ranges::sort(sorted);
  auto outcome = erase_where(
      {ErasureReason::kPerson, rule, {}, {}, 0, place_.published.size, {}, false}, 0, [&](const event::Leaf& leaf) {
        return leaf.subject.pseudonym && std::ranges::binary_search(sorted, *leaf.subject.pseudonym);
      });
  if (outcome) outcome->records += finished->records;
  return outcome;
}

Result<Outcome> Eraser::erase_period(Instant begin, Instant end, const event::RuleId& rule) {
  const auto finished = finish();
  if (!finished) return finished;
  auto outcome =
      erase_where({ErasureReason::kPeriod, rule, {}, {}, 0, place_.published.size, {}, false}, 0,
                  [&](const event::Leaf& leaf) { return begin_of(leaf.hour) >= begin && begin_of(leaf.hour) < end; });
  if (outcome) outcome->records += finished->records;
  return outcome;
}

// Of these entries of a bundle, those that are readable again; counted into `run`.
Status Eraser::take_back(std::uint64_t bundle, const Slots& erased, Slots& slots, Run& run) const {
  const auto unerased = log::unerased_entries(place_.objects, bundle);
  if (!unerased) return std::unexpected(unerased.error());
  const Slots back = erased & *unerased & ~slots;  // none in a bundle that was pruned
  if (back.none()) return {};
  const auto leaves = leaves_of(place_, bundle);
  if (!leaves) return std::unexpected(leaves.error());
  for (std::size_t slot = 0; slot < leaves->size(); ++slot) {
    if (!back[slot]) continue;
    const auto leaf = event::decode_leaf((*leaves)[slot]);
    if (!leaf) return std::unexpected(leaf.error());
    count_in(*leaf, run);
  }
  slots |= back;
  return {};
}

// False: the line is about entries that this tree does not have.
Result<bool> Eraser::returned(const Ledger& ledger, const Run& erased, const ErasedBundle& line, Slots& slots,
                              Run& run) const {
  Slots here = line.slots;
  if (is_cut_off(place_, line)) {
    const auto contradicted = is_contradicted(place_, ledger);
    const auto rest = rest_of(place_, erased, line);
    if (!contradicted || !rest) return std::unexpected(!contradicted ? contradicted.error() : rest.error());
    if (*contradicted) return false;
    here = *rest;
  } else if (const auto whole = is_here(place_, line); !whole || !*whole) {
    return whole;
  }
  if (auto taken = take_back(line.bundle, here, slots, run); !taken) return std::unexpected(taken.error());
  return true;
}

Result<Outcome> Eraser::reapply(std::span<const Ledger> copies) {
  auto all = finish();
  if (!all) return all;
  auto own = ledger();
  if (!own) return std::unexpected(own.error());
  Run run{ErasureReason::kRestored,
          event::RuleId::from("restored").value_or(event::RuleId{}),
          {},
          {},
          0,
          place_.published.size,
          {},
          false};
  std::map<std::uint64_t, Slots> back;
  std::vector<const Ledger*> ledgers{&*own};
  for (const Ledger& copy : copies) {
    if (copy.origin != own->origin)
      return fail("erasures.other-log", "the erasures of '" + policy::base::printable(copy.origin, 255) + "'",
                  own->origin, "give the list of this log");
    ledgers.push_back(&copy);
  }
  for (const Ledger* ledger : ledgers) {
    for (const Run& earlier : ledger->runs) {
      for (const ErasedBundle& line : earlier.bundles) {
        const auto here = returned(*ledger, earlier, line, back[line.bundle], run);
        if (!here) return std::unexpected(here.error());
        if (!*here) ++all->unmatched;
      }
    }
  }
  for (const auto& [bundle, slots] : back) {
    if (slots.none()) continue;
    const auto leaves = leaves_of(place_, bundle);
    if (!leaves) return std::unexpected(leaves.error());
    run.bundles.push_back({bundle, slots, digest_of(*leaves, slots)});
  }
  const auto outcome = begin(std::move(*own), std::move(run));
  if (!outcome) return outcome;
  all->records += outcome->records;
  return all;
}

}  // namespace audit::erasure
