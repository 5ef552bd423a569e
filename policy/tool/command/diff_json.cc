#include "policy/tool/command/diff_json.h"

#include <boost/json.hpp>

#include "policy/tool/command/output.h"

namespace policy::tool {
namespace {

namespace json = boost::json;

json::object span_of(base::Interval span) {
  return {{"begin", base::format_instant(span.begin)}, {"end", base::format_instant(span.end)}};
}

json::array changes_of(const std::vector<diff::Change>& changes) {
  json::array out;
  for (const diff::Change& change : changes) {
    out.emplace_back(json::object{{"class", name_of(change.message_class)},
                                  {"begin", base::format_instant(change.span.begin)},
                                  {"end", base::format_instant(change.span.end)},
                                  {"before", name_of(change.before)},
                                  {"after", name_of(change.after)},
                                  {"rules_before", json_of(change.rules_before)},
                                  {"rules_after", json_of(change.rules_after)}});
  }
  return out;
}

json::array who_of(const std::vector<diff::Audience>& who) {
  json::array out;
  for (const diff::Audience& audience : who)
    out.emplace_back(json::object{{"in", json_of(audience.in)}, {"out", json_of(audience.out)}});
  return out;
}

json::value text_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

}  // namespace

json::object json_of(const diff::ByClass& directions) {
  json::object out;
  for (const model::MessageClass c : model::kMessageClasses)
    out[name_of(c)] = name_of(directions[static_cast<std::size_t>(c)]);
  return out;
}

json::object json_of(const diff::RosterDiff& found, base::Interval span) {
  json::array alike;
  for (const diff::Alike& one : found.alike)
    alike.emplace_back(json::object{{"people", json_of(one.people)}, {"changes", changes_of(one.changes)}});
  return {{"span", span_of(span)},
          {"looked_at", found.looked_at},
          {"not_listed", found.not_listed},
          {"alike", std::move(alike)}};
}

json::object json_of(const diff::RulesDiff& found, base::Interval span) {
  json::object verdicts;
  for (const model::MessageClass c : model::kMessageClasses)
    verdicts[name_of(c)] = name_of(found.verdicts[static_cast<std::size_t>(c)]);
  json::array tried, cases;
  for (const diff::Life life : found.lives) tried.emplace_back(name_of(life));
  for (const diff::Case& one : found.cases) {
    json::array lives;
    for (const diff::Scenario& life : one.lives) lives.emplace_back(name_of(life.life));
    cases.emplace_back(
        json::object{{"who", who_of(one.who)}, {"lives", std::move(lives)}, {"changes", changes_of(one.changes)}});
  }
  return {{"span", span_of(span)}, {"verdicts", std::move(verdicts)}, {"audiences", found.audiences},
          {"cut", found.cut},      {"tried", std::move(tried)},       {"cases", std::move(cases)}};
}

json::array json_of(const std::vector<diff::EntryChange>& changes) {
  json::array out;
  for (const diff::EntryChange& change : changes) {
    json::array facets;
    for (const diff::Facet& facet : change.facets) {
      facets.emplace_back(json::object{{"name", facet.name},
                                       {"before", text_or_null(facet.before)},
                                       {"after", text_or_null(facet.after)},
                                       {"protects", name_of(facet.direction)}});
    }
    json::object one{{"family", change.family}, {"id", change.id}, {"fate", name_of(change.fate)}};
    if (change.fate == diff::Fate::kRenamed) one["was"] = change.old_id;
    one["protects"] = name_of(change.direction);
    one["values"] = std::move(facets);
    out.emplace_back(std::move(one));
  }
  return out;
}

}  // namespace policy::tool
