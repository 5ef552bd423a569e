#include "audit/witness/add_checkpoint.h"

namespace audit::witness {

using policy::base::fail;

namespace {

std::unexpected<policy::base::Error> bad_request(std::string_view seen) {
  return fail("witness.request", std::string(seen),
              "'old SIZE', at most 63 base64 hashes, an empty line, a checkpoint; each on its line");
}

}  // namespace

Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
  constexpr std::string_view kOld = "old ";
  if (body.size() > kRequestSizeMax) return bad_request("a request that is too large");
  if (!body.starts_with(kOld)) return bad_request("a first line without 'old '");
  body.remove_prefix(kOld.size());
  std::size_t end = body.find('\n');
  if (end == std::string_view::npos) return bad_request("a request without its lines");
  const auto size = checkpoint::parse_decimal(body.substr(0, end));
  if (!size) return bad_request("an old size that is not a number");
  AddCheckpoint request{*size, {}, {}};
  for (body.remove_prefix(end + 1); (end = body.find('\n')) != 0; body.remove_prefix(end + 1)) {
    if (end == std::string_view::npos) return bad_request("no empty line");
    const auto bytes = policy::base::from_base64(body.substr(0, end));
    if (!bytes || bytes->size() != merkle::kHashSize) return bad_request("a hash that is not 32 bytes of base64");
    if (request.proof.size() == kProofLinesMax) return bad_request("more than 63 hashes");
    request.proof.push_back(*merkle::to_hash(*bytes));
  }
  request.note = body.substr(1);
  if (auto note = policy::base::note::parse_note(request.note); !note) return std::unexpected(note.error());
  return request;
}

std::string format_add_checkpoint(const AddCheckpoint& request) {
  std::string text = "old " + std::to_string(request.old_size) + "\n";
  for (const merkle::Hash& hash : request.proof) text += policy::base::to_base64(hash) + "\n";
  return text + "\n" + request.note;
}

}  // namespace audit::witness
