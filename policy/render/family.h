// The families of rules in words; inside of policy/render. Each function gives the section of one pack, without
// numbers; a family that the pack does not have gives no block.
#pragma once

#include <algorithm>

#include "policy/render/document.h"

namespace policy::render {

Section about_section(const pack::Rules& rules, std::size_t pack);
Section words_section(const pack::Rules& rules, std::size_t pack);
Section rest_section(const pack::Rules& rules, std::size_t pack);
Section exception_section(const pack::Rules& rules, std::size_t pack);
Section schedule_section(const pack::Rules& rules, std::size_t pack);
Section parameter_section(const pack::Rules& rules, std::size_t pack);
Section adapt_section(const pack::Rules& rules, std::size_t pack);  // [[adapt]] and [[set]]
Section alarm_section(const pack::Rules& rules, std::size_t pack);
Section content_section(const pack::Rules& rules, std::size_t pack);
Section push_section(const pack::Rules& rules, std::size_t pack);
Section device_section(const pack::Rules& rules, std::size_t pack);
Section session_section(const pack::Rules& rules, std::size_t pack);
Section retention_section(const pack::Rules& rules, std::size_t pack);
Section log_section(const pack::Rules& rules, std::size_t pack);
Section claim_section(const pack::Rules& rules, std::size_t pack);

// Sentences of one rule or setting: keys are "subject/what".
class Writer {
 public:
  Writer(std::string subject, std::vector<Sentence>& out) : subject_(std::move(subject)), out_(out) {}
  void add(const char* what, Both text) { out_.push_back({subject_ + "/" + what, std::move(text), {}, false}); }
  void add_open(const char* what, Both text) { out_.push_back({subject_ + "/" + what, std::move(text), {}, true}); }
  void add_verbatim(const char* what, Both text, const std::string& verbatim);

 private:
  std::string subject_;
  std::vector<Sentence>& out_;
};

// The rules of one pack in the order of its file.
template <typename Rule>
std::vector<const Rule*> own(const std::vector<Rule>& rules, std::size_t pack) {
  std::vector<const Rule*> found;
  for (const Rule& rule : rules)
    if (rule.head.pack == pack) found.push_back(&rule);
  std::ranges::sort(found, {}, [](const Rule* rule) { return rule->head.at; });
  return found;
}

// Text of a pack, safe to show, whole.
std::string shown(std::string_view text);
Both quoted(std::string_view text);                          // „…“, “…”
Both quoted_list_or(const std::vector<std::string>& texts);  // „a“ oder „b“
Both quoted_list_and(const std::vector<std::string>& texts);
Both named(const pack::RuleHead& head);                            // „Nachtruhe“ (dv.night), or „dv.night“
Block block_of(const pack::RuleHead& head, const Both& fallback);  // title, id and source; no sentences yet
// "Sie gilt für alle." `rule` is "Die Regel", "The rule".
void say_applies(Writer& writer, const pack::Applies& applies, const Both& rule);
// "Jede Unterbrechung …": what starts a rest anew. `parameter` names where a threshold comes from: " (Wert „…“)".
Both restart_words(const time::Restart& restart, const Both& parameter = {});

}  // namespace policy::render
