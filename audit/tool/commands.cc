#include "audit/tool/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "audit/checkpoint/tlog_proof.h"
#include "audit/event/words.h"
#include "audit/pseudonym/pseudonym.h"
#include "audit/tool/log_reader.h"
#include "audit/verify/verify.h"
#include "policy/base/clock.h"
#include "policy/base/words/german.h"

namespace audit::tool {
namespace {

namespace json = boost::json;
namespace words = policy::base::words;
using policy::base::fail;
using policy::base::to_base64;

int refuse(const Manner& manner, const policy::base::Error& error) {
  return tool::refuse(manner, error, exit_code_of(error));
}

// Speaks on standard error once a second, from the first second on.
class ProgressLine {
 public:
  explicit ProgressLine(const Manner& manner) : manner_(manner) {}
  ~ProgressLine() {
    if (spoken_) fmt::print(stderr, "\n");
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void operator()(std::uint64_t done, std::uint64_t total) {
    const std::int64_t now_ms = clock_.elapsed_ms();
    if (now_ms - last_ms_ < 1000) return;
    last_ms_ = now_ms;
    spoken_ = true;
    fmt::print(stderr, "\r{}", manner_.say(Word::kProgress, done, total, total == 0 ? 100 : done * 100 / total));
    std::fflush(stderr);
  }

 private:
  const Manner& manner_;
  policy::base::SystemClock clock_;
  std::int64_t last_ms_ = clock_.elapsed_ms();
  bool spoken_ = false;
};

json::object finding_json(const verify::Finding& finding) {
  json::object out{{"severity", finding.severity == verify::Severity::kWrong ? "wrong" : "note"},
                   {"code", finding.code},
                   {"path", finding.path},
                   {"text", finding.text}};
  if (finding.entry)
    out["entry"] = *finding.entry;
  else
    out["entry"] = nullptr;
  return out;
}

// In English as verify says it. In German the finding's own sentence, or that of the error behind it.
std::string finding_text(const Manner& manner, const verify::Finding& finding) {
  if (manner.language == Language::kEnglish) return verify::to_string(finding);
  std::string out = finding.entry ? manner.say(Word::kAtEntry, *finding.entry) : std::string();
  const policy::base::Error own{finding.code, finding.text, {}, {}, {}};
  if (finding.cause)
    out += std::string(words::lead_of(finding.code)) + ": " + words::line_of(*finding.cause, manner.language);
  else
    out += words::in_german(own).seen;
  if (!finding.path.empty()) out += " (" + policy::base::printable(finding.path, 256) + ")";
  return out + " [" + finding.code + "]";
}

void say_report(const Manner& manner, const verify::Report& report) {
  if (manner.json) {
    json::array findings;
    for (const auto& finding : report.findings) findings.push_back(finding_json(finding));
    return say(manner, {},
               json::object{{"good", report.good()},
                            {"origin", report.checkpoint.origin},
                            {"size", report.checkpoint.size},
                            {"root", to_base64(report.checkpoint.root)},
                            {"entries", report.entries_read},
                            {"records", report.records_read},
                            {"erased", report.records_erased},
                            {"findings", std::move(findings)},
                            {"findings_left_out", report.findings_left_out}});
  }
  for (const auto& finding : report.findings)
    fmt::print("{}: {}\n", manner.say(finding.severity == verify::Severity::kWrong ? Word::kWrong : Word::kNote),
               finding_text(manner, finding));
  if (report.findings_left_out > 0) fmt::print("{}\n", manner.say(Word::kMoreFindings, report.findings_left_out));
  if (!report.good()) {
    fmt::print("{}\n", manner.say(Word::kNotGood));
    return;
  }
  fmt::print("{}\n", manner.say(Word::kGood, report.checkpoint.origin, report.checkpoint.size, report.records_read,
                                report.records_erased, to_base64(report.checkpoint.root)));
}

struct Shown {
  event::Leaf leaf;
  std::optional<event::Event> event;  // none: erased, or not to be opened
  std::string state;                  // "readable", "erased", "missing" or an error's code
};

Result<Shown> read_shown(LogReader& reader, std::uint64_t index) {
  auto stored = reader.entry(index);
  if (!stored) return std::unexpected(stored.error());
  auto leaf = event::decode_leaf(stored->leaf);
  if (!leaf) return std::unexpected(leaf.error());
  Shown shown{*leaf, {}, "missing"};
  if (!stored->key) return shown;
  auto opened = event::unseal(stored->leaf, *stored->key, stored->ciphertext);
  if (opened) {
    shown.event = std::move(*opened);
    shown.state = "readable";
  } else {
    shown.state = opened.error().code == "event.erased" ? "erased" : opened.error().code;
  }
  return shown;
}

json::object shown_json(const Manner& manner, std::uint64_t index, const Shown& shown, std::optional<bool> proven) {
  json::object out{{"entry", index},
                   {"type", event::declaration_of(shown.leaf.type).id},
                   {"hour", policy::base::format_instant({static_cast<std::int64_t>(shown.leaf.hour) * 3600})},
                   {"state", shown.state}};
  if (proven) out["proven"] = *proven;
  if (shown.leaf.subject.pseudonym) out["subject"] = shown.leaf.subject.pseudonym->text();
  if (!shown.event) return out;
  out["at"] = policy::base::format_instant(shown.event->at);
  json::object fields;
  for (const auto& field : event::fields_in_words(shown.event->record, manner.events())) fields[field.name] = field.id;
  out["fields"] = std::move(fields);
  return out;
}

std::string state_text(const Manner& manner, const std::string& state) {
  if (state == "erased") return manner.say(Word::kErased);
  if (state == "missing") return manner.say(Word::kMissing);
  if (manner.language == Language::kEnglish) return state;
  return std::string(words::lead_of(state)) + " [" + state + "]";
}

std::string shown_text(const Manner& manner, std::uint64_t index, const Shown& shown, std::optional<bool> proven) {
  const std::string_view what = event::declaration_of(shown.leaf.type).in(manner.events());
  std::string line = fmt::format("#{:<7} ", index);
  if (proven) line += *proven ? manner.say(Word::kProven) : manner.say(Word::kNotProven);
  if (!shown.event) {
    const std::string state = state_text(manner, shown.state);
    return line + fmt::format("{}  {}  ({})",
                              policy::base::format_instant({static_cast<std::int64_t>(shown.leaf.hour) * 3600}), what,
                              state);
  }
  line += fmt::format("{}  {}", policy::base::format_instant(shown.event->at), what);
  std::string_view separator = "  ";
  for (const auto& field : event::fields_in_words(shown.event->record, manner.events())) {
    line += fmt::format("{}{}: {}", separator, field.label, field.text);
    separator = "; ";
  }
  return line;
}

Result<bool> is_proven(LogReader& reader, std::uint64_t index) {
  auto stored = reader.entry(index);
  if (!stored) return std::unexpected(stored.error());
  auto proof = reader.proof(index);
  if (!proof) return std::unexpected(proof.error());
  return merkle::verify_inclusion(index, reader.size(), merkle::leaf_hash(stored->leaf), *proof,
                                  reader.checkpoint().root)
      .has_value();
}

}  // namespace

int keygen(const Manner& manner, const std::string& name, const std::string& file) {
  policy::base::SystemRandom random;
  const auto key = checkpoint::SigningKey::generate(name, random);
  if (!key) return refuse(manner, key.error());
  if (auto written = write_new(file, key->text() + "\n", true); !written) return refuse(manner, written.error());
  const std::string verifier = key->verifier().text();
  say(manner, verifier, json::object{{"verifier", verifier}, {"file", file}});
  return kDone;
}

int party_key(const Manner& manner, const std::string& file) {
  policy::base::SystemRandom random;
  const auto pair = pseudonym::generate_pair(random);
  if (auto written = write_new(file, policy::base::to_hex(pair.secret_key) + "\n", true); !written)
    return refuse(manner, written.error());
  const std::string shown = policy::base::to_hex(pair.public_key);
  say(manner, shown, json::object{{"public_key", shown}, {"file", file}});
  return kDone;
}

namespace {

Result<pseudonym::Share> read_share(const pseudonym::SealedEpoch& sealed, pseudonym::Party party,
                                    const std::string& path) {
  auto text = read_input(path);
  if (!text) return std::unexpected(text.error());
  while (text->ends_with('\n')) text->pop_back();
  const auto bytes = policy::base::from_hex(*text);
  pseudonym::SecretKey secret{};
  if (!bytes || bytes->size() != secret.size())
    return fail("epoch.share", "a file that is no secret half", "the file that party-key wrote", {}, path);
  std::ranges::copy(*bytes, secret.begin());
  auto share = pseudonym::open_share(sealed, party, pseudonym::public_key_of(secret), secret);
  if (!share) share.error().where = path;
  return share;
}

}  // namespace

int input_key(const Manner& manner, const std::string& sealed_file, const std::string& officer,
              const std::string& council, const std::string& file) {
  const auto text = read_input(sealed_file);
  if (!text) return refuse(manner, text.error());
  const auto sealed = pseudonym::parse_sealed(*text);
  if (!sealed) return refuse(manner, sealed.error());
  const auto one = read_share(*sealed, pseudonym::Party::kDataProtectionOfficer, officer);
  if (!one) return refuse(manner, one.error());
  const auto other = read_share(*sealed, pseudonym::Party::kStaffCouncil, council);
  if (!other) return refuse(manner, other.error());
  const auto key = pseudonym::combine(*one, *other);
  if (!key) return refuse(manner, key.error());
  if (auto written = write_new(file, policy::base::to_hex(key->input_key()) + "\n", true); !written)
    return refuse(manner, written.error());
  const std::string month = pseudonym::epoch_text(key->epoch());
  say(manner, manner.say(Word::kInputKeyOf, month, file), json::object{{"month", month}, {"file", file}});
  return kDone;
}

int verify_log(const Manner& manner, const std::string& folder, const std::string& key_text, const std::string& since) {
  const auto key = read_key(key_text);
  if (!key) return refuse(manner, key.error());
  if (!*key) return tool::refuse(manner, fail("usage.key", "no key", "a verifier key or its file").error(), kUsage);
  std::optional<checkpoint::Checkpoint> earlier;
  if (!since.empty()) {
    const auto note = read_input(since);
    if (!note) return refuse(manner, note.error());
    auto opened = checkpoint::open_checkpoint(*note, **key);
    if (!opened) return refuse(manner, opened.error());
    earlier = std::move(*opened);
  }
  auto objects = store::FolderObjects::open_to_read(folder);
  if (!objects)
    return refuse(manner, fail("input.missing", objects.error().seen, "the folder of a log", {}, folder).error());
  std::optional<ProgressLine> progress;
  if (!manner.json) progress.emplace(manner);
  const auto tell = [&](std::uint64_t done, std::uint64_t total) {
    if (progress) (*progress)(done, total);
  };
  const auto report = verify::verify(**objects, **key, tell, earlier);
  progress.reset();
  if (!report) return refuse(manner, report.error());
  say_report(manner, *report);
  return report->good() ? kDone : kDataError;
}

int show(const Manner& manner, const std::string& folder, const ShowOptions& options) {
  const auto key = read_key(options.key);
  if (!key) return refuse(manner, key.error());
  if (!options.type.empty() && !event::record_type_from(options.type)) {
    std::string ids;
    for (const auto& declaration : event::declarations())
      ids += (ids.empty() ? "" : ", ") + std::string(declaration.id);
    const auto error = fail("usage.type", "'" + policy::base::printable(options.type) + "'", ids).error();
    return tool::refuse(manner, error, kUsage);
  }
  auto reader = LogReader::open(folder, *key);
  if (!reader) return refuse(manner, reader.error());
  std::uint64_t told = 0;
  bool all_good = true;
  if (manner.json) fmt::print("[");
  for (std::uint64_t index = options.from; index < reader->size(); ++index) {
    if (options.count && told == *options.count) break;
    const auto shown = read_shown(*reader, index);
    if (!shown) {
      if (manner.json) fmt::print("]\n");
      fmt::print(stderr, "feierabend-audit: {}{}\n", manner.say(Word::kAtEntry, index),
                 words::line_of(shown.error(), manner.language));
      return exit_code_of(shown.error());
    }
    if (!options.type.empty() && event::declaration_of(shown->leaf.type).id != options.type) continue;
    std::optional<bool> proven;
    if (*key) proven = is_proven(*reader, index).value_or(false);
    all_good = all_good && proven.value_or(true) && (shown->event || shown->state == "erased");
    if (manner.json)
      fmt::print("{}{}", told == 0 ? "\n" : ",\n", json::serialize(shown_json(manner, index, *shown, proven)));
    else
      fmt::print("{}\n", shown_text(manner, index, *shown, proven));
    ++told;
  }
  if (manner.json) fmt::print("{}]\n", told == 0 ? "" : "\n");
  return all_good ? kDone : kDataError;
}

int prove(const Manner& manner, const std::string& folder, std::uint64_t entry, const std::string& file) {
  auto reader = LogReader::open(folder, {});
  if (!reader) return refuse(manner, reader.error());
  auto stored = reader->entry(entry);
  if (!stored) return refuse(manner, stored.error());
  auto hashes = reader->proof(entry);
  if (!hashes) return refuse(manner, hashes.error());
  // The leaf travels as extra data, so that one file is enough; it is checked through the proof, never believed.
  const checkpoint::TlogProof proof{stored->leaf, entry, std::move(*hashes), reader->note()};
  const std::string text = checkpoint::format_tlog_proof(proof);
  if (file.empty()) {
    say(manner, text.substr(0, text.size() - 1), json::object{{"entry", entry}, {"proof", text}});
    return kDone;
  }
  if (auto written = write_new(file, text, false); !written) return refuse(manner, written.error());
  say(manner, file, json::object{{"entry", entry}, {"file", file}});
  return kDone;
}

int verify_proof(const Manner& manner, const std::string& file, const std::string& entry_file,
                 const std::string& key_text) {
  const auto key = read_key(key_text);
  if (!key) return refuse(manner, key.error());
  if (!*key) return tool::refuse(manner, fail("usage.key", "no key", "a verifier key or its file").error(), kUsage);
  const auto text = read_input(file);
  if (!text) return refuse(manner, text.error());
  auto proof = checkpoint::parse_tlog_proof(*text);
  if (!proof) return refuse(manner, proof.error());
  policy::base::Bytes leaf_bytes = proof->extra.value_or(policy::base::Bytes{});
  if (!entry_file.empty()) {
    const auto content = read_input(entry_file);
    if (!content) return refuse(manner, content.error());
    leaf_bytes.assign(content->begin(), content->end());
  }
  const auto checkpoint = checkpoint::verify_tlog_proof(*proof, leaf_bytes, **key);
  if (!checkpoint) return refuse(manner, checkpoint.error());
  const auto leaf = event::decode_leaf(leaf_bytes);
  if (!leaf) return refuse(manner, leaf.error());
  const std::string hour = policy::base::format_instant({static_cast<std::int64_t>(leaf->hour) * 3600});
  const auto& declaration = event::declaration_of(leaf->type);
  say(manner,
      manner.say(Word::kGoodProof, checkpoint->origin, proof->index, declaration.in(manner.events()), hour,
                 checkpoint->size),
      json::object{{"good", true},
                   {"origin", checkpoint->origin},
                   {"size", checkpoint->size},
                   {"entry", proof->index},
                   {"type", declaration.id},
                   {"hour", hour}});
  return kDone;
}

int record(const Manner& manner) {
  if (!manner.json) {
    fmt::print("{}", event::declaration_table(manner.events()));
    return kDone;
  }
  json::array records;
  for (const auto& declaration : event::declarations()) {
    json::array fields;
    for (const auto& field : declaration.fields)
      fields.push_back(json::object{{"name", field.name},
                                    {"label", field.in(manner.events())},
                                    {"type", field.type},
                                    {"purpose", event::word_of(field.purpose).in(manner.events())},
                                    {"basis", event::word_of(field.basis).in(manner.events())},
                                    {"deadline", event::word_of(field.deadline).in(manner.events())}});
    records.push_back(json::object{{"number", static_cast<unsigned>(declaration.type)},
                                   {"id", declaration.id},
                                   {"label", declaration.in(manner.events())},
                                   {"fields", std::move(fields)}});
  }
  say(manner, {}, records);
  return kDone;
}

}  // namespace audit::tool
