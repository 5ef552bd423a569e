// What an officer reports on a log: what was due for deletion and when it happened; how often the rules refused,
// pierced, wiped or held, never about fewer than five; and who read the log.
//
// A Collector takes the entries in the order of the log and keeps counts only. Counts are of the leaves: an erased
// entry counts with its type, its reason is gone. Pure; one thread.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "audit/event/codec.h"
#include "audit/report/cells.h"
#include "audit/report/units.h"

namespace audit::report {

using policy::base::Instant;

enum class Kind : std::uint8_t {
  kLoginsRefused,
  kDevicesRefused,
  kMessagesRefused,
  kOverridesGranted,
  kOverridesRefused,
  kDevicesWiped,
  kMessagesHeld,
  kAlarms,
};
constexpr std::size_t kKindCount = 8;
std::optional<Kind> kind_of(event::RecordType type);

// A bucket of messages: due at the end of its deadlines. Neither count is told below five, nor when the messages that
// were read in time would follow from both and are fewer than five. The entry itself is a receipt and has them exactly.
struct BucketLine {
  std::uint64_t entry = 0;
  Instant due, destroyed_at;
  std::optional<std::uint64_t> messages, expired_unread;  // none: too few
};

// Records of the log itself, by type and calendar month: due once all of them are (prune::end_of).
struct RecordLine {
  event::RecordType type{};
  pseudonym::Epoch month;
  Instant due;
  std::uint64_t erased = 0;
  std::uint64_t overdue = 0;  // still there although their deadline had passed
};

// An entry that says by itself what was erased or opened, and on whose word: told as it is.
struct Receipt {
  std::uint64_t entry = 0;
  event::Event event;
};
bool is_receipt(event::RecordType type);

struct KindLine {
  Kind kind{};
  Column reasons;               // ids of reasons; "" where the record was erased
  std::optional<Column> units;  // none: no list of units was given; "" is in no unit of the list
};

struct Report {
  std::vector<KindLine> kinds;                           // all, in their order
  std::vector<BucketLine> buckets;                       // in the order of the log
  std::vector<RecordLine> records;                       // of those that are due: by type, then month
  std::vector<Receipt> receipts;                         // in the order of the log
  std::map<event::ReadPurpose, std::uint64_t> readings;  // logged by the gateway
  std::uint64_t entries = 0;                             // within the period
};

class Collector {
 public:
  // `now` decides what is overdue. `units` outlives it; none: no list was given.
  Collector(policy::base::Interval period, Instant now, const Units* units)
      : period_(period), now_(now), units_(units) {}

  void add(std::uint64_t entry, const event::Leaf& leaf, const std::optional<event::Event>& event);
  Report finish() const;

 private:
  // People of one part: exact where the list of units tells them apart, else the most of one day.
  struct People {
    std::set<std::string> named;
    std::set<event::Pseudonym> today;
    std::uint32_t day = 0;
    std::uint64_t most = 0;
    void add(const event::Pseudonym& pseudonym, const std::string& person, std::uint32_t on_day);
    std::uint64_t at_least() const;
  };
  struct Part {
    std::uint64_t count = 0;
    People people;
  };
  using Parts = std::map<std::string, Part>;

  void count(Kind kind, const event::Leaf& leaf, const std::optional<event::Event>& event);
  void note_deadline(const event::Leaf& leaf, bool is_erased);
  static std::vector<Tally> tallies(const Parts& parts);

  const policy::base::Interval period_;
  const Instant now_;
  const Units* const units_;
  Report report_;
  std::array<Parts, kKindCount> reasons_, of_units_;
  std::map<std::pair<event::RecordType, pseudonym::Epoch>, RecordLine> lines_;
};

}  // namespace audit::report
