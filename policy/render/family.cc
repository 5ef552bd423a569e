#include "policy/render/family.h"

#include <limits>

#include "policy/vocabulary/calendar_words.h"

namespace policy::render {

using vocabulary::say;

void Writer::add_verbatim(const char* what, Both text, const std::string& verbatim) {
  out_.push_back({subject_ + "/" + what, std::move(text), shown(verbatim), false});
}

std::string shown(std::string_view text) { return base::printable(text, std::numeric_limits<std::size_t>::max()); }

Both quoted(std::string_view text) { return say("„{}“", "“{}”", shown(text)); }

static std::vector<Both> all_quoted(const std::vector<std::string>& texts) {
  std::vector<Both> all;
  for (const std::string& text : texts) all.push_back(quoted(text));
  return all;
}
Both quoted_list_or(const std::vector<std::string>& texts) { return vocabulary::list_or(all_quoted(texts)); }
Both quoted_list_and(const std::vector<std::string>& texts) { return vocabulary::list_and(all_quoted(texts)); }

static Both title_of(const pack::Title& title) { return {shown(title.de), shown(title.en)}; }

Both named(const pack::RuleHead& head) {
  const Both title = title_of(head.title);
  return title.empty() ? quoted(head.id) : say("„{}“ ({})", "“{}” ({})", title, head.id);
}

Block block_of(const pack::RuleHead& head, const Both& fallback) {
  const Both title = title_of(head.title);
  return {0, vocabulary::capital(title.empty() ? fallback : title), head.id, shown(head.cite), true, {}};
}

void say_applies(Writer& writer, const pack::Applies& applies, const Both& rule) {
  if (applies.everybody) return writer.add("applies", say("{} gilt für alle.", "{} is for everybody.", rule));
  const bool one = applies.groups.size() == 1;
  const Both groups = quoted_list_or(applies.groups);
  writer.add("applies", one ? say("{} gilt nur für Mitglieder der Gruppe {}.",
                                  "{} is only for members of the group {}.", rule, groups)
                            : say("{} gilt nur für Mitglieder einer dieser Gruppen: {}.",
                                  "{} is only for members of one of these groups: {}.", rule, groups));
}

Both restart_words(const time::Restart& restart, const Both& parameter) {
  switch (restart.when) {
    case time::Restart::When::kAlways:
      return {"Jede Unterbrechung lässt die Ruhezeit von vorn beginnen, zum Beispiel ein zugestellter Alarm.",
              "Every interruption starts the rest anew, for example a delivered alarm."};
    case time::Restart::When::kNever:
      return {"Eine Unterbrechung ändert nichts am Ende der Ruhezeit, auch kein zugestellter Alarm.",
              "An interruption does not change when the rest ends, nor does a delivered alarm."};
    case time::Restart::When::kLongerThan: break;
  }
  return say("Eine Unterbrechung von mehr als {}{} lässt die Ruhezeit von vorn beginnen. Eine kürzere ändert nichts.",
             "An interruption of more than {}{} starts the rest anew. A shorter one changes nothing.",
             vocabulary::duration(restart.threshold, vocabulary::Case::kDative), parameter);
}

}  // namespace policy::render
