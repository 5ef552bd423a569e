// That the catalogue is whole, and that it stays so: codes and sentences are collected from the sources of the house.
// The working directory is the root of the tree (house_test).
#include "policy/base/words/german.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

namespace policy::base::words {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// They look like codes and are none: names of files and protocols, topics of the daemons' logs, settings.
const std::set<std::string, std::less<>> kNotCodes{
    "cases.toml",  "feierabend.invalid", "feierabend.v1", "key.new",       "link.down",       "link.refused",
    "link.up",     "messages.db",        "pack.toml",     "relay.backlog", "relay.destroyed", "relay.store",
    "stream.lock", "messages.db-journal"};

// Prefixes and codes in tables that map codes to numbers; errors are made elsewhere.
bool is_table_of_codes(const std::string& path) {
  return path.ends_with("terminal/exit_code.cc") || path.ends_with("http/problem.cc") ||
         path.ends_with("proxy/entries.cc");
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool is_word(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.front() != '-' && text.back() != '-' && std::ranges::all_of(text, fits);
}
bool looks_like_code(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front())) != 0) return false;  // "1.5" is a number
  return dot != std::string_view::npos && is_word(text.substr(0, dot)) && is_word(text.substr(dot + 1));
}

// One piece of a source: a string literal's content, or any other character.
struct Piece {
  bool literal = false;
  std::string text;
};

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && text.substr(i, 6) == "\\u2014") {
      out += "—";
      i += 5;
    } else if (text[i] == '\\' && i + 1 < text.size()) {
      out += text[++i];
    } else {
      out += text[i];
    }
  }
  return out;
}

std::size_t end_of_quote(std::string_view text, std::size_t open) {
  std::size_t at = open + 1;
  while (at < text.size() && text[at] != text[open]) at += text[at] == '\\' ? 2U : 1U;
  return at;
}

// Without comments; neighbouring literals are joined, as the compiler does.
std::vector<Piece> pieces_of(const std::string& text) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "//") == 0) {
      i = text.find('\n', i);
      if (i == std::string::npos) break;
    } else if (text[i] == '"') {
      const std::size_t end = end_of_quote(text, i);
      const std::string content = unescaped(std::string_view(text).substr(i + 1, end - i - 1));
      if (!pieces.empty() && pieces.back().literal)
        pieces.back().text += content;
      else
        pieces.push_back({true, content});
      i = end;
    } else if (text[i] == '\'' && i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])) == 0) {
      i = end_of_quote(text, i);
      pieces.push_back({false, "c"});
    } else if (std::isspace(static_cast<unsigned char>(text[i])) == 0) {
      pieces.push_back({false, std::string(1, text[i])});
    }
  }
  return pieces;
}

constexpr char kGap = '\x01';  // for what is computed

// The arguments after a code, up to the end of its call: those that are sentences, with a gap for what is computed.
class Arguments {
 public:
  std::vector<std::string> read(const std::vector<Piece>& pieces, std::size_t at) {
    for (++at; at < pieces.size() && !ended_; ++at) {
      if (pieces[at].literal)
        add_literal(pieces[at].text, pieces[at - 1].text == "(");
      else
        add(pieces[at].text.front());
    }
    finish();
    return std::move(sentences_);
  }

 private:
  void add_literal(const std::string& text, bool first_in_call) {
    if (depth_ > 0 && !(depth_ == 1 && !literal_ && first_in_call)) return;  // an argument of a function
    if (depth_ > 0) gap_ = false;                                            // std::string("…"), fmt::format("…", …)
    close_gap();
    literal_ = true;
    format_ = depth_ > 0 && text.find("{}") != std::string::npos;
    sentence_ += text;
    for (std::size_t i = 0; (i = sentence_.find("{}")) != std::string::npos && format_;)
      sentence_.replace(i, 2, 1, kGap);
  }

  void add(char c) {
    if ((c == ')' || c == '}' || c == ']') && depth_-- == 0) ended_ = true;
    if (c == '(' || c == '{' || c == '[') ++depth_;
    ended_ = ended_ || c == ';';
    if (ended_) return;
    if (c == ',' && depth_ == 0) return finish();
    choice_ = choice_ || c == '?';
    if (c == '=' && depth_ == 0)
      gap_ = false;  // .seen = …
    else if (c != '+' && c != '(' && c != ')')
      gap_ = true;
  }

  void close_gap() {
    if (gap_) sentence_ += kGap;
    gap_ = false;
  }

  void finish() {
    if (!format_) close_gap();
    if (literal_ && !choice_) sentences_.push_back(sentence_);
    sentence_.clear();
    gap_ = literal_ = choice_ = format_ = false;
  }

  std::vector<std::string> sentences_;
  std::string sentence_;
  int depth_ = 0;
  bool gap_ = false, literal_ = false, choice_ = false, format_ = false, ended_ = false;
};

// What may stand at a gap: a number, or a part of a sentence that the caller made.
const std::vector<std::string> kFillings{"7",    "'k' in [[rest]]",     "rule 'r'",   "body",
                                         "rule", "a period of nothing", "cannot open"};

bool has_twin(const std::string& sentence) {
  return std::ranges::any_of(kFillings, [&](const std::string& filling) {
    std::string whole;
    for (const char c : sentence) whole += c == kGap ? filling : std::string{c};
    return !twin_of(whole).empty();
  });
}

// Small functions of one file that put a code before the sentence they are given.
bool begins_helper(const std::vector<Piece>& pieces, std::size_t at) {
  if (!pieces[at].literal || pieces[at - 1].text != "(") return false;
  std::string name;
  for (std::size_t i = at - 1; i > 0 && !pieces[i - 1].literal && name.size() < 20; --i)
    name.insert(0, pieces[i - 1].text);
  static const std::set<std::string> kHelpers{"bad_checkpoint", "bad_name",     "bad_request",
                                              "bad_note",       "bad_proof",    "bad_sealed",
                                              "returnbad",      "returnsyntax", "returndamaged"};
  return std::ranges::any_of(kHelpers, [&](const std::string& helper) { return name.ends_with(helper); });
}

// Lists of ids, forms and calls are the same in both languages.
bool is_language(std::string_view sentence) {
  static const std::set<std::string_view> kForms{"8 MiB",       "TOML 1.0",    "--server https://HOST[:PORT]",
                                                 "--user NAME", "rights 0600", "send PERSON… TEXT",
                                                 "0 to 15",     "RFC 9112"};
  if (kForms.contains(sentence) || sentence.starts_with("tile/<L>")) return false;
  for (std::size_t at = 0; (at = sentence.find(' ', at)) != std::string_view::npos; ++at)
    if (at == 0 || sentence[at - 1] != ',') return true;
  return false;
}

struct House {
  std::map<std::string, std::string> codes;  // code → the first place
  std::set<std::string> literals;            // every literal, with its neighbours
};

const House& house() {
  static const House all = [] {
    House found;
    for (const char* folder : {"policy", "audit", "relay", "gateway", "clients"}) {
      if (!fs::exists(folder)) continue;
      for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string path = entry.path().generic_string();
        const bool source = (path.ends_with(".cc") || path.ends_with(".h")) && !path.ends_with("_test.cc");
        if (!source || path.find("/testing/") != std::string::npos || path.ends_with("/contract.h")) continue;
        for (const Piece& piece : pieces_of(read(entry.path()))) {
          if (!piece.literal) continue;
          found.literals.insert(piece.text);
          if (looks_like_code(piece.text) && !kNotCodes.contains(piece.text) && !is_table_of_codes(path))
            found.codes.emplace(piece.text, path);
        }
      }
    }
    return found;
  }();
  return all;
}

TEST(Leads, EveryCodeOfTheHouseHasAGermanSentence) {
  ASSERT_GT(house().codes.size(), 200U) << "run from the root of the tree";
  for (const auto& [code, path] : house().codes)
    EXPECT_FALSE(lead_of(code).empty()) << "add LEAD(\"" << code << "\", …) to policy/base/words/leads.inc: it is in "
                                        << path;
}

TEST(Leads, NoneIsLeftOverOrTwice) {
  std::set<std::string_view> seen;
  for (const Lead& lead : leads()) {
    EXPECT_TRUE(house().codes.contains(std::string(lead.code))) << lead.code << " is in no source any more";
    EXPECT_TRUE(seen.insert(lead.code).second) << lead.code;
    EXPECT_FALSE(lead.german.ends_with('.')) << lead.german;
  }
}

std::size_t gaps(std::string_view text) {
  std::size_t found = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i)
    found += text.substr(i, 2) == "{}" || text.substr(i, 3) == "{t}" ? 1U : 0U;
  return found;
}

TEST(Sentences, BothSidesHaveTheSameGapsAndNoneIsTwice) {
  std::set<std::string_view> seen;
  for (const Sentence& sentence : sentences()) {
    EXPECT_EQ(gaps(sentence.english), gaps(sentence.german)) << sentence.english;
    EXPECT_TRUE(seen.insert(sentence.english).second) << sentence.english;
  }
}

// Sentences of errors that staff, council and officers meet, made of the literals in the sources.
TEST(Sentences, ErrorsOfClientsRulesAndAuditHaveGermanTwins) {
  std::size_t looked_at = 0;
  for (const char* folder :
       {"policy",         "audit/certificate", "audit/checkpoint", "audit/event",   "audit/merkle", "audit/pseudonym",
        "audit/verify",   "audit/prune",       "audit/tool",       "audit/subject", "audit/query",  "audit/access",
        "audit/report",   "audit/erasure",     "audit/opening",    "audit/witness", "clients",      "gateway/session",
        "gateway/device", "gateway/groups",    "gateway/console",  "gateway/proxy", "relay/core"}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const std::string path = entry.path().generic_string();
      if (!path.ends_with(".cc") || path.ends_with("_test.cc") || path.ends_with("_fuzz.cc") || is_table_of_codes(path))
        continue;
      const std::vector<Piece> pieces = pieces_of(read(entry.path()));
      for (std::size_t i = 1; i < pieces.size(); ++i) {
        const bool after_code = pieces[i].literal && house().codes.contains(pieces[i].text);
        if (!after_code && !begins_helper(pieces, i)) continue;
        for (const std::string& sentence : Arguments().read(pieces, after_code ? i : i - 1)) {
          if (!is_language(sentence)) continue;
          ++looked_at;
          EXPECT_TRUE(has_twin(sentence)) << path << " [" << pieces[i].text << "]: " << sentence;
        }
      }
    }
  }
  EXPECT_GT(looked_at, 300U);
}

std::set<std::string> codes_of_page(const char* path) {
  const std::string text = read(path);
  std::set<std::string> found;
  for (std::size_t open = text.find('`'); open != std::string::npos;) {
    const std::size_t close = text.find('`', open + 1);
    if (close == std::string::npos) break;
    if (const std::string word = text.substr(open + 1, close - open - 1); house().codes.contains(word))
      found.insert(word);
    open = text.find('`', close + 1);
  }
  return found;
}

// The council's two pages name the same errors, and every one that the readers of packs and tables make.
TEST(Pages, ErrorsOfRulesStandInBothLanguages) {
  const auto english = codes_of_page("rules/schema/errors.md"), german = codes_of_page("rules/schema/fehler.de.md");
  EXPECT_EQ(english, german);
  for (const auto& [code, path] : house().codes) {
    const std::string area = code.substr(0, code.find('.') + 1);
    if (area == "pack." || area == "csv." || area == "case." || area == "finding." || area == "roster." ||
        area == "ical.") {
      EXPECT_TRUE(german.contains(code)) << code << " (" << path << ") is missing in rules/schema/fehler.de.md";
    }
  }
}

// The commands of a page's examples: program and words up to the first quoted text.
std::vector<std::string> commands_of_page(const char* path) {
  std::ifstream in(path);
  std::vector<std::string> found;
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("feierabend ")) found.push_back(line.substr(0, line.find('"')));
  return found;
}

TEST(Pages, GuidesForStaffShowTheSameCommands) {
  EXPECT_GT(commands_of_page("clients/anleitung.de.md").size(), 10U);
  EXPECT_EQ(commands_of_page("clients/anleitung.de.md"), commands_of_page("clients/guide.en.md"));
}

TEST(German, NumbersNamesAndPlacesGoOver) {
  const Error limit{"device.limit", "3 devices are enrolled: 'Diensthandy' (phone, since 2026-11-01, id 17)",
                    "at most 3 per person (byod-drei/devices)", "remove one of them, then enrol again", ""};
  EXPECT_EQ(line_of(limit, Language::kGerman),
            "3 Geräte sind eingetragen: 'Diensthandy' (phone, since 2026-11-01, id 17); erlaubt: höchstens 3 je Person "
            "(byod-drei/devices). Entfernen Sie zuerst eines davon, dann tragen Sie dieses ein. [device.limit]");
  EXPECT_EQ(line_of(limit, Language::kEnglish), to_string(limit));
  EXPECT_EQ(twin_of("the server cannot be reached: the connection failed: Connection refused"),
            "der Server ist nicht erreichbar: die Verbindung ist fehlgeschlagen: Verbindung abgelehnt");
}

TEST(German, ForeignTextIsNeverReworded) {
  EXPECT_EQ(twin_of("person 'a folder'"), "Person „a folder“");
  EXPECT_EQ(twin_of("person '' again' again"), "Person „' again“ zum zweiten Mal");
}

TEST(German, WhatIsNotKnownStandsBehindTheLead) {
  EXPECT_EQ(in_german({"store.pin", "something new", "", "", "x:1"}),
            (Error{"store.pin", "Die PIN ist falsch (something new)", "", "", "x:1"}));
  EXPECT_EQ(in_german({"nobody.knows", "something new", "", "", ""}).seen, "Fehler (something new)");
  EXPECT_EQ(twin_of(std::string(kSentenceBytesMax + 1, 'a')), "");
  EXPECT_EQ(twin_of(""), "");
}

TEST(Language, OptionThenEnvironment) {
  EXPECT_EQ(language_of("", "de_DE.UTF-8"), Language::kGerman);
  EXPECT_EQ(language_of("en", "de_DE.UTF-8"), Language::kEnglish);
  EXPECT_EQ(language_of("", ""), Language::kEnglish);
  EXPECT_EQ(language_option(std::vector<std::string>{"x", "--lang", "de"}), "de");
  EXPECT_EQ(language_option(std::vector<std::string>{"--language=en", "--lang=de"}), "de");
  EXPECT_EQ(language_option(std::vector<std::string>{"--lang"}), "");
}

}  // namespace
}  // namespace policy::base::words
