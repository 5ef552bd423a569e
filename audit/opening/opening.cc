#include "audit/opening/opening.h"

#include <algorithm>
#include <charconv>

#include "policy/base/sha256.h"

namespace audit::opening {
namespace {

using event::OpeningParties;
using event::OpeningPurpose;
using event::OpeningRefusal;
using policy::base::fail;
using policy::base::to_hex;
using policy::base::note::Note;
using policy::base::note::VerifierKey;

constexpr std::string_view kRequestLine = "feierabend-opening v1";
constexpr std::string_view kAnswerLine = "feierabend-opening-answer v1";
constexpr std::size_t kTenantSizeMax = 200;

// Lines of a text that ends in a newline, one after the other.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool more() const { return !rest_.empty(); }
  std::size_t number() const { return number_; }
  std::string_view next() {
    ++number_;
    const std::size_t end = rest_.find('\n');
    const std::string_view line = end == std::string_view::npos ? std::string_view() : rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    return line;
  }
  // What stands behind `word` and a space; nothing if the line begins otherwise.
  std::string_view after(std::string_view word) {
    const std::string_view line = next();
    return line.starts_with(word) && line.size() > word.size() && line[word.size()] == ' '
               ? line.substr(word.size() + 1)
               : std::string_view();
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

std::unexpected<policy::base::Error> bad(std::string code, std::string_view seen, std::string_view allowed,
                                         const Lines& lines) {
  return fail(std::move(code), std::string(seen), std::string(allowed), {}, "line " + std::to_string(lines.number()));
}

std::unexpected<policy::base::Error> bad_request(std::string_view seen, const Lines& lines) {
  return bad("opening.request", seen, "a request as feierabend-audit open-request writes it", lines);
}

std::unexpected<policy::base::Error> bad_answer(std::string_view seen, const Lines& lines) {
  return bad("opening.answer", seen, "an answer as the gateway writes it", lines);
}

bool is_tenant(std::string_view text) {
  return !text.empty() && text.size() <= kTenantSizeMax && text.find_first_of(" \t\r") == std::string_view::npos;
}

bool signed_by(const Note& note, const VerifierKey& key) {
  return std::ranges::any_of(note.signatures, [&](const auto& one) {
    return one.name == key.name() && one.id == key.id() && key.verifies(note.text, one.bytes);
  });
}

OpeningParties parties_of(const Note& note, const Signers& signers) {
  const bool officer = signed_by(note, signers.officer), council = signed_by(note, signers.council);
  if (officer && council) return OpeningParties::kBoth;
  if (officer) return OpeningParties::kOfficer;
  return council ? OpeningParties::kCouncil : OpeningParties::kNobody;
}

std::optional<OpeningRefusal> refusal_of(const Request& request, OpeningParties parties, std::string_view tenant,
                                         Instant now) {
  if (parties != OpeningParties::kBoth) return OpeningRefusal::kSignatureMissing;
  if (request.tenant != tenant) return OpeningRefusal::kOtherLog;
  if (request.until <= now) return OpeningRefusal::kExpired;
  if (pseudonym::begin_of({request.last.number + 1}) > now) return OpeningRefusal::kNotOver;
  return {};
}

template <std::size_t kSize>
std::optional<std::array<std::uint8_t, kSize>> hex_of(std::string_view text) {
  const auto bytes = policy::base::from_hex(text);
  std::array<std::uint8_t, kSize> out{};
  if (!bytes || bytes->size() != kSize || to_hex(*bytes) != text) return {};
  std::ranges::copy(*bytes, out.begin());
  return out;
}

}  // namespace

std::string format_request(const Request& request) {
  return std::string(kRequestLine) + "\n" + request.tenant + "\ndays " + pseudonym::day_text(request.first) + " " +
         pseudonym::day_text(request.last) + "\npurpose " + std::string(event::word_of(request.purpose).id) +
         "\nuntil " + policy::base::format_instant(request.until) + "\nnonce " + to_hex(request.nonce) + "\n";
}

Result<Request> parse_request(std::string_view text) {
  Lines lines(text);
  Request request;
  if (lines.next() != kRequestLine) return bad_request("another first line", lines);
  request.tenant = lines.next();
  if (!is_tenant(request.tenant)) return bad_request("no name of an authority", lines);
  const std::string_view days = lines.after("days");
  const auto first = pseudonym::parse_day(days.substr(0, days.find(' ')));
  const auto last = pseudonym::parse_day(days.size() == 21 ? days.substr(11) : std::string_view());
  if (!first || !last) return bad_request("no first and last day", lines);
  if (*last < *first || last->number - first->number >= kDaysMax)
    return bad_request("days in another order, or too many", lines);
  const auto purpose = event::from_id<OpeningPurpose>(lines.after("purpose"));
  if (!purpose || *purpose == OpeningPurpose::kNotStated) return bad_request("no purpose from the closed list", lines);
  const std::string_view until_text = lines.after("until");
  const auto until = policy::base::parse_instant(until_text);
  if (!until || policy::base::format_instant(*until) != until_text) return bad_request("no instant", lines);
  const auto nonce = hex_of<16>(lines.after("nonce"));
  if (!nonce) return bad_request("no nonce of 32 hexadecimal digits", lines);
  if (lines.more()) return bad_request("text after the end", lines);
  return Request{std::move(request.tenant), *first, *last, *purpose, *until, *nonce};
}

Result<std::string> add_signature(std::string_view bytes, const policy::base::note::SigningKey& key) {
  auto note = policy::base::note::parse_note(bytes);
  if (!note) return std::unexpected(note.error());
  if (const auto request = parse_request(note->text); !request) return std::unexpected(request.error());
  std::erase_if(note->signatures, [&](const auto& one) { return one.name == key.verifier().name(); });
  note->signatures.push_back({key.verifier().name(), key.verifier().id(), key.sign(note->text)});
  return policy::base::note::format_note(*note);
}

Judged judge(std::string_view bytes, const Signers& signers, std::string_view tenant, Instant now) {
  Judged judged;
  judged.digest = {policy::base::sha256(bytes)};
  judged.refusal = OpeningRefusal::kUnreadable;
  if (bytes.size() > kRequestBytesMax) return judged;
  const auto note = policy::base::note::parse_note(bytes);
  if (!note) return judged;
  judged.digest = {policy::base::sha256(note->text)};
  judged.parties = parties_of(*note, signers);
  const auto request = parse_request(note->text);
  if (!request) return judged;
  judged.request = *request;
  judged.refusal = refusal_of(*request, judged.parties, tenant, now);
  return judged;
}

event::Record record_of(const Judged& judged) {
  const Request blank{{}, {}, {}, OpeningPurpose::kNotStated, {}, {}};
  const Request& request = judged.request ? *judged.request : blank;
  const Instant begin = pseudonym::begin_of(request.first);
  const Instant end = judged.request ? pseudonym::begin_of({request.last.number + 1}) : begin;
  if (judged.refusal)
    return event::OpeningRefused{judged.parties, *judged.refusal, request.purpose, begin, end, judged.digest};
  return event::PseudonymsOpened{judged.parties, request.purpose, begin, end, {request.days()}, judged.digest};
}

std::string format_answer(const Answer& answer) {
  std::string out = std::string(kAnswerLine) + "\nrequest " + to_hex(answer.request.bytes) + "\nentry " +
                    answer.origin + " " + std::to_string(answer.entry) + "\n";
  for (const auto& part : answer.parts) out += "part " + pseudonym::format_part(part) + "\n";
  return out;
}

Result<Answer> parse_answer(std::string_view text) {
  Lines lines(text);
  Answer answer;
  if (lines.next() != kAnswerLine) return bad_answer("another first line", lines);
  const auto digest = hex_of<32>(lines.after("request"));
  if (!digest) return bad_answer("no hash of a request", lines);
  answer.request.bytes = *digest;
  const std::string_view entry = lines.after("entry");
  const std::size_t space = entry.rfind(' ');
  const std::string_view digits = space == std::string_view::npos ? std::string_view() : entry.substr(space + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), answer.entry);
  if (error != std::errc{} || std::to_string(answer.entry) != digits) return bad_answer("no number of an entry", lines);
  answer.origin = entry.substr(0, space);
  while (lines.more()) {
    auto part = pseudonym::parse_part(lines.after("part"));
    if (!part || answer.parts.size() == kDaysMax) return bad_answer("a part that cannot be read, or too many", lines);
    if (!answer.parts.empty() && answer.parts.back().day >= part->day) return bad_answer("days out of order", lines);
    answer.parts.push_back(*part);
  }
  return answer;
}

}  // namespace audit::opening
