#include "clients/mls/wasm/session.h"

#include "clients/mls/wasm/host.h"

namespace clients::mls {
namespace {

bool admitted_by_host(const LeafNode& leaf) {
  const Bytes credential = encode(leaf.credential);
  return host_admits(credential.data(), credential.size(), leaf.signature_key.data()) == 1;
}

std::optional<SecretBytes> psk_of_host(ByteView id) {
  SecretBytes out{Bytes(kHashBytes)};
  if (host_psk(id.data(), id.size(), out.writable().data()) != 1) return std::nullopt;
  return out;
}

}  // namespace

Session& Session::instance() {
  static Session session;
  return session;
}

Environment Session::environment(std::uint64_t now_s) const {
  Environment out;
  out.crypto = &crypto_;
  out.now_s = now_s;
  out.admits = admitted_by_host;
  out.psk = psk_of_host;
  return out;
}

Group* Session::find(std::uint32_t handle) {
  const auto found = groups_.find(handle);
  return found == groups_.end() ? nullptr : &found->second;
}

std::uint32_t Session::refuse(Error error) {
  clear();
  detail_ = error.detail;
  return static_cast<std::uint32_t>(error.reason) + 1;
}

void Session::clear() {
  for (SecretBytes& part : parts_) part = SecretBytes();
  brought_ = 0;
}

}  // namespace clients::mls
