// `feierabend-audit input-key`: from a month's sealed key and the secret halves of both parties, the key under which
// that month's entries commit to facts, for feierabend-policy replay. The pseudonyms stay closed.
#include "audit/pseudonym/pseudonym.h"
#include "audit/tool/command/commands.h"
#include "audit/tool/command/secret_files.h"

namespace audit::tool {
namespace {

using policy::base::Result;

struct Asked {
  std::string sealed, officer, council, file;
};

Result<pseudonym::Share> read_share(const pseudonym::SealedEpoch& sealed, pseudonym::Party party,
                                    const std::string& path) {
  const auto pair = read_pair(path);
  if (!pair) return std::unexpected(pair.error());
  auto share = pseudonym::open_share(sealed, party, pair->public_key, pair->secret_key);
  if (!share) share.error().where = path;
  return share;
}

int input_key(const Context& context, const Asked& asked) {
  const auto text = read_input(asked.sealed);
  if (!text) return refuse(context, text.error());
  const auto sealed = pseudonym::parse_sealed(*text);
  if (!sealed) return refuse(context, sealed.error());
  const auto one = read_share(*sealed, pseudonym::Party::kDataProtectionOfficer, asked.officer);
  if (!one) return refuse(context, one.error());
  const auto other = read_share(*sealed, pseudonym::Party::kStaffCouncil, asked.council);
  if (!other) return refuse(context, other.error());
  const auto key = pseudonym::combine(*one, *other);
  if (!key) return refuse(context, key.error());
  if (auto written = write_new(asked.file, policy::base::to_hex(key->input_key()) + "\n", true); !written)
    return refuse(context, written.error());
  const std::string month = pseudonym::epoch_text(key->epoch());
  answer(context, context.say(Word::kInputKeyOf, month, asked.file),
         boost::json::object{{"month", month}, {"file", asked.file}});
  return kDone;
}

}  // namespace

void add_input_key(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub = table.command("input-key", Word::kInputKey,
                                [asked](const Context& context) { return input_key(context, *asked); });
  table.option(sub, "SEALED", asked->sealed, Word::kSealedFile)->required();
  table.option(sub, "--officer", asked->officer, Word::kOfficerSecret)->required();
  table.option(sub, "--council", asked->council, Word::kCouncilSecret)->required();
  table.option(sub, "--out", asked->file, Word::kInputKeyOut)->required();
}

}  // namespace audit::tool
