// What the rules say about a text before it is encrypted: which markers stop it, which only warn (design § 4
// `[content]`). All patterns are searched for in one pass (markers.h), so the time is linear in the text.
//
// Immutable after compile(); safe from any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/match/markers.h"

namespace policy::match {

struct ContentMarker {
  std::string id;                   // "vs-nfd.banner"
  std::string pattern;              // RE2 syntax, UTF-8, case folded
  std::vector<std::string> unless;  // patterns: a text that also has one of them passes this marker
  bool warns = false;               // asks the sender instead of stopping
  bool operator==(const ContentMarker&) const = default;
};

// Ids in the order in which the markers were given.
struct Verdict {
  std::vector<std::string> stops;
  std::vector<std::string> warns;
  bool unsearchable = false;  // too long, not UTF-8: nothing is known about this text
  bool stopped() const { return unsearchable || !stops.empty(); }
  bool operator==(const Verdict&) const = default;
};

class Content {
 public:
  // Patterns of `unless` count as markers for the limits. Errors: marker.count, marker.size, marker.pattern.
  static base::Result<Content> compile(std::span<const ContentMarker> markers);
  Verdict judge(std::string_view text) const;

 private:
  struct Entry {
    std::string id;
    std::vector<std::string> unless;  // their names in `patterns_`
    bool warns = false;
  };
  Content(std::vector<Entry> entries, Markers patterns)
      : entries_(std::move(entries)), patterns_(std::move(patterns)) {}

  std::vector<Entry> entries_;
  Markers patterns_;
};

}  // namespace policy::match
