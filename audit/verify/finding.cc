#include "audit/verify/finding.h"

#include <algorithm>
#include <array>

namespace audit::verify {
namespace {

constexpr std::string_view kFetch =
    "ask for a complete copy of the folder; if the file is missing there, too, what it held cannot be proven any more";
constexpr std::string_view kKeep =
    "keep this folder as it is and ask for a backup: the file there must be the same, and one of both was altered";
constexpr std::string_view kTell =
    "keep this checkpoint and the earlier one: together they prove that the log was rewritten";
constexpr std::string_view kWait = "verify again later; if it stays so while the gateway runs, ask why";
constexpr std::string_view kAsk = "ask who wrote the log how this came about: no gateway of this house writes it";
constexpr std::string_view kPrune = "have the log pruned again with feierabend-audit prune";

constexpr auto kAdvice = std::to_array<Advice>({
    {"checkpoint.missing", "name the folder of one year; if it is that, ask for a complete copy"},
    {"checkpoint.invalid", "check that the verifier key belongs to this log; if it does, the checkpoint was altered"},
    {"checkpoint.locked", kKeep},
    {"checkpoint.forked", kTell},
    {"checkpoint.shrunk", kTell},
    {"checkpoint.incomparable", "ask for a backup that still has these entries, and verify it with --since"},
    {"entry.missing", kFetch},
    {"entry.unreadable", kKeep},
    {"entry.hash", kKeep},
    {"entry.malformed", kKeep},
    {"entry.back-dated", kAsk},
    {"entry.repeated", kAsk},
    {"tile.missing", kFetch},
    {"tile.unreadable", kKeep},
    {"tile.hash", kKeep},
    {"tree.root", kKeep},
    {"side.missing", kFetch},
    {"side.unreadable", kKeep},
    {"record.altered", kKeep},
    {"record.half-erased", "have the record erased again"},
    {"partial.differs", kKeep},
    {"file.unexpected", "look at the file: a log holds nothing but what its README names"},
    {"file.ahead", kWait},
    {"minimum.invalid", kAsk},
    {"minimum.early", "ask for the entries from a backup: they had to be kept for longer"},
    {"prune.left", kPrune},
});

}  // namespace

std::span<const Advice> advice() { return kAdvice; }

std::string_view remedy_of(std::string_view code) {
  const auto found = std::ranges::find(kAdvice, code, &Advice::code);
  return found == kAdvice.end() ? std::string_view() : found->remedy;
}

std::string to_string(const Finding& finding) {
  std::string out = finding.entry ? "entry " + std::to_string(*finding.entry) + ": " : "";
  out += finding.text;
  if (!finding.path.empty()) out += " (" + policy::base::printable(finding.path, 256) + ")";
  return out + " [" + finding.code + "]";
}

}  // namespace audit::verify
