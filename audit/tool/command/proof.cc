// `feierabend-audit proof` and `verify-proof`: one entry, proven without the log.
#include "audit/checkpoint/tlog_proof.h"
#include "audit/tool/command/commands.h"
#include "audit/tool/command/log_reader.h"

namespace audit::tool {
namespace {

namespace json = boost::json;

struct Asked {
  std::string folder;
  std::uint64_t entry = 0;
  std::string file;  // empty: the proof is printed
  std::string key;   // empty: the statement about pruned entries is not checked
};

int prove(const Context& context, const Asked& asked) {
  const auto key = read_key(asked.key);
  if (!key) return refuse(context, key.error());
  auto reader = LogReader::open(asked.folder, *key);
  if (!reader) return refuse(context, reader.error());
  auto stored = reader->entry(asked.entry);
  if (!stored) return refuse(context, stored.error());
  auto hashes = reader->proof(asked.entry);
  if (!hashes) return refuse(context, hashes.error());
  // The leaf travels as extra data, so that one file is enough; it is checked through the proof, never believed.
  const checkpoint::TlogProof proof{stored->leaf, asked.entry, std::move(*hashes), reader->note()};
  const std::string text = checkpoint::format_tlog_proof(proof);
  if (asked.file.empty()) {
    answer(context, std::string_view(text).substr(0, text.size() - 1),
           json::object{{"entry", asked.entry}, {"proof", text}});
    return kDone;
  }
  if (auto written = write_new(asked.file, text, false); !written) return refuse(context, written.error());
  answer(context, asked.file, json::object{{"entry", asked.entry}, {"file", asked.file}});
  return kDone;
}

struct AskedToVerify {
  std::string file, key;
  std::string entry;  // the file of the leaf, or empty if the proof carries it as its extra data
};

int tell_good(const Context& context, const checkpoint::Checkpoint& checkpoint, std::uint64_t index,
              policy::base::ByteView leaf_bytes) {
  const auto leaf = event::decode_leaf(leaf_bytes);
  if (!leaf) return refuse(context, leaf.error());
  const std::string hour = policy::base::format_instant({static_cast<std::int64_t>(leaf->hour) * 3600});
  const auto& declaration = event::declaration_of(leaf->type);
  answer(context,
         context.say(Word::kGoodProof, checkpoint.origin, index, declaration.in(context.manner.events()), hour,
                     checkpoint.size),
         json::object{{"good", true},
                      {"origin", checkpoint.origin},
                      {"size", checkpoint.size},
                      {"entry", index},
                      {"type", declaration.id},
                      {"hour", hour}});
  return kDone;
}

int verify_proof(const Context& context, const AskedToVerify& asked) {
  const auto key = read_required_key(asked.key);
  if (!key) return refuse(context, key.error());
  const auto text = read_input(asked.file);
  if (!text) return refuse(context, text.error());
  auto proof = checkpoint::parse_tlog_proof(*text);
  if (!proof) return refuse(context, proof.error());
  policy::base::Bytes leaf_bytes = proof->extra.value_or(policy::base::Bytes{});
  if (!asked.entry.empty()) {
    const auto content = read_input(asked.entry);
    if (!content) return refuse(context, content.error());
    leaf_bytes.assign(content->begin(), content->end());
  }
  const auto checkpoint = checkpoint::verify_tlog_proof(*proof, leaf_bytes, *key);
  if (!checkpoint) return refuse(context, checkpoint.error());
  return tell_good(context, *checkpoint, proof->index, leaf_bytes);
}

}  // namespace

void add_proof(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("proof", Word::kProof, [asked](const Context& context) { return prove(context, *asked); });
  table.folder(sub, asked->folder);
  table.option(sub, "ENTRY", asked->entry, Word::kEntry)->required();
  table.option(sub, "--out", asked->file, Word::kProofOut);
  table.key(sub, asked->key, Word::kProofKey);
}

void add_verify_proof(Table& table) {
  auto asked = std::make_shared<AskedToVerify>();
  CLI::App& sub = table.command("verify-proof", Word::kVerifyProof,
                                [asked](const Context& context) { return verify_proof(context, *asked); });
  table.option(sub, "FILE", asked->file, Word::kProofFile)->required();
  table.key(sub, asked->key, Word::kKey)->required();
  table.option(sub, "--entry", asked->entry, Word::kEntryFile);
}

}  // namespace audit::tool
