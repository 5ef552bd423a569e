// `feierabend-audit party-key`: the X25519 pair of data protection officer or staff council. The secret half goes into
// a new file, the public half is printed.
#include "audit/pseudonym/pseudonym.h"
#include "audit/tool/command/commands.h"

namespace audit::tool {
namespace {

int party_key(const Context& context, const std::string& file) {
  const auto pair = pseudonym::generate_pair(context.world.random);
  if (auto written = write_new(file, policy::base::to_hex(pair.secret_key) + "\n", true); !written)
    return refuse(context, written.error());
  const std::string shown = policy::base::to_hex(pair.public_key);
  answer(context, shown, boost::json::object{{"public_key", shown}, {"file", file}});
  return kDone;
}

}  // namespace

void add_party_key(Table& table) {
  auto file = std::make_shared<std::string>();
  CLI::App& sub =
      table.command("party-key", Word::kPartyKey, [file](const Context& context) { return party_key(context, *file); });
  table.option(sub, "--out", *file, Word::kPartyFile)->required();
}

}  // namespace audit::tool
