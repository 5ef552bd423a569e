// The house's own rules about its text, which no compiler knows. A finding names the place, what stands there and what
// belongs there instead, so that whoever meets it need not ask.
//
// Pure: text in, findings out. Comments and strings do not count as code; a raw string may be as long as it likes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tests::tidy {

struct SourceFile {
  std::string path;  // from the root of the tree, with '/'
  std::string text;
};

struct Finding {
  std::string path;
  std::size_t line = 0;  // from 1; 0: the file as a whole
  std::string rule;      // "clock", "include.house" …
  std::string seen;
  std::string instead;

  std::string text() const;
};

constexpr std::size_t kLinesMax = 800;

std::vector<Finding> lint(const SourceFile& file);

// Files of `sources` that no target builds. `built` as CMake writes it: compile_commands.json.
std::vector<Finding> unbuilt(const std::vector<std::string>& sources, std::string_view built);

// The text with every comment and the inside of every string and character literal as blanks; lines stay where they
// are.
std::string code_of(std::string_view text);

}  // namespace tests::tidy
