// [[parameter]], [[set]], and terms that are written as "$id".
#include <array>

#include "policy/pack/family_reader.h"

namespace policy::pack {
namespace {

constexpr std::array<std::string_view, 4> kTerms{"minimum", "grace", "lead", "restart"};

}  // namespace

std::string_view name_of(Term term) { return kTerms[static_cast<std::size_t>(term)]; }

base::Seconds read_term(TableReader& reader, Term term, Need need, UseDrafts& uses) {
  const std::string_view key = name_of(term);
  const Value* value = reader.find(key, Need::kOptional);
  if (value != nullptr && value->kind == Value::Kind::kText && value->text.starts_with('$')) {
    uses.push_back({{}, term, {value->text.substr(1), value->at}});
    return {};
  }
  return read_bounded(reader, key, need, term == Term::kMinimum ? kRestMax : kGraceMax).value_or(base::Seconds{});
}

void read_parameter(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[[parameter]]", sink);
  Parameter parameter;
  parameter.head = read_head(reader, draft);
  parameter.least = read_bounded(reader, "least", Need::kOptional, kRestMax);
  parameter.most = read_bounded(reader, "most", Need::kOptional, kRestMax);
  reader.done();
  if (parameter.least && parameter.most && *parameter.most < *parameter.least)
    sink.add("pack.parameter", table.at, "least above most in " + reader.place(), "least ≤ most");
  if (!parameter.head.id.empty()) draft.parameters.push_back(std::move(parameter));
}

void read_set(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[[set]]", sink);
  const auto parameter = reader.text_at("parameter", Need::kRequired);
  if (parameter) reader.rename("[[set]] of '" + base::printable(parameter->text) + "'");
  const auto value = read_bounded(reader, "value", Need::kRequired, kRestMax);
  std::string cite = reader.text("cite", Need::kRequired).value_or("");
  reader.done();
  if (parameter && value) draft.sets.push_back({*parameter, *value, std::move(cite), table.at});
}

}  // namespace policy::pack
