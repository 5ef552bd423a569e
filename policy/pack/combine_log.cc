#include <functional>
#include <map>

#include "policy/pack/resolution.h"

namespace policy::pack {
namespace {

// Two deadlines for one type of record would leave open which one was agreed on.
void collect_logs(const Resolution& resolution) {
  std::map<std::string, std::string> first;
  for (std::size_t i = 0; i < resolution.drafts.size(); ++i) {
    for (LogDraft& draft : resolution.drafts[i].logs) {
      for (const TextAt& record : draft.records) {
        const auto [known, fresh] = first.emplace(record.text, draft.rule.head.id);
        if (!fresh) {
          resolution.sink(i).add("pack.duplicate-id", record.at, "record '" + base::printable(record.text) + "' again",
                                 "each type of record in one [[log]]", "it stands in '" + known->second + "'");
        }
        draft.rule.records.push_back(record.text);
      }
      draft.rule.head.pack = i;
      resolution.rules.logs.push_back(std::move(draft.rule));
    }
  }
  std::ranges::sort(resolution.rules.logs, {}, [](const LogRule& rule) { return rule.head.id; });
}

void combine_purposes(const Resolution& resolution) {
  std::vector<std::string>& out = resolution.rules.log_access.purposes;
  const PackDraft* last = nullptr;
  for (const PackDraft& draft : resolution.drafts) {
    if (!draft.log_access || draft.log_access->purposes.empty()) continue;
    const auto& named = draft.log_access->purposes;
    if (last == nullptr)
      for (const TextAt& purpose : named) out.push_back(purpose.text);
    else
      std::erase_if(out, [&](const auto& one) { return std::ranges::find(named, one, &TextAt::text) == named.end(); });
    last = &draft;
  }
  // An empty list would mean that every purpose is allowed.
  if (last == nullptr || !out.empty()) return;
  const auto pack = static_cast<std::size_t>(last - resolution.drafts.data());
  resolution.sink(pack).add("pack.value", last->log_access->purposes.front().at,
                            "purposes of [log_access] of which none is in all packs", "at least one common purpose");
}

}  // namespace

void combine_log(Resolution resolution) {
  collect_logs(resolution);
  combine_purposes(resolution);
  LogAccessRules& out = resolution.rules.log_access;
  std::vector<Said<std::uint32_t>> cells;
  std::vector<Said<base::Seconds>> delays;
  for (std::size_t i = 0; i < resolution.drafts.size(); ++i) {
    const auto& access = resolution.drafts[i].log_access;
    if (!access) continue;
    if (const auto cell = access->smallest_cell) cells.push_back({i, access->at, static_cast<std::uint32_t>(*cell)});
    if (const auto delay = access->told_after) delays.push_back({i, access->at, *delay});
    if (out.cite.empty()) out.cite = resolution.drafts[i].pack.id + "/log_access";
  }
  strictest(resolution, cells, "[log_access] smallest_cell", out.smallest_cell, std::greater<>{});
  strictest(resolution, delays, "[log_access] told_after", out.told_after, std::less<>{});
}

}  // namespace policy::pack
