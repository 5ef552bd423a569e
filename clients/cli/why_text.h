// The question why, shared by `why` and chat's /why.
#pragma once

#include "clients/cli/message_line.h"

namespace clients::cli {

base::Result<pb::WhyAnswer> ask_why(Home& home, const record::Message& message);
std::string why_text(const Screen& screen, const record::Message& message, const pb::WhyAnswer& answer);

}  // namespace clients::cli
