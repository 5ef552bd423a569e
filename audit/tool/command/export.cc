// `feierabend-audit export`: everything that the log holds about somebody (GDPR Art. 15), proven complete, into a file;
// and `verify-export`, by which the person checks that file without the log.
#include <algorithm>
#include <ostream>
#include <sstream>

#include "audit/access/collect.h"
#include "audit/access/file.h"
#include "audit/query/filter.h"
#include "audit/tool/command/access_document.h"
#include "audit/tool/command/commands.h"
#include "audit/tool/command/reading.h"

namespace audit::tool {
namespace {

using policy::base::fail;

constexpr std::size_t kPseudonymsMax = 800;  // two years of days

struct Asked {
  std::string folder, key;
  std::vector<std::string> pseudonyms;
  std::string pseudonyms_file, file;
  bool html = false;
  ReadingOptions reading;
};

// The first pseudonym of each line, as `open` writes them before the name; empty lines and those that begin with # are
// passed over. A line without one is given as it is, to be refused.
Result<std::vector<std::string>> read_list(const std::string& file) {
  const auto text = read_input(file);
  if (!text) return std::unexpected(text.error());
  std::vector<std::string> found;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::ranges::replace_if(line, [](char c) { return c == ',' || c == '\r' || c == '\t'; }, ' ');
    std::istringstream words(line);
    std::string first, word;
    if (!(words >> first) || first.starts_with('#')) continue;
    for (word = first; !query::parse_pseudonym(word) && words >> word;) {
    }
    found.push_back(query::parse_pseudonym(word) ? word : first);
  }
  return found;
}

Result<std::vector<event::Pseudonym>> pseudonyms_of(const Asked& asked) {
  std::vector<std::string> words = asked.pseudonyms;
  if (!asked.pseudonyms_file.empty()) {
    auto listed = read_list(asked.pseudonyms_file);
    if (!listed) return std::unexpected(listed.error());
    words.insert(words.end(), listed->begin(), listed->end());
  }
  if (words.empty() || words.size() > kPseudonymsMax)
    return fail("usage.subject", std::to_string(words.size()) + " pseudonyms",
                "1 to " + std::to_string(kPseudonymsMax) + ", with --pseudonym or --pseudonyms");
  std::vector<event::Pseudonym> pseudonyms;
  for (const std::string& word : words) {
    const auto pseudonym = query::parse_pseudonym(word);
    if (!pseudonym) return std::unexpected(pseudonym.error());
    if (std::ranges::find(pseudonyms, *pseudonym) == pseudonyms.end()) pseudonyms.push_back(*pseudonym);
  }
  return pseudonyms;
}

void print(const Context& context, bool html, const access::Export& given, const access::Checked& checked) {
  auto& out = context.streams.out;
  if (context.manner.json)
    out << boost::json::serialize(json_of(context, given, checked)) << '\n';
  else if (html)
    out << to_html(document_of(context, given, checked));
  else
    out << to_text(document_of(context, given, checked));
}

int export_all(const Context& context, const Asked& asked) {
  const auto key = read_required_key(asked.key);
  if (!key) return refuse(context, key.error());
  const auto pseudonyms = pseudonyms_of(asked);
  if (!pseudonyms) return refuse(context, pseudonyms.error());
  auto reader = LogReader::open(asked.folder, *key);
  if (!reader) return refuse(context, reader.error());
  Reading reading{event::ReadKind::kExport};
  reading.people = *pseudonyms;
  if (auto noted = note_reading(context, asked.reading, *reader, reading); !noted)
    return refuse(context, noted.error());
  const auto given = access::collect(reader->objects(), reader->note(), reader->checkpoint(), *pseudonyms);
  if (!given) return refuse(context, given.error());
  // Checked as the person will check it: what cannot be proven is not handed out.
  const auto checked = access::verify(*given, *key);
  if (!checked) return refuse(context, checked.error());
  if (!asked.file.empty())
    if (auto written = write_new(asked.file, access::format(*given), true); !written)
      return refuse(context, written.error());
  print(context, asked.html, *given, *checked);
  return kDone;
}

struct AskedToVerify {
  std::string file, key;
  bool html = false;
};

int verify_export(const Context& context, const AskedToVerify& asked) {
  const auto key = read_required_key(asked.key);
  if (!key) return refuse(context, key.error());
  const auto text = read_input(asked.file, access::kExportBytesMax);
  if (!text) return refuse(context, text.error());
  const auto given = access::parse(*text);
  if (!given) return refuse(context, given.error());
  const auto checked = access::verify(*given, *key);
  if (!checked) return refuse(context, checked.error());
  print(context, asked.html, *given, *checked);
  return kDone;
}

}  // namespace

void add_export(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("export", Word::kExport, [asked](const Context& context) { return export_all(context, *asked); });
  table.folder(sub, asked->folder);
  table.key(sub, asked->key, Word::kKey)->required();
  table.option(sub, "--pseudonym", asked->pseudonyms, Word::kPseudonym);
  table.option(sub, "--pseudonyms", asked->pseudonyms_file, Word::kPseudonyms);
  table.option(sub, "--out", asked->file, Word::kExportOut);
  table.flag(sub, "--html", asked->html, Word::kHtml);
  add_reading(table, sub, asked->reading);
}

void add_verify_export(Table& table) {
  auto asked = std::make_shared<AskedToVerify>();
  CLI::App& sub = table.command("verify-export", Word::kVerifyExport,
                                [asked](const Context& context) { return verify_export(context, *asked); });
  table.option(sub, "FILE", asked->file, Word::kExportFile)->required();
  table.key(sub, asked->key, Word::kKey)->required();
  table.flag(sub, "--html", asked->html, Word::kHtml);
}

}  // namespace audit::tool
