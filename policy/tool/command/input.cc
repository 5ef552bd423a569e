#include "policy/tool/command/input.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "policy/pack/document.h"
#include "policy/tool/command/command.h"

namespace policy::tool {

namespace {

std::unexpected<Failure> unreadable(const std::string& path, std::string code, std::string seen, std::string allowed) {
  return std::unexpected(
      Failure{{{std::move(code), std::move(seen), std::move(allowed), {}, base::printable(path, 300)}}, kNoInput});
}

}  // namespace

Input<base::ByteSource> open_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return unreadable(path, "file.unreadable", "a folder", "a file");
  auto in = std::make_shared<std::ifstream>(path, std::ios::binary);
  if (!*in) return unreadable(path, "file.unreadable", "a file that cannot be opened", "a readable file");
  return [in, path](std::span<char> buffer) -> base::Result<std::size_t> {
    in->read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    if (in->bad()) {
      return std::unexpected(
          unreadable(path, "file.unreadable", "a file that cannot be read to its end", "a readable file")
              .error()
              .errors.front());
    }
    return static_cast<std::size_t>(in->gcount());
  };
}

Input<std::string> read_file(const std::string& path, std::size_t size_max) {
  const auto source = open_file(path);
  if (!source) return std::unexpected(source.error());
  std::string text;
  std::string piece(1 << 16, '\0');
  while (true) {
    const auto size = (*source)(piece);
    if (!size) return std::unexpected(Failure{{size.error()}, kNoInput});
    if (*size == 0) return text;
    text.append(piece, 0, *size);
    if (text.size() > size_max)
      return unreadable(path, "file.too-large", "a larger file", "at most " + std::to_string(size_max) + " bytes");
  }
}

Input<void> read_roster(const std::string& path, const roster::Options& options, model::People& people) {
  const auto format = roster::format_of(path);
  if (!format) return std::unexpected(Failure{{format.error()}, kDataError});
  std::expected<void, pack::Errors> read;
  if (*format == roster::Format::kTable) {
    const auto source = open_file(path);
    if (!source) return std::unexpected(source.error());
    read = roster::read_roster_table(path, *source, options, people);
  } else {
    const auto text = read_file(path, roster::bytes_max(*format));
    if (!text) return std::unexpected(text.error());
    read = roster::read_roster_file(path, *text, options, people);
  }
  if (!read) return std::unexpected(Failure{std::move(read.error()), kDataError});
  return {};
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
  roster::Options options;
  options.zone = files.zone;
  for (const std::string& path : files.roster)
    if (auto read = read_roster(path, options, *people); !read) return std::unexpected(read.error());
  if (files.interruptions.empty()) return std::move(*people);
  const auto interruptions = read_file(files.interruptions, kTableBytesMax);
  if (!interruptions) return std::unexpected(interruptions.error());
  if (auto read = pack::read_interruptions(files.interruptions, *interruptions, *people); !read)
    return std::unexpected(Failure{std::move(read.error()), kDataError});
  return std::move(*people);
}

}  // namespace policy::tool
