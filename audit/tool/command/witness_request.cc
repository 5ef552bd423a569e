// `feierabend-audit witness request`: what a log asks of a witness, as a file.
#include "audit/tool/command/log_reader.h"
#include "audit/tool/command/witness_parts.h"
#include "audit/witness/collector.h"

namespace audit::tool {
namespace {

struct Asked {
  std::string folder, out;
  std::uint64_t old_size = 0;
};

int request(const Context& context, const Asked& asked) {
  const auto reader = LogReader::open(asked.folder, {});
  if (!reader) return refuse(context, reader.error());
  const auto made = witness::request_from(reader->objects(), reader->note(), reader->size(), asked.old_size);
  if (!made) return refuse(context, made.error());
  const std::string text = format_add_checkpoint(*made);
  if (!asked.out.empty())
    if (auto written = write_new(asked.out, text, false); !written) return refuse(context, written.error());
  answer(context, asked.out.empty() ? std::string_view(text).substr(0, text.size() - 1) : asked.out,
         boost::json::object{{"origin", reader->checkpoint().origin},
                             {"old", asked.old_size},
                             {"size", reader->size()},
                             {"request", text}});
  return kDone;
}

}  // namespace

void add_witness_request(Table& table, CLI::App& family) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub = table.command(family, "request", Word::kWitnessRequest,
                                [asked](const Context& context) { return request(context, *asked); });
  table.folder(sub, asked->folder);
  table.option(sub, "--old", asked->old_size, Word::kOldSize);
  table.option(sub, "--out", asked->out, Word::kWitnessRequestOut);
}

}  // namespace audit::tool
