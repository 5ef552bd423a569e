// `feierabend-audit erase`: erases records of a log that no gateway has open: what is due, a person's, a period's, or
// again what a restored backup has brought back. The first three are told in the log itself; the last one is for
// backups and copies too, where nothing may be appended. Its key is needed to open the log at all, so that no journal
// keeps a copy of what is erased.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "audit/erasure/eraser.h"
#include "audit/log/log.h"
#include "audit/pseudonym/day.h"
#include "audit/tool/command/commands.h"
#include "audit/tool/command/log_reader.h"
#include "audit/tool/command/progress.h"
#include "audit/tool/command/secret_files.h"

namespace audit::tool {
namespace {

using erasure::Eraser;
using erasure::Outcome;
using policy::base::fail;
using policy::base::Instant;
using policy::base::Result;
using policy::base::Status;

constexpr std::size_t kLedgerBytesMax = 64UL * 1024 * 1024;

struct Asked {
  std::string folder, key_file, people, from, to, ground = "gdpr-17";
  std::vector<std::string> ledgers;
  bool due = false, reapply = false;
};

Result<erasure::Ledger> read_ledger(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream in(path, std::ios::binary);
  if (error || !in) return fail("input.missing", "no such file", "a file that can be read", {}, path);
  if (size > kLedgerBytesMax) return fail("input.size", std::to_string(size) + " bytes", "at most 64 MiB", {}, path);
  auto ledger = erasure::parse_ledger(std::string((std::istreambuf_iterator<char>(in)), {}));
  if (!ledger) ledger.error().where = path + ", " + ledger.error().where;
  return ledger;
}

// One pseudonym a line, as `open` writes them; what stands behind it on the line is not read.
Result<std::vector<event::Pseudonym>> read_people(const std::string& path) {
  const auto text = read_input(path);
  if (!text) return std::unexpected(text.error());
  std::vector<event::Pseudonym> people;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text->size();) {
    ++number;
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const std::string line = text->substr(at, end - at);
    at = end + 1;
    if (line.empty()) continue;
    const auto pseudonym = event::Pseudonym::from_text(line.substr(0, line.find_first_of(" \t,;\r")));
    if (!pseudonym)
      return fail("input.pseudonym", "'" + policy::base::printable(line) + "'",
                  "a pseudonym at the beginning of a line", {}, path + ", line " + std::to_string(number));
    people.push_back(*pseudonym);
  }
  return people;
}

struct Held {
  std::unique_ptr<store::FolderLock> lock;
  std::unique_ptr<store::FolderObjects> objects;
};

Result<Held> hold(const std::string& folder) {
  if (!std::filesystem::exists(folder + "/checkpoint"))
    return fail("input.missing", "a folder without a checkpoint", "the folder of a log",
                "name the folder of one year, as audit/2026", folder);
  auto lock = store::FolderLock::open(folder);
  if (!lock) return std::unexpected(lock.error());
  auto objects = store::FolderObjects::open(folder);
  if (!objects) return std::unexpected(objects.error());
  return Held{std::move(*lock), std::move(*objects)};
}

int tell(const Context& context, const Result<Outcome>& outcome) {
  if (!outcome) return refuse(context, outcome.error());
  std::string text = context.say(Word::kErasedRecords, outcome->records);
  if (outcome->unmatched > 0) text += "\n" + context.say(Word::kUnmatchedLines, outcome->unmatched);
  answer(context, text, boost::json::object{{"records", outcome->records}, {"unmatched", outcome->unmatched}});
  return outcome->unmatched > 0 ? kDataError : kDone;
}

Result<std::vector<erasure::Ledger>> read_ledgers(const std::vector<std::string>& paths) {
  std::vector<erasure::Ledger> ledgers;
  for (const std::string& path : paths) {
    auto ledger = read_ledger(path);
    if (!ledger) return std::unexpected(ledger.error());
    ledgers.push_back(std::move(*ledger));
  }
  return ledgers;
}

Result<Outcome> erase_asked(const Asked& asked, Eraser& eraser, Instant now) {
  if (asked.due) return eraser.erase_due(now);
  if (asked.reapply) {
    const auto ledgers = read_ledgers(asked.ledgers);
    if (!ledgers) return std::unexpected(ledgers.error());
    return eraser.reapply(*ledgers);
  }
  const auto ground = event::RuleId::from(asked.ground);
  if (!ground) return std::unexpected(ground.error());
  if (!asked.people.empty()) {
    const auto people = read_people(asked.people);
    if (!people) return std::unexpected(people.error());
    return eraser.erase_people(*people, *ground);
  }
  const auto from = pseudonym::parse_day(asked.from), to = pseudonym::parse_day(asked.to);
  if (!from || !to) return std::unexpected((from ? to : from).error());
  return eraser.erase_period(pseudonym::begin_of(*from), pseudonym::begin_of({to->number + 1}), *ground);
}

int erase(const Context& context, const Asked& asked) {
  const int ways = int{asked.due} + int{asked.reapply} + int{!asked.people.empty()} + int{!asked.from.empty()};
  if (ways != 1 || asked.from.empty() != asked.to.empty())
    return refuse(context, fail("usage.erase", "not clear what to erase",
                                "one of --due, --people FILE, --from DAY with --to DAY, --reapply")
                               .error());
  auto key = read_signing_key(asked.key_file);
  if (!key) return refuse(context, key.error());
  auto held = hold(asked.folder);
  if (!held) return refuse(context, held.error());
  auto log = log::Log::open({*held->objects, *held->lock, context.world.clock, context.world.random}, std::move(*key));
  if (!log) return refuse(context, log.error());
  const auto reader = LogReader::open(asked.folder, {});
  if (!reader) return refuse(context, reader.error());
  ProgressLine progress(context, Word::kErasing);
  Eraser eraser({*held->objects, reader->checkpoint(),
                 [&](std::vector<std::uint64_t> indices) { return (*log)->erase_all(std::move(indices)); },
                 [&](log::Object object) { return (*log)->put(std::move(object)); },
                 [&](event::ErasureDone done) -> Status {
                   if (asked.reapply) return {};  // a backup is no log of its own: nothing may be appended to it
                   auto index = (*log)->append(std::move(done));
                   if (!index) return std::unexpected(index.error());
                   return {};
                 }},
                std::ref(progress));
  return tell(context, erase_asked(asked, eraser, context.world.clock.now()));
}

}  // namespace

void add_erase(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("erase", Word::kErase, [asked](const Context& context) { return erase(context, *asked); });
  table.folder(sub, asked->folder);
  table.flag(sub, "--due", asked->due, Word::kEraseDue);
  table.option(sub, "--people", asked->people, Word::kErasePeople);
  table.option(sub, "--from", asked->from, Word::kEraseFrom);
  table.option(sub, "--to", asked->to, Word::kEraseTo);
  table.option(sub, "--ground", asked->ground, Word::kEraseGround);
  table.option(sub, "--signing-key", asked->key_file, Word::kEraseKey)->required();
  table.flag(sub, "--reapply", asked->reapply, Word::kEraseReapply);
  table.option(sub, "--ledger", asked->ledgers, Word::kEraseLedger);
}

}  // namespace audit::tool
