// A report in words and as JSON. Numbers of one to four are "–" in words and null in JSON.
//
// Pure.
#pragma once

#include "audit/report/report.h"
#include "audit/tool/command/document.h"
#include "audit/tool/command/reading.h"
#include "audit/verify/verify.h"

namespace audit::tool {

struct Reported {
  report::Report report;
  verify::Report check;
  std::string root;  // in base64
  policy::base::Interval period;
  policy::base::Instant made_at;
  std::string purpose;                 // id
  std::vector<NotedReading> readings;  // of this office, within the period
};

Document document_of(const Context& context, const Reported& reported);
boost::json::object json_of(const Reported& reported);

}  // namespace audit::tool
