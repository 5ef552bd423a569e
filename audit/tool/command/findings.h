// What the auditor found, for people and for programs. Pure but for `tell`, which writes to the streams.
#pragma once

#include <string>

#include "audit/tool/command/output.h"
#include "audit/verify/verify.h"

namespace audit::tool {

// In English as verify says it. In German the finding's own sentence, or that of the error behind it.
std::string text_of(const Context& context, const verify::Finding& finding);
boost::json::object json_of(const verify::Finding& finding);

// The findings, what to do about them, and the verdict. `records`: they were checked, too.
void tell(const Context& context, const verify::Report& report, bool records);

}  // namespace audit::tool
