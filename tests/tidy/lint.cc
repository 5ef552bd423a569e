#include "tests/tidy/lint.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "tests/tidy/rfc_section.h"

namespace tests::tidy {
namespace {

bool word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_cpp(std::string_view path) { return path.ends_with(".cc") || path.ends_with(".h"); }

// Tests, their helpers and the suites that several backends share.
bool is_test(const SourceFile& file) {
  return file.path.starts_with("tests/") || file.path.ends_with("_test.cc") || file.path.contains("/testing/") ||
         file.text.contains("#include <gtest/gtest.h>");
}

bool any_prefix(std::string_view path, std::span<const std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return path.starts_with(prefix); });
}

struct Lines {
  std::vector<std::string_view> all;

  explicit Lines(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      all.push_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
};

// ---- calls that have a replacement in the house

struct Ban {
  std::string_view rule, word, instead;
  std::array<std::string_view, 2> allowed;  // path prefixes; empty: none
  bool tests_may;
};

constexpr std::array<Ban, 6> kBans{{
    {"clock", "system_clock::now", "the Clock passed in (policy/base/clock.h)", {"policy/base/clock.cc", ""}, true},
    {"clock", "steady_clock::now", "the Clock passed in (policy/base/clock.h)", {"policy/base/clock.cc", ""}, true},
    {"sleep", "sleep_for", "a wait on what is awaited, or the loop's tick", {"", ""}, true},
    {"regex", "std::regex", "RE2 through policy/match, or plain scanning", {"", ""}, false},
    {"random", "rand(", "the Random passed in (policy/base/random.h)", {"", ""}, false},
    {"random", "random_device", "the Random passed in (policy/base/random.h)", {"policy/base/random.cc", ""}, true},
}};

bool allowed_by(const Ban& ban, const SourceFile& file) {
  if (ban.tests_may && is_test(file)) return true;
  return std::ranges::any_of(ban.allowed,
                             [&](std::string_view prefix) { return !prefix.empty() && file.path.starts_with(prefix); });
}

void find_bans(const SourceFile& file, const Lines& code, std::vector<Finding>& out) {
  for (const Ban& ban : kBans) {
    if (allowed_by(ban, file)) continue;
    for (std::size_t i = 0; i < code.all.size(); ++i) {
      const std::size_t at = code.all[i].find(ban.word);
      if (at == std::string_view::npos || (at > 0 && word_char(code.all[i][at - 1]))) continue;
      out.push_back({file.path, i + 1, std::string(ban.rule), std::string(ban.word), std::string(ban.instead)});
    }
  }
}

// ---- properties whose verdict is dropped

void find_dropped_properties(const SourceFile& file, const std::string& code, std::vector<Finding>& out) {
  constexpr std::string_view kCall = "rc::check(";
  for (std::size_t at = code.find(kCall); at != std::string::npos; at = code.find(kCall, at + 1)) {
    const std::string_view before = std::string_view(code).substr(0, at);
    const std::size_t last = before.find_last_not_of(" \n");
    const std::string_view kept = before.substr(0, last == std::string_view::npos ? 0 : last + 1);
    if (kept.ends_with("EXPECT_TRUE(") || kept.ends_with("ASSERT_TRUE(")) continue;
    const auto line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
    out.push_back({file.path, line, "property", "rc::check whose result nobody looks at",
                   "EXPECT_TRUE(rc::check(…)), or RC_GTEST_PROP"});
  }
}

// ---- includes

struct ThirdParty {
  std::string_view header;  // prefix of what stands between the brackets
  std::array<std::string_view, 3> folders;
};

// Design § 3: a third-party header is included in one folder. Tests may look into a store.
constexpr std::array<ThirdParty, 11> kThirdParty{{
    {"toml++/", {"policy/pack/", "", ""}},
    {"re2/", {"policy/match/", "", ""}},
    {"date/", {"policy/time/", "", ""}},
    {"libical/", {"policy/roster/ical/", "", ""}},
    {"z3", {"policy/prove/", "", ""}},
    {"openssl/",
     {"relay/net/", "clients/mls/crypto/", "tests/bench/"}},  // the bare server that sessions are measured against
    {"boost/beast", {"relay/net/", "", ""}},
    {"ldap", {"gateway/directory/ldap/", "tests/support/slapd/", ""}},
    {"lber", {"gateway/directory/ldap/", "tests/support/slapd/", ""}},
    {"libpq", {"relay/store/postgres/", "gateway/store/postgres/", ""}},
    {"nats/", {"relay/bus/nats/", "", ""}},
}};

struct Include {
  std::string_view name;
  bool own = false;  // between quotes
};

bool read_include(std::string_view line, Include& out) {
  constexpr std::string_view kDirective = "#include ";
  if (!line.starts_with(kDirective)) return false;
  line.remove_prefix(kDirective.size());
  const std::size_t end = line.find_first_of("\">", 1);
  if (line.empty() || end == std::string_view::npos) return false;
  out = {line.substr(1, end - 1), line.front() == '"'};
  return true;
}

void check_third_party(const SourceFile& file, std::size_t line, std::string_view name, std::vector<Finding>& out) {
  const bool is_sqlite = name == "sqlite3.h";
  if (is_sqlite && !file.path.contains("/store/") && !is_test(file))
    out.push_back({file.path, line, "include.third-party", "<sqlite3.h>", "a folder named store"});
  for (const ThirdParty& one : kThirdParty) {
    if (!name.starts_with(one.header)) continue;
    std::vector<std::string_view> folders;
    std::ranges::copy_if(one.folders, std::back_inserter(folders), [](auto folder) { return !folder.empty(); });
    if (!any_prefix(file.path, folders))
      out.push_back({file.path, line, "include.third-party", "<" + std::string(name) + ">",
                     "only " + std::string(folders.front()) + " includes it; use what that folder offers"});
  }
}

struct House {
  std::string_view folder;
  std::array<std::string_view, 11> may;        // prefixes of own headers beside its own
  std::array<std::string_view, 3> never = {};  // and what of these not
};

// Clients check certificates of devices with the log's own code; of the rest of the log they know nothing. Their tests
// keep a log of their own.
// The gateway follows groups with the clients' own MLS rooms: one codec and one validation for members and delivery
// service, so that neither takes what the other refuses. No secret of a group is handled there.
constexpr std::array<House, 5> kHouses{{
    {"policy/", {"policy/"}},
    {"audit/", {"policy/base/", "audit/"}},
    {"relay/", {"policy/base/", "relay/"}},
    {"gateway/",
     {"policy/", "audit/", "relay/", "gateway/", "clients/mls/core/", "clients/mls/crypto/", "clients/mls/message/",
      "clients/mls/schedule/", "clients/mls/tree/", "clients/mls/framing/", "clients/mls/group/"},
     {"relay/core/", "relay/store/", "relay/server/"}},
    {"clients/",
     {"policy/", "audit/certificate/", "audit/checkpoint/", "relay/", "clients/"},
     {"relay/core/", "relay/store/", "relay/server/"}},
}};

void check_house(const SourceFile& file, std::size_t line, std::string_view name, std::vector<Finding>& out) {
  const bool of_log = file.path.starts_with("clients/") && name.starts_with("audit/");
  const bool test_support = (name.starts_with("tests/support/") || of_log) && is_test(file);
  for (const House& house : kHouses) {
    if (!file.path.starts_with(house.folder)) continue;
    const auto within = [&](std::string_view prefix) { return !prefix.empty() && name.starts_with(prefix); };
    if (test_support || (std::ranges::any_of(house.may, within) && std::ranges::none_of(house.never, within))) continue;
    std::string allowed;
    for (const std::string_view prefix : house.may)
      if (!prefix.empty()) allowed += (allowed.empty() ? "" : ", ") + std::string(prefix);
    out.push_back({file.path, line, "include.house", "\"" + std::string(name) + "\"",
                   "headers of " + allowed + " only (design § 3); pass a value or a port instead"});
  }
}

void check_includes(const SourceFile& file, const Lines& lines, std::vector<Finding>& out) {
  for (std::size_t i = 0; i < lines.all.size(); ++i) {
    Include include;
    if (!read_include(lines.all[i], include)) continue;
    if (include.own)
      check_house(file, i + 1, include.name, out);
    else
      check_third_party(file, i + 1, include.name, out);
  }
}

// ---- words and sizes

// Written apart, so that this file is not its own finding.
constexpr std::array<std::string_view, 2> kUnfinished{
    "TO"
    "DO",
    "FIX"
    "ME"};
constexpr std::array<std::string_view, 4> kMachinePaths{
    "/ho"
    "me/",
    "/ro"
    "ot/",
    "/wo"
    "rk/",
    "/t"
    "mp/"};

// Found as a word of its own: "gateway/wo" + "rk/x" is a place in the tree, not on a machine.
bool stands_alone(std::string_view line, std::size_t at) {
  return at == 0 || (!word_char(line[at - 1]) && !std::string_view("./})-*~").contains(line[at - 1]));
}

void check_words(const SourceFile& file, std::size_t number, std::string_view line, std::vector<Finding>& out) {
  for (const std::string_view word : kUnfinished) {
    const std::size_t at = line.find(word);
    if (at == std::string_view::npos || !stands_alone(line, at)) continue;
    if (at + word.size() < line.size() && word_char(line[at + word.size()])) continue;
    out.push_back({file.path, number, "unfinished", std::string(word), "an issue in the tracker, or the work itself"});
  }
  if (file.path.starts_with("tests/")) return;
  for (const std::string_view path : kMachinePaths) {
    const std::size_t at = line.find(path);
    if (at == std::string_view::npos || !stands_alone(line, at)) continue;
    if (line.substr(0, at).ends_with("+ \"")) continue;  // a folder below one that was given
    out.push_back({file.path, number, "machine-path", std::string(path), "a setting, or std::filesystem's own"});
  }
}

// clang-tidy is silenced for one check and a reason: "NOLINT(check): reason", or the reason in the comment's next
// words.
void check_nolint(const SourceFile& file, std::size_t number, std::string_view line, std::vector<Finding>& out) {
  constexpr std::string_view kMark = "NOLINT";
  const std::size_t comment = line.find("//");
  const std::size_t at = line.find(kMark, std::min(comment, line.size()));
  if (comment == std::string_view::npos || at == std::string_view::npos) return;
  std::string_view rest = line.substr(at + kMark.size());
  for (const std::string_view form : {"NEXTLINE", "BEGIN", "END"})
    if (rest.starts_with(form)) rest.remove_prefix(form.size());
  const std::size_t close = rest.find(')');
  const bool named = rest.starts_with("(") && close != std::string_view::npos && close > 1 && rest[1] != '*';
  const bool reasoned = named && std::ranges::count_if(rest.substr(close), word_char) >= 3;
  const bool ends = line.substr(at).starts_with("NOLINTEND");
  if (!named || (!reasoned && !ends))
    out.push_back({file.path, number, "nolint", std::string(line.substr(at)), "NOLINT(check-name): reason"});
}

}  // namespace

std::string Finding::text() const {
  return path + (line == 0 ? "" : ":" + std::to_string(line)) + ": " + rule + ": " + seen + "; instead: " + instead;
}

std::vector<Finding> lint(const SourceFile& file) {
  std::vector<Finding> out;
  const Lines lines(file.text);
  for (std::size_t i = 0; i < lines.all.size(); ++i) {
    check_words(file, i + 1, lines.all[i], out);
    if (is_cpp(file.path)) check_nolint(file, i + 1, lines.all[i], out);
  }
  if (!is_cpp(file.path)) return out;
  const std::string code = code_of(file.text);
  const Lines code_lines(code);
  find_bans(file, code_lines, out);
  find_dropped_properties(file, code, out);
  check_includes(file, code_lines, out);
  find_unsourced(file, lines.all, code_lines.all, out);
  if (lines.all.size() > kLinesMax)
    out.push_back({file.path, 0, "size", std::to_string(lines.all.size()) + " lines",
                   "at most " + std::to_string(kLinesMax) + "; part it along its headings"});
  return out;
}

std::vector<Finding> unbuilt(const std::vector<std::string>& sources, std::string_view built) {
  std::vector<Finding> out;
  for (const std::string& source : sources) {
    if (!built.contains("/" + source + "\""))
      out.push_back(
          {source, 0, "unbuilt", "a source that no target builds", "name it in its CMakeLists.txt, or delete it"});
  }
  return out;
}

}  // namespace tests::tidy
