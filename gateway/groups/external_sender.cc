#include "gateway/groups/external_sender.h"

#include "clients/mls/crypto/labels.h"

namespace gateway::groups {
namespace {

constexpr std::string_view kIdentity = "gateway";

}  // namespace

ExternalSenderKey::ExternalSenderKey(const mls::Crypto& crypto, const mls::PrivateKey& seed)
    : pair_(mls::signature_pair(crypto, seed)) {}

mls::ExternalSender ExternalSenderKey::sender() const {
  mls::ExternalSender out;
  out.signature_key = pair_.key;
  out.credential.identity = mls::copy(mls::as_bytes(kIdentity));
  return out;
}

base::Bytes ExternalSenderKey::extension() const { return mls::external_senders_extension({sender()}).data; }

}  // namespace gateway::groups
