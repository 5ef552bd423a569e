// `feierabend-policy facts` and `replay`: the facts about a person as the bytes that an entry of the log commits to,
// and a logged decision decided again.
#include "policy/replay/replay.h"

#include <boost/json.hpp>
#include <ostream>

#include "policy/model/canonical.h"
#include "policy/tool/command/bundle_file.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/one_person.h"
#include "policy/tool/command/output.h"
#include "policy/tool/command/report.h"

namespace policy::tool {
namespace {

namespace json = boost::json;

constexpr std::size_t kEntryBytesMax = 1024 * 1024;
constexpr std::string_view kHeldType = "message-held-by";

int facts(const Context& context, const std::string& person) {
  const auto known = read_person(context.question.files, person);
  if (!known) return report(context, known.error());
  const std::string text = model::canonical(*known);
  const std::string digest = base::to_hex(base::sha256(text));
  if (context.question.json)
    context.streams.out << json::serialize(json::object{{"facts", text}, {"digest", digest}}) << '\n';
  else
    context.streams.out << text;
  return kDone;
}

struct Asked {
  std::string entry, bundle, facts, input_key;
};

std::unexpected<Failure> bad_entry(const std::string& path, std::string seen) {
  return std::unexpected(Failure{{{"held.json", std::move(seen), "one entry of type message-held-by, as JSON",
                                   "take it from feierabend-audit show --json", base::printable(path, 300)}},
                                 kDataError});
}

// The entry itself, or the only one of its type in the list that `show` prints.
const json::object* held_entry(const json::value& all) {
  const auto is_held = [](const json::value& value) {
    const auto* object = value.if_object();
    const auto* type = object == nullptr ? nullptr : object->if_contains("type");
    return type != nullptr && type->is_string() && type->get_string() == kHeldType;
  };
  if (is_held(all)) return all.if_object();
  const auto* list = all.if_array();
  if (list == nullptr || std::ranges::count_if(*list, is_held) != 1) return nullptr;
  return std::ranges::find_if(*list, is_held)->if_object();
}

Input<replay::HeldEntry> read_entry_file(const std::string& path) {
  const auto text = read_file(path, kEntryBytesMax);
  if (!text) return std::unexpected(text.error());
  boost::system::error_code error;
  const json::value all = json::parse(*text, error);
  if (error) return bad_entry(path, "a file that is not JSON");
  const json::object* const entry = held_entry(all);
  if (entry == nullptr) return bad_entry(path, "no such entry, or several");
  const auto* const fields = entry->if_contains("fields");
  if (fields == nullptr || !fields->is_object()) return bad_entry(path, "an entry that was erased or not opened");
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& member : fields->get_object())
    if (member.value().is_string()) pairs.emplace_back(member.key(), member.value().get_string());
  auto read = replay::read_entry(pairs);
  if (!read) return std::unexpected(Failure{{read.error()}, kDataError});
  return std::move(*read);
}

// 64 hexadecimal digits.
Input<base::Sha256> read_input_key(const std::string& path) {
  auto text = read_file(path, kEntryBytesMax);
  if (!text) return std::unexpected(text.error());
  while (text->ends_with('\n')) text->pop_back();
  const auto bytes = base::from_hex(*text);
  base::Sha256 key{};
  if (!bytes || bytes->size() != key.size()) {
    return std::unexpected(Failure{{{"held.input-key", "a file that is no input key", "64 hexadecimal digits",
                                     "both parties open it together", base::printable(path, 300)}},
                                   kDataError});
  }
  std::ranges::copy(*bytes, key.begin());
  return key;
}

Input<model::PersonFacts> read_canonical(const std::string& path) {
  const auto text = read_file(path, model::kCanonicalBytesMax + 1);
  if (!text) return std::unexpected(text.error());
  auto facts = model::parse_canonical(base::printable(path, 300), *text);
  if (!facts) return std::unexpected(Failure{{facts.error()}, kDataError});
  return std::move(*facts);
}

struct Rules {
  std::shared_ptr<const pack::RuleSet> rules;
  bundle::Pins pins;
};

Input<Rules> read_replayed_rules(const Context& context, const Asked& asked) {
  if (asked.bundle.empty() == context.question.packs.empty()) {
    return std::unexpected(
        Failure{{{"call.syntax", "rules that are not given, or given twice", "--bundle FILE, or --pack FILE", {}, {}}},
                kUsage});
  }
  if (!asked.bundle.empty()) {
    const auto file = read_bundle(asked.bundle);
    if (!file) return std::unexpected(file.error());
    return Rules{file->rules, bundle::pins_of(*file->rules, file->digest)};
  }
  const auto rules = read_rules(context.question.packs);
  if (!rules) return std::unexpected(rules.error());
  return Rules{*rules, bundle::pins_of(**rules)};
}

std::string name_of(Language language, std::string_view part) {
  if (part == "bundle") return say(language, Word::kPartBundle);
  if (part == "tzdata") return say(language, Word::kPartZones);
  if (part == "holidays") return say(language, Word::kPartHolidays);
  if (part == "input") return say(language, Word::kPartFacts);
  return say(language, Word::kPartDecision);
}

int tell(const Context& context, const replay::Outcome& outcome) {
  const int exit_code = outcome.same() ? kDone : kDataError;
  if (context.question.json) {
    json::array differences;
    for (const auto& difference : outcome.differences)
      differences.emplace_back(
          json::object{{"part", difference.part}, {"logged", difference.logged}, {"here", difference.here}});
    const json::object all{{"same", outcome.same()},
                           {"differences", std::move(differences)},
                           {"logged", outcome.logged},
                           {"again", outcome.again}};
    context.streams.out << json::serialize(all) << '\n';
    return exit_code;
  }
  const Language language = context.question.language;
  for (const auto& difference : outcome.differences) {
    context.streams.out << say(language, Word::kReplayDiffers, name_of(language, difference.part)) << '\n'
                        << say(language, Word::kReplayLogged) << '\n'
                        << difference.logged << '\n'
                        << say(language, Word::kReplayHere) << '\n'
                        << difference.here << '\n';
  }
  if (outcome.same()) context.streams.out << outcome.again << say(language, Word::kReplaySame) << '\n';
  return exit_code;
}

int replay_entry(const Context& context, const Asked& asked) {
  const auto rules = read_replayed_rules(context, asked);
  if (!rules) return report(context, rules.error());
  const auto entry = read_entry_file(asked.entry);
  if (!entry) return report(context, entry.error());
  const auto known = read_canonical(asked.facts);
  if (!known) return report(context, known.error());
  const auto key = read_input_key(asked.input_key);
  if (!key) return report(context, key.error());
  return tell(context, replay::replay(*entry, *rules->rules, rules->pins, *known, *key));
}

}  // namespace

void add_facts(Table& table) {
  auto person = std::make_shared<std::string>();
  CLI::App& sub =
      table.command("facts", Word::kFacts, [person](const Context& context) { return facts(context, *person); });
  table.add_facts(sub);
  table.option(sub, "--person", *person, Word::kPerson, "ID")->required();
  table.add_json(sub);
}

void add_replay(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("replay", Word::kReplay, [asked](const Context& context) { return replay_entry(context, *asked); });
  table.option(sub, "--entry", asked->entry, Word::kReplayEntry, "FILE")->required();
  table.option(sub, "--bundle", asked->bundle, Word::kReplayBundle, "FILE");
  table.add_packs(sub)->required(false);
  table.option(sub, "--facts", asked->facts, Word::kReplayFacts, "FILE")->required();
  table.option(sub, "--input-key", asked->input_key, Word::kReplayKey, "FILE")->required();
  table.add_json(sub);
}

}  // namespace policy::tool
