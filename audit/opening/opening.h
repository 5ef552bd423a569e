// How pseudonyms of past days are opened: by data protection officer and staff council together, for a purpose, for
// days that they name, and never without an entry in the log.
//
//   1 One party writes a request and signs it, the other one signs it, too (Ed25519 keys that the gateway was given).
//   2 Somebody puts it into the gateway's folder `openings`. Whoever that is needs no right: the signatures count.
//   3 The gateway judges it and logs pseudonyms-opened or opening-refused: who signed, what for, which days, which
//     request (by hash). Only once that is durable does it release its parts of these days, in an answer.
//   4 Both parties open their sealed shares of these days. Three parts of a day are its key (pseudonym/day_key.h).
//   5 The people are told after a set time (`told_after` of the rules): the gateway keeps the days of each opening and
//     shows them to everybody, because whoever has an entry of such a day may have been recognised, and because the
//     gateway itself cannot tell who has one.
//
// A request, the text of a signed note (policy/base/note):
//
//     feierabend-opening v1
//     <tenant: the name of the authority, as the gateway has it; the log's origin begins with it>
//     days <first> <last>
//     purpose <id of event::OpeningPurpose>
//     until <instant after which it is void>
//     nonce <32 hexadecimal digits>
//
// An answer:
//
//     feierabend-opening-answer v1
//     request <sha256 of the request's text>
//     entry <origin of the log> <number>
//     part <day> <64 hexadecimal digits>
//     …
//
// Pure; safe from any thread. Errors: opening.request, opening.answer, with the line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/event/record.h"
#include "audit/pseudonym/day_key.h"
#include "policy/base/note/note.h"

namespace audit::opening {

using policy::base::Instant;
using policy::base::Result;

constexpr std::uint32_t kDaysMax = 400;  // more than a year's entries
constexpr std::size_t kRequestBytesMax = 16 * 1024;

struct Request {
  std::string tenant;
  pseudonym::Day first, last;
  event::OpeningPurpose purpose = event::OpeningPurpose::kLawfulness;
  Instant until;
  std::array<std::uint8_t, 16> nonce{};
  bool operator==(const Request&) const = default;

  std::uint32_t days() const { return last.number - first.number + 1; }
};

std::string format_request(const Request& request);
Result<Request> parse_request(std::string_view text);
// Every signature of `note` and the one by `key`. Errors: those of parse_note and parse_request.
Result<std::string> add_signature(std::string_view note, const policy::base::note::SigningKey& key);

struct Signers {
  policy::base::note::VerifierKey officer, council;
};

struct Judged {
  event::OpeningParties parties = event::OpeningParties::kNobody;
  event::Digest digest;  // of the request's text; of all bytes if they are no note
  std::optional<Request> request;
  std::optional<event::OpeningRefusal> refusal;  // none: to be logged and answered
};
// kKeyGone is for the gateway to find out.
Judged judge(std::string_view note, const Signers& signers, std::string_view tenant, Instant now);
// What the log is told, by whether there is a refusal.
event::Record record_of(const Judged& judged);

struct Answer {
  event::Digest request;
  std::string origin;
  std::uint64_t entry = 0;
  std::vector<pseudonym::GatewayPart> parts;
  bool operator==(const Answer&) const = default;
};
std::string format_answer(const Answer& answer);  // secret to whoever has both shares
Result<Answer> parse_answer(std::string_view text);

}  // namespace audit::opening
