// `feierabend-audit keygen`: the key that signs checkpoints. The secret half goes into a new file, the verifier key is
// printed.
#include "audit/tool/command/commands.h"
#include "policy/base/note/note.h"

namespace audit::tool {
namespace {

struct Asked {
  std::string name, file;
};

int keygen(const Context& context, const Asked& asked) {
  const auto key = policy::base::note::SigningKey::generate(asked.name, context.world.random);
  if (!key) return refuse(context, key.error());
  if (auto written = write_new(asked.file, key->text() + "\n", true); !written) return refuse(context, written.error());
  const std::string verifier = key->verifier().text();
  answer(context, verifier, boost::json::object{{"verifier", verifier}, {"file", asked.file}});
  return kDone;
}

}  // namespace

void add_keygen(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("keygen", Word::kKeygen, [asked](const Context& context) { return keygen(context, *asked); });
  table.option(sub, "NAME", asked->name, Word::kOrigin)->required();
  table.option(sub, "--out", asked->file, Word::kSecretFile)->required();
}

}  // namespace audit::tool
