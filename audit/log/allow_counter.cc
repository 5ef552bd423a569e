#include "audit/log/allow_counter.h"

namespace audit::log {

using policy::base::Instant;

std::vector<event::Record> AllowCounter::advance(Instant now) {
  const Instant quarter{now.unix_s - now.unix_s % kCell.count};
  if (quarter == quarter_) return {};
  std::vector<event::Record> complete = take();
  quarter_ = quarter;
  return complete;
}

std::vector<event::Record> AllowCounter::count(event::MessageClass message_class, Instant now) {
  std::vector<event::Record> complete = advance(now);
  ++counts_.at(static_cast<std::size_t>(message_class) - 1);
  return complete;
}

std::vector<event::Record> AllowCounter::take() {
  std::vector<event::Record> records;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (const auto cell = event::CellCount::from(counts_[i]))
      records.emplace_back(event::AllowsCounted{quarter_, static_cast<event::MessageClass>(i + 1), *cell});
    counts_[i] = 0;
  }
  return records;
}

}  // namespace audit::log
