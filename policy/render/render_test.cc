// Every value of the grammar shows in both texts, both texts are one list, and no writer can be broken by what a pack
// says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <set>

#include "policy/chart/person_week.h"
#include "policy/prove/claims.h"
#include "policy/render/markdown.h"
#include "policy/render/page.h"
#include "policy/render/source_words.h"
#include "policy/vocabulary/calendar_words.h"

namespace policy::render {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kLaw = R"([pack]
id = "law"
layer = "law"
zone = "Europe/Berlin"
version = 1
[[rest]]
id = "law.rest"
kind = "after-duty"
minimum = "11h"
adaptable = { minimum = "9h", grace = "2h", lead = "3h" }
[[rest]]
id = "law.more"
kind = "after-duty"
minimum = "11h"
adaptable = { minimum = "9h", grace = "2h", lead = "3h" }
[[parameter]]
id = "law.credit"
most = "20h"
[[rest]]
id = "law.window"
kind = "window"
days = ["mon"]
from = 20:00:00
to = 21:00:00
)";

// One line a key. `# same` marks lines whose value is only one way to write the default.
constexpr const char* kWhole = R"([pack]
id = "whole"
layer = "agreement"
version = 3
zone = "Europe/Berlin"
holidays = "DE-NI"
title = { de = "Alles", en = "Everything" }
signers = ["administration", "staff-council", "leitung"]
duty_gap = "45m"

[[rest]]
id = "w.after"
kind = "after-duty"
minimum = "$w.minimum"
grace = "10m"
lead = "$w.lead"
restart = "longer-than:15m"
effect = { routine = "hold", shift-notice = "silent", urgent = "deliver", alarm = "deliver" }
applies = { groups = ["wache", "streife"] }
cite = "§ 1"
title = { de = "Nach dem Dienst", en = "After duty" }

[[rest]]
id = "w.fixed"
kind = "after-duty"
minimum = "12h"
lead = "6m"
restart = "always"
adaptable = { minimum = "10h", grace = "30m", lead = "20m" }

[[rest]]
id = "w.fixed-too"
kind = "after-duty"
minimum = "12h"
restart = "longer-than:$w.trivial"

[[rest]]
id = "w.unset-too"
kind = "after-duty"
minimum = "12h"
restart = "longer-than:$w.longest"

[[rest]]
id = "w.off"
kind = "off-duty"
grace = "7m"
lead = "8m"

[[rest]]
id = "w.window"
kind = "window"
days = ["sat", "holiday"]
from = 20:30:00
to = 06:15:00
unless = ["on-call"]

[[rest]]
id = "w.absence"
kind = "absence"

[[rest]]
id = "w.unset"
kind = "off-duty"
grace = "$w.open"

[[exception]]
id = "w.call"
when = "on-call"
pierces = ["w.window"]
classes = ["urgent"]
applies = { groups = ["wache"] }
cite = "§ 2"
title = { de = "Ruf", en = "Call" }

[[exception]]
id = "w.times"
when = "window"
days = ["mon", "tue"]
from = 07:00:00
to = 19:00:00
pierces = ["w.window", "w.off"]
classes = ["shift-notice"]

[[exception]]
id = "w.override"
when = "override"
role = "einsatzleitung"
reasons = ["grosslage", "amtshilfe"]
longest = "4h"
limit = { count = 2, per = "week" }
pierces = ["w.absence"]
classes = ["alarm"]

[self_open]
id = "w.own"
max = "2h"
pierces = ["w.off"]
classes = ["urgent", "alarm"]
applies = { groups = ["wache"] }
cite = "§ 3"
title = { de = "Eigene", en = "Own" }

[schedule]
hours = [{ days = ["mon", "tue"], from = 08:00:00, to = 16:00:00 }, { days = ["fri"], from = 09:00:00, to = 13:00:00 }]
applies = { groups = ["buero"] }

[devices]
max = 3
private = "consent"
cite = "§ 4"

[sessions]
factors = 2
lifetime = "30d"
idle = "7d"
step_up = "15m"
failures = 5
lock_for = "16m"
cite = "§ 5"

[[retention]]
id = "w.retention"
classes = ["routine", "urgent"]
period = "5d"
ceiling = "9d"
floor = "1h"
clock = "readable"
cite = "§ 6"

[[alarm]]
id = "w.alarm"
classes = ["alarm"]
senders = ["leitstelle", "fuehrung"]
reasons = ["gefahr", "suche"]
limit = { count = 4, per = "24h" }
cite = "§ 7"

[content]
labels = ["offen", "intern"]

[[content.marker]]
id = "w.marker"
pattern = "geheim(haltung)?"
unless = ["beispiel", "muster"]
action = "stop"
cite = "§ 8"
title = { de = "Geheim", en = "Secret" }

[push]
payload = "nothing"
jitter = "30s"
classes = ["urgent", "alarm"]
cite = "§ 9"

[[log]]
id = "w.log"
records = ["login-refused", "message-held"]
keep = "two-years"
cite = "§ 15"
title = { de = "Einträge dazu", en = "Records of it" }

[log_access]
smallest_cell = 6
told_after = "14d"
purposes = ["incident", "lawfulness"]
cite = "§ 16"

[[parameter]]
id = "w.minimum"
least = "9h"
most = "14h"
cite = "§ 10"
title = { de = "Länge", en = "Length" }

[[parameter]]
id = "w.trivial"

[[parameter]]
id = "w.longest"

[[set]]
parameter = "w.trivial"
value = "4m"
cite = "§ 17"

[[parameter]]
id = "w.lead"

[[parameter]]
id = "w.open"

[[set]]
parameter = "w.minimum"
value = "13h"
cite = "§ 11"

[[set]]
parameter = "w.lead"
value = "9m"
cite = "§ 12"

[[adapt]]
rule = "law.rest"
minimum = "10h"
grace = "1h"
lead = "2h"
cite = "§ 13"

[[claim]]
id = "w.claim"
kind = "rest-after-duty"
minimum = "11h"
restart = "never"
classes = ["routine", "urgent"]
applies = { groups = ["wache"] }
cite = "§ 14"

[[claim]]
id = "w.day"
kind = "rest-per-24h"
minimum = "10h"

[[claim]]
id = "w.never"
kind = "never-delivers"
during = "off-duty"
classes = ["routine"]

[[claim]]
id = "w.than"
kind = "at-least-as-protective-as"
than = "law"
)";

pack::LoadedRules load(const std::string& whole, const std::string& law = kLaw) {
  const std::vector<pack::PackSource> sources{{"whole.toml", whole}, {"law.toml", law}};
  return pack::load_packs(sources);
}

struct Texts {
  std::string de, en, page_de, page_en;
};
std::optional<Texts> texts(const std::string& whole) {
  const auto rules = load(whole);
  if (!rules) return std::nullopt;
  const Document made = document(**rules, 0);
  return Texts{markdown(made, Language::kGerman), markdown(made, Language::kEnglish),
               page({&made, 1}, std::nullopt, Language::kGerman), page({&made, 1}, std::nullopt, Language::kEnglish)};
}

// A value of the pack: where it stands.
struct Token {
  std::size_t at = 0, size = 0;
  std::string text;
};

// Strings with their quotes, numbers and local times behind '=', '[' and ','.
std::vector<Token> tokens(const std::string& toml) {
  std::vector<Token> found;
  for (std::size_t i = 0; i < toml.size(); ++i) {
    std::size_t end = i;
    if (toml[i] == '"') {
      end = toml.find('"', i + 1) + 1;
    } else if (std::isdigit(static_cast<unsigned char>(toml[i])) && toml[i - 1] == ' ') {
      while (std::isdigit(static_cast<unsigned char>(toml[end])) || toml[end] == ':') ++end;
    } else {
      continue;
    }
    found.push_back({i, end - i, toml.substr(i, end - i)});
    i = end;
  }
  return found;
}

// What might stand there instead. Some of it is refused by the loader; one at least must not be.
std::vector<std::string> others(const std::string& token) {
  if (token.front() != '"') {
    if (token.contains(':')) return {"05:30:00", "08:45:00", "15:10:00"};
    return {std::to_string(std::stoi(token) + 1), std::to_string(std::stoi(token) - 1)};
  }
  const std::string inner = token.substr(1, token.size() - 2);
  if (inner.starts_with("$") || base::parse_duration(inner)) return {"\"45s\"", "\"1h7m\"", "\"12h\"", "\"8d\""};
  return {"\"never\"",
          "\"longer-than:20m\"",
          "\"silent\"",
          "\"hold\"",
          "\"routine\"",
          "\"urgent\"",
          "\"wed\"",
          "\"duty\"",
          "\"law.more\"",
          "\"w.absence\"",
          "\"allowed\"",
          "\"accepted\"",
          "\"class\"",
          "\"warn\"",
          "\"unit\"",
          "\"always\"",
          "\"other\"",
          "\"rest-per-week\"",
          "\"Europe/Brussels\"",
          "\"DE-BY\"",
          "\"whole\"",
          "\"absence\"",
          "\"law.credit\"",
          "\"rest-per-24h\"",
          "\"three-months\""};
}

// Each of these brings keys of its own, so nothing else can stand there; and there is no other period than a week.
const std::set<std::string> kNoOther{"\"absence\"", "\"after-duty\"",     "\"off-duty\"",
                                     "\"window\"",  "\"on-call\"",        "\"override\"",
                                     "\"week\"",    "\"never-delivers\"", "\"at-least-as-protective-as\""};

std::string with(const std::string& toml, const Token& token, const std::string& instead) {
  return toml.substr(0, token.at) + instead + toml.substr(token.at + token.size);
}

// A name is changed wherever it stands, so that what refers to it still does.
std::string renamed(std::string toml, const std::string& token) {
  const std::string name = token.substr(1, token.size() - 2);
  for (const std::string& form : {"\"" + name + "\"", "$" + name + "\""})
    for (std::size_t at = 0; (at = toml.find(form, at)) != std::string::npos; at += form.size())
      toml.insert(at + form.size() - 1, "x");
  return toml;
}

TEST(Render, EveryValueShowsInBothTexts) {
  const std::string whole = kWhole;
  const auto before = texts(whole);
  ASSERT_TRUE(before) << to_string(load(whole).error().front());
  for (const Token& token : tokens(whole)) {
    std::vector<std::string> changed;
    if (token.text.front() == '"') changed.push_back(renamed(whole, token.text));
    for (const std::string& other : others(token.text))
      if (other != token.text) changed.push_back(with(whole, token, other));
    std::size_t loaded = 0;
    for (const std::string& toml : changed) {
      if (loaded == 3) break;
      const auto after = texts(toml);
      if (!after) continue;
      ++loaded;
      const std::string place =
          whole.substr(whole.rfind('\n', token.at) + 1, 40) + "\n" + toml.substr(toml.rfind('\n', token.at) + 1, 60);
      // A title is text of one language.
      const bool german = !whole.substr(token.at - 6, 6).contains("en = "),
                 english = !whole.substr(token.at - 6, 6).contains("de = ");
      EXPECT_TRUE(!german || (after->de != before->de && after->page_de != before->page_de)) << place;
      EXPECT_TRUE(!english || (after->en != before->en && after->page_en != before->page_en)) << place;
    }
    EXPECT_TRUE(loaded > 0U || kNoOther.contains(token.text))
        << "nothing can be put instead of " << token.text << " in "
        << whole.substr(whole.rfind('\n', token.at) + 1, 40);
  }
}

TEST(Render, WhatIsLeftOutChangesBothTexts) {
  const std::string whole = kWhole;
  const auto before = texts(whole).value();
  std::size_t loaded = 0;
  for (std::size_t at = 0; at < whole.size();) {
    const std::size_t end = whole.find('\n', at) + 1;
    const std::string line = whole.substr(at, end - at);
    const auto after = texts(whole.substr(0, at) + whole.substr(end));
    at = end;
    if (!after || !line.contains('=')) continue;
    ++loaded;
    if (line == "restart = \"always\"\n") continue;  // the default, written down
    EXPECT_NE(after->de, before.de) << line;
    EXPECT_NE(after->en, before.en) << line;
  }
  EXPECT_GT(loaded, 50U);
}

// Keys as the grammar's page shows them. A key that is new there must get its sentence, and a line in kWhole.
TEST(Render, ThePackOfThisTestHasEveryKeyOfTheGrammar) {
  std::ifstream in("rules/schema/README.md");
  std::string table;
  std::size_t keys = 0;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("    ")) continue;
    line = line.substr(4);
    if (line.starts_with("[")) table = line.substr(0, line.find_last_of(']') + 1);
    const std::size_t equals = line.find(" =");
    if (equals == std::string::npos || table.empty() || line.starts_with("[") || line.starts_with("#")) continue;
    const std::string key = line.substr(0, equals);
    bool found = false;
    const std::string whole = kWhole;
    for (std::size_t at = whole.find(table); at != std::string::npos && !found; at = whole.find(table, at + 1)) {
      const std::string part = whole.substr(at, whole.find("\n\n", at) - at);
      found = part.contains("\n" + key + " =") || part.contains("{ " + key + " =") || part.contains(", " + key + " =");
    }
    EXPECT_TRUE(found) << table << " " << key;
    ++keys;
  }
  EXPECT_GT(keys, 40U);
}

std::multiset<std::string> numbers_in(const std::string& text) {
  std::multiset<std::string> found;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::size_t end = i;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
    if (end > i) found.insert(text.substr(i, end - i));
    i = std::max(i, end);
  }
  return found;
}

TEST(Render, GermanAndEnglishSayTheSameNumbers) {
  const auto rules = load(kWhole).value();
  std::size_t sentences = 0;
  for (std::size_t pack = 0; pack < 2; ++pack) {
    for (const Section& section : document(*rules, pack).sections) {
      for (const Block& block : section.blocks) {
        for (const Sentence& sentence : block.sentences) {
          ++sentences;
          EXPECT_EQ(numbers_in(sentence.text.de), numbers_in(sentence.text.en)) << sentence.text.de;
          EXPECT_FALSE(sentence.text.de.contains("{}") || sentence.text.en.contains("{}")) << sentence.text.de;
          EXPECT_NE(sentence.text.de, sentence.text.en);
          for (const std::string& text : {sentence.text.de, sentence.text.en}) {
            const bool ends = text.ends_with('.') || !sentence.verbatim.empty();
            EXPECT_TRUE(ends) << text;
            EXPECT_FALSE(text.contains("  ") || text.contains(" .") || text.contains("..")) << text;
          }
        }
      }
    }
  }
  EXPECT_GT(sentences, 80U);
}

std::vector<std::string> numbered(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t at = text.find("\n- "); at != std::string::npos; at = text.find("\n- ", at + 1))
    found.push_back(text.substr(at + 3, text.find(' ', at + 3) - at - 3));
  return found;
}

TEST(Render, SentencesAreNumberedAlike) {
  const Texts both = texts(kWhole).value();
  const auto german = numbered(both.de);
  EXPECT_EQ(german, numbered(both.en));
  EXPECT_EQ(std::set<std::string>(german.begin(), german.end()).size(), german.size());
  EXPECT_EQ(german.front(), "1.1");
  for (const std::string& number : german) EXPECT_THAT(both.page_en, HasSubstr("<span>" + number + "</span>"));
}

TEST(Render, EveryRuleHasItsSource) {
  const Texts both = texts(kWhole).value();
  for (int paragraph = 1; paragraph <= 17; ++paragraph) {
    EXPECT_THAT(both.de, HasSubstr("§ " + std::to_string(paragraph)));
    EXPECT_THAT(both.page_en, HasSubstr("§ " + std::to_string(paragraph)));
  }
  EXPECT_THAT(both.de, HasSubstr("nicht angegeben. Regel w.fixed."));
}

TEST(Render, UnsetValuesAreMarked) {
  const Texts both = texts(kWhole).value();
  EXPECT_THAT(both.de, HasSubstr("**Noch nicht festgelegt: gilt als ständig geschlossen."));
  EXPECT_THAT(
      both.de,
      HasSubstr("**Wie lang nach dem Ende des Dienstes sie beginnt, ist noch nicht festgelegt (Wert „w.open“).**"));
  EXPECT_THAT(both.en, HasSubstr("**Not yet set: counts as always closed."));
  EXPECT_THAT(both.page_de, HasSubstr("<strong class=\"open\">Noch nicht festgelegt"));
  EXPECT_THAT(both.de,
              HasSubstr("**Von welcher Länge an eine Unterbrechung die Ruhezeit von vorn beginnen lässt, ist noch "
                        "nicht festgelegt (Wert „w.longest“).**"));
  EXPECT_THAT(both.en, HasSubstr("An interruption of more than 4 minutes (value “w.trivial”) starts the rest anew."));
  EXPECT_THAT(both.de, HasSubstr("eine Ruhezeit von 13 Stunden (Wert „Länge“ (w.minimum))"));
}

TEST(Render, ClaimsSayWhenARestMustBegin) {
  EXPECT_THAT(texts(kWhole)->de, HasSubstr("Sie beginnen spätestens " +
                                           vocabulary::duration(prove::kRestBeginsWithin).de + " nach dem Dienst."));
}

TEST(Render, WhatAnotherPackAdaptsIsSaidToo) {
  const auto rules = load(kWhole).value();
  const std::string law = markdown(document(*rules, 1), Language::kGerman);
  EXPECT_THAT(law, HasSubstr("Nach jedem Dienst gilt eine Ruhezeit von 11 Stunden."));
  EXPECT_THAT(
      law,
      HasSubstr("Eine schwächere Regel hat das angepasst: die Ruhezeit ist 10 Stunden, sie beginnt 1 Stunde nach dem "
                "Dienst und sie endet 2 Stunden vor dem nächsten Dienst. Quelle: § 13."));
}

// The log has these words for its records and for the purposes of reading it; here they must be the same.
TEST(Render, RecordsAndPurposesAreNamedAsTheLogNamesThem) {
  std::size_t named = 0;
  for (const char* file : {"audit/event/records.def", "audit/event/vocabulary.def"}) {
    std::ifstream in(file);
    bool purposes = false;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("VOCABULARY(")) purposes = line.starts_with("VOCABULARY(ReadPurpose,");
      const bool record = line.starts_with("RECORD(");
      if (!record && !(purposes && line.starts_with("WORD("))) continue;
      std::vector<std::string> words;
      for (const Token& token : tokens(line))
        if (token.text.front() == '"') words.push_back(token.text.substr(1, token.text.size() - 2));
      ASSERT_EQ(words.size(), 3U) << line;
      const std::string key = record ? "records = [" : "purposes = [";
      std::string whole = kWhole;
      const std::size_t begin = whole.find(key) + key.size();
      whole.replace(begin, whole.find(']', begin) - begin, "\"" + words[0] + "\"");
      const Texts both = texts(whole).value();
      EXPECT_THAT(both.en, HasSubstr(": " + words[1] + " (" + words[0] + ").")) << line;
      EXPECT_THAT(both.de, HasSubstr(": " + words[2] + " (" + words[0] + ").")) << line;
      ++named;
    }
  }
  EXPECT_GT(named, 20U);
}

TEST(Render, HostileTextStaysText) {
  std::string whole = kWhole;
  const auto put = [&](const std::string& old, const std::string& now) {
    whole.replace(whole.find(old), old.size(), now);
  };
  put("de = \"Alles\"", "de = \"</title><script>alert(1)</script> # *x* [y](z) `q`\"");
  put("en = \"Everything\"", "en = \"{} {t} \\u202E\\n# not a heading\"");
  put("\"geheim(haltung)?\"", "'``geheim`<b>'");
  const Texts both = texts(whole).value();
  EXPECT_THAT(both.page_de, Not(HasSubstr("<script>")));
  EXPECT_THAT(both.page_de, Not(HasSubstr("<b>")));
  EXPECT_THAT(both.de,
              testing::StartsWith("# \\</title\\>\\<script\\>alert(1)\\</script\\> \\# \\*x\\* \\[y\\](z) \\`q\\`\n"));
  EXPECT_THAT(both.en, testing::StartsWith("# {} {t} \\\\u{202E}\\\\x0A\\# not a heading\n"));
  EXPECT_THAT(both.de, HasSubstr("``` ``geheim`<b> ```"));
}

TEST(Render, ThePageIsAloneAndWithoutScripts) {
  const auto rules = load(kWhole).value();
  const time::LocalDate monday = time::date_of({2026, 6, 15});
  const auto week = chart::week_of(*rules, chart::sample(*rules, chart::Shift::kEarly, monday), monday,
                                   chart::words_of(chart::Shift::kEarly));
  const std::vector<Document> both{document(*rules, 0), document(*rules, 1)};
  const std::string german = page(both, week, Language::kGerman);
  for (const char* bad : {"<script", "src=", "href=", "@import", "url(h"}) EXPECT_THAT(german, Not(HasSubstr(bad)));
  std::multiset<std::string> ids;
  for (std::size_t at = german.find(" id=\""); at != std::string::npos; at = german.find(" id=\"", at + 1))
    ids.insert(german.substr(at + 5, german.find('"', at + 5) - at - 5));
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
  EXPECT_GT(ids.size(), 100U);
  EXPECT_THAT(german, HasSubstr("<html lang=\"de\">"));
  EXPECT_THAT(german, HasSubstr("default-src 'none'"));
  EXPECT_THAT(german, HasSubstr("<svg xmlns="));
  EXPECT_THAT(german, HasSubstr("<th scope=\"col\">Gewöhnliche Nachrichten</th>"));
  // Balanced, as far as a page without entities in its tags can be counted.
  std::vector<std::string> open;
  const std::set<std::string> empty{"meta", "!DOCTYPE"};
  for (std::size_t at = german.find('<'); at != std::string::npos; at = german.find('<', at + 1)) {
    const bool close = german[at + 1] == '/';
    const std::size_t name = at + (close ? 2 : 1), end = german.find_first_of(" >/", name), last = german.find('>', at);
    const std::string element = german.substr(name, end - name);
    if (german[last - 1] == '/' || empty.contains(element)) continue;
    if (!close) {
      open.push_back(element);
      continue;
    }
    ASSERT_FALSE(open.empty());
    EXPECT_EQ(open.back(), element);
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

}  // namespace
}  // namespace policy::render
