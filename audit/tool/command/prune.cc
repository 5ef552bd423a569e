// `feierabend-audit prune`: removes entries whose last deadline has passed.
#include "audit/prune/prune.h"

#include "audit/tool/command/commands.h"
#include "audit/tool/command/log_reader.h"
#include "policy/base/instant.h"

namespace audit::tool {
namespace {

using policy::base::fail;

struct Asked {
  std::string folder, key;
  std::optional<std::uint64_t> before;
  bool dry = false;
};

Result<checkpoint::SigningKey> read_signing_key(const std::string& file) {
  auto text = read_input(file);
  if (!text) return std::unexpected(text.error());
  while (text->ends_with('\n')) text->pop_back();
  return checkpoint::SigningKey::parse(*text);
}

int say_plan(const Context& context, const prune::Plan& plan, bool dry) {
  const std::uint64_t files = plan.records.size() + plan.tiles.size();
  const Word word = files == 0 && plan.next.minimum == plan.already ? Word::kNothingToPrune
                    : dry                                           ? Word::kWouldPrune
                                                                    : Word::kPruned;
  answer(context, context.say(word, plan.already, plan.next.minimum, files),
         boost::json::object{
             {"before", plan.already}, {"minimum", plan.next.minimum}, {"files", files}, {"carried_out", !dry}});
  return kDone;
}

int prune_log(const Context& context, const Asked& asked) {
  const auto key = read_signing_key(asked.key);
  if (!key) return refuse(context, key.error());
  auto to_read = store::FolderObjects::open_to_read(asked.folder);
  if (!to_read)
    return refuse(context,
                  fail("input.missing", to_read.error().seen, "the folder of a log", {}, asked.folder).error());
  const policy::base::Instant now = context.world.clock.now();
  if (asked.dry) {
    const auto plan = prune::plan(**to_read, key->verifier(), now, asked.before);
    return plan ? say_plan(context, *plan, true) : refuse(context, plan.error());
  }
  const auto lock = store::FolderLock::open(asked.folder);
  if (!lock) return refuse(context, lock.error());
  const auto objects = store::FolderObjects::open(asked.folder);
  if (!objects) return refuse(context, objects.error());
  const auto plan = prune::plan(**objects, key->verifier(), now, asked.before);
  if (!plan) return refuse(context, plan.error());
  if (auto done = prune::carry_out(**objects, *plan, *key); !done) return refuse(context, done.error());
  return say_plan(context, *plan, false);
}

}  // namespace

void add_prune(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("prune", Word::kPrune, [asked](const Context& context) { return prune_log(context, *asked); });
  table.folder(sub, asked->folder);
  table.option(sub, "--signing-key", asked->key, Word::kPruneKey)->required();
  table.option(sub, "--before", asked->before, Word::kPruneBefore);
  table.flag(sub, "--dry-run", asked->dry, Word::kPruneDry);
}

}  // namespace audit::tool
