#include "audit/checkpoint/tlog_proof.h"

namespace audit::checkpoint {

using policy::base::fail;

namespace {

constexpr std::string_view kMagic = "c2sp.org/tlog-proof@v1";
constexpr std::size_t kProofSizeMax = 2 * kNoteSizeMax;

std::unexpected<policy::base::Error> bad_proof(std::string_view seen) {
  return fail("tlog-proof.syntax", std::string(seen),
              "'c2sp.org/tlog-proof@v1', [extra], index, hashes, an empty line, a checkpoint");
}

// Cuts one line off the front; none if the newline is missing.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return {};
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace

Result<TlogProof> parse_tlog_proof(std::string_view text) {
  if (text.size() > kProofSizeMax)
    return fail("tlog-proof.size", "a proof of " + std::to_string(text.size()) + " bytes",
                "at most " + std::to_string(kProofSizeMax));
  TlogProof proof;
  if (take_line(text) != kMagic) return bad_proof("another first line");
  auto line = take_line(text);
  if (line && line->starts_with("extra ")) {
    auto extra = policy::base::from_base64(line->substr(6));
    if (!extra) return bad_proof("extra data that is not base64");
    proof.extra = std::move(*extra);
    line = take_line(text);
  }
  if (!line || !line->starts_with("index ")) return bad_proof("no index line");
  auto index = parse_decimal(line->substr(6));
  if (!index) return bad_proof("an index that is not a number");
  proof.index = *index;
  for (line = take_line(text); line && !line->empty(); line = take_line(text)) {
    auto bytes = policy::base::from_base64(*line);
    if (!bytes || bytes->size() != merkle::kHashSize) return bad_proof("a hash that is not 32 bytes of base64");
    if (proof.hashes.size() == merkle::kProofHashesMax) return bad_proof("more than 64 hashes");
    proof.hashes.push_back(*merkle::to_hash(*bytes));
  }
  if (!line) return bad_proof("no empty line");
  proof.checkpoint = text;
  if (auto note = policy::base::note::parse_note(proof.checkpoint); !note) return std::unexpected(note.error());
  return proof;
}

std::string format_tlog_proof(const TlogProof& proof) {
  std::string text = std::string(kMagic) + "\n";
  if (proof.extra) text += "extra " + policy::base::to_base64(*proof.extra) + "\n";
  text += "index " + std::to_string(proof.index) + "\n";
  for (const merkle::Hash& hash : proof.hashes) text += policy::base::to_base64(hash) + "\n";
  return text + "\n" + proof.checkpoint;
}

Result<Checkpoint> verify_tlog_proof(const TlogProof& proof, policy::base::ByteView entry, const VerifierKey& key) {
  auto checkpoint = open_checkpoint(proof.checkpoint, key);
  if (!checkpoint) return checkpoint;
  const auto included =
      merkle::verify_inclusion(proof.index, checkpoint->size, merkle::leaf_hash(entry), proof.hashes, checkpoint->root);
  if (!included) return std::unexpected(included.error());
  return checkpoint;
}

}  // namespace audit::checkpoint
