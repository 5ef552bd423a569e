#include "audit/tool/command/reading.h"

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "audit/log/log.h"
#include "audit/tool/command/announce.h"
#include "audit/tool/command/shown.h"

namespace audit::tool {
namespace {

using policy::base::fail;
using policy::base::Status;

std::string year_of(const std::string& origin) {
  const std::string last = origin.substr(origin.rfind('/') + 1);
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !last.empty() && std::ranges::all_of(last, plain) ? last : "log";
}

std::string origin_of_readings(const std::string& origin) { return origin + "/readings"; }

Status check_origin(const std::string& name, const std::string& origin, const std::string& path) {
  if (name == origin_of_readings(origin)) return {};
  return fail("reading.other-log", "the readings of '" + policy::base::printable(name) + "'",
              "those of '" + policy::base::printable(origin) + "'", "choose another folder for the readings", path);
}

Result<event::ReadPurpose> purpose_of(const std::string& text) {
  if (const auto purpose = event::from_id<event::ReadPurpose>(text)) return *purpose;
  std::string ids;
  for (const auto& word : event::Vocabulary<event::ReadPurpose>::kWords)
    ids += (ids.empty() ? "" : ", ") + std::string(word.id);
  return fail("usage.purpose", text.empty() ? "no purpose" : "'" + policy::base::printable(text) + "'", ids,
              "say with --purpose what the log is read for");
}

std::string without_newline(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

// The key of the readings, made at the first one.
Result<checkpoint::SigningKey> signing_key(const Context& context, const std::string& base, const std::string& origin) {
  std::error_code error;
  if (std::filesystem::exists(base + ".key", error)) {
    const auto text = read_input(base + ".key");
    if (!text) return std::unexpected(text.error());
    return checkpoint::SigningKey::parse(without_newline(*text));
  }
  auto key = checkpoint::SigningKey::generate(origin_of_readings(origin), context.world.random);
  if (!key) return key;
  if (auto written = write_new(base + ".key", key->text() + "\n", true); !written)
    return std::unexpected(written.error());
  return key;
}

struct Readings {
  std::unique_ptr<store::FolderObjects> objects;
  std::unique_ptr<store::FolderLock> lock;
  std::unique_ptr<log::Log> log;
};

Result<Readings> open_readings(const Context& context, const std::string& folder, const std::string& origin) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail("output.io", error.message(), "a folder for the readings", {}, folder);
  const std::string base = folder + "/" + year_of(origin);
  auto key = signing_key(context, base, origin);
  if (!key) return std::unexpected(key.error());
  if (auto own = check_origin(key->verifier().name(), origin, base); !own) return std::unexpected(own.error());
  if (!std::filesystem::exists(base + ".vkey", error))
    if (auto written = write_new(base + ".vkey", key->verifier().text() + "\n", false); !written)
      return std::unexpected(written.error());
  Readings readings;
  auto lock = store::FolderLock::open(base);
  if (!lock) return std::unexpected(lock.error());
  readings.lock = std::move(*lock);
  auto objects = store::FolderObjects::open(base);
  if (!objects) return std::unexpected(objects.error());
  readings.objects = std::move(*objects);
  auto log = log::Log::open({*readings.objects, *readings.lock, context.world.clock, context.world.random}, *key);
  if (!log) return std::unexpected(log.error());
  readings.log = std::move(*log);
  return readings;
}

}  // namespace

void add_reading(Table& table, CLI::App& sub, ReadingOptions& options) {
  table.option(sub, "--purpose", options.purpose, Word::kPurpose);
  table.option(sub, "--readings", options.folder, Word::kReadings)->envname("FEIERABEND_AUDIT_READINGS");
  table.option(sub, "--gateway", options.gateway, Word::kGateway)->envname("FEIERABEND_AUDIT_GATEWAY");
  table.option(sub, "--reader-key", options.key, Word::kReaderKey)->envname("FEIERABEND_AUDIT_READER_KEY");
}

Status note_reading(const Context& context, const ReadingOptions& options, const LogReader& reader,
                    const Reading& reading) {
  const auto purpose = purpose_of(options.purpose);
  if (!purpose) return std::unexpected(purpose.error());
  if (options.folder.empty())
    return fail("usage.readings", "no folder for the readings", "the folder in which each reading is noted",
                "give it with --readings, or in FEIERABEND_AUDIT_READINGS");
  if (!options.gateway.empty()) {
    if (auto entered = announce_reading(context, options.gateway, options.key, reader, *purpose); !entered)
      return entered;
  } else if (!context.manner.json) {
    context.streams.err << context.say(Word::kOwnLogOnly) << '\n';
  }
  const std::string& origin = reader.checkpoint().origin;
  auto readings = open_readings(context, options.folder, origin);
  if (!readings) return std::unexpected(readings.error());
  event::LogConsulted record{{},
                             *purpose,
                             reading.kind,
                             reading.period.begin,
                             reading.period.end,
                             {merkle::sha256(policy::base::as_bytes(origin))},
                             {reader.size()},
                             {reader.checkpoint().root}};
  std::vector<event::Subject> people;
  for (const auto& pseudonym : reading.people) people.push_back({pseudonym});
  if (people.empty()) people.emplace_back();
  for (const event::Subject& person : people) {
    record.person = person;
    if (const auto index = readings->log->append(record); !index) return std::unexpected(index.error());
  }
  return {};
}

Result<std::vector<NotedReading>> read_readings(const std::string& folder, const std::string& origin) {
  const std::string base = folder + "/" + year_of(origin);
  const auto key = read_required_key(base + ".vkey");
  if (!key) return std::unexpected(key.error());
  if (auto own = check_origin(key->name(), origin, base); !own) return std::unexpected(own.error());
  auto reader = LogReader::open(base, *key);
  if (!reader) return std::unexpected(reader.error());
  std::vector<NotedReading> noted;
  for (std::uint64_t index = 0; index < reader->size(); ++index) {
    auto shown = read_shown(*reader, index);
    if (!shown) return std::unexpected(shown.error());
    if (shown->event) noted.push_back({index, std::move(*shown->event)});
  }
  return noted;
}

}  // namespace audit::tool
