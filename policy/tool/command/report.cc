#include "policy/tool/command/report.h"

#include <boost/json.hpp>
#include <ostream>

#include "policy/base/words/german.h"
#include "policy/tool/command/output.h"

namespace policy::tool {

int report(const Context& context, const Failure& failure) {
  if (context.question.json) {
    context.streams.err << boost::json::serialize(boost::json::object{{"errors", json_of(failure.errors)}}) << '\n';
  } else {
    for (const base::Error& error : failure.errors)
      context.streams.err << base::words::line_of(error, context.question.language) << '\n';
  }
  return failure.exit_code;
}

int usage(const Context& context, base::Error error) { return report(context, {{std::move(error)}, kUsage}); }

}  // namespace policy::tool
