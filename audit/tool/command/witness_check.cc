// `feierabend-audit witness check`: has a quorum cosigned a checkpoint. Cosignatures that came by file join it here.
#include "audit/checkpoint/trust_policy.h"
#include "audit/tool/command/log_reader.h"
#include "audit/tool/command/witness_parts.h"

namespace audit::tool {
namespace {

namespace json = boost::json;
using checkpoint::TrustPolicy;
using checkpoint::Witnessed;
using policy::base::fail;
using policy::base::Result;

struct Asked {
  std::string checkpoint, policy, max_age, out;
  std::vector<std::string> logs, cosignatures;
};

Result<std::string> with_cosignatures(const Asked& asked) {
  auto note = read_input(asked.checkpoint);
  if (!note) return note;
  for (const std::string& file : asked.cosignatures) {
    auto lines = read_input(file);
    if (!lines) return lines;
    if (auto good = checkpoint::parse_signature_lines(*lines); !good) return std::unexpected(good.error());
    *note += *lines;
  }
  return note;
}

// The first fault stays.
Result<Witnessed> open(const Asked& asked, const TrustPolicy& policy, const std::string& note, const Context& context) {
  std::vector<checkpoint::VerifierKey> logs;
  for (const std::string& text : asked.logs) {
    auto key = read_required_key(text);
    if (!key) return std::unexpected(key.error());
    logs.push_back(std::move(*key));
  }
  const auto now = context.world.clock.now();
  auto opened = open_witnessed(note, policy, logs, now + checkpoint::kClocksApartMax);
  if (!opened || asked.max_age.empty()) return opened;
  const auto age = policy::base::parse_duration(asked.max_age);
  if (!age) return std::unexpected(age.error());
  if (opened->since + *age < now)
    return fail("quorum.old", "a quorum of " + format_instant(opened->since), "not older than " + format_duration(*age),
                "have the witnesses cosign the newest checkpoint");
  return opened;
}

void tell(const Context& context, const TrustPolicy& policy, const Witnessed& good) {
  json::array witnesses;
  const bool asked = good.since < policy::base::kEndOfTime;
  const std::string since = asked ? format_instant(good.since) : "";
  std::string text = asked ? context.say(Word::kQuorum, good.checkpoint.origin, good.checkpoint.size, since)
                           : context.say(Word::kQuorumOfNone, good.checkpoint.origin, good.checkpoint.size);
  for (std::size_t i = 0; i < good.times.size(); ++i) {
    const std::string name = policy::base::printable(policy.witnesses()[i].name);
    const std::string at = good.times[i] ? format_instant(*good.times[i]) : "";
    text += "\n" + (at.empty() ? context.say(Word::kNotCosigned, name) : context.say(Word::kCosignedAt, name, at));
    witnesses.push_back(json::object{{"witness", name}, {"cosigned", at}});
  }
  answer(context, text,
         json::object{{"good", true},
                      {"origin", good.checkpoint.origin},
                      {"size", good.checkpoint.size},
                      {"since", since},
                      {"witnesses", witnesses}});
}

int check(const Context& context, const Asked& asked) {
  const auto text = read_input(asked.policy);
  if (!text) return refuse(context, text.error());
  const auto policy = TrustPolicy::parse(asked.policy, *text);
  if (!policy) return refuse(context, policy.error());
  const auto note = with_cosignatures(asked);
  if (!note) return refuse(context, note.error());
  const auto opened = open(asked, *policy, *note, context);
  if (!opened) return refuse(context, opened.error());
  if (!asked.out.empty())
    if (auto written = write_new(asked.out, *note, false); !written) return refuse(context, written.error());
  tell(context, *policy, *opened);
  return kDone;
}

}  // namespace

void add_witness_check(Table& table, CLI::App& family) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub = table.command(family, "check", Word::kWitnessCheck,
                                [asked](const Context& context) { return check(context, *asked); });
  table.option(sub, "CHECKPOINT", asked->checkpoint, Word::kCheckpointFile)->required();
  table.option(sub, "--policy", asked->policy, Word::kPolicyFile)->required();
  table.option(sub, "--log", asked->logs, Word::kWitnessLog);
  table.option(sub, "--cosignature", asked->cosignatures, Word::kCosignatureFile);
  table.option(sub, "--max-age", asked->max_age, Word::kMaxAge);
  table.option(sub, "--out", asked->out, Word::kCheckpointOut);
}

}  // namespace audit::tool
