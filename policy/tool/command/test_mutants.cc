// `feierabend-policy test --mutate`: which small changes to a pack its cases do not notice.
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <iostream>
#include <thread>

#include "policy/base/words/german.h"
#include "policy/mutate/survey.h"
#include "policy/tool/command/output.h"
#include "policy/tool/command/report.h"
#include "policy/tool/command/trials.h"

namespace policy::tool {
namespace {

namespace json = boost::json;

constexpr std::size_t kThreadsMax = 16;

struct Survivor {
  std::string where;
  std::string what;
  mutate::Hint hint;
};

struct Tally {
  std::size_t mutants = 0;
  std::vector<Survivor> survivors;
};

// On a terminal only, one line that is written over.
class Progress {
 public:
  Progress(const Context& context, std::string pack, std::size_t all)
      : shown_(&context.streams.err == &std::cerr && isatty(STDERR_FILENO) == 1), pack_(std::move(pack)), all_(all) {}
  ~Progress() {
    if (shown_) std::cerr << "\r\x1b[K" << std::flush;
  }
  void show(std::size_t done) const {
    if (shown_ && done % 16 == 0) std::cerr << "\r\x1b[K" << pack_ << "  " << done << '/' << all_ << std::flush;
  }

 private:
  bool shown_;
  std::string pack_;
  std::size_t all_;
};

// Each thread has packs, cases and rules of its own; only the counter and a byte for each mutant are shared.
std::vector<char> who_survives(const trial::Trial& trial, const std::vector<mutate::Mutant>& mutants,
                               const Progress& progress) {
  std::vector<char> lives(mutants.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&](bool shows) {
    trial::Trial own = trial;
    for (std::size_t i = next++; i < mutants.size(); i = next++) {
      lives[i] = mutate::survives(own, mutants[i]) ? 1 : 0;
      if (shows) progress.show(i);
    }
  };
  const std::size_t threads =
      std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, std::min(kThreadsMax, mutants.size() / 8 + 1));
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work, false);
  work(true);
  others.clear();  // joins
  return lives;
}

Tally survey(const Context& context, FolderTrial& folder) {
  const auto mutants = mutate::mutants(folder.trial.pack().root);
  Tally tally;
  tally.mutants = mutants.size();
  const Progress progress(context, folder.pack_file, mutants.size());
  const std::vector<char> lives = who_survives(folder.trial, mutants, progress);
  for (std::size_t i = 0; i < mutants.size(); ++i) {
    if (lives[i] == 0) continue;
    tally.survivors.push_back(
        {pack::where(folder.pack_file, mutants[i].at), mutants[i].what, mutate::hint_for(folder.trial, mutants[i])});
  }
  return tally;
}

std::string in_words(const mutate::Hint& hint, Language language) {
  if (hint.family.empty()) return say(language, Word::kHintNone);
  if (hint.family != "case") return say(language, Word::kHintOther, hint.family, hint.expect);
  return say(language, Word::kHintCase, hint.person, name_of(hint.message_class), base::format_instant(hint.at),
             name_of(hint.decision.effect), joined(hint.decision.rules), base::format_instant(hint.decision.until));
}

json::object json_of(const mutate::Hint& hint) {
  json::object out;
  if (hint.family.empty()) return out;
  out["family"] = hint.family;
  if (hint.family != "case") {
    out["expect"] = hint.expect;
    return out;
  }
  out["person"] = hint.person;
  out["class"] = name_of(hint.message_class);
  out["at"] = base::format_instant(hint.at);
  out["decision"] = tool::json_of(hint.decision);
  return out;
}

void print(const Context& context, const Tally& all) {
  std::ostream& out = context.streams.out;
  const Language language = context.question.language;
  if (context.question.json) {
    json::array survivors;
    for (const Survivor& one : all.survivors)
      survivors.emplace_back(json::object{{"where", one.where}, {"change", one.what}, {"hint", json_of(one.hint)}});
    const json::object object{
        {"mutants", all.mutants}, {"killed", all.mutants - all.survivors.size()}, {"survivors", std::move(survivors)}};
    out << json::serialize(object) << '\n';
    return;
  }
  for (const Survivor& one : all.survivors) {
    const std::string german = language == Language::kGerman ? base::words::twin_of(one.what) : std::string();
    out << one.where << ": " << (german.empty() ? one.what : german) << ". " << in_words(one.hint, language) << '\n';
  }
  out << say(language, Word::kMutants, all.mutants, all.survivors.size()) << '\n';
}

// A pack whose cases fail as it is says nothing about mutants.
bool report_failed(const Context& context, FolderTrial& folder) {
  Failure failure{{}, kDataError};
  for (const trial::Outcome& outcome : folder.trial.outcomes(*folder.rules)) {
    if (outcome.mismatch.empty()) continue;
    failure.errors.push_back({"case.failed",
                              "case '" + base::printable(outcome.name) + "' fails without any mutation",
                              {},
                              "run test without --mutate",
                              pack::where(folder.cases_file, outcome.at)});
  }
  if (failure.errors.empty()) return false;
  report(context, failure);
  return true;
}

}  // namespace

int test_mutants(const Context& context) {
  Tally all;
  for (const std::string& path : context.question.packs) {
    auto folder = read_folder(path);
    if (!folder) return report(context, folder.error());
    if (report_failed(context, *folder)) return kDataError;
    Tally tally = survey(context, *folder);
    all.mutants += tally.mutants;
    std::ranges::move(tally.survivors, std::back_inserter(all.survivors));
  }
  print(context, all);
  return all.survivors.empty() ? kDone : kDataError;
}

}  // namespace policy::tool
