#include "audit/tool/command/announce.h"

#include <filesystem>
#include <optional>

#include "audit/log/layout.h"
#include "audit/reading/announcement.h"
#include "audit/tool/command/secret_files.h"
#include "policy/base/sha256.h"

namespace audit::tool {
namespace {

namespace fs = std::filesystem;
using policy::base::fail;
using policy::base::Instant;
using policy::base::Seconds;
using policy::base::Status;

constexpr Seconds kValid{600};
constexpr Seconds kBetweenLooks{1};
constexpr int kLooksForEntry = 10;  // the gateway publishes a moment after it has answered

// The files of one announcement; gone with the value.
struct Files {
  explicit Files(const std::string& base)
      : partial(base + ".part"), request(base + ".request"), answer(base + ".answer"), refused(base + ".refused") {}
  ~Files() {
    std::error_code error;
    for (const std::string& path : {partial, request, answer, refused}) fs::remove(path, error);
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  std::string partial, request, answer, refused;
};

// In one step, so that the gateway never reads half of it.
Status put(const Files& files, const std::string& note) {
  if (auto written = write_new(files.partial, note, false); !written) return written;
  std::error_code error;
  fs::rename(files.partial, files.request, error);
  if (error) return fail("output.io", error.message(), "the folder 'readings' of the gateway", {}, files.request);
  return {};
}

Result<reading::Answer> refused(const Files& files, Language language) {
  const auto text = read_input(files.refused);
  if (!text) return std::unexpected(text.error());
  // The id, German, English, a line each.
  std::string line = *text;
  for (int skip = language == Language::kGerman ? 1 : 2; skip > 0; --skip)
    line.erase(0, std::min(line.find('\n'), line.size() - 1) + 1);
  return fail("reading.refused", policy::base::printable(line.substr(0, line.find('\n')), 200),
              "an announcement that the gateway enters", "nothing was shown", files.request);
}

Result<reading::Answer> wait_for_answer(const Context& context, const Files& files) {
  for (std::int64_t waited = 0;; waited += kBetweenLooks.count) {
    std::error_code error;
    if (fs::exists(files.refused, error)) return refused(files, context.manner.language);
    if (fs::exists(files.answer, error)) {
      const auto text = read_input(files.answer);
      return text ? reading::parse_answer(*text) : Result<reading::Answer>(std::unexpected(text.error()));
    }
    if (waited >= kPatience.count || !context.world.wait(kBetweenLooks)) break;
  }
  return fail("reading.unanswered", "no answer of the gateway", "an answer within a minute",
              "is this the folder 'readings' of a gateway that runs and knows the officer's key? nothing was shown",
              files.request);
}

// What the log has there by now; none: nothing yet.
Result<std::optional<event::Leaf>> leaf_there(const log::Objects& objects, std::uint64_t entry) {
  const auto note = objects.get(log::kCheckpointPath);
  if (!note) return std::unexpected(note.error());
  const auto parsed = policy::base::note::parse_note(policy::base::as_text(note->value_or(policy::base::Bytes{})));
  if (!parsed) return std::unexpected(parsed.error());
  const auto checkpoint = checkpoint::parse_checkpoint(parsed->text);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  if (entry >= checkpoint->size) return std::nullopt;
  const auto stored = log::read_tile(objects, std::nullopt, entry / merkle::kTileWidth, checkpoint->size);
  if (!stored) return std::unexpected(stored.error());
  const auto leaves = merkle::parse_bundle(stored->bytes, stored->tile.width);
  if (!leaves) return std::unexpected(leaves.error());
  auto leaf = event::decode_leaf(leaves->at(entry % merkle::kTileWidth));
  if (!leaf) return std::unexpected(leaf.error());
  return *leaf;
}

// Younger than what the log had when the reading was announced: an older reading proves nothing of this one.
Status expect_entry(const Context& context, const LogReader& reader, const reading::Answer& answer) {
  const bool young = answer.entry >= reader.checkpoint().size;
  for (int look = 0; young && look < kLooksForEntry; ++look) {
    const auto leaf = leaf_there(reader.objects(), answer.entry);
    if (!leaf) return std::unexpected(leaf.error());
    if (*leaf && (*leaf)->type == event::RecordType::kLogRead) return {};
    if (*leaf || !context.world.wait(kBetweenLooks)) break;
  }
  return fail("reading.not-logged", "no reading as entry " + std::to_string(answer.entry),
              "the entry that the gateway's answer names",
              "call in the staff council: the gateway says it has logged what is not in this log");
}

}  // namespace

Status announce_reading(const Context& context, const std::string& folder, const std::string& key_file,
                        const LogReader& reader, event::ReadPurpose purpose) {
  if (key_file.empty())
    return fail("usage.reader-key", "no key for the announcement", "the officer's or the council's signing key",
                "give it with --reader-key");
  const auto key = read_signing_key(key_file);
  if (!key) return std::unexpected(key.error());
  const auto nonce = context.world.random.array<16>();
  const Instant until = context.world.clock.now() + kValid;
  const std::string text = reading::format_announcement({reader.checkpoint().origin, purpose, until, nonce});
  const Files files(folder + "/" + policy::base::to_hex(nonce));
  if (auto there = put(files, policy::base::note::sign_note(text, *key)); !there) return there;
  const auto answer = wait_for_answer(context, files);
  if (!answer) return std::unexpected(answer.error());
  if (answer->request.bytes != policy::base::sha256(text))
    return fail("reading.answer", "an answer to another announcement", "the answer to this one", {}, files.answer);
  // A past year is read: the entry stands in the running year's log.
  if (answer->origin != reader.checkpoint().origin) return {};
  return expect_entry(context, reader, *answer);
}

}  // namespace audit::tool
