// What a person is given of the log (GDPR Art. 15), in words and as JSON; from what was checked, never from what a file
// says of itself. Pure.
#pragma once

#include "audit/access/access.h"
#include "audit/tool/command/document.h"
#include "audit/tool/command/output.h"

namespace audit::tool {

Document document_of(const Context& context, const access::Export& given, const access::Checked& checked);
boost::json::object json_of(const Context& context, const access::Export& given, const access::Checked& checked);

}  // namespace audit::tool
