// Bounds of the wire, each checked where bytes are parsed and nowhere later.
#pragma once

#include <cstddef>

namespace relay::wire {

constexpr std::size_t kCiphertextBytesMax = 256 * 1024;
constexpr std::size_t kLabelBytesMax = 32;
constexpr std::size_t kFrameBytesMax = kCiphertextBytesMax + 16 * 1024;  // one WebSocket message or one link frame
constexpr std::size_t kConversationMembersMax = 1000;
constexpr std::size_t kOpenPersonsMax = 999;
constexpr std::size_t kPeopleMax = 100;      // of one search or one override
constexpr std::size_t kTextBytesMax = 4096;  // any string field but a label
constexpr std::size_t kJsonBodyBytesMax = 64 * 1024;

}  // namespace relay::wire
