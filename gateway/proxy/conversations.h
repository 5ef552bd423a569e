// Conversations as their members see them: found or made in the store, described with everybody's devices.
//
// These functions block for the store: call them from the workers. Thread-safe. Errors: conversation.unknown,
// conversation.members, person.unknown, and those of the store.
#pragma once

#include <string>
#include <vector>

#include "gateway/proxy/services.h"
#include "relay/wire/client.pb.h"
#include "relay/wire/link.pb.h"

namespace gateway::proxy {

namespace pb = ::feierabend::v1;

constexpr std::size_t kCertificatesMax = 100;  // in one answer

struct Opened {
  pb::Conversation conversation;     // with every device that a message is encrypted for, and certificates
  std::vector<std::string> members;  // sorted
  pb::CreateConversation at_relay;
};

// Finds the conversation that `asking` names, by id or by its people, or makes it.
policy::base::Result<Opened> open_conversation(Services& services, const std::string& asking, const pb::Open& open);

policy::base::Result<pb::Conversations> conversations_of(Services& services, const std::string& person);

void describe_person(const directory::Person& person, pb::Member& out);

// The one answer to "does not exist" and "not yours".
policy::base::Error unknown_conversation();

}  // namespace gateway::proxy
