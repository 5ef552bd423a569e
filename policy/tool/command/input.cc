#include "policy/tool/command/input.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "policy/pack/document.h"
#include "policy/tool/command/command.h"

namespace policy::tool {

Input<std::string> read_file(const std::string& path, std::size_t size_max) {
  const auto unreadable = [&](std::string code, std::string seen, std::string allowed) {
    return std::unexpected(
        Failure{{{std::move(code), std::move(seen), std::move(allowed), {}, base::printable(path, 300)}}, kNoInput});
  };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return unreadable("file.unreadable", "a folder", "a file");
  std::ifstream in(path, std::ios::binary);
  if (!in) return unreadable("file.unreadable", "a file that cannot be opened", "a readable file");
  std::string text;
  std::string piece(1 << 16, '\0');
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
    text.append(piece, 0, static_cast<std::size_t>(in.gcount()));
    if (text.size() > size_max)
      return unreadable("file.too-large", "a larger file", "at most " + std::to_string(size_max) + " bytes");
  }
  if (in.bad()) return unreadable("file.unreadable", "a file that cannot be read to its end", "a readable file");
  return text;
}

Input<std::vector<pack::PackSource>> read_pack_sources(const std::vector<std::string>& paths) {
  std::vector<pack::PackSource> sources;
  for (const std::string& path : paths) {
    std::error_code error;
    const bool folder = std::filesystem::is_directory(path, error);
    const std::string file = folder ? (std::filesystem::path(path) / "pack.toml").string() : path;
    auto text = read_file(file, pack::kPackBytesMax + 1);  // one more, so that the loader reports the limit
    if (!text) return std::unexpected(text.error());
    sources.push_back({file, std::move(*text)});
  }
  return sources;
}

Input<std::shared_ptr<const pack::RuleSet>> read_rules(const std::vector<std::string>& paths) {
  const auto sources = read_pack_sources(paths);
  if (!sources) return std::unexpected(sources.error());
  auto rules = pack::load_packs(*sources);
  if (!rules) return std::unexpected(Failure{std::move(rules.error()), kDataError});
  return *rules;
}

Input<model::People> read_facts(const FactFiles& files) {
  const auto people_text = read_file(files.people, kTableBytesMax);
  if (!people_text) return std::unexpected(people_text.error());
  auto people = pack::read_people(files.people, *people_text);
  if (!people) return std::unexpected(Failure{std::move(people.error()), kDataError});
  const auto roster_text = read_file(files.roster, kTableBytesMax);
  if (!roster_text) return std::unexpected(roster_text.error());
  if (auto read = pack::read_roster(files.roster, *roster_text, *people); !read)
    return std::unexpected(Failure{std::move(read.error()), kDataError});
  if (files.interruptions.empty()) return std::move(*people);
  const auto interruptions = read_file(files.interruptions, kTableBytesMax);
  if (!interruptions) return std::unexpected(interruptions.error());
  if (auto read = pack::read_interruptions(files.interruptions, *interruptions, *people); !read)
    return std::unexpected(Failure{std::move(read.error()), kDataError});
  return std::move(*people);
}

}  // namespace policy::tool
