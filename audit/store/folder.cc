#include "audit/store/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <set>

#include "audit/log/layout.h"
#include "audit/store/file.h"

namespace audit::store {
namespace {

namespace fs = std::filesystem;
using log::Bytes;
using log::Object;
using log::Result;
using log::Status;
using policy::base::fail;

Status check_path(std::string_view path) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '/' || c == '-';
  };
  bool fine = !path.empty() && path.size() < 256 && std::ranges::all_of(path, good) && path.back() != '/';
  for (std::size_t at = 0; fine && at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    fine = !part.empty() && part != "." && part != "..";
    at = end + 1;
  }
  if (fine) return {};
  return fail("store.path", "'" + policy::base::printable(path) + "'",
              "parts of a-z, 0-9, '.' and '-', none '.' or '..'");
}

// Of the lock, no objects.
bool is_internal(const std::string& path) { return path == "sequencer/lock" || path.starts_with(log::kJournalPrefix); }

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

Result<std::unique_ptr<FolderObjects>> FolderObjects::open_to_read(const std::string& folder) {
  struct stat info{};
  if (::stat(folder.c_str(), &info) != 0) return io_error(folder);
  if (!S_ISDIR(info.st_mode)) return io_error(folder, ENOTDIR);
  return std::unique_ptr<FolderObjects>(new FolderObjects(folder));
}

Result<std::unique_ptr<FolderObjects>> FolderObjects::open(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return io_error(folder, error.value());
  auto objects = open_to_read(folder);
  if (!objects) return objects;
  const std::string temporary = folder + "/tmp";
  if (::mkdir(temporary.c_str(), 0700) != 0 && errno != EEXIST) return io_error(temporary);
  if (auto synced = sync_folder(folder); !synced) return std::unexpected(synced.error());
  return objects;
}

// Makes the folders above `path` that do not exist, and synchronises each folder that got a new one.
Status FolderObjects::make_parents(const std::string& path) {
  const std::string last = parent_of(path);
  {
    const std::scoped_lock lock(mutex_);
    if (made_.contains(last)) return {};
  }
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string folder = root_ + "/" + path.substr(0, slash);
    if (::mkdir(folder.c_str(), 0700) == 0) {
      if (auto synced = sync_folder(parent_of(folder)); !synced) return synced;
    } else if (errno != EEXIST) {
      return io_error(folder);
    }
  }
  // Those of partial tiles come and go.
  const std::scoped_lock lock(mutex_);
  if (!last.ends_with(".p")) made_.insert(last);
  return {};
}

// Many files are cheaper to synchronise with their file system than one by one: twice for all instead of twice a file.
Status FolderObjects::sync_all() const {
  const File root(root_, O_RDONLY | O_DIRECTORY);
  if (!root.good() || ::syncfs(root.number()) != 0) return io_error(root_);
  return {};
}

Status FolderObjects::write_temporary(const std::string& temporary, policy::base::ByteView bytes, bool sync) {
  const File file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.good() || !file.write_all(bytes) || (sync && !file.sync())) return io_error(temporary);
  return {};
}

Status FolderObjects::put_all(std::span<const Object> objects) {
  // The sequencer's threads and the lock write at the same time: each call has names of its own.
  static std::atomic<std::uint64_t> calls{0};
  const std::string temporary = root_ + "/tmp/" + std::to_string(calls++) + "-";
  const bool together = objects.size() > kSyncOneByOneMax;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (auto good = check_path(objects[i].path); !good) return good;
    if (auto made = make_parents(objects[i].path); !made) return made;
    if (auto written = write_temporary(temporary + std::to_string(i), objects[i].bytes, !together); !written)
      return written;
  }
  if (together)
    if (auto synced = sync_all(); !synced) return synced;
  std::set<std::string> parents;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const std::string path = root_ + "/" + objects[i].path;
    if (::rename((temporary + std::to_string(i)).c_str(), path.c_str()) != 0) return io_error(path);
    parents.insert(parent_of(path));
  }
  if (together) return sync_all();
  for (const std::string& parent : parents)
    if (auto synced = sync_folder(parent); !synced) return synced;
  return {};
}

Result<std::optional<Bytes>> FolderObjects::get(std::string_view path) const {
  if (auto good = check_path(path); !good) return std::unexpected(good.error());
  const std::string name = root_ + "/" + std::string(path);
  const File file(name, O_RDONLY);
  if (!file.good()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return io_error(name);
  }
  struct stat info{};
  if (::fstat(file.number(), &info) != 0) return io_error(name);
  if (!S_ISREG(info.st_mode)) return io_error(name, EISDIR);
  if (static_cast<std::size_t>(info.st_size) > kFileSizeMax)
    return fail("store.size", std::to_string(info.st_size) + " bytes", "at most " + std::to_string(kFileSizeMax), {},
                name);
  Bytes bytes(static_cast<std::size_t>(info.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(file.number(), bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error(name);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

Result<std::vector<std::string>> FolderObjects::list(std::string_view prefix) const {
  std::vector<std::string> paths;
  const std::string_view inside = prefix.substr(0, prefix.find_last_of('/') + 1);
  const fs::path start = fs::path(root_) / fs::path(inside);
  std::error_code error;
  fs::recursive_directory_iterator at(start, error), end;
  if (error == std::errc::no_such_file_or_directory) return paths;
  while (!error && at != end) {
    if (!at->is_directory(error)) {
      std::string path = at->path().lexically_relative(root_).generic_string();
      if (path.starts_with(prefix) && !is_internal(path)) paths.push_back(std::move(path));
    }
    if (!error) at.increment(error);
    if (error == std::errc::no_such_file_or_directory) error.clear();  // renamed away while we looked
  }
  if (error) return io_error(start.string(), error.value());
  std::ranges::sort(paths);
  return paths;
}

Status FolderObjects::remove(std::span<const std::string> paths) {
  for (const std::string& path : paths) {
    if (auto good = check_path(path); !good) return good;
    const std::string name = root_ + "/" + path;
    if (::unlink(name.c_str()) != 0 && errno != ENOENT) return io_error(name);
    // A folder of partial tiles that became empty goes, too; any other refuses with "not empty", and that is fine.
    if (const std::string parent = parent_of(name); parent.ends_with(".p")) ::rmdir(parent.c_str());
  }
  return {};
}

Status FolderObjects::zero(std::string_view path, std::size_t offset, std::size_t size) {
  const log::Stretch one{std::string(path), offset, size};
  return zero_object(std::span(&one, 1), true);
}

// All stretches are of one object.
Status FolderObjects::zero_object(std::span<const log::Stretch> stretches, bool sync) const {
  if (auto good = check_path(stretches.front().path); !good) return good;
  const std::string name = root_ + "/" + stretches.front().path;
  const File file(name, O_WRONLY);
  if (!file.good()) return io_error(name);
  struct stat info{};
  if (::fstat(file.number(), &info) != 0) return io_error(name);
  const auto length = static_cast<std::size_t>(info.st_size);
  for (const auto& [path, offset, size] : stretches) {
    if (length < offset || length - offset < size)
      return fail("store.range", "bytes beyond the object", "bytes of an object that exists", {}, name);
    if (!file.zero_at(offset, size)) return io_error(name);
  }
  if (sync && !file.sync()) return io_error(name);
  return {};
}

Status FolderObjects::zero_all(std::span<const log::Stretch> stretches) {
  std::vector<std::span<const log::Stretch>> objects;
  for (std::size_t begin = 0, end = 0; begin < stretches.size(); begin = end) {
    while (end < stretches.size() && stretches[end].path == stretches[begin].path) ++end;
    objects.push_back(stretches.subspan(begin, end - begin));
  }
  const bool together = objects.size() > kSyncOneByOneMax;
  for (const auto& one : objects)
    if (auto zeroed = zero_object(one, !together); !zeroed) return zeroed;
  return together ? sync_all() : Status{};
}

}  // namespace audit::store
