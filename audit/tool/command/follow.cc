// `feierabend-audit follow`: tells new entries as they come. Each new checkpoint must be signed and continue the one
// before it, and each entry is proven; a log that does not is told with what was seen and what was expected, and the
// program ends.
#include <algorithm>
#include <ostream>

#include "audit/log/layout.h"
#include "audit/tool/command/commands.h"
#include "audit/tool/command/reading.h"
#include "audit/tool/command/rule_chain.h"

namespace audit::tool {
namespace {

using policy::base::fail;
using policy::base::Status;

struct Asked {
  std::string folder, key;
  std::string since;  // a file of a checkpoint seen earlier, or empty
  std::string keep;   // a file for the checkpoint that was seen last, or empty
  std::int64_t every_s = 2;
  std::uint64_t rounds = 0;  // 0: until it is stopped
  ReadingOptions reading;
};

// The checkpoint seen last, of which every later one must be the continuation.
struct Seen {
  checkpoint::Checkpoint checkpoint;
  std::string note;
};

Status check_continues(const checkpoint::Checkpoint& seen, LogReader& reader) {
  const auto& next = reader.checkpoint();
  if (next.size < seen.size)
    return fail("follow.shrunk", std::to_string(next.size) + " entries", "at least " + std::to_string(seen.size),
                "keep both checkpoints and call in the staff council: the log was set back");
  const auto refuse_fork = [&] {
    return fail("follow.forked", "another beginning of " + std::to_string(seen.size) + " entries",
                "the continuation of what was seen before",
                "keep both checkpoints and call in the staff council: two logs are shown to two eyes");
  };
  if (next.size == seen.size) {
    if (next.root != seen.root) return refuse_fork();
    return {};
  }
  if (seen.size == 0) return {};
  const auto proof = reader.consistency(seen.size);
  if (!proof) return std::unexpected(proof.error());
  if (!merkle::verify_consistency(seen.size, next.size, *proof, seen.root, next.root)) return refuse_fork();
  return {};
}

Result<Seen> first_seen(const Asked& asked, const checkpoint::VerifierKey& key, const LogReader& reader) {
  if (asked.since.empty()) return Seen{reader.checkpoint(), reader.note()};
  const auto note = read_input(asked.since);
  if (!note) return std::unexpected(note.error());
  auto opened = checkpoint::open_checkpoint(*note, key);
  if (!opened) return std::unexpected(opened.error());
  return Seen{std::move(*opened), *note};
}

Status tell_from(const Context& context, LogReader& reader, RuleChain& chain, std::uint64_t from) {
  for (std::uint64_t index = from; index < reader.size(); ++index) {
    const auto shown = read_whole(reader, chain, index, true);
    if (!shown) return std::unexpected(shown.error());
    if (!shown->proven.value_or(false))
      return fail("follow.unproven", "entry " + std::to_string(index), "an entry that the signed root proves");
    if (context.manner.json)
      context.streams.out << boost::json::serialize(json_of(context, *shown)) << '\n';
    else
      context.streams.out << text_of(context, *shown) << '\n';
  }
  context.streams.out << std::flush;
  return {};
}

// One look at the log: what is new is checked, then told, then it counts as seen.
Status look(const Context& context, const Asked& asked, const checkpoint::VerifierKey& key, Seen& seen) {
  auto reader = LogReader::open(asked.folder, key), chain_reader = LogReader::open(asked.folder, key);
  if (!reader || !chain_reader) return std::unexpected((reader ? chain_reader : reader).error());
  if (auto continues = check_continues(seen.checkpoint, *reader); !continues) return continues;
  RuleChain chain(*chain_reader);
  if (auto told = tell_from(context, *reader, chain, std::max(seen.checkpoint.size, reader->first())); !told)
    return told;
  seen = {reader->checkpoint(), reader->note()};
  return asked.keep.empty() ? Status{} : replace_file(asked.keep, seen.note);
}

int follow(const Context& context, const Asked& asked) {
  const auto key = read_required_key(asked.key);
  if (!key) return refuse(context, key.error());
  const auto reader = LogReader::open(asked.folder, *key);
  if (!reader) return refuse(context, reader.error());
  auto seen = first_seen(asked, *key, *reader);
  if (!seen) return refuse(context, seen.error());
  if (auto noted = note_reading(context, asked.reading, *reader, {event::ReadKind::kFollow}); !noted)
    return refuse(context, noted.error());
  for (std::uint64_t round = 0; asked.rounds == 0 || round < asked.rounds; ++round) {
    if (round > 0 && !context.world.wait({asked.every_s})) break;
    if (const auto looked = look(context, asked, *key, *seen); !looked) return refuse(context, looked.error());
  }
  return kDone;
}

}  // namespace

void add_follow(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("follow", Word::kFollow, [asked](const Context& context) { return follow(context, *asked); });
  table.folder(sub, asked->folder);
  table.key(sub, asked->key, Word::kKey)->required();
  table.option(sub, "--since", asked->since, Word::kFollowSince);
  table.option(sub, "--keep", asked->keep, Word::kKeep);
  table.option(sub, "--every", asked->every_s, Word::kEvery)->check(CLI::Range(1, 86400));
  table.option(sub, "--looks", asked->rounds, Word::kLooks);
  add_reading(table, sub, asked->reading);
}

}  // namespace audit::tool
