// The index of pseudonyms in the logs of all years: what proves an access request complete (audit/subject/index.h).
#include <filesystem>

#include "audit/subject/stretch.h"
#include "gateway/app/log_ledger.h"

namespace gateway::app {

using policy::base::Status;

namespace {

Status append_index(const audit::log::Objects& objects, audit::log::Log& log) {
  const auto next = audit::subject::next_index(objects);
  if (!next) return std::unexpected(next.error());
  if (!*next) return {};
  const auto index = log.append(**next);
  return index ? Status{} : Status(std::unexpected(index.error()));
}

}  // namespace

Status LogLedger::index_subjects() {
  const auto running = current();
  if (!running) return std::unexpected(running.error());
  if (auto indexed = append_index(*(*running)->objects, *(*running)->log); !indexed) return indexed;
  // What was logged between the last index of a year and its end.
  const int before = (*running)->year - 1;
  if (!std::filesystem::exists(options_.folder + "/" + std::to_string(before) + ".key")) return {};
  const std::scoped_lock lock(past_years_);
  const auto ended = open_year(before);
  if (!ended) return std::unexpected(ended.error());
  const Status indexed = append_index(*(*ended)->objects, *(*ended)->log);
  (*ended)->log->close();
  return indexed;
}

}  // namespace gateway::app
