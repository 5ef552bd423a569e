// `feierabend-audit verify`: is all of a log there and unaltered.
#include "audit/verify/verify.h"

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "audit/subject/check.h"
#include "audit/tool/command/commands.h"
#include "audit/tool/command/findings.h"
#include "audit/tool/command/log_reader.h"
#include "audit/tool/command/spread.h"

namespace audit::tool {
namespace {

using policy::base::fail;

struct Asked {
  std::string folder, key;
  std::string since;   // the file of a checkpoint that was seen earlier, or empty
  bool all = false;    // what was there then, too
  std::string resume;  // the file of a position, or empty
  bool public_only = false;
  unsigned threads = 0;
};

// Speaks on standard error once a second, from the first second on.
class ProgressLine {
 public:
  explicit ProgressLine(const Context& context) : context_(context) {}
  ~ProgressLine() {
    if (spoken_) context_.streams.err << '\n';
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void operator()(std::uint64_t done, std::uint64_t total) {
    const std::int64_t now_ms = context_.world.clock.elapsed_ms();
    if (!first_done_) first_done_ = done, first_ms_ = now_ms;
    if (now_ms - last_ms_ < 1000) return;
    last_ms_ = now_ms;
    spoken_ = true;
    const auto took_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(1, now_ms - first_ms_));
    const std::uint64_t rate = std::max<std::uint64_t>(1, (done - *first_done_) * 1000 / took_ms);
    context_.streams.err << '\r'
                         << context_.say(Word::kProgress, done, total, total == 0 ? 100 : done * 100 / total, rate,
                                         (total - done) / rate)
                         << std::flush;
  }

 private:
  const Context& context_;
  std::int64_t last_ms_ = context_.world.clock.elapsed_ms(), first_ms_ = last_ms_;
  std::optional<std::uint64_t> first_done_;
  bool spoken_ = false;
};

Result<std::optional<checkpoint::Checkpoint>> read_earlier(const std::string& file,
                                                           const checkpoint::VerifierKey& key) {
  if (file.empty()) return std::nullopt;
  const auto note = read_input(file);
  if (!note) return std::unexpected(note.error());
  auto opened = checkpoint::open_checkpoint(*note, key);
  if (!opened) return std::unexpected(opened.error());
  return std::move(*opened);
}

// None: there is no such file yet, and the verification begins at the beginning.
Result<std::optional<verify::Position>> read_position(const std::string& file) {
  std::error_code error;
  if (file.empty() || !std::filesystem::exists(file, error)) return std::nullopt;
  const auto text = read_input(file);
  if (!text) return std::unexpected(text.error());
  auto position = verify::parse_position(*text);
  if (position) return std::move(*position);
  position.error().where = file;
  return std::unexpected(position.error());
}

// Replaces the file as a whole: whoever is interrupted finds the old position or the new one.
policy::base::Status write_position(const std::string& file, const verify::Position& position) {
  std::error_code error;
  const std::string unfinished = file + ".new";
  std::filesystem::remove(unfinished, error);
  if (auto written = write_new(unfinished, verify::format_position(position), true); !written) return written;
  std::filesystem::rename(unfinished, file, error);
  if (error) return fail("output.io", error.message(), "a volume with free space", {}, file);
  return {};
}

Result<verify::Report> verify_folder(const Context& context, const Asked& asked, const log::Objects& objects,
                                     const checkpoint::VerifierKey& key) {
  verify::Options options;
  auto earlier = read_earlier(asked.since, key);
  if (!earlier) return std::unexpected(earlier.error());
  options.earlier = std::move(*earlier);
  options.only_new = !asked.all;
  auto position = read_position(asked.resume);
  if (!position) return std::unexpected(position.error());
  options.resume = std::move(*position);
  options.records = !asked.public_only;
  options.spread = spread_over(worker_count(asked.threads));
  policy::base::Status saved;
  if (!asked.resume.empty())
    options.save = [&](const verify::Position& at) {
      if (saved) saved = write_position(asked.resume, at);
    };
  std::optional<ProgressLine> progress;
  if (!context.manner.json) progress.emplace(context);
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    if (progress) (*progress)(done, total);
  };
  auto report = verify::verify(objects, key, options);
  if (report && !saved) return std::unexpected(saved.error());
  std::error_code ignored;  // a position that stays is refused or goes on: both are right
  if (report && report->good() && !asked.resume.empty()) std::filesystem::remove(asked.resume, ignored);
  return report;
}

// What the auditor of the tree leaves to others: whether the indexes of pseudonyms say what the entries say.
policy::base::Status check_indexes(const log::Objects& objects, verify::Report& report) {
  const auto wrong = subject::wrong_indexes(objects, report.checkpoint.size);
  if (!wrong) return std::unexpected(wrong.error());
  for (const auto& one : *wrong) {
    verify::Finding finding{verify::Severity::kWrong, "index.altered", one.entry, {}, {}, {}};
    finding.text = "the index is not that of the entries before it";
    if (one.fault == subject::Fault::kGap)
      finding.code = "index.gap", finding.text = "entries before this index are in no index";
    if (one.fault == subject::Fault::kActs)
      finding.code = "index.acts", finding.text = "this index no longer lists who acted, as one before it did";
    report.findings.push_back(std::move(finding));
  }
  return {};
}

int verify_log(const Context& context, const Asked& asked) {
  const auto key = read_required_key(asked.key);
  if (!key) return refuse(context, key.error());
  auto objects = store::FolderObjects::open_to_read(asked.folder);
  if (!objects)
    return refuse(context,
                  fail("input.missing", objects.error().seen, "the folder of a log", {}, asked.folder).error());
  auto report = verify_folder(context, asked, **objects, *key);
  if (!report) return refuse(context, report.error());
  if (report->good() && !asked.public_only)
    if (auto checked = check_indexes(**objects, *report); !checked) return refuse(context, checked.error());
  tell(context, *report, !asked.public_only);
  return report->good() ? kDone : kDataError;
}

}  // namespace

void add_verify(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("verify", Word::kVerify, [asked](const Context& context) { return verify_log(context, *asked); });
  table.folder(sub, asked->folder);
  table.key(sub, asked->key, Word::kKey)->required();
  CLI::Option* since = table.option(sub, "--since", asked->since, Word::kSince);
  table.flag(sub, "--all", asked->all, Word::kVerifyAll)->needs(since);
  table.option(sub, "--resume", asked->resume, Word::kResume);
  table.flag(sub, "--public", asked->public_only, Word::kPublicOnly);
  table.option(sub, "--threads", asked->threads, Word::kThreads);
}

}  // namespace audit::tool
