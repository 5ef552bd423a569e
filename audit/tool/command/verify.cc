// `feierabend-audit verify`: is all of a log there and unaltered.
#include "audit/verify/verify.h"

#include <ostream>

#include "audit/tool/command/commands.h"
#include "audit/tool/command/findings.h"
#include "audit/tool/command/log_reader.h"

namespace audit::tool {
namespace {

using policy::base::fail;

struct Asked {
  std::string folder, key;
  std::string since;  // the file of a checkpoint that was seen earlier, or empty
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
    if (now_ms - last_ms_ < 1000) return;
    last_ms_ = now_ms;
    spoken_ = true;
    context_.streams.err << '\r' << context_.say(Word::kProgress, done, total, total == 0 ? 100 : done * 100 / total)
                         << std::flush;
  }

 private:
  const Context& context_;
  std::int64_t last_ms_ = context_.world.clock.elapsed_ms();
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

int verify_log(const Context& context, const Asked& asked) {
  const auto key = read_required_key(asked.key);
  if (!key) return refuse(context, key.error());
  const auto earlier = read_earlier(asked.since, *key);
  if (!earlier) return refuse(context, earlier.error());
  auto objects = store::FolderObjects::open_to_read(asked.folder);
  if (!objects)
    return refuse(context,
                  fail("input.missing", objects.error().seen, "the folder of a log", {}, asked.folder).error());
  std::optional<ProgressLine> progress;
  if (!context.manner.json) progress.emplace(context);
  const auto say_progress = [&](std::uint64_t done, std::uint64_t total) {
    if (progress) (*progress)(done, total);
  };
  const auto report = verify::verify(**objects, *key, say_progress, *earlier);
  progress.reset();
  if (!report) return refuse(context, report.error());
  tell(context, *report);
  return report->good() ? kDone : kDataError;
}

}  // namespace

void add_verify(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("verify", Word::kVerify, [asked](const Context& context) { return verify_log(context, *asked); });
  table.folder(sub, asked->folder);
  table.key(sub, asked->key, Word::kKey)->required();
  table.option(sub, "--since", asked->since, Word::kSince);
}

}  // namespace audit::tool
