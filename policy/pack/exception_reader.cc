// [[exception]] and [self_open]: what pierces closings.
#include <array>

#include "policy/pack/family_reader.h"

namespace policy::pack {
namespace {

constexpr std::array<std::string_view, 4> kWhens{"on-call", "window", "override", "self-open"};

void read_limit(TableReader& reader, ExceptionRule& rule) {
  const Value* limit = reader.table("limit", Need::kRequired);
  if (limit == nullptr) return;
  TableReader inside(*limit, "limit of " + reader.place(), reader.sink());
  rule.per_week =
      static_cast<std::uint32_t>(inside.integer("count", Need::kRequired, 1, kOverridesPerWeekMax).value_or(0));
  constexpr std::array<std::string_view, 1> kPer{"week"};
  inside.choice("per", Need::kRequired, kPer);
  inside.done();
}

base::Seconds read_opening(TableReader& reader, std::string_view key) {
  const auto found = read_bounded(reader, key, Need::kRequired, kOpeningMax);
  if (found && *found == base::Seconds{}) {
    reader.sink().add("pack.value", reader.at(), "key '" + std::string(key) + "' in " + reader.place() + " is 0s",
                      "longer than 0");
  }
  return found.value_or(base::Seconds{});
}

void read_override(TableReader& reader, ExceptionRule& rule) {
  rule.role = reader.text("role", Need::kRequired).value_or("");
  for (TextAt& reason : reader.texts("reasons", Need::kRequired)) rule.reasons.push_back(std::move(reason.text));
  rule.longest = read_opening(reader, "longest");
  read_limit(reader, rule);
}

}  // namespace

std::string_view name_of(ExceptionWhen when) { return kWhens[static_cast<std::size_t>(when)]; }

void read_exception(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[[exception]]", sink);
  ExceptionDraft exception;
  ExceptionRule& rule = exception.rule;
  rule.head = read_head(reader, draft);
  // An own opening is not an [[exception]].
  const auto when = reader.choice("when", Need::kRequired, std::span(kWhens).first(3));
  if (!when) return;  // without it no key can be judged
  rule.when = static_cast<ExceptionWhen>(*when);
  reader.rename(reader.place() + " when " + std::string(kWhens[*when]));
  if (rule.when == ExceptionWhen::kWindow) rule.window = read_window(reader);
  if (rule.when == ExceptionWhen::kOverride) read_override(reader, rule);
  exception.pierces = reader.texts("pierces", Need::kRequired);
  rule.classes = read_classes(reader, "classes", Need::kRequired);
  rule.applies = read_applies(reader);
  reader.done();
  draft.exceptions.push_back(std::move(exception));
}

void read_self_open(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[self_open]", sink);
  ExceptionDraft exception;
  ExceptionRule& rule = exception.rule;
  rule.when = ExceptionWhen::kSelfOpen;
  rule.head = read_head(reader, draft, draft.pack.id + ".self-open");
  rule.longest = read_opening(reader, "max");
  rule.classes = read_classes(reader, "classes", Need::kOptional);
  exception.pierces = reader.texts("pierces", Need::kOptional);
  exception.pierces_all = reader.find("pierces", Need::kOptional) == nullptr;
  rule.applies = read_applies(reader);
  reader.done();
  draft.exceptions.push_back(std::move(exception));
}

}  // namespace policy::pack
