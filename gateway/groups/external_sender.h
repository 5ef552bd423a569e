// The gateway's own key in every group: an external sender (RFC 9420 § 12.1.8.1) who may propose removals and nothing
// that members must take up against their will. It decrypts nothing.
//
// Lives as long as the groups do: a group that names another key takes no proposal of this gateway until a member has
// changed it over (check_commit). The file that holds the seed is gateway/app's.
#pragma once

#include "clients/mls/crypto/port.h"
#include "clients/mls/message/extension.h"
#include "policy/base/bytes.h"

namespace gateway::groups {

namespace base = policy::base;
namespace mls = clients::mls;

class ExternalSenderKey {
 public:
  // From 32 bytes of good randomness.
  ExternalSenderKey(const mls::Crypto& crypto, const mls::PrivateKey& seed);

  const mls::KeyPair& pair() const { return pair_; }
  mls::ExternalSender sender() const;
  // The content of the extension in a group that is started now.
  base::Bytes extension() const;

 private:
  mls::KeyPair pair_;
};

}  // namespace gateway::groups
