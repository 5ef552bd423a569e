#include "audit/reading/announcement.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "policy/base/sha256.h"

namespace audit::reading {
namespace {

using event::ReadPurpose;
using policy::base::fail;
using policy::base::to_hex;
using policy::base::note::Note;
using policy::base::note::VerifierKey;

constexpr std::string_view kAnnouncementLine = "feierabend-reading v1";
constexpr std::string_view kAnswerLine = "feierabend-reading-answer v1";
constexpr std::size_t kOriginSizeMax = 255;

// Lines of a text that ends in a newline, one after the other.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool more() const { return !rest_.empty(); }
  std::size_t number() const { return number_; }
  std::string_view next() {
    ++number_;
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    const std::string_view line = end == rest_.size() ? std::string_view() : rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
  }
  // What stands behind `word` and a space; nothing if the line begins otherwise.
  std::string_view after(std::string_view word) {
    std::string_view line = next();
    if (!line.starts_with(word) || line.size() <= word.size() || line[word.size()] != ' ') return {};
    line.remove_prefix(word.size() + 1);
    return line;
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

std::unexpected<policy::base::Error> bad_announcement(std::string_view seen, const Lines& lines) {
  return fail("reading.announcement", std::string(seen), "an announcement as feierabend-audit writes it", {},
              "line " + std::to_string(lines.number()));
}

std::unexpected<policy::base::Error> bad_answer(std::string_view seen, const Lines& lines) {
  return fail("reading.answer", std::string(seen), "an answer as the gateway writes it", {},
              "line " + std::to_string(lines.number()));
}

bool is_origin(std::string_view text) {
  return !text.empty() && text.size() <= kOriginSizeMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

template <std::size_t kSize>
std::optional<std::array<std::uint8_t, kSize>> hex_of(std::string_view text) {
  const auto bytes = policy::base::from_hex(text);
  std::array<std::uint8_t, kSize> out{};
  if (!bytes || bytes->size() != kSize || to_hex(*bytes) != text) return {};
  std::ranges::copy(*bytes, out.begin());
  return out;
}

std::string reader_of(const Note& note, const std::vector<VerifierKey>& readers) {
  for (const VerifierKey& key : readers)
    for (const auto& one : note.signatures)
      if (one.name == key.name() && one.id == key.id() && key.verifies(note.text, one.bytes)) return key.name();
  return {};
}

std::optional<Refusal> refusal_of(const Announcement& announcement, const std::string& reader, std::string_view tenant,
                                  Instant now) {
  if (reader.empty()) return Refusal::kSignatureMissing;
  if (!announcement.origin.starts_with(std::string(tenant) + "/")) return Refusal::kOtherLog;
  if (announcement.until <= now) return Refusal::kExpired;
  if (announcement.until > now + kValidMax) return Refusal::kTooFarAhead;
  return {};
}

}  // namespace

std::string format_announcement(const Announcement& announcement) {
  return std::string(kAnnouncementLine) + "\n" + announcement.origin + "\npurpose " +
         std::string(event::word_of(announcement.purpose).id) + "\nuntil " +
         policy::base::format_instant(announcement.until) + "\nnonce " + to_hex(announcement.nonce) + "\n";
}

Result<Announcement> parse_announcement(std::string_view text) {
  Lines lines(text);
  Announcement announcement;
  if (lines.next() != kAnnouncementLine) return bad_announcement("another first line", lines);
  announcement.origin = lines.next();
  if (!is_origin(announcement.origin)) return bad_announcement("no origin of a log", lines);
  const auto purpose = event::from_id<ReadPurpose>(lines.after("purpose"));
  if (!purpose) return bad_announcement("no purpose from the closed list", lines);
  announcement.purpose = *purpose;
  const std::string_view until_text = lines.after("until");
  const auto until = policy::base::parse_instant(until_text);
  if (!until || policy::base::format_instant(*until) != until_text) return bad_announcement("no instant", lines);
  announcement.until = *until;
  const auto nonce = hex_of<16>(lines.after("nonce"));
  if (!nonce) return bad_announcement("no nonce of 32 hexadecimal digits", lines);
  announcement.nonce = *nonce;
  if (lines.more()) return bad_announcement("text after the end", lines);
  return announcement;
}

std::string format_answer(const Answer& answer) {
  return std::string(kAnswerLine) + "\nrequest " + to_hex(answer.request.bytes) + "\nentry " + answer.origin + " " +
         std::to_string(answer.entry) + "\n";
}

Result<Answer> parse_answer(std::string_view text) {
  Lines lines(text);
  Answer answer;
  if (lines.next() != kAnswerLine) return bad_answer("another first line", lines);
  const auto digest = hex_of<32>(lines.after("request"));
  if (!digest) return bad_answer("no hash of a request", lines);
  answer.request.bytes = *digest;
  const std::string_view entry = lines.after("entry");
  const std::size_t space = std::min(entry.rfind(' '), entry.size());
  answer.origin = entry.substr(0, space);
  const std::string_view digits = space == entry.size() ? std::string_view() : entry.substr(space + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), answer.entry);
  if (!is_origin(answer.origin) || error != std::errc{} || std::to_string(answer.entry) != digits)
    return bad_answer("no number of an entry", lines);
  if (lines.more()) return bad_answer("text after the end", lines);
  return answer;
}

RefusalWord word_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::kUnreadable: return {"unreadable", "nicht lesbar", "unreadable"};
    case Refusal::kSignatureMissing:
      return {"signature-missing", "weder von Datenschutz noch Personalrat unterschrieben",
              "signed by neither officer nor council"};
    case Refusal::kOtherLog:
      return {"other-log", "für das Protokoll einer anderen Behörde", "for another authority's log"};
    case Refusal::kExpired: return {"expired", "abgelaufen", "expired"};
    case Refusal::kTooFarAhead:
      return {"too-far-ahead", "länger als eine Stunde gültig", "valid for more than an hour"};
    case Refusal::kTooMany: return {"too-many", "zu viele Einsichten in dieser Stunde", "too many readings this hour"};
  }
  std::unreachable();
}

Judged judge(std::string_view bytes, const std::vector<VerifierKey>& readers, std::string_view tenant, Instant now) {
  Judged judged;
  judged.digest = {policy::base::sha256(bytes)};
  judged.refusal = Refusal::kUnreadable;
  if (bytes.size() > kAnnouncementBytesMax) return judged;
  const auto note = policy::base::note::parse_note(bytes);
  if (!note) return judged;
  judged.digest = {policy::base::sha256(note->text)};
  judged.reader = reader_of(*note, readers);
  const auto announcement = parse_announcement(note->text);
  if (!announcement) return judged;
  judged.announcement = *announcement;
  judged.refusal = refusal_of(*announcement, judged.reader, tenant, now);
  return judged;
}

}  // namespace audit::reading
