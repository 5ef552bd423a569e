// The four classes of message and the three effects a gate has on them (design § 4).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "policy/base/result.h"

namespace policy::model {

enum class MessageClass : std::uint8_t { kRoutine, kShiftNotice, kUrgent, kAlarm };

constexpr std::size_t kMessageClassCount = 4;
constexpr std::array<MessageClass, kMessageClassCount> kMessageClasses{
    MessageClass::kRoutine, MessageClass::kShiftNotice, MessageClass::kUrgent, MessageClass::kAlarm};

// "routine", "shift-notice", "urgent", "alarm".
std::string_view name_of(MessageClass message_class);
base::Result<MessageClass> parse_message_class(std::string_view name);  // error: class.unknown

// Ordered: a stronger effect protects more. `kHold` waits in the relay, `kSilent` is delivered only when the person
// opens the app, `kDeliver` passes.
enum class Effect : std::uint8_t { kDeliver, kSilent, kHold };

// "deliver", "silent", "hold".
std::string_view name_of(Effect effect);
base::Result<Effect> parse_effect(std::string_view name);  // error: effect.unknown

}  // namespace policy::model
