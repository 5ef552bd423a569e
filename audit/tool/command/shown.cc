#include "audit/tool/command/shown.h"

#include <fmt/format.h>

#include "audit/event/words.h"
#include "policy/base/words/german.h"

namespace audit::tool {
namespace {

namespace json = boost::json;

std::string state_text(const Context& context, const std::string& state) {
  if (state == "erased") return context.say(Word::kErased);
  if (state == "missing") return context.say(Word::kMissing);
  if (context.manner.language == Language::kEnglish) return state;
  return std::string(policy::base::words::lead_of(state)) + " [" + state + "]";
}

}  // namespace

policy::base::Instant hour_of(const event::Leaf& leaf) { return {static_cast<std::int64_t>(leaf.hour) * 3600}; }

Result<Shown> read_shown(LogReader& reader, std::uint64_t index) {
  auto stored = reader.entry(index);
  if (!stored) return std::unexpected(stored.error());
  auto leaf = event::decode_leaf(stored->leaf);
  if (!leaf) return std::unexpected(leaf.error());
  Shown shown{index, *leaf, {}, "missing", {}, {}};
  if (!stored->key) return shown;
  auto opened = event::unseal(stored->leaf, *stored->key, stored->ciphertext);
  if (opened) {
    shown.event = std::move(*opened);
    shown.state = "readable";
  } else {
    shown.state = opened.error().code == "event.erased" ? "erased" : opened.error().code;
  }
  return shown;
}

Result<bool> is_proven(LogReader& reader, std::uint64_t index) {
  auto stored = reader.entry(index);
  if (!stored) return std::unexpected(stored.error());
  auto proof = reader.proof(index);
  if (!proof) return std::unexpected(proof.error());
  return merkle::verify_inclusion(index, reader.size(), merkle::leaf_hash(stored->leaf), *proof,
                                  reader.checkpoint().root)
      .has_value();
}

json::object json_of(const Context& context, const Shown& shown) {
  json::object out{{"entry", shown.index},
                   {"type", event::declaration_of(shown.leaf.type).id},
                   {"hour", policy::base::format_instant(hour_of(shown.leaf))},
                   {"state", shown.state}};
  if (shown.proven) out["proven"] = *shown.proven;
  if (shown.leaf.subject.pseudonym) out["subject"] = shown.leaf.subject.pseudonym->text();
  json::array actors;
  for (const auto& actor : shown.leaf.actors) actors.emplace_back(actor.text());
  if (!actors.empty()) out["actors"] = std::move(actors);
  if (!shown.event) return out;
  out["at"] = policy::base::format_instant(shown.event->at);
  json::object fields;
  for (const auto& field : event::fields_in_words(shown.event->record, context.manner.events()))
    fields[field.name] = field.id;
  out["fields"] = std::move(fields);
  if (shown.rules_entry) out["rules_entry"] = *shown.rules_entry;
  return out;
}

std::string text_of(const Context& context, const Shown& shown) {
  const std::string_view what = event::declaration_of(shown.leaf.type).in(context.manner.events());
  std::string line = fmt::format("#{:<7} ", shown.index);
  if (shown.proven) line += context.say(*shown.proven ? Word::kProven : Word::kNotProven);
  if (!shown.event) {
    return line + fmt::format("{}  {}  ({})", policy::base::format_instant(hour_of(shown.leaf)), what,
                              state_text(context, shown.state));
  }
  line += fmt::format("{}  {}", policy::base::format_instant(shown.event->at), what);
  std::string_view separator = "  ";
  for (const auto& field : event::fields_in_words(shown.event->record, context.manner.events())) {
    line += fmt::format("{}{}: {}", separator, field.label, field.text);
    separator = "; ";
  }
  if (shown.rules_entry) line += context.say(Word::kRulesEntry, *shown.rules_entry);
  return line;
}

}  // namespace audit::tool
