// `feierabend-audit open`: with the gateway's answer and the secret halves of both parties, whose pseudonyms stand in
// the log on the days of the opening. Names come from a list of people: a pseudonym is recognised, never decoded.
#include <algorithm>
#include <map>

#include "audit/opening/opening.h"
#include "audit/tool/command/commands.h"
#include "audit/tool/command/log_reader.h"
#include "audit/tool/command/secret_files.h"

namespace audit::tool {
namespace {

using policy::base::fail;
using policy::base::Status;
using pseudonym::Day;
using pseudonym::Party;

struct Asked {
  std::string folder, key, answer, days, officer, council, people, out;
};

struct Known {
  Day day;
  std::string person;
};
using Names = std::map<event::Pseudonym, Known>;

Result<pseudonym::DayKey> key_of(const pseudonym::GatewayPart& part, const std::string& folder,
                                 const pseudonym::KeyPair& officer, const pseudonym::KeyPair& council) {
  const std::string path = folder + "/" + pseudonym::day_text(part.day) + ".sealed";
  const auto text = read_input(path);
  if (!text) return std::unexpected(text.error());
  const auto sealed = pseudonym::parse_sealed_day(*text);
  if (!sealed) return std::unexpected(sealed.error());
  const auto one = open_share(*sealed, Party::kDataProtectionOfficer, officer.public_key, officer.secret_key);
  if (!one) return std::unexpected(one.error());
  const auto two = open_share(*sealed, Party::kStaffCouncil, council.public_key, council.secret_key);
  if (!two) return std::unexpected(two.error());
  return combine(*one, *two, part);
}

// Every person's pseudonym of every day in the answer. One id a line.
Result<Names> names_of(const opening::Answer& answer, const Asked& asked) {
  const auto officer = read_pair(asked.officer), council = read_pair(asked.council);
  if (!officer || !council) return std::unexpected((officer ? council : officer).error());
  const auto people = read_input(asked.people);
  if (!people) return std::unexpected(people.error());
  Names names;
  for (const auto& part : answer.parts) {
    const auto key = key_of(part, asked.days, *officer, *council);
    if (!key) return std::unexpected(key.error());
    for (std::size_t at = 0; at < people->size();) {
      const std::size_t end = std::min(people->find('\n', at), people->size());
      std::string person = people->substr(at, end - at);
      if (person.ends_with('\r')) person.pop_back();
      at = end + 1;
      if (!person.empty()) names.emplace(key->of(person), Known{part.day, person});
    }
  }
  return names;
}

// The entry of which the answer speaks: a gateway that released without logging is found out here.
Status check_logged(LogReader& reader, const opening::Answer& answer) {
  const auto wrong = [&](std::string_view seen) {
    return fail("opening.not-logged", std::string(seen), "pseudonyms-opened with the hash of this request",
                "ask the gateway's administrator why", "entry " + std::to_string(answer.entry));
  };
  const auto stored = reader.entry(answer.entry);
  if (!stored) return wrong("an entry that the log does not have");
  const auto proof = reader.proof(answer.entry);
  const auto leaf_hash = merkle::leaf_hash(stored->leaf);
  if (!proof || !merkle::verify_inclusion(answer.entry, reader.size(), leaf_hash, *proof, reader.checkpoint().root))
    return wrong("an entry that is not proven");
  if (!stored->key) return wrong("an entry whose record is gone");
  const auto opened = event::unseal(stored->leaf, *stored->key, stored->ciphertext);
  if (!opened) return std::unexpected(opened.error());
  const auto* record = std::get_if<event::PseudonymsOpened>(&opened->record);
  if (record == nullptr || record->request != answer.request) return wrong("another record");
  const bool inside = std::ranges::all_of(answer.parts, [&](const auto& part) {
    return pseudonym::begin_of(part.day) >= record->begin && pseudonym::begin_of(part.day) < record->end;
  });
  return inside ? Status{} : wrong("days that were not logged");
}

struct Found {
  std::map<event::Pseudonym, std::uint64_t> entries;  // of known pseudonyms
  std::uint64_t unknown = 0;                          // entries of these days about nobody on the list
};

Result<Found> find(LogReader& reader, const opening::Answer& answer, const Names& names) {
  Found found;
  for (std::uint64_t index = 0; index < reader.size(); ++index) {
    const auto stored = reader.entry(index);
    if (!stored) return std::unexpected(stored.error());
    const auto leaf = event::decode_leaf(stored->leaf);
    if (!leaf) return std::unexpected(leaf.error());
    const Day day = pseudonym::day_of({std::int64_t{leaf->hour} * 3600});
    const bool opened = std::ranges::find(answer.parts, day, &pseudonym::GatewayPart::day) != answer.parts.end();
    event::visit_people(*leaf, [&](const event::Pseudonym& who, event::Role) {
      if (names.contains(who))
        ++found.entries[who];
      else if (opened)
        ++found.unknown;
    });
  }
  return found;
}

int told(const Context& context, const Asked& asked, const Names& names, const Found& found) {
  std::map<std::pair<Day, std::string>, event::Pseudonym> ordered;
  for (const auto& [pseudonym, count] : found.entries)
    ordered[{names.at(pseudonym).day, names.at(pseudonym).person}] = pseudonym;
  std::string lines;
  boost::json::array all;
  for (const auto& [who, pseudonym] : ordered) {
    const std::string day = pseudonym::day_text(who.first), person = policy::base::printable(who.second);
    lines += pseudonym.text() + " " + day + " " + person + "\n";
    all.push_back(boost::json::object{
        {"pseudonym", pseudonym.text()}, {"day", day}, {"person", person}, {"entries", found.entries.at(pseudonym)}});
  }
  if (!asked.out.empty()) {
    if (auto put = write_new(asked.out, lines, true); !put) return refuse(context, put.error());
    lines.clear();
  }
  answer(context, lines + context.say(Word::kOpened, ordered.size(), found.unknown),
         boost::json::object{{"pseudonyms", std::move(all)}, {"unknown_entries", found.unknown}});
  return kDone;
}

int open(const Context& context, const Asked& asked) {
  const auto key = read_required_key(asked.key);
  if (!key) return refuse(context, key.error());
  const auto text = read_input(asked.answer);
  if (!text) return refuse(context, text.error());
  const auto answer = opening::parse_answer(*text);
  if (!answer) return refuse(context, answer.error());
  auto reader = LogReader::open(asked.folder, *key);
  if (!reader) return refuse(context, reader.error());
  // An opening in January of days in December stands in the next year's log.
  if (reader->checkpoint().origin == answer->origin) {
    if (auto logged = check_logged(*reader, *answer); !logged) return refuse(context, logged.error());
  } else {
    context.streams.err << context.say(Word::kLoggedElsewhere, answer->origin, answer->entry) << '\n';
  }
  const auto names = names_of(*answer, asked);
  if (!names) return refuse(context, names.error());
  const auto found = find(*reader, *answer, *names);
  if (!found) return refuse(context, found.error());
  return told(context, asked, *names, *found);
}

}  // namespace

void add_open(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub = table.command("open", Word::kOpen, [asked](const Context& context) { return open(context, *asked); });
  table.folder(sub, asked->folder);
  table.key(sub, asked->key, Word::kKey)->required();
  table.option(sub, "--answer", asked->answer, Word::kAnswerFile)->required();
  table.option(sub, "--days", asked->days, Word::kDaysFolder)->required();
  table.option(sub, "--officer", asked->officer, Word::kOfficerSecret)->required();
  table.option(sub, "--council", asked->council, Word::kCouncilSecret)->required();
  table.option(sub, "--people", asked->people, Word::kPeopleFile)->required();
  table.option(sub, "--out", asked->out, Word::kOpenOut);
}

}  // namespace audit::tool
