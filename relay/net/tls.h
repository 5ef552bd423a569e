// TLS 1.3 contexts. OpenSSL is seen only inside relay/net.
//
// Server and client: TLS 1.3 only (BSI TR-02102-2), no compression, no renegotiation (1.3 has none), no session
// tickets, buffers released when idle. Errors at load: tls.certificate, tls.key, tls.trust, each with the file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "policy/base/bytes.h"
#include "policy/base/result.h"

struct ssl_ctx_st;

namespace relay::net {

class TlsContext {
 public:
  struct Files {
    std::string certificate;  // PEM chain; server, or client of mTLS; empty: none
    std::string key;          // PEM, unencrypted
    std::string trust;        // PEM of authorities that the peer must chain to; empty on a client: the system's
  };

  // `trust` set: the peer must show a certificate of that authority (mTLS).
  static policy::base::Result<std::shared_ptr<TlsContext>> server(const Files& files);
  static policy::base::Result<std::shared_ptr<TlsContext>> client(const Files& files);

  // Not for callers outside relay/net.
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ssl_ctx_st* native() const { return context_; }

 private:
  ssl_ctx_st* context_;
};

// SHA-256, for digests on the wire and in headers.
policy::base::Bytes sha256(policy::base::ByteView bytes);

}  // namespace relay::net
