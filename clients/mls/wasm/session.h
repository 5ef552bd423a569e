// What the module keeps between calls: the groups, and what the last call brought.
//
// The one global of the module. It is the root of its program as main() is of a native one: the C functions of api.h
// have nobody to pass it to them.
#pragma once

#include <array>
#include <map>

#include "clients/mls/group/group.h"
#include "clients/mls/wasm/host_crypto.h"

namespace clients::mls {

class Session {
 public:
  static Session& instance();

  const HostCrypto& crypto() const { return crypto_; }
  Environment environment(std::uint64_t now_s) const;

  // Null for a handle that was never given or was released.
  Group* find(std::uint32_t handle);
  void release(std::uint32_t handle) { groups_.erase(handle); }

  // Each answers a call. `parts` are moved to where the host fetches them.
  template <typename... Parts>
  std::uint32_t bring(Parts&&... parts) {
    clear();
    std::size_t at = 0;
    ((parts_[at++] = SecretBytes(std::forward<Parts>(parts))), ...);
    return 0;
  }
  template <typename... Parts>
  std::uint32_t bring_group(Group group, Parts&&... parts) {
    const std::uint32_t done = bring(std::forward<Parts>(parts)...);
    brought_ = next_++;  // a handle is never given twice, so that a stale one finds nothing
    groups_.emplace(brought_, std::move(group));
    return done;
  }
  std::uint32_t refuse(Error error);
  std::uint32_t refuse(Reason reason, std::uint64_t detail = 0) { return refuse(Error{reason, detail}); }

  void clear();
  ByteView part(std::uint32_t at) const { return at < parts_.size() ? parts_[at].view() : ByteView{}; }
  std::uint32_t brought() const { return brought_; }
  std::uint64_t detail() const { return detail_; }

 private:
  HostCrypto crypto_;
  std::map<std::uint32_t, Group> groups_;
  std::uint32_t next_ = 1;
  std::array<SecretBytes, 3> parts_;
  std::uint32_t brought_ = 0;
  std::uint64_t detail_ = 0;
};

}  // namespace clients::mls
