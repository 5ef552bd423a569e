#include "audit/erasure/ledger.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "policy/base/sha256.h"

namespace audit::erasure {
namespace {

using policy::base::fail;
using policy::base::format_instant;
using policy::base::to_hex;

constexpr std::string_view kFirstLine = "feierabend-erasures v1";
constexpr std::size_t kOriginSizeMax = 255;

std::string slots_text(const Slots& slots) {
  std::array<std::uint8_t, 32> bytes{};
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (slots[i]) bytes[31 - i / 8] = static_cast<std::uint8_t>(bytes[31 - i / 8] | 1 << (i % 8));
  return to_hex(bytes);
}

std::string run_text(const Run& run) {
  std::string out = "run " + std::string(event::word_of(run.reason).id) + " " + run.rule.text() + " " +
                    format_instant(run.begin) + " " + format_instant(run.end) + " " + std::to_string(run.records) +
                    " " + std::to_string(run.upto) + "\n";
  for (const auto& one : run.bundles)
    out += "bundle " + std::to_string(one.bundle) + " " + slots_text(one.slots) + " " + to_hex(one.leaves.bytes) + "\n";
  return out;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || std::to_string(value) != text) return {};
  return value;
}

std::optional<Instant> instant(std::string_view text) {
  const auto read = policy::base::parse_instant(text);
  if (!read || format_instant(*read) != text) return {};
  return *read;
}

std::optional<std::array<std::uint8_t, 32>> bytes32(std::string_view text) {
  const auto read = policy::base::from_hex(text);
  std::array<std::uint8_t, 32> out{};
  if (!read || read->size() != out.size() || to_hex(*read) != text) return {};
  std::ranges::copy(*read, out.begin());
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Result<Ledger> read() {
    if (next() != kFirstLine) return bad("another first line");
    ledger_.origin = next();
    if (ledger_.origin.empty() || ledger_.origin.size() > kOriginSizeMax) return bad("no origin of a log");
    while (!rest_.empty()) {
      if (const auto wrong = read_line(next()); !wrong.empty()) return bad(wrong);
    }
    if (cut_off_) return bad("a line without its end");
    return std::move(ledger_);
  }

 private:
  std::unexpected<policy::base::Error> bad(std::string_view seen) const {
    return fail("erasures.syntax", std::string(seen), "a list of erasures as the log keeps it",
                "take the newest copy of the list", "line " + std::to_string(line_));
  }

  std::string_view next() {
    ++line_;
    const std::size_t end = rest_.find('\n');
    cut_off_ = end == std::string_view::npos;
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(cut_off_ ? rest_.size() : end + 1);
    return line;
  }

  // Empty: fine.
  std::string_view read_line(std::string_view line) {
    std::vector<std::string_view> words;
    for (std::size_t at = 0; at <= line.size() && words.size() < 8;) {
      const std::size_t end = std::min(line.find(' ', at), line.size());
      words.push_back(line.substr(at, end - at));
      at = end + 1;
    }
    if (words[0] == "run" && words.size() == 7) return read_run(words);
    if (ledger_.runs.empty() || ledger_.runs.back().done) return "a line outside a run";
    if (words[0] == "bundle" && words.size() == 4) return read_bundle(words);
    if (words[0] == "done" && words.size() == 2) return read_done(words[1]);
    return "a line that is none of these";
  }

  std::string_view read_run(const std::vector<std::string_view>& words) {
    if (!ledger_.runs.empty() && !ledger_.runs.back().done) return "a run inside another";
    const auto reason = event::from_id<event::ErasureReason>(words[1]);
    const auto rule = event::RuleId::from(words[2]);
    const auto begin = instant(words[3]), end = instant(words[4]);
    const auto records = number(words[5]), upto = number(words[6]);
    if (!reason || !rule || !begin || !end || !records || !upto) return "a run that cannot be read";
    ledger_.runs.push_back({*reason, *rule, *begin, *end, *records, *upto, {}, false});
    return {};
  }

  std::string_view read_bundle(const std::vector<std::string_view>& words) {
    const auto bundle = number(words[1]);
    const auto slots = bytes32(words[2]), leaves = bytes32(words[3]);
    auto& bundles = ledger_.runs.back().bundles;
    if (!bundle || !slots || !leaves) return "a bundle that cannot be read";
    if (!bundles.empty() && bundles.back().bundle >= *bundle) return "a bundle out of order";
    if (++bundles_ > kBundlesMax) return "too many bundles";
    ErasedBundle one{*bundle, {}, {*leaves}};
    for (std::size_t i = 0; i < one.slots.size(); ++i) one.slots[i] = ((*slots)[31 - i / 8] >> (i % 8) & 1) != 0;
    bundles.push_back(one);
    return {};
  }

  std::string_view read_done(std::string_view text) {
    Run& run = ledger_.runs.back();
    const auto told = bytes32(text);
    if (!told || *told != commitment_of(run).bytes) return "a run that differs from its commitment";
    run.done = true;
    return {};
  }

  std::string_view rest_;
  std::size_t line_ = 0;
  bool cut_off_ = false;
  std::size_t bundles_ = 0;
  Ledger ledger_;
};

}  // namespace

event::Digest commitment_of(const Run& run) { return {policy::base::sha256(run_text(run))}; }

event::ErasureDone receipt_of(const Run& run) {
  return {run.reason, run.rule, run.begin, run.end, {run.records}, commitment_of(run)};
}

std::string format_ledger(const Ledger& ledger) {
  std::string out = std::string(kFirstLine) + "\n" + ledger.origin + "\n";
  for (const Run& run : ledger.runs) {
    out += run_text(run);
    if (run.done) out += "done " + to_hex(commitment_of(run).bytes) + "\n";
  }
  return out;
}

Result<Ledger> parse_ledger(std::string_view text) { return Reader(text).read(); }

}  // namespace audit::erasure
