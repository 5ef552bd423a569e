// `feierabend-audit witness sign` and `witness state`: a witness without a network, and what it has cosigned.
#include "audit/tool/command/witness_parts.h"
#include "audit/witness/add_checkpoint.h"

namespace audit::tool {
namespace {

namespace json = boost::json;

struct Asked {
  WitnessFiles files;
  std::string request, out;
};

checkpoint::Checkpoint checkpoint_of(std::string_view note) {
  const auto parsed = policy::base::note::parse_note(note);
  if (!parsed) return {};
  return checkpoint::parse_checkpoint(parsed->text).value_or(checkpoint::Checkpoint{});
}

int sign(const Context& context, const Asked& asked) {
  const auto request = read_input(asked.request);
  if (!request) return refuse(context, request.error());
  auto opened = OpenWitness::open(asked.files, context.world.clock);
  if (!opened) return refuse(context, opened.error());
  const auto reply = (*opened)->add_checkpoint(*request);
  if (reply.why) return refuse(context, *reply.why);
  // The record is on disk by now. If this file cannot be written, the same request is good once more from its size on.
  if (!asked.out.empty())
    if (auto written = write_new(asked.out, reply.body, false); !written) return refuse(context, written.error());
  const auto signed_now = checkpoint_of(witness::parse_add_checkpoint(*request)->note);
  const std::string text = asked.out.empty() ? reply.body.substr(0, reply.body.size() - 1)
                                             : context.say(Word::kCosigned, signed_now.origin, signed_now.size);
  answer(context, text,
         json::object{{"origin", signed_now.origin}, {"size", signed_now.size}, {"cosignature", reply.body}});
  return kDone;
}

// Where the time of the last cosignature stands.
std::string when(const std::string& note, const checkpoint::CosignerKey& key) {
  const auto parsed = policy::base::note::parse_note(note);
  const auto times = checkpoint::cosigned_by(*parsed, std::span(&key, 1));
  return policy::base::format_instant(times->front().value());
}

int tell_state(const Context& context, const WitnessFiles& files) {
  auto opened = OpenWitness::open(files, context.world.clock);
  if (!opened) return refuse(context, opened.error());
  json::array logs;
  std::string text;
  for (std::size_t i = 0; i < opened->origins().size(); ++i) {
    const std::string& origin = opened->origins()[i];
    const auto doubts = opened->objects(i).list(witness::kDoubtsPrefix);
    if (!doubts) return refuse(context, doubts.error());
    const auto latest = (*opened)->latest(witness::origin_hash(origin));
    if (latest.status == 500) return refuse(context, *latest.why);
    const bool none = latest.status != 200;
    const auto size = none ? 0 : checkpoint_of(latest.body).size;
    const std::string at = none ? "" : when(latest.body, (*opened)->verifier());
    text += (text.empty() ? "" : "\n") + (none ? context.say(Word::kWitnessKnowsNothing, origin)
                                               : context.say(Word::kWitnessKnows, origin, size, at));
    if (!doubts->empty())
      text += "\n" + context.say(Word::kWitnessDoubts, doubts->size(),
                                 files.folder + "/" + witness::origin_hash(origin) + "/doubts");
    logs.push_back(json::object{{"origin", origin}, {"size", size}, {"cosigned", at}, {"doubts", doubts->size()}});
  }
  answer(context, text, json::object{{"verifier", (*opened)->verifier().text()}, {"logs", logs}});
  return kDone;
}

}  // namespace

void add_witness_sign(Table& table, CLI::App& family) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub = table.command(family, "sign", Word::kWitnessSign,
                                [asked](const Context& context) { return sign(context, *asked); });
  witness_options(table, sub, asked->files);
  table.option(sub, "--request", asked->request, Word::kWitnessRequestFile)->required();
  table.option(sub, "--out", asked->out, Word::kCosignatureOut);
  auto files = std::make_shared<WitnessFiles>();
  witness_options(table,
                  table.command(family, "state", Word::kWitnessState,
                                [files](const Context& context) { return tell_state(context, *files); }),
                  *files);
}

}  // namespace audit::tool
