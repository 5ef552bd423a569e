// How a message, a gate and a state look: one line for people, one object for programs. Used by send, listen, history,
// chat.
#pragma once

#include "clients/cli/home.h"

namespace clients::cli {

std::string_view class_name(std::uint32_t message_class);           // "routine" …; "?" for none
base::Result<std::uint32_t> class_number(const std::string& name);  // error: class.unknown
std::string_view state_name(pb::State state);  // "accepted", "held", "delivered", "expired", "refused"
Word state_word(pb::State state);

std::string text_line(Home& home, const record::Message& message);
boost::json::object json_of(Home& home, const record::Message& message);

std::string gate_text(const Screen& screen, const pb::GateReport& gates);
boost::json::array json_of(const pb::GateReport& gates);

// RFC 3339 in UTC, or null for 0.
boost::json::value instant_json(std::int64_t unix_s);

}  // namespace clients::cli
