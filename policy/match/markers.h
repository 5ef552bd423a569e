// Markers in a text, found in linear time: the patterns by which a rule recognises classified content before it is
// encrypted (design § 4 `[content]`). RE2 has no back-references and no look-around, so no pattern can be made to run
// away (ReDoS); its memory is bounded as well.
//
// Immutable after compile(); safe from any thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"

namespace policy::match {

constexpr std::size_t kMarkersMax = 256;
constexpr std::size_t kPatternBytesMax = 1024;
constexpr std::size_t kTextBytesMax = 1024 * 1024;

struct Marker {
  std::string id;       // "vs-nfd.banner"
  std::string pattern;  // RE2 syntax, UTF-8, case folded
};

class Markers {
 public:
  // Errors: marker.count, marker.size, marker.pattern (with RE2's words and the marker's id).
  static base::Result<Markers> compile(std::span<const Marker> markers);
  Markers(Markers&&) noexcept;
  Markers& operator=(Markers&&) noexcept;
  ~Markers();

  // Ids of the markers that occur in the text, in the order they were given. Error: marker.text (too long, not UTF-8):
  // a text that cannot be searched counts as one that must not pass.
  base::Result<std::vector<std::string>> found_in(std::string_view text) const;

 private:
  struct Inside;
  explicit Markers(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

// The syntax of one pattern alone, at little cost: compile() may still refuse all of them together. Errors:
// marker.size, marker.pattern.
base::Status check_pattern(std::string_view id, std::string_view pattern);

}  // namespace policy::match
