// A directory that is a file: for small sites and the demo.
//
// People are entries of objectClass inetOrgPerson with one uid; unit is `ou`; groups are entries of objectClass
// groupOfNames (cn, member). A person without a userPassword of a known scheme is listed and cannot log in.
//
// The file is read again when its time, size or inode changes. Replace it by renaming a finished file over it: a file
// that is being written is noticed only if it changes while it is read. A broken file is directory.misconfigured, for
// logins too, until it is mended; nobody is taken for gone because of it.
//
// Threads: any. Lifetime: see gateway/directory/port/directory.h.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/directory/port/directory.h"

namespace gateway::directory::ldif {

// What the file said, the pure part. Error: directory.misconfigured (nobody in it), ldif.*.
struct Contents {
  Snapshot people;
  std::map<std::string, std::vector<std::string>, std::less<>> passwords;  // by id, known schemes only
};
base::Result<Contents> read_contents(std::string_view text, std::string_view name);

class LdifDirectory final : public Directory {
 public:
  explicit LdifDirectory(std::string path) : path_(std::move(path)) {}

  base::Result<Person> authenticate(std::string_view uid, std::string_view password) override;
  base::Result<Person> find(std::string_view uid) override;
  base::Result<Snapshot> snapshot() override;
  base::Status probe() override;
  base::Result<std::unique_ptr<ChangeFeed>> changes() override;

 private:
  base::Result<std::shared_ptr<const Contents>> current();

  const std::string path_;
  std::mutex mutex_;
  std::string version_;  // of the file behind contents_; this and the next are guarded by mutex_
  base::Result<std::shared_ptr<const Contents>> contents_ = nullptr;
};

}  // namespace gateway::directory::ldif
