#include "audit/tool/command/findings.h"

#include <map>
#include <ostream>

#include "policy/base/words/german.h"

namespace audit::tool {
namespace {

namespace json = boost::json;
namespace words = policy::base::words;
using policy::base::to_base64;

json::object json_of(const verify::Report& report, bool records) {
  json::array findings;
  for (const auto& finding : report.findings) findings.push_back(tool::json_of(finding));
  return {{"good", report.good()},           {"origin", report.checkpoint.origin},
          {"size", report.checkpoint.size},  {"root", to_base64(report.checkpoint.root)},
          {"minimum", report.minimum},       {"first", report.first},
          {"entries", report.entries_read},  {"records_checked", records},
          {"records", report.records_read},  {"erased", report.records_erased},
          {"findings", std::move(findings)}, {"findings_left_out", report.findings_left_out}};
}

}  // namespace

json::object json_of(const verify::Finding& finding) {
  json::object out{{"severity", finding.severity == verify::Severity::kWrong ? "wrong" : "note"},
                   {"code", finding.code},
                   {"path", finding.path},
                   {"text", finding.text},
                   {"remedy", verify::remedy_of(finding.code)}};
  if (finding.entry)
    out["entry"] = *finding.entry;
  else
    out["entry"] = nullptr;
  return out;
}

std::string text_of(const Context& context, const verify::Finding& finding) {
  if (context.manner.language == Language::kEnglish) return verify::to_string(finding);
  std::string out = finding.entry ? context.say(Word::kAtEntry, *finding.entry) : std::string();
  const policy::base::Error own{finding.code, finding.text, {}, {}, {}};
  if (finding.cause)
    out += std::string(words::lead_of(finding.code)) + ": " + words::line_of(*finding.cause, context.manner.language);
  else
    out += words::in_german(own).seen;
  if (!finding.path.empty()) out += " (" + policy::base::printable(finding.path, 256) + ")";
  return out + " [" + finding.code + "]";
}

namespace {

// Once for each kind of finding: a damaged disk may bring hundreds of one.
void tell_remedies(const Context& context, const verify::Report& report) {
  std::map<std::string_view, std::string> codes;  // remedy → codes
  for (const auto& finding : report.findings) {
    std::string& list = codes[verify::remedy_of(finding.code)];
    if (!list.contains("[" + finding.code + "]")) list += (list.empty() ? "[" : " [") + finding.code + "]";
  }
  for (const auto& [remedy, list] : codes) {
    const std::string german = words::twin_of(remedy);
    const bool in_german = context.manner.language == Language::kGerman && !german.empty();
    answer(context, context.say(Word::kWhatToDo, list, in_german ? german : std::string(remedy)), nullptr);
  }
}

}  // namespace

void tell(const Context& context, const verify::Report& report, bool records) {
  if (context.manner.json) return answer(context, {}, json_of(report, records));
  for (const auto& finding : report.findings)
    context.streams.out << context.say(finding.severity == verify::Severity::kWrong ? Word::kWrong : Word::kNote)
                        << ": " << text_of(context, finding) << '\n';
  if (report.findings_left_out > 0)
    answer(context, context.say(Word::kMoreFindings, report.findings_left_out), nullptr);
  tell_remedies(context, report);
  if (!report.good()) return answer(context, context.say(Word::kNotGood), nullptr);
  answer(context,
         context.say(Word::kGood, report.checkpoint.origin, report.checkpoint.size, report.records_read,
                     report.records_erased, to_base64(report.checkpoint.root)),
         nullptr);
  answer(context, context.say(records ? Word::kCheckedRecords : Word::kCheckedPublic), nullptr);
  if (report.minimum > 0) answer(context, context.say(Word::kPrunedBefore, report.minimum), nullptr);
  if (report.first > report.minimum) answer(context, context.say(Word::kCheckedFrom, report.first), nullptr);
}

}  // namespace audit::tool
