// The first identity key that is seen under a device id stays; what the service says later is held against it.
//
// Free functions on the store. Errors: the store's; device.key-changed (another key, or the device of another person),
// cipher.audience (no proper key).
#pragma once

#include "clients/store/store.h"
#include "relay/wire/codec.h"

namespace clients::core {

policy::base::Status pin_keys(store::Store& store, const relay::wire::pb::Conversation& conversation);
policy::base::Status check_keys(store::Store& store, const relay::wire::pb::Conversation& conversation);

}  // namespace clients::core
