#include "gateway/app/request_folder.h"

#include <algorithm>
#include <filesystem>
#include <memory>

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

std::string refusal_text(std::string_view id, std::string_view de, std::string_view en) {
  return std::string(id) + "\n" + std::string(de) + "\n" + std::string(en) + "\n";
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

RequestFolder::Judge judge_of(audit::opening::Desk desk) {
  return [desk = std::move(desk)](std::string_view bytes, Instant now) -> Result<RequestFolder::Reply> {
    const auto outcome = desk.take(bytes, now);
    if (!outcome) return std::unexpected(outcome.error());
    if (outcome->answer) return RequestFolder::Reply{true, format_answer(*outcome->answer)};
    const auto word = audit::event::word_of(*outcome->judged.refusal);
    return RequestFolder::Reply{false, refusal_text(word.id, word.de, word.en)};
  };
}

RequestFolder::Judge judge_of(audit::reading::Desk desk) {
  const auto kept = std::make_shared<audit::reading::Desk>(std::move(desk));  // it counts
  return [kept](std::string_view bytes, Instant now) -> Result<RequestFolder::Reply> {
    const auto outcome = kept->take(bytes, now);
    if (!outcome) return std::unexpected(outcome.error());
    if (outcome->answer) return RequestFolder::Reply{true, format_answer(*outcome->answer)};
    const auto word = audit::reading::word_of(*outcome->judged.refusal);
    return RequestFolder::Reply{false, refusal_text(word.id, word.de, word.en)};
  };
}

Status RequestFolder::prepare() const {
  std::error_code error;
  const bool made = std::filesystem::create_directories(folder_, error);
  if (made && !error) std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, error);
  if (error) return fail("file.write", "folder '" + folder_ + "': " + error.message());
  return {};
}

bool RequestFolder::is_for_a_group() const {
  std::error_code error;
  const auto rights = std::filesystem::status(folder_, error).permissions();
  return !error && (rights & std::filesystem::perms::set_gid) != std::filesystem::perms::none;
}

Status RequestFolder::take(const std::string& path, Instant now) const {
  // One byte more than is read as a request: whatever is larger is refused as unreadable.
  const auto text = read_whole(path, audit::opening::kRequestBytesMax + 1);
  const auto reply = judge_(text && *text ? **text : std::string(), now);
  if (!reply) return std::unexpected(reply.error());
  const std::string base = path.substr(0, path.size() - kRequest.size());
  const Status written = write_durably(base + (reply->granted ? ".answer" : ".refused"), reply->text,
                                       is_for_a_group() ? Readers::kGroup : Readers::kOwner);
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
