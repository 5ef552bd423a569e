// One open file of the folder backend, and how it names what the system refuses.
//
// One thread at a time, except that positioned reads and writes may run at once.
#pragma once

#include <cerrno>
#include <string>

#include "audit/log/ports.h"

namespace audit::store {

// Error store.io with the system's reason and the path.
std::unexpected<policy::base::Error> io_error(const std::string& path, int number = errno);

class File {
 public:
  File() = default;
  // Made with mode 0600 if `flags` say that it is made.
  File(const std::string& path, int flags);
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  int number() const { return descriptor_; }
  bool good() const { return descriptor_ >= 0; }
  // False: see errno.
  bool write_all(policy::base::ByteView bytes) const;
  bool write_all_at(policy::base::ByteView bytes, std::size_t offset) const;
  bool zero_at(std::size_t offset, std::size_t size) const;
  bool sync() const;
  bool sync_data() const;

 private:
  int descriptor_ = -1;
};

log::Status sync_folder(const std::string& path);

}  // namespace audit::store
