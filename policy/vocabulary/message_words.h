// Message classes and effects in words. Pure.
#pragma once

#include <bitset>

#include "policy/model/message_class.h"
#include "policy/vocabulary/both.h"

namespace policy::vocabulary {

// In the nominative and accusative plural: "gewöhnliche Nachrichten", "routine messages".
Both messages(model::MessageClass message_class);
// "gewöhnliche und dringende Nachrichten", "alle Nachrichten" for all four.
Both messages(std::bitset<model::kMessageClassCount> classes);

// What happens to several messages: "werden zugestellt", "are delivered".
Both happens(model::Effect effect);

}  // namespace policy::vocabulary
