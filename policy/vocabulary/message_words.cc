#include "policy/vocabulary/message_words.h"

namespace policy::vocabulary {

Both messages(model::MessageClass message_class) {
  switch (message_class) {
    case model::MessageClass::kRoutine: return {"gewöhnliche Nachrichten", "routine messages"};
    case model::MessageClass::kShiftNotice: return {"Hinweise auf Dienständerungen", "shift notices"};
    case model::MessageClass::kUrgent: return {"dringende Nachrichten", "urgent messages"};
    case model::MessageClass::kAlarm: break;
  }
  return {"Alarme", "alarms"};
}

Both messages(std::bitset<model::kMessageClassCount> classes) {
  if (classes.all()) return {"alle Nachrichten", "all messages"};
  const auto has = [&](model::MessageClass c) { return classes[static_cast<std::size_t>(c)]; };
  std::vector<Both> found;
  if (has(model::MessageClass::kRoutine) && has(model::MessageClass::kUrgent)) {
    found.push_back({"gewöhnliche und dringende Nachrichten", "routine and urgent messages"});
    classes.reset(static_cast<std::size_t>(model::MessageClass::kRoutine));
    classes.reset(static_cast<std::size_t>(model::MessageClass::kUrgent));
  }
  for (const model::MessageClass c : model::kMessageClasses)
    if (has(c)) found.push_back(messages(c));
  return list_and(found);
}

Both happens(model::Effect effect) {
  switch (effect) {
    case model::Effect::kDeliver: return {"werden zugestellt", "are delivered"};
    case model::Effect::kSilent:
      return {"werden erst beim Öffnen der App zugestellt", "are delivered only when the app is opened"};
    case model::Effect::kHold: break;
  }
  return {"werden zurückgehalten", "are held"};
}

}  // namespace policy::vocabulary
