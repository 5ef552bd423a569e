#include "policy/replay/replay.h"

#include <algorithm>
#include <optional>

#include "policy/base/bytes.h"
#include "policy/decide/decide.h"
#include "policy/model/canonical.h"

namespace policy::replay {
namespace {

using Fields = std::span<const std::pair<std::string, std::string>>;

bool recordable(std::string_view id) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  return !id.empty() && id.size() <= kRecordedRuleBytesMax && std::ranges::all_of(id, allowed);
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(", "), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return out;
}

// Takes the fields of an entry one by one; the first that is not there or not sound ends it.
class Reader {
 public:
  explicit Reader(Fields fields) : fields_(fields) {}

  std::string_view text(std::string_view name) {
    const auto found =
        std::ranges::find(fields_, name, [](const auto& field) { return std::string_view(field.first); });
    if (found != fields_.end()) return found->second;
    note({"held.missing", "an entry without '" + std::string(name) + "'", "an entry of type message-held-by",
          "take it from feierabend-audit show --json", std::string(name)});
    return {};
  }

  template <typename Parse>
  auto value(std::string_view name, Parse parse) {
    auto parsed = parse(text(name));
    if (!parsed)
      note({"held.value", "'" + base::printable(text(name)) + "' in an entry", "a value of this field",
            "take it from feierabend-audit show --json", std::string(name)});
    return parsed ? *parsed : typename decltype(parsed)::value_type{};
  }

  base::Sha256 digest(std::string_view name) {
    return value(name, [](std::string_view hex) -> std::optional<base::Sha256> {
      const auto bytes = base::from_hex(hex);
      base::Sha256 out{};
      if (!bytes || bytes->size() != out.size()) return std::nullopt;
      std::ranges::copy(*bytes, out.begin());
      return out;
    });
  }

  const std::optional<base::Error>& error() const { return error_; }

 private:
  void note(base::Error error) {
    if (!error_) error_ = std::move(error);
  }

  Fields fields_;
  std::optional<base::Error> error_;
};

}  // namespace

base::Result<HeldEntry> read_entry(Fields fields) {
  Reader reader(fields);
  HeldEntry entry;
  entry.message_class = reader.value("message_class", model::parse_message_class);
  entry.effect = reader.value("effect", model::parse_effect);
  entry.rules = split(reader.text("rules"));
  entry.until = reader.value("until", base::parse_instant);
  entry.decided_at = reader.value("decided_at", base::parse_instant);
  entry.pins = {reader.digest("bundle"), reader.digest("tzdata"), reader.digest("holidays")};
  entry.input = reader.digest("input");
  if (reader.error()) return std::unexpected(*reader.error());
  return entry;
}

base::Sha256 input_of(const model::PersonFacts& facts) { return base::sha256(model::canonical(facts)); }

base::Sha256 committed(const base::Sha256& input_key, const base::Sha256& input) {
  return base::hmac_sha256(input_key, input);
}

std::vector<std::string> recorded_rules(const model::Decision& decision) {
  std::vector<std::string> out;
  for (const auto& id : decision.rules) {
    if (out.size() == kRecordedRulesMax) break;
    out.push_back(recordable(id) ? id : "unknown");
  }
  return out;
}

HeldEntry entry_of(const model::Decision& decision, model::MessageClass message_class, base::Instant decided_at,
                   const bundle::Pins& pins, const base::Sha256& committed_input) {
  return {message_class, decision.effect, recorded_rules(decision), decision.until, decided_at, pins, committed_input};
}

std::string record_text(const HeldEntry& entry) {
  return "decided_at " + base::format_instant(entry.decided_at) + "\nmessage_class " +
         std::string(name_of(entry.message_class)) + "\neffect " + std::string(name_of(entry.effect)) + "\nrules " +
         joined(entry.rules) + "\nuntil " + base::format_instant(entry.until) + "\n";
}

Outcome replay(const HeldEntry& entry, const pack::RuleSet& rules, const bundle::Pins& pins,
               const model::PersonFacts& facts, const base::Sha256& input_key) {
  const auto decision = decide::decide(rules, facts, entry.message_class, entry.decided_at);
  const base::Sha256 input = committed(input_key, input_of(facts));
  const HeldEntry again = entry_of(decision, entry.message_class, entry.decided_at, pins, input);
  Outcome out{record_text(entry), record_text(again), {}};
  const auto compare = [&out](std::string_view part, const base::Sha256& logged, const base::Sha256& here) {
    if (logged != here) out.differences.push_back({part, base::to_hex(logged), base::to_hex(here)});
  };
  compare("bundle", entry.pins.rules, pins.rules);
  compare("tzdata", entry.pins.tzdata, pins.tzdata);
  compare("holidays", entry.pins.holidays, pins.holidays);
  compare("input", entry.input, input);
  if (out.logged != out.again) out.differences.push_back({"decision", out.logged, out.again});
  return out;
}

}  // namespace policy::replay
