// How an officer has a reading of the log entered into that very log, before it begins.
//
//   1 The officer's program writes an announcement and signs it: data protection officer or staff council, one of them
//     is enough (Ed25519 keys that the gateway was given).
//   2 It puts it into the gateway's folder `readings`. Whoever that is needs no right: the signature counts.
//   3 The gateway logs log-read: the day's pseudonym of the key that signed, and the purpose. Only once that is durable
//     does it answer with the number of the entry, and only then does the program read.
//
// An announcement, the text of a signed note (policy/base/note):
//
//     feierabend-reading v1
//     <origin of the log that is to be read>
//     purpose <id of event::ReadPurpose>
//     until <instant after which it is void, at most kValidMax ahead>
//     nonce <32 hexadecimal digits>
//
// An answer:
//
//     feierabend-reading-answer v1
//     request <sha256 of the announcement's text>
//     entry <origin of the log> <number>
//
// The entry stands in the running year's log, which may be a later one than the log that is read. Pure; safe from any
// thread. Errors: reading.announcement, reading.answer, with the line.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/event/record.h"
#include "policy/base/note/note.h"

namespace audit::reading {

using policy::base::Instant;
using policy::base::Result;
using policy::base::Seconds;

constexpr std::size_t kAnnouncementBytesMax = std::size_t{8} * 1024;
constexpr Seconds kValidMax{3600};

struct Announcement {
  std::string origin;
  event::ReadPurpose purpose = event::ReadPurpose::kLawfulness;
  Instant until;
  std::array<std::uint8_t, 16> nonce{};
  bool operator==(const Announcement&) const = default;
};
std::string format_announcement(const Announcement& announcement);
Result<Announcement> parse_announcement(std::string_view text);

struct Answer {
  event::Digest request;
  std::string origin;
  std::uint64_t entry = 0;
  bool operator==(const Answer&) const = default;
};
std::string format_answer(const Answer& answer);
Result<Answer> parse_answer(std::string_view text);

enum class Refusal : std::uint8_t { kUnreadable, kSignatureMissing, kOtherLog, kExpired, kTooFarAhead, kTooMany };
struct RefusalWord {
  std::string_view id, de, en;
};
RefusalWord word_of(Refusal refusal);

struct Judged {
  event::Digest digest;                      // of the announcement's text; of all bytes if they are no note
  std::string reader;                        // name of the key that signed; empty: none that counts
  std::optional<Announcement> announcement;  // none: unreadable
  std::optional<Refusal> refusal;            // none: to be logged and answered
};
// `tenant` is the name of the authority: origins of its logs begin with it. kTooMany is for the desk to find out.
Judged judge(std::string_view note, const std::vector<policy::base::note::VerifierKey>& readers,
             std::string_view tenant, Instant now);

}  // namespace audit::reading
