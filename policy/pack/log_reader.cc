// [[log]] and [log_access]: how long the metadata log keeps what, and for what it may be read.
#include <array>

#include "policy/pack/family_reader.h"

namespace policy::pack {
namespace {

constexpr std::array<std::string_view, 3> kPeriods{"three-months", "two-years", "end-of-following-year"};

}  // namespace

std::string_view name_of(LogPeriod period) { return kPeriods[static_cast<std::size_t>(period)]; }

void read_log(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[[log]]", sink);
  LogDraft log;
  log.rule.head = read_head(reader, draft);
  log.records = reader.texts("records", Need::kRequired);
  log.rule.keep = static_cast<LogPeriod>(reader.choice("keep", Need::kRequired, kPeriods).value_or(0));
  reader.done();
  draft.logs.push_back(std::move(log));
}

void read_log_access(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[log_access]", sink);
  LogAccessDraft access;
  access.at = table.at;
  access.smallest_cell = reader.integer("smallest_cell", Need::kOptional, 2, kCellMax);
  access.told_after = read_bounded(reader, "told_after", Need::kOptional, kToldAfterMax);
  access.purposes = reader.texts("purposes", Need::kOptional);
  access.cite = reader.text("cite", Need::kOptional).value_or("");
  reader.done();
  draft.log_access = std::move(access);
}

}  // namespace policy::pack
