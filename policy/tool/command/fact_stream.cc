#include "policy/tool/command/fact_stream.h"

#include <filesystem>

namespace policy::tool {
namespace {

bool streamed(const FactFiles& files, std::uintmax_t from) {
  if (files.roster.size() != 1) return false;
  const auto format = roster::format_of(files.roster.front());
  std::error_code error;
  const auto size = std::filesystem::file_size(files.roster.front(), error);
  return format && *format == roster::Format::kTable && !error && size > from;
}

}  // namespace

Input<FactStream> FactStream::open(const FactFiles& files, std::uintmax_t streamed_from) {
  const bool stream = streamed(files, streamed_from);
  FactFiles whole = files;
  if (stream) whole.roster.clear();
  auto people = read_facts(whole);
  if (!people) return std::unexpected(people.error());
  FactStream out;
  out.people_ = std::make_unique<model::People>(std::move(*people));
  out.at_ = out.people_->begin();
  if (!stream) return out;
  auto source = open_file(files.roster.front());
  if (!source) return std::unexpected(source.error());
  out.roster_.emplace(files.roster.front(), std::move(*source), out.people_.get());
  return out;
}

base::Result<std::optional<model::PersonFacts>> FactStream::next() {
  if (roster_ && !rostered_) {
    auto read = roster_->next();
    if (!read) return std::unexpected(std::move(read.error()));
    rostered_ = std::move(*read);
    if (!rostered_) roster_.reset();
  }
  if (at_ == people_->end()) return std::nullopt;
  model::PersonFacts facts = std::move((at_++)->second);
  if (!rostered_ || rostered_->person != facts.person) return facts;
  facts.roster = std::move(rostered_->roster);
  rostered_.reset();
  return facts;
}

}  // namespace policy::tool
