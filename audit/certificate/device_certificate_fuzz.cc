// A certificate as a service hands it out: bytes are cut into its five parts, each behind its length (two bytes), and
// judged with a log's key whose secret half nobody has. So nothing passes but the one statement of the corpus.
#include <algorithm>
#include <cstdlib>
#include <span>

#include "audit/certificate/certificate.h"

namespace {

using policy::base::Bytes;
using policy::base::ByteView;

Bytes cut(ByteView& rest) {
  if (rest.size() < 2) return {};
  const std::size_t size = std::min<std::size_t>(rest[0] * 256U + rest[1], rest.size() - 2);
  Bytes out(rest.begin() + 2, rest.begin() + 2 + static_cast<std::ptrdiff_t>(size));
  rest = rest.subspan(2 + size);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace certificate = audit::certificate;
  static const auto key = audit::checkpoint::VerifierKey::parse(
      "authority.example/feierabend/2026+b23a3fab+ATE6BFn0tIx6Jgk9QF3i2CI5TpGqa0HOOxAXs0jQ9hps");
  ByteView rest(data, size);
  certificate::Certificate given;
  given.statement = cut(rest);
  given.leaf = cut(rest);
  const Bytes entry_key = cut(rest);
  std::copy_n(entry_key.begin(), std::min(entry_key.size(), given.key.size()), given.key.begin());
  given.ciphertext = cut(rest);
  const Bytes proof = cut(rest);
  given.proof = std::string(policy::base::as_text(proof));
  const auto statement = certificate::parse_statement(given.statement);
  if (statement && certificate::encode(*statement) != given.statement) std::abort();
  if (!key) std::abort();
  const auto checked = certificate::verify(given, std::span(&*key, 1));
  constexpr std::string_view kProven = "3b7710a0839453328b62d31bb32c9c606fddf195840bccbaab44db20e2d31980";
  if (checked && policy::base::to_hex(checked->digest.bytes) != kProven) std::abort();
  return 0;
}
