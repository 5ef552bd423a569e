#include "policy/base/words/german.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace policy::base::words {
namespace {

constexpr int kDepthMax = 4;  // {t} inside {t}: "the server cannot be reached: the connection failed: …"

constexpr auto kLeads = std::to_array<Lead>({
#define LEAD(code, german) {code, german},
#include "policy/base/words/leads.inc"
#undef LEAD
});

constexpr auto kSentences = std::to_array<Sentence>({
#define SAID(english, german) {english, german},
#include "policy/base/words/sentences_bundle.inc"
#include "policy/base/words/sentences_certificate.inc"
#include "policy/base/words/sentences_check.inc"
#include "policy/base/words/sentences_diff.inc"
#include "policy/base/words/sentences_erasure.inc"
#include "policy/base/words/sentences_files.inc"
#include "policy/base/words/sentences_grammar.inc"
#include "policy/base/words/sentences_groups.inc"
#include "policy/base/words/sentences_journal.inc"
#include "policy/base/words/sentences_log.inc"
#include "policy/base/words/sentences_messages.inc"
#include "policy/base/words/sentences_mls.inc"
#include "policy/base/words/sentences_mutate.inc"
#include "policy/base/words/sentences_officer.inc"
#include "policy/base/words/sentences_openings.inc"
#include "policy/base/words/sentences_prove.inc"
#include "policy/base/words/sentences_render.inc"
#include "policy/base/words/sentences_roster.inc"
#include "policy/base/words/sentences_rules.inc"
#include "policy/base/words/sentences_trust.inc"
#include "policy/base/words/sentences_verify.inc"
#include "policy/base/words/sentences_witness.inc"
#undef SAID
});

struct Gap {
  std::size_t at = std::string_view::npos;  // in the template
  std::size_t size = 0;                     // 2 for {}, 3 for {t}
};

Gap next_gap(std::string_view text, std::size_t from) {
  const std::size_t verbatim = text.find("{}", from), told = text.find("{t}", from);
  return verbatim < told ? Gap{verbatim, 2} : Gap{told, 3};
}

struct Capture {
  std::string_view text;
  bool translated = false;
};

// What stands at the gaps, or nothing. Each gap takes as little as it can and at least one byte, the last one the rest;
// for gaps between fixed words that finds a match wherever there is one.
std::optional<std::vector<Capture>> match(std::string_view sentence, std::string_view form) {
  std::vector<Capture> captures;
  Gap gap = next_gap(form, 0);
  if (gap.at == std::string_view::npos) {
    if (sentence == form) return captures;
    return std::nullopt;
  }
  if (!sentence.starts_with(form.substr(0, gap.at))) return std::nullopt;
  sentence.remove_prefix(gap.at);
  while (gap.at != std::string_view::npos) {
    const std::size_t rest = gap.at + gap.size;
    const Gap next = next_gap(form, rest);
    const std::string_view words = form.substr(rest, next.at == std::string_view::npos ? next.at : next.at - rest);
    std::size_t end = std::string_view::npos;
    if (next.at != std::string_view::npos)
      end = sentence.find(words, 1);
    else if (sentence.size() > words.size() && sentence.ends_with(words))
      end = sentence.size() - words.size();
    if (end == std::string_view::npos || sentence.empty()) return std::nullopt;
    captures.push_back({sentence.substr(0, end), gap.size == 3});
    sentence.remove_prefix(end + words.size());
    gap = next;
  }
  return captures;
}

std::string twin(std::string_view english, int depth);

std::string filled(std::string_view german, const std::vector<Capture>& captures, int depth) {
  std::string out;
  std::size_t from = 0;
  for (const Capture& capture : captures) {
    const std::size_t at = german.find("{}", from);
    out += german.substr(from, at - from);
    const std::string told = capture.translated ? twin(capture.text, depth + 1) : std::string();
    out += told.empty() ? capture.text : std::string_view(told);
    from = at + 2;
  }
  return out += german.substr(from);
}

std::size_t fixed_bytes(std::string_view form) {
  std::size_t size = form.size();
  for (Gap gap = next_gap(form, 0); gap.at != std::string_view::npos; gap = next_gap(form, gap.at + gap.size))
    size -= gap.size;
  return size;
}

// The template that says most of the sentence in its own words wins.
std::string twin(std::string_view english, int depth) {
  if (depth > kDepthMax || english.empty() || english.size() > kSentenceBytesMax) return {};
  const Sentence* best = nullptr;
  std::vector<Capture> captures;
  for (const Sentence& sentence : kSentences) {
    if (best != nullptr && fixed_bytes(sentence.english) <= fixed_bytes(best->english)) continue;
    auto found = match(english, sentence.english);
    if (!found) continue;
    best = &sentence;
    captures = std::move(*found);
  }
  return best == nullptr ? std::string() : filled(best->german, captures, depth);
}

std::string twin_or_same(const std::string& english) {
  std::string german = twin_of(english);
  return german.empty() ? english : german;
}

}  // namespace

std::span<const Lead> leads() { return kLeads; }
std::span<const Sentence> sentences() { return kSentences; }

std::string_view lead_of(std::string_view code) {
  const auto found = std::ranges::find(kLeads, code, &Lead::code);
  return found == kLeads.end() ? std::string_view() : found->german;
}

std::string twin_of(std::string_view english) { return twin(english, 0); }

Error in_german(const Error& error) {
  Error out = error;
  out.seen = twin_of(error.seen);
  if (out.seen.empty()) {
    const std::string_view lead = lead_of(error.code);
    out.seen = std::string(lead.empty() ? std::string_view("Fehler") : lead);
    if (!error.seen.empty()) out.seen += " (" + error.seen + ")";
  }
  out.allowed = twin_or_same(error.allowed);
  out.remedy = twin_or_same(error.remedy);
  return out;
}

std::string line_of(const Error& error, Language language) {
  if (language == Language::kEnglish) return to_string(error);
  const Error german = in_german(error);
  std::string out;
  if (!german.where.empty()) out += german.where + ": ";
  out += german.seen;
  if (!german.allowed.empty()) out += "; erlaubt: " + german.allowed;
  if (!german.remedy.empty()) out += ". " + german.remedy;
  return out + " [" + german.code + "]";
}

}  // namespace policy::base::words
