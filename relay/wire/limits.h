// Bounds of the wire, each checked where bytes are parsed and nowhere later.
#pragma once

#include <cstddef>

namespace relay::wire {

constexpr std::size_t kCiphertextBytesMax = 256 * 1024;
constexpr std::size_t kLabelBytesMax = 32;
// A commit or a welcome into a group of 3,000 leaves. Also of a group_info, a ratchet_tree or a proposal.
constexpr std::size_t kHandshakeBytesMax = 1024 * 1024;
constexpr std::size_t kKeyPackageBytesMax = 4 * 1024;
constexpr std::size_t kKeyPackagesMax = 100;  // of one publication or one question
// One WebSocket message or one link frame: at most a commit with its welcome.
constexpr std::size_t kFrameBytesMax = 2 * kHandshakeBytesMax + 64 * 1024;
constexpr std::size_t kConversationMembersMax = 1000;
constexpr std::size_t kOpenPersonsMax = 999;
constexpr std::size_t kPeopleMax = 100;      // of one search or one override
constexpr std::size_t kTextBytesMax = 4096;  // any string field but a label
constexpr std::size_t kJsonBodyBytesMax = 64 * 1024;

}  // namespace relay::wire
