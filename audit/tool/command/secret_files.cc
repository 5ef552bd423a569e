#include "audit/tool/command/secret_files.h"

#include <algorithm>

#include "audit/tool/command/output.h"

namespace audit::tool {

using policy::base::fail;
using policy::base::Result;
using policy::base::note::SigningKey;

namespace {

Result<std::string> read_line(const std::string& path) {
  auto text = read_input(path);
  while (text && text->ends_with('\n')) text->pop_back();
  return text;
}

}  // namespace

Result<SigningKey> read_signing_key(const std::string& path) {
  const auto text = read_line(path);
  if (!text) return std::unexpected(text.error());
  auto key = SigningKey::parse(*text);
  if (!key) key.error().where = path;
  return key;
}

Result<pseudonym::KeyPair> read_pair(const std::string& path) {
  const auto text = read_line(path);
  if (!text) return std::unexpected(text.error());
  const auto bytes = policy::base::from_hex(*text);
  pseudonym::KeyPair pair;
  if (!bytes || bytes->size() != pair.secret_key.size())
    return fail("epoch.share", "a file that is no secret half", "the file that party-key wrote", {}, path);
  std::ranges::copy(*bytes, pair.secret_key.begin());
  pair.public_key = pseudonym::public_key_of(pair.secret_key);
  return pair;
}

}  // namespace audit::tool
