#include "policy/tool/command/two_sets.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "policy/tool/command/bundle_file.h"

namespace policy::tool {
namespace {

namespace fs = std::filesystem;

// A folder without a pack of its own stands for the packs in its folders.
std::vector<std::string> packs_in(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error) || fs::exists(fs::path(path) / "pack.toml", error)) return {path};
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(path, error))
    if (fs::exists(entry.path() / "pack.toml", error)) found.push_back(entry.path().string());
  std::ranges::sort(found);
  if (found.empty()) found.push_back(path);  // so that the error names it
  return found;
}

std::vector<std::string> paths_of(const std::string& one, const std::vector<std::string>& several) {
  std::vector<std::string> out;
  std::vector<std::string> all = several;
  if (!one.empty()) all.insert(all.begin(), one);
  for (const std::string& listed : all) {
    for (std::size_t from = 0; from <= listed.size();) {
      const std::size_t end = std::min(listed.find(',', from), listed.size());
      if (end > from)
        for (std::string& path : packs_in(listed.substr(from, end - from))) out.push_back(std::move(path));
      from = end + 1;
    }
  }
  return out;
}

// By its first line, so that nobody has to say which of the two a file is.
bool is_bundle(const std::string& path) {
  constexpr std::string_view kFirstLine = "feierabend bundle ";
  std::string begin(kFirstLine.size(), '\0');
  std::ifstream in(path, std::ios::binary);
  return in.read(begin.data(), static_cast<std::streamsize>(begin.size())) && begin == kFirstLine;
}

Input<std::shared_ptr<const pack::RuleSet>> read_set(const std::vector<std::string>& paths) {
  if (paths.size() != 1 || !is_bundle(paths.front())) return read_rules(paths);
  auto file = read_bundle(paths.front());
  if (!file) return std::unexpected(std::move(file.error()));
  return std::move(file->rules);
}

}  // namespace

void add_two_sets(Table& table, CLI::App& sub, TwoSets& asked) {
  sub.add_option("OLD", asked.old_path, table.word(Word::kOldSet));
  sub.add_option("NEW", asked.new_path, table.word(Word::kNewSet));
  sub.add_option("--old", asked.old_paths, table.word(Word::kOldPacks))->type_name("FILE");
  sub.add_option("--new", asked.new_paths, table.word(Word::kNewPacks))->type_name("FILE");
}

Input<LoadedSets> load(const TwoSets& asked) {
  const auto old_paths = paths_of(asked.old_path, asked.old_paths),
             new_paths = paths_of(asked.new_path, asked.new_paths);
  if (old_paths.empty() || new_paths.empty()) {
    return std::unexpected(Failure{{{"call.two-sets",
                                     "fewer than two sets of rules",
                                     "OLD and NEW, or --old FILE and --new FILE",
                                     "name the packs before and after the change",
                                     {}}},
                                   kUsage});
  }
  const auto before = read_set(old_paths);
  if (!before) return std::unexpected(before.error());
  const auto after = read_set(new_paths);
  if (!after) return std::unexpected(after.error());
  return LoadedSets{*before, *after};
}

}  // namespace policy::tool
