#include "gateway/app/request_folder.h"

#include <algorithm>
#include <filesystem>

#include "gateway/app/durable_file.h"

namespace gateway::app {

using audit::opening::Signers;
using policy::base::fail;
using policy::base::Instant;
using policy::base::Result;
using policy::base::Status;
using policy::base::note::VerifierKey;

namespace {

constexpr std::string_view kRequest = ".request";

bool is_name(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  return name.ends_with(kRequest) && name.size() > kRequest.size() && name.size() <= 100 &&
         std::ranges::all_of(name, allowed) && name.front() != '.';
}

std::string refusal_text(audit::event::OpeningRefusal refusal) {
  const auto word = audit::event::word_of(refusal);
  return std::string(word.id) + "\n" + std::string(word.de) + "\n" + std::string(word.en) + "\n";
}

}  // namespace

Result<Signers> parse_signers(const std::string& officer, const std::string& council) {
  auto one = VerifierKey::parse(officer);
  if (!one) return std::unexpected(one.error());
  auto other = VerifierKey::parse(council);
  if (!other) return std::unexpected(other.error());
  if (*one == *other)
    return fail("opening.signers", "one key for officer and council", "a key of each",
                "make a pair with feierabend-audit keygen");
  return Signers{std::move(*one), std::move(*other)};
}

Status RequestFolder::prepare() const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return fail("file.write", "folder '" + folder_ + "': " + error.message());
  return {};
}

Status RequestFolder::take(const std::string& path, Instant now) const {
  // One byte more than is read as a request: whatever is larger is refused as unreadable, and logged so.
  const auto text = read_whole(path, audit::opening::kRequestBytesMax + 1);
  const auto outcome = desk_.take(text && *text ? **text : std::string(), now);
  if (!outcome) return std::unexpected(outcome.error());
  const std::string base = path.substr(0, path.size() - kRequest.size());
  const Status written = outcome->answer ? write_durably(base + ".answer", format_answer(*outcome->answer))
                                         : write_durably(base + ".refused", refusal_text(*outcome->judged.refusal));
  if (!written) return written;
  std::error_code error;
  std::filesystem::remove(path, error);
  if (error) return fail("file.write", "file '" + path + "': " + error.message());
  return {};
}

Status RequestFolder::take_all(Instant now) const {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error))
    if (entry.is_regular_file(error) && is_name(entry.path().filename().string())) paths.push_back(entry.path());
  std::ranges::sort(paths);
  if (paths.size() > kAtOnceMax) paths.resize(kAtOnceMax);
  for (const std::string& path : paths)
    if (auto taken = take(path, now); !taken) return taken;
  return {};
}

}  // namespace gateway::app
