#include "policy/model/message_class.h"

namespace policy::model {

std::string_view name_of(MessageClass message_class) {
  switch (message_class) {
    case MessageClass::kRoutine: return "routine";
    case MessageClass::kShiftNotice: return "shift-notice";
    case MessageClass::kUrgent: return "urgent";
    case MessageClass::kAlarm: return "alarm";
  }
  return "routine";
}

base::Result<MessageClass> parse_message_class(std::string_view name) {
  for (const MessageClass message_class : kMessageClasses)
    if (name == name_of(message_class)) return message_class;
  return base::fail("class.unknown", "message class '" + base::printable(name) + "'",
                    "routine, shift-notice, urgent, alarm");
}

std::string_view name_of(Effect effect) {
  switch (effect) {
    case Effect::kDeliver: return "deliver";
    case Effect::kSilent: return "silent";
    case Effect::kHold: return "hold";
  }
  return "hold";
}

base::Result<Effect> parse_effect(std::string_view name) {
  for (const Effect effect : {Effect::kDeliver, Effect::kSilent, Effect::kHold})
    if (name == name_of(effect)) return effect;
  return base::fail("effect.unknown", "effect '" + base::printable(name) + "'", "hold, silent, deliver");
}

}  // namespace policy::model
