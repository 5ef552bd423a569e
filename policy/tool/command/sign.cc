// `feierabend-policy keygen` and `sign`: a party makes its key once, then signs bundles with it. A secret key stands in
// its file and nowhere else: never in an answer, never in an error.
#include <sodium.h>

#include <boost/json.hpp>
#include <ostream>

#include "policy/base/random.h"
#include "policy/bundle/agreed.h"
#include "policy/bundle/statement.h"
#include "policy/tool/command/bundle_file.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/output.h"
#include "policy/tool/command/report.h"
#include "policy/tool/command/write_file.h"

namespace policy::tool {
namespace {

namespace json = boost::json;
using base::note::SigningKey;

constexpr std::size_t kKeyBytesMax = 4096;

struct KeyAsked {
  std::string party, tenant, out;
};

int keygen(const Context& context, const KeyAsked& asked) {
  const auto name = bundle::key_name(asked.party, asked.tenant);
  if (!name) return usage(context, name.error());
  base::SystemRandom random;
  const auto key = SigningKey::generate(*name, random);
  if (!key) return usage(context, key.error());
  std::string secret = key->text() + "\n";
  const auto written = write_new(asked.out, secret, true);
  sodium_memzero(secret.data(), secret.size());
  if (!written) return report(context, written.error());
  const std::string verifier = key->verifier().text();
  if (context.question.json)
    context.streams.out << json::serialize(json::object{{"verifier", verifier}, {"file", asked.out}}) << '\n';
  else
    context.streams.out << verifier << '\n';
  return kDone;
}

Input<SigningKey> read_key(const std::string& path) {
  auto text = read_file(path, kKeyBytesMax);
  if (!text) return std::unexpected(text.error());
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  auto key = SigningKey::parse(*text);
  sodium_memzero(text->data(), text->size());
  if (key) return std::move(*key);
  key.error().where = base::printable(path, 300);
  return std::unexpected(Failure{{key.error()}, kDataError});
}

struct SignAsked {
  std::string bundle, key, digest;
};

// What was agreed on over another way, read out or printed: the file must be that one.
base::Status check_expected(const std::string& expected, const base::Sha256& digest) {
  if (base::to_hex(digest).starts_with(expected)) return {};
  return base::fail("bundle.statement", "a bundle with digest " + base::to_hex(digest), base::printable(expected),
                    "sign only what you agreed on");
}

int sign(const Context& context, const SignAsked& asked) {
  const auto file = read_bundle(asked.bundle);
  if (!file) return report(context, file.error());
  if (auto unsound = bundle::check_agreed(*file->rules); !unsound.empty())
    return report(context, {unsound, kDataError});
  if (auto expected = check_expected(asked.digest, file->digest); !expected)
    return report(context, {{expected.error()}, kDataError});
  const auto key = read_key(asked.key);
  if (!key) return report(context, key.error());
  const auto note = read_note(asked.bundle);
  if (!note) return report(context, note.error());
  auto added = bundle::add_signature(*note, file->bundle.terms, file->digest, *key);
  if (!added) return report(context, {{added.error()}, kDataError});
  if (!context.question.json) print_bundle(context, *file);  // before anything is written
  if (auto written = write_over(asked.bundle + ".note", *added); !written) return report(context, written.error());
  const std::string& name = key->verifier().name();
  if (context.question.json) {
    json::object all = json_of(*file);
    all["signed_by"] = name;
    all["note"] = asked.bundle + ".note";
    context.streams.out << json::serialize(all) << '\n';
  } else {
    context.streams.out << say(context.question.language, Word::kSigned, name, asked.bundle + ".note") << '\n';
  }
  return kDone;
}

}  // namespace

void add_keygen(Table& table) {
  auto asked = std::make_shared<KeyAsked>();
  CLI::App& sub =
      table.command("keygen", Word::kKeygen, [asked](const Context& context) { return keygen(context, *asked); });
  table.option(sub, "--party", asked->party, Word::kParty, "NAME")->required();
  table.option(sub, "--tenant", asked->tenant, Word::kTenant, "NAME")->required();
  table.option(sub, "--out", asked->out, Word::kKeyOut, "FILE")->required();
  table.add_json(sub);
}

void add_sign(Table& table) {
  auto asked = std::make_shared<SignAsked>();
  CLI::App& sub = table.command("sign", Word::kSign, [asked](const Context& context) { return sign(context, *asked); });
  sub.add_option("BUNDLE", asked->bundle, table.word(Word::kBundleFile))->required();
  table.option(sub, "--key", asked->key, Word::kKeyFile, "FILE")->required();
  table.option(sub, "--digest", asked->digest, Word::kExpectedDigest, "HEX");
  table.add_json(sub);
}

}  // namespace policy::tool
