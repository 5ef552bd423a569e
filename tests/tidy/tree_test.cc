// The linter over the whole tree; lint_test.cc shows that each of its rules can fail.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/tidy/lint.h"

namespace tests::tidy {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolders[] = {"policy", "rules", "audit", "relay", "gateway", "clients", "tests", "script"};
// A corpus and vectors are data: whatever stands in them is meant so.
constexpr const char* kData[] = {"tests/fuzz/corpus/", "tests/vectors/"};
constexpr const char* kTexts[] = {".cc", ".h", ".def", ".proto", ".md", ".txt", ".cmake", ".toml", ".py", ".sh", ""};

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool is_text(const std::string& path) {
  const std::string extension = fs::path(path).extension();
  return std::ranges::find(kTexts, extension) != std::end(kTexts) && !path.contains("/node_modules/") &&
         std::ranges::none_of(kData, [&](const char* folder) { return path.starts_with(folder); });
}

std::vector<std::string> paths_of_tree() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator("."))
    if (entry.is_regular_file() && is_text(entry.path().filename())) out.push_back(entry.path().filename());
  for (const char* const folder : kFolders) {
    if (!fs::exists(folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file() && is_text(entry.path().string())) out.push_back(entry.path().string());
  }
  std::ranges::sort(out);
  return out;
}

TEST(Tree, KeepsTheHousesRules) {
  const auto paths = paths_of_tree();
  ASSERT_GT(paths.size(), 200U) << "not the root of the tree";
  for (const auto& path : paths)
    for (const Finding& finding : lint({path, read(path)})) ADD_FAILURE() << finding.text();
}

TEST(Tree, EverySourceIsBuilt) {
  const std::string built = read(FEIERABEND_COMPILE_COMMANDS);
  ASSERT_FALSE(built.empty()) << FEIERABEND_COMPILE_COMMANDS;
  const std::string houses = "," FEIERABEND_HOUSES_BUILT ",";
  std::vector<std::string> sources;
  for (const auto& path : paths_of_tree()) {
    const std::string house = path.substr(0, path.find('/'));
    if (path.ends_with(".cc") && houses.contains("," + house + ",")) sources.push_back(path);
  }
  ASSERT_GT(sources.size(), 10U);
  for (const Finding& finding : unbuilt(sources, built)) ADD_FAILURE() << finding.text();
}

}  // namespace
}  // namespace tests::tidy
