// `feierabend-audit witness`: the family of its commands, `witness keygen`, and how a witness is opened.
#include <sys/stat.h>

#include <algorithm>

#include "audit/tool/command/commands.h"
#include "audit/tool/command/log_reader.h"
#include "audit/tool/command/witness_parts.h"

namespace audit::tool {

using policy::base::fail;
using policy::base::Result;
using policy::base::Status;

namespace {

struct Asked {
  std::string name, file;
};

int keygen(const Context& context, const Asked& asked) {
  const auto key = checkpoint::CosigningKey::generate(asked.name, context.world.random);
  if (!key) return refuse(context, key.error());
  if (auto written = write_new(asked.file, key->text() + "\n", true); !written) return refuse(context, written.error());
  const std::string verifier = key->verifier().text();
  answer(context, verifier, boost::json::object{{"verifier", verifier}, {"file", asked.file}});
  return kDone;
}

Result<checkpoint::CosigningKey> read_secret(const std::string& file) {
  auto text = read_input(file);
  if (!text) return std::unexpected(text.error());
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0 || (info.st_mode & 077) != 0)
    return fail("key.rights", "a key file that others can read", "rights 0600",
                "take the rights of others away: chmod 600", file);
  while (text->ends_with('\n')) text->pop_back();
  return checkpoint::CosigningKey::parse(*text);
}

}  // namespace

Status OpenWitness::add(const std::string& folder, const std::string& log) {
  auto key = read_required_key(log);
  if (!key) return std::unexpected(key.error());
  const auto known = std::ranges::find(origins_, key->name());
  const auto place = static_cast<std::size_t>(known - origins_.begin());
  if (known == origins_.end()) {
    const std::string own = folder + "/" + witness::origin_hash(key->name());
    auto objects = store::FolderObjects::open(own);
    if (!objects) return std::unexpected(objects.error());
    auto lock = store::FolderLock::open(own);
    if (!lock) return std::unexpected(lock.error());
    origins_.push_back(key->name());
    objects_.push_back(std::move(*objects));
    locks_.push_back(std::move(*lock));
  }
  witness_->add_log(std::move(*key), *locks_[place], *objects_[place]);
  return {};
}

Result<OpenWitness> OpenWitness::open(const WitnessFiles& files, const policy::base::Clock& clock) {
  auto key = read_secret(files.key);
  if (!key) return std::unexpected(key.error());
  OpenWitness out;
  out.witness_ = std::make_unique<witness::Witness>(std::move(*key), clock);
  for (const std::string& log : files.logs)
    if (auto added = out.add(files.folder, log); !added) return std::unexpected(added.error());
  return out;
}

void witness_options(Table& table, CLI::App& sub, WitnessFiles& files) {
  table.option(sub, "--key", files.key, Word::kWitnessKey)->required();
  table.option(sub, "--folder", files.folder, Word::kWitnessFolder)->required();
  table.option(sub, "--log", files.logs, Word::kWitnessLog)->required();
}

void add_witness(Table& table) {
  CLI::App& family = table.family("witness", Word::kWitness);
  auto asked = std::make_shared<Asked>();
  CLI::App& sub = table.command(family, "keygen", Word::kWitnessKeygen,
                                [asked](const Context& context) { return keygen(context, *asked); });
  table.option(sub, "NAME", asked->name, Word::kWitnessName)->required();
  table.option(sub, "--out", asked->file, Word::kWitnessSecretFile)->required();
  add_witness_serve(table, family);
  add_witness_sign(table, family);
  add_witness_request(table, family);
  add_witness_check(table, family);
}

}  // namespace audit::tool
