#include "relay/net/tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <string_view>

namespace relay::net {
namespace {

using policy::base::fail;
using policy::base::Result;

std::string last_tls_error() {
  std::string out = "no detail";
  if (const unsigned long code = ERR_peek_last_error(); code != 0) {
    out.resize(256);
    ERR_error_string_n(code, out.data(), out.size());
    out.resize(std::string_view(out.c_str()).size());
  }
  ERR_clear_error();
  return out;
}

void harden(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  // TR-02102-2 § 3.4: AES-GCM suites; ChaCha20 for phones without AES instructions (RFC 8446 appendix B.4).
  SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256");
}

policy::base::Status load(SSL_CTX* context, const TlsContext::Files& files) {
  if (!files.certificate.empty() && SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return fail("tls.certificate", "certificate file '" + files.certificate + "': " + last_tls_error(),
                "a PEM certificate chain", "check the path and that the process may read it");
  }
  if (!files.certificate.empty() && (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
                                     SSL_CTX_check_private_key(context) != 1)) {
    return fail("tls.key", "key file '" + files.key + "': " + last_tls_error(),
                "the unencrypted PEM key of '" + files.certificate + "'",
                "check the path and that key and certificate belong together");
  }
  if (!files.trust.empty() && SSL_CTX_load_verify_locations(context, files.trust.c_str(), nullptr) != 1) {
    return fail("tls.trust", "trust file '" + files.trust + "': " + last_tls_error(), "PEM certificates of authorities",
                "check the path and that the process may read it");
  }
  return {};
}

}  // namespace

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<TlsContext>> TlsContext::server(const Files& files) {
  auto context = std::make_shared<TlsContext>(SSL_CTX_new(TLS_server_method()));
  harden(context->context_);
  if (auto status = load(context->context_, files); !status) return std::unexpected(status.error());
  if (!files.trust.empty()) {
    SSL_CTX_set_verify(context->context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

Result<std::shared_ptr<TlsContext>> TlsContext::client(const Files& files) {
  auto context = std::make_shared<TlsContext>(SSL_CTX_new(TLS_client_method()));
  harden(context->context_);
  if (auto status = load(context->context_, files); !status) return std::unexpected(status.error());
  if (files.trust.empty()) SSL_CTX_set_default_verify_paths(context->context_);
  SSL_CTX_set_verify(context->context_, SSL_VERIFY_PEER, nullptr);
  return context;
}

policy::base::Bytes sha256(policy::base::ByteView bytes) {
  policy::base::Bytes out(32);
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, EVP_sha256(), nullptr);
  return out;
}

}  // namespace relay::net
