// `feierabend-audit open-request` and `sign-request`: a request to open the pseudonyms of days, signed by one party and
// then by the other. Each is told in words what it signs.
#include "audit/opening/opening.h"
#include "audit/tool/command/commands.h"
#include "audit/tool/command/secret_files.h"

namespace audit::tool {
namespace {

using opening::Request;
using policy::base::fail;
using policy::base::Instant;

struct Asked {
  std::string tenant, from, to, purpose, key, file, out;
  std::uint32_t valid_days = 14;
};

std::string purposes() {
  std::string all;
  for (const auto& word : event::Vocabulary<event::OpeningPurpose>::kWords)
    if (word.number != static_cast<std::uint8_t>(event::OpeningPurpose::kNotStated))
      all += (all.empty() ? "" : ", ") + std::string(word.id);
  return all;
}

int written(const Context& context, const Asked& asked, const Request& request, const std::string& note) {
  if (auto put = write_new(asked.out, note, false); !put) return refuse(context, put.error());
  const std::string first = pseudonym::day_text(request.first), last = pseudonym::day_text(request.last);
  const auto purpose = event::word_of(request.purpose);
  const std::string until = policy::base::format_instant(request.until);
  answer(context,
         context.say(Word::kSignedRequest, request.tenant, first, last, request.days(),
                     purpose.in(context.manner.events()), until, asked.out),
         boost::json::object{{"tenant", request.tenant},
                             {"first", first},
                             {"last", last},
                             {"days", request.days()},
                             {"purpose", purpose.id},
                             {"until", until},
                             {"file", asked.out}});
  return kDone;
}

int open_request(const Context& context, const Asked& asked) {
  const auto first = pseudonym::parse_day(asked.from), last = pseudonym::parse_day(asked.to);
  if (!first || !last) return refuse(context, (first ? last : first).error());
  const auto purpose = event::from_id<event::OpeningPurpose>(asked.purpose);
  if (!purpose)
    return refuse(context,
                  fail("usage.purpose", "'" + policy::base::printable(asked.purpose) + "'", purposes()).error());
  const auto key = read_signing_key(asked.key);
  if (!key) return refuse(context, key.error());
  Request request{asked.tenant, *first, *last, *purpose, {}, context.world.random.array<16>()};
  request.until = Instant{context.world.clock.now().unix_s + std::int64_t{asked.valid_days} * 86400};
  const std::string text = opening::format_request(request);
  if (const auto read = opening::parse_request(text); !read) return refuse(context, read.error());
  return written(context, asked, request, policy::base::note::sign_note(text, *key));
}

int sign_request(const Context& context, const Asked& asked) {
  const auto note = read_input(asked.file);
  if (!note) return refuse(context, note.error());
  const auto key = read_signing_key(asked.key);
  if (!key) return refuse(context, key.error());
  const auto both = opening::add_signature(*note, *key);
  if (!both) return refuse(context, both.error());
  const auto parsed = policy::base::note::parse_note(*both);
  const auto request = opening::parse_request(parsed ? parsed->text : "");
  if (!request) return refuse(context, request.error());
  return written(context, asked, *request, *both);
}

}  // namespace

void add_open_request(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub = table.command("open-request", Word::kOpenRequest,
                                [asked](const Context& context) { return open_request(context, *asked); });
  table.option(sub, "--tenant", asked->tenant, Word::kTenant)->required();
  table.option(sub, "--from", asked->from, Word::kOpenFrom)->required();
  table.option(sub, "--to", asked->to, Word::kOpenTo)->required();
  table.option(sub, "--purpose", asked->purpose, Word::kOpenPurpose)->required();
  table.option(sub, "--valid-days", asked->valid_days, Word::kValidDays)->check(CLI::Range(1, 366));
  table.option(sub, "--signing-key", asked->key, Word::kOwnSigningKey)->required();
  table.option(sub, "--out", asked->out, Word::kRequestOut)->required();
}

void add_sign_request(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub = table.command("sign-request", Word::kSignRequest,
                                [asked](const Context& context) { return sign_request(context, *asked); });
  table.option(sub, "FILE", asked->file, Word::kRequestFile)->required();
  table.option(sub, "--signing-key", asked->key, Word::kOwnSigningKey)->required();
  table.option(sub, "--out", asked->out, Word::kRequestOut)->required();
}

}  // namespace audit::tool
