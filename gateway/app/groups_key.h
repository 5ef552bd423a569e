// The key with which the gateway proposes removals in groups: DATA/mls.key, 32 bytes, and its public half in
// gateway.db, so that another key is noticed before a group finds that the gateway can remove nobody from it.
//
// Start-up only; one thread. Errors besides those of file and store: key.size; key.lost (there are groups, and no key),
// key.other (there are groups, and the key is not theirs). After both the way on is renew().
#pragma once

#include <string>

#include "gateway/groups/external_sender.h"
#include "gateway/store/store.h"
#include "policy/base/random.h"

namespace gateway::app {

class GroupsKey {
 public:
  // All outlive it.
  GroupsKey(std::string data, store::Store& store, const clients::mls::Crypto& crypto, policy::base::Random& random)
      : path_(std::move(data) + "/mls.key"), store_(store), crypto_(crypto), random_(random) {}

  // Makes one where there are neither key nor groups.
  policy::base::Result<groups::ExternalSenderKey> open();
  // A new key in the place of whatever is there. Groups keep the old one until a member changes them over (RFC 9420
  // § 12.1.7, GroupContextExtensions). A crash between file and store: open() says key.other, and renew() is done
  // again.
  policy::base::Status renew();

 private:
  policy::base::Result<groups::ExternalSenderKey> make();

  std::string path_;
  store::Store& store_;
  const clients::mls::Crypto& crypto_;
  policy::base::Random& random_;
};

}  // namespace gateway::app
