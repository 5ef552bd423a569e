#include "audit/tool/command/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include "policy/base/words/german.h"

namespace audit::tool {

using policy::base::fail;

boost::json::object to_json(const policy::base::Error& error) {
  return {{"code", error.code},
          {"seen", error.seen},
          {"allowed", error.allowed},
          {"remedy", error.remedy},
          {"where", error.where}};
}

void answer(const Context& context, std::string_view text, const boost::json::value& json) {
  if (context.manner.json)
    context.streams.out << boost::json::serialize(json) << '\n';
  else
    context.streams.out << text << '\n';
}

int refuse(const Context& context, const policy::base::Error& error, int code) {
  if (context.manner.json)
    context.streams.out << boost::json::serialize(boost::json::object{{"error", to_json(error)}}) << '\n';
  else
    context.streams.err << "feierabend-audit: " << policy::base::words::line_of(error, context.manner.language) << '\n';
  return code;
}

int refuse(const Context& context, const policy::base::Error& error) {
  return refuse(context, error, exit_code_of(error));
}

policy::base::Result<std::string> read_input(const std::string& path, std::size_t size_max) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return fail("input.missing", error.message(), "a file that can be read", {}, path);
  if (size > size_max)
    return fail("input.size", fmt::format("{} bytes", size), fmt::format("at most {} MiB", size_max >> 20), {}, path);
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail("input.missing", std::strerror(errno), "a file that can be read", {}, path);
  std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) return fail("input.io", "an error while reading", {}, {}, path);
  return content;
}

policy::base::Status write_new(const std::string& path, std::string_view content, bool secret) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644);
  if (file < 0)
    return fail(errno == EEXIST ? "output.exists" : "output.io", std::strerror(errno), "a new file",
                "choose another name; nothing was overwritten", path);
  bool good = true;
  while (good && !content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    good = written > 0;
    if (good) content.remove_prefix(static_cast<std::size_t>(written));
  }
  good = good && ::fsync(file) == 0;
  const int reason = errno;
  ::close(file);
  if (good) return {};
  return fail("output.io", std::strerror(reason), "a volume with free space", {}, path);
}

policy::base::Status replace_file(const std::string& path, std::string_view content) {
  const std::string beside = path + ".new";
  std::error_code error;
  std::filesystem::remove(beside, error);
  if (auto written = write_new(beside, content, true); !written) return written;
  std::filesystem::rename(beside, path, error);
  if (error) return fail("output.io", error.message(), "a file that can be replaced", {}, path);
  return {};
}

int exit_code_of(const policy::base::Error& error) {
  if (error.code.starts_with("usage.")) return kUsage;
  if (error.code == "input.missing" || error.code == "log.pruned") return kNoInput;
  if (error.code == "output.exists" || error.code == "output.io") return kCannotCreate;
  if (error.code == "store.io" || error.code == "input.io") return kIoError;
  return kDataError;
}

}  // namespace audit::tool
