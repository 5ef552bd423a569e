// The rules that a field's name and type carry: "a `device` is 16 bytes" holds in whatever message it appears. Walking
// the message by reflection keeps a new message from being forgotten.
//
// Pure, thread-safe. Errors: wire.id-size, wire.class, wire.enum, wire.label, wire.text, wire.too-large, wire.instant.
#pragma once

#include <google/protobuf/message.h>

#include "policy/base/result.h"

namespace relay::wire {

enum class Origin { kClient, kServer };  // a client leaves out what the gateway sets

policy::base::Status check_fields(const google::protobuf::Message& message, Origin origin);

}  // namespace relay::wire
