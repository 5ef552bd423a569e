#include "policy/tool/command/person_source.h"

#include <algorithm>

#include "policy/roster/stream.h"
#include "policy/tool/command/command.h"

namespace policy::tool {
namespace {

using Next = Input<std::optional<model::PersonFacts>>;

class Everybody final : public PersonSource {
 public:
  explicit Everybody(model::People people)
      : PersonSource(people.size()), people_(std::move(people)), at_(people_.begin()) {}

  Next next() override {
    if (at_ == people_.end()) return std::nullopt;
    return std::move((at_++)->second);
  }

 private:
  model::People people_;
  model::People::iterator at_;
};

// The table has nobody without an entry; the table of people has.
class Table final : public PersonSource {
 public:
  Table(const std::string& name, base::ByteSource source, std::unique_ptr<model::People> people)
      : PersonSource(people->size()),
        people_(std::move(people)),
        at_(people_->begin()),
        stream_(name, std::move(source), people_.get()) {}

  Next next() override {
    if (!waiting_ && !ended_) {
      auto person = stream_.next();
      if (!person) {
        ended_ = true;
        at_ = people_->end();
        return std::unexpected(Failure{{std::move(person.error())}, kDataError});
      }
      waiting_ = std::move(*person);
      ended_ = !waiting_;
    }
    if (at_ == people_->end()) return std::nullopt;
    const auto known = at_++;
    if (!waiting_ || waiting_->person != known->first) return known->second;
    model::PersonFacts facts = std::move(*waiting_);
    waiting_.reset();
    facts.interruptions = known->second.interruptions;
    return facts;
  }

 private:
  std::unique_ptr<model::People> people_;  // the stream refers to it
  model::People::const_iterator at_;
  roster::PersonStream stream_;
  std::optional<model::PersonFacts> waiting_;
  bool ended_ = false;
};

class Plans final : public PersonSource {
 public:
  Plans(std::vector<std::pair<std::string, std::string>> plans, const FactFiles& files, model::People people)
      : PersonSource(people.size()), plans_(std::move(plans)), zone_(files.zone), people_(std::move(people)) {
    from_ = at_ = to_ = people_.begin();
  }

  Next next() override {
    if (at_ == to_) {
      if (to_ == people_.end()) return std::nullopt;
      if (auto expanded = expand(); !expanded) {
        at_ = to_ = people_.end();
        return std::unexpected(std::move(expanded.error()));
      }
    }
    return std::move((at_++)->second);
  }

 private:
  Input<void> expand() {
    from_ = at_ = to_;
    for (std::size_t i = 0; i < kPlannedAtOnce && to_ != people_.end(); ++i) ++to_;
    roster::Options options;
    options.zone = zone_;
    const std::string_view first = from_->first, last = std::prev(to_)->first;
    options.wanted = [&](std::string_view person) { return first <= person && person <= last; };
    for (const auto& [name, text] : plans_)
      if (auto read = roster::read_roster_file(name, text, options, people_); !read)
        return std::unexpected(Failure{std::move(read.error()), kDataError});
    return {};
  }

  std::vector<std::pair<std::string, std::string>> plans_;
  std::string zone_;
  model::People people_;
  model::People::iterator from_, at_, to_;
};

Input<std::unique_ptr<PersonSource>> open_table(const FactFiles& files, model::People people) {
  auto source = open_file(files.roster.front());
  if (!source) return std::unexpected(source.error());
  return std::make_unique<Table>(files.roster.front(), std::move(*source),
                                 std::make_unique<model::People>(std::move(people)));
}

Input<std::unique_ptr<PersonSource>> open_plans(const FactFiles& files, model::People people) {
  std::vector<std::pair<std::string, std::string>> plans;
  for (const std::string& path : files.roster) {
    auto text = read_file(path, roster::bytes_max(roster::Format::kPlan));
    if (!text) return std::unexpected(text.error());
    plans.emplace_back(path, std::move(*text));
  }
  return std::make_unique<Plans>(std::move(plans), files, std::move(people));
}

bool all_are(const std::vector<std::string>& paths, roster::Format wanted) {
  return std::ranges::all_of(paths, [&](const std::string& path) {
    const auto format = roster::format_of(path);
    return format && *format == wanted;
  });
}

}  // namespace

Input<std::unique_ptr<PersonSource>> open_people(const FactFiles& files, Reading reading) {
  FactFiles without = files;
  const bool table = files.roster.size() == 1 && all_are(files.roster, roster::Format::kTable);
  const bool plans = all_are(files.roster, roster::Format::kPlan);
  const bool piecewise = reading == Reading::kAsItArrives && (table || plans);
  if (piecewise) without.roster.clear();
  auto people = read_facts(without);
  if (!people) return std::unexpected(people.error());
  if (!piecewise) return std::make_unique<Everybody>(std::move(*people));
  return table ? open_table(files, std::move(*people)) : open_plans(files, std::move(*people));
}

}  // namespace policy::tool
