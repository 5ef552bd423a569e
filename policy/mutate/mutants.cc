#include "policy/mutate/mutants.h"

#include <algorithm>
#include <optional>
#include <set>

#include "policy/base/instant.h"
#include "policy/base/result.h"
#include "policy/model/message_class.h"
#include "policy/mutate/grammar.h"

namespace policy::mutate {
namespace {

using base::Seconds;
using pack::Member;
using pack::Value;
using Kind = Value::Kind;

constexpr std::int64_t kDaySeconds = 86400;
constexpr std::string_view kNobody = "no-such-group";

// Where a value stands: indices into members or items, from the root down.
using Path = std::vector<std::size_t>;

Value& at(Value& root, const Path& path) {
  Value* value = &root;
  for (const std::size_t step : path)
    value = value->kind == Kind::kTable ? &value->members[step].value : &value->items[step];
  return *value;
}

void remove(Value& root, Path path) {
  const auto last = static_cast<std::ptrdiff_t>(path.back());
  path.pop_back();
  Value& parent = at(root, path);
  if (parent.kind == Kind::kTable)
    parent.members.erase(parent.members.begin() + last);
  else
    parent.items.erase(parent.items.begin() + last);
}

const Value* member(const Value& table, std::string_view key) {
  const auto found = std::ranges::find(table.members, key, &Member::key);
  return found == table.members.end() ? nullptr : &found->value;
}

Value* member(Value& table, std::string_view key) {
  const auto found = std::ranges::find(table.members, key, &Member::key);
  return found == table.members.end() ? nullptr : &found->value;
}

std::string_view text_of(const Value& table, std::string_view key) {
  const Value* value = member(table, key);
  return value == nullptr || value->kind != Kind::kText ? std::string_view() : std::string_view(value->text);
}

// The table without its mentions elsewhere in the pack; what then names nothing any more goes, too.
void remove_rest(Value& root, const Path& path, const std::string& id) {
  remove(root, path);
  const auto drop_mention = [&](Value& table) {
    Value* pierces = member(table, "pierces");
    if (pierces == nullptr) return false;
    const auto before = pierces->items.size();
    std::erase_if(pierces->items, [&](const Value& item) { return item.text == id; });
    return before > 0 && pierces->items.empty();
  };
  if (Value* exceptions = member(root, "exception")) std::erase_if(exceptions->items, drop_mention);
  if (Value* adapts = member(root, "adapt"))
    std::erase_if(adapts->items, [&](const Value& adapt) { return text_of(adapt, "rule") == id; });
  if (Value* own = member(root, "self_open"); own != nullptr && drop_mention(*own))
    std::erase_if(root.members, [](const Member& m) { return m.key == "self_open"; });
}

// Holidays matter where local times are read.
bool reads_dates(const Value& root) {
  const auto has_window = [&](std::string_view family, std::string_view key) {
    const Value* tables = member(root, family);
    return tables != nullptr &&
           std::ranges::any_of(tables->items, [&](const Value& table) { return text_of(table, key) == "window"; });
  };
  return member(root, "schedule") != nullptr || has_window("rest", "kind") || has_window("exception", "when");
}

bool looks_at_duties(const Value& root) {
  const Value* rests = member(root, "rest");
  return rests != nullptr && std::ranges::any_of(rests->items, [](const Value& rest) {
           const std::string_view kind = text_of(rest, "kind");
           if (kind == "after-duty" || kind == "off-duty") return true;
           const Value* unless = member(rest, "unless");
           return unless != nullptr && std::ranges::find(unless->items, "duty", &Value::text) != unless->items.end();
         });
}

std::string text_of(time::LocalTime time) {
  const auto two = [](std::int32_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(time.second / 3600) + ":" + two(time.second / 60 % 60) + ":" + two(time.second % 60);
}

class Generator {
 public:
  explicit Generator(const Value& root) : root_(root) {}

  std::vector<Mutant> run() {
    table(root_, {}, "", "the pack");
    return std::move(found_);
  }

 private:
  using Edit = std::function<void(Value& root)>;

  void add(pack::Position where, std::string what, Edit edit) {
    if (found_.size() >= kMutantsMax) return;
    found_.push_back({where, std::move(what), about_loading_, {}, 0, std::move(edit)});
  }

  // ---- sentences

  void changed(const Value& value, std::string_view key, const std::string& place, const std::string& now,
               const std::string& before, Edit edit) {
    add(value.at,
        std::string(key) + " of " + place + " is " + base::printable(now) + " instead of " + base::printable(before),
        std::move(edit));
  }
  void gone(pack::Position where, std::string_view key, const std::string& place, Edit edit) {
    add(where, std::string(key) + " of " + place + " is gone", std::move(edit));
  }
  void loses(const Value& item, std::string_view key, const std::string& place, Edit edit) {
    add(item.at, std::string(key) + " of " + place + " loses " + base::printable(item.text), std::move(edit));
  }

  // ---- one value

  void duration(const Value& value, const Path& path, std::string_view key, const std::string& place) {
    const auto parsed = base::parse_duration(value.text);
    if (!parsed) return;  // "$parameter"
    const auto move_to = [&](Seconds moved) {
      const std::string text = base::format_duration(moved);
      changed(value, key, place, text, value.text, [path, text](Value& root) { at(root, path).text = text; });
    };
    move_to(*parsed + base::kMinute);
    if (parsed->count > 0) move_to(std::max(*parsed - base::kMinute, Seconds{}));
  }

  void count(const Value& value, const Path& path, std::string_view key, const std::string& place) {
    for (const std::int64_t moved : {value.integer + 1, value.integer - 1}) {
      changed(value, key, place, std::to_string(moved), std::to_string(value.integer),
              [path, moved](Value& root) { at(root, path).integer = moved; });
    }
  }

  void local_time(const Value& value, const Path& path, std::string_view key, const std::string& place) {
    for (const std::int64_t step : {std::int64_t{60}, kDaySeconds - 60}) {
      const time::LocalTime moved{static_cast<std::int32_t>((value.local_time.second + step) % kDaySeconds)};
      changed(value, key, place, text_of(moved), text_of(value.local_time),
              [path, moved](Value& root) { at(root, path).local_time = moved; });
    }
  }

  void word(const Value& value, const Path& path, std::string_view key, const std::string& place,
            std::string_view words) {
    while (!words.empty()) {
      const std::string other(words.substr(0, words.find('|')));
      words.remove_prefix(std::min(other.size() + 1, words.size()));
      if (other == value.text) continue;
      changed(value, key, place, other, value.text, [path, other](Value& root) { at(root, path).text = other; });
    }
  }

  void restart(const Value& value, const Path& path, const std::string& place) {
    constexpr std::string_view kLongerThan = "longer-than:";
    if (!value.text.starts_with(kLongerThan)) return word(value, path, "restart", place, "always|never");
    const auto parsed = base::parse_duration(std::string_view(value.text).substr(kLongerThan.size()));
    if (!parsed) return;
    const auto move_to = [&](Seconds moved) {
      const std::string text = std::string(kLongerThan) + base::format_duration(moved);
      changed(value, "restart", place, text, value.text, [path, text](Value& root) { at(root, path).text = text; });
    };
    move_to(*parsed + base::kMinute);
    if (parsed->count > 0) move_to(std::max(*parsed - base::kMinute, Seconds{}));
  }

  void entries(const Value& list, const Path& path, std::string_view key, const std::string& place,
               Treatment treatment) {
    const bool everybody = std::ranges::find(list.items, "*", &Value::text) != list.items.end();
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      const Value& item = list.items[i];
      if (everybody && item.text != "*") continue;
      Path inside = path;
      inside.push_back(i);
      const bool last = list.items.size() == 1;
      if (!last || treatment == Treatment::kEntriesOrNone) {
        loses(item, key, place, [inside](Value& root) { remove(root, inside); });
      } else if (treatment == Treatment::kEntriesOrKey) {
        gone(list.at, key, place, [path](Value& root) { remove(root, path); });
      } else if (treatment == Treatment::kSenders) {
        loses(item, key, place, [inside](Value& root) { at(root, inside).text = kNobody; });
      }
    }
  }

  // `path` of the rest; the table may be absent.
  void effects(const Value& rest, const Path& path, const std::string& place) {
    constexpr std::string_view kSteps[] = {"deliver", "silent", "hold"};
    const Value* table = member(rest, "effect");
    std::size_t first = found_.size();
    for (const model::MessageClass c : model::kMessageClasses) {
      const std::string key(name_of(c));
      const Value* stated = table == nullptr ? nullptr : member(*table, key);
      const std::string_view is = stated == nullptr ? "hold" : std::string_view(stated->text);
      const auto step = std::ranges::find(kSteps, is) - std::begin(kSteps);
      for (const std::ptrdiff_t to : {step - 1, step + 1}) {
        if (to < 0 || to >= std::ssize(kSteps)) continue;
        const std::string now(kSteps[to]);
        changed(stated == nullptr ? rest : *stated, "effect." + key, place, now, std::string(is),
                [path, key, now](Value& root) { set_effect(at(root, path), key, now); });
      }
      if (stated != nullptr && is == "deliver")  // one step more than the others: the default holds
        gone(stated->at, "effect." + key, place, [path, key](Value& root) { set_effect(at(root, path), key, "hold"); });
      for (; first < found_.size(); ++first) {
        found_[first].rest = text_of(rest, "id");
        found_[first].message_class = static_cast<std::size_t>(c);
      }
    }
  }

  static void set_effect(Value& rest, const std::string& key, const std::string& effect) {
    Value* table = member(rest, "effect");
    if (table == nullptr) {
      Value fresh;
      fresh.kind = Kind::kTable;
      fresh.at = rest.at;
      rest.members.push_back({"effect", rest.at, fresh});
      table = &rest.members.back().value;
    }
    if (Value* value = member(*table, key)) {
      value->text = effect;
      return;
    }
    Value text;
    text.kind = Kind::kText;
    text.at = rest.at;
    text.text = effect;
    table->members.push_back({key, rest.at, text});
  }

  static void set_restart(Value& rest) {
    Value text;
    text.kind = Kind::kText;
    text.at = rest.at;
    text.text = "never";
    rest.members.push_back({"restart", rest.at, text});
  }

  // ---- tables

  static std::string place_of(const Value& table, const std::string& prefix, const std::string& heading) {
    for (const std::string_view key : {"id", "rule", "parameter"})
      if (const std::string_view id = text_of(table, key); !id.empty())
        return (prefix == "adapt" || prefix == "set" ? "[[" + prefix + "]] of '" : "rule '") + base::printable(id) +
               "'";
    return heading;
  }

  void each_table(const Value& list, const Path& path, const std::string& prefix, const std::string& parent,
                  bool removed) {
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      const Value& item = list.items[i];
      Path inside = path;
      inside.push_back(i);
      const std::string name = place_of(item, prefix, parent);
      const bool last_hours = prefix == "schedule/hours" && list.items.size() == 1;  // as the schedule removed
      if (removed && !last_hours) {
        const std::string id(text_of(item, "id"));
        const bool rest = prefix == "rest";
        Edit edit = [inside, id, rest](Value& root) { rest ? remove_rest(root, inside, id) : remove(root, inside); };
        if (prefix == "schedule/hours")
          gone(item.at, "hours", parent, std::move(edit));
        else
          add(item.at, name + " is gone", std::move(edit));
      }
      if (prefix == "rest") {
        effects(item, inside, name);
        if (text_of(item, "kind") == "after-duty" && member(item, "restart") == nullptr)
          changed(item, "restart", name, "never", "always", [inside](Value& root) { set_restart(at(root, inside)); });
      }
      table(item, inside, prefix, name);
    }
  }

  void table(const Value& table, const Path& path, const std::string& prefix, const std::string& place) {
    for (std::size_t i = 0; i < table.members.size(); ++i) {
      const Member& m = table.members[i];
      const std::string full = prefix.empty() ? m.key : prefix + "/" + m.key;
      const auto known = std::ranges::find(grammar(), std::string_view(full), &Key::path);
      if (known == grammar().end()) continue;  // the pack would not load
      Path inside = path;
      inside.push_back(i);
      about_loading_ = full.starts_with("rest/adaptable") || full.starts_with("parameter/");
      one(table, *known, m, inside, full, place);
      about_loading_ = false;
    }
  }

  // "adaptable.minimum" of a rest, "minimum" of its own.
  static std::string key_of(const std::string& full) {
    std::size_t family = full.find('/') + 1;
    for (const std::string_view longer : {"content/marker/", "schedule/hours/"})
      if (full.starts_with(longer)) family = longer.size();
    std::string key = full.substr(family);
    std::ranges::replace(key, '/', '.');
    return key;
  }

  void one(const Value& parent, const Key& known, const Member& m, const Path& path, const std::string& full,
           const std::string& place) {
    const bool top = full == m.key;
    const std::string heading = top ? "[" + m.key + "]" : place;
    const std::string key = key_of(full);
    switch (known.treatment) {
      case Treatment::kNone:
      case Treatment::kEffects: break;  // a rest's, whether it has the table or not
      case Treatment::kDuration:
        if (full != "pack/duty_gap" || looks_at_duties(root_)) duration(m.value, path, key, place);
        break;
      case Treatment::kLocalTime: local_time(m.value, path, key, place); break;
      case Treatment::kCount: count(m.value, path, key, place); break;
      case Treatment::kRestart: restart(m.value, path, place); break;
      case Treatment::kWords: word(m.value, path, key, place, known.words); break;
      case Treatment::kEntries:
      case Treatment::kEntriesOrNone:
      case Treatment::kEntriesOrKey:
      case Treatment::kSenders: entries(m.value, path, key, place, known.treatment); break;
      case Treatment::kKey:
        if (reads_dates(root_)) gone(m.at, key, place, [path](Value& root) { remove(root, path); });
        break;
      case Treatment::kTableOrKey:
        if (top)
          add(m.value.at, heading + " is gone", [path](Value& root) { remove(root, path); });
        else if (m.key != "applies" || !for_all_who_matter(parent, full, m.value))
          gone(m.at, key, place, [path](Value& root) { remove(root, path); });
        table(m.value, path, full, heading);
        break;
      case Treatment::kTable:
        if (m.value.kind == Kind::kList)
          each_table(m.value, path, full, heading, false);
        else
          table(m.value, path, full, heading);
        break;
      case Treatment::kTables: each_table(m.value, path, full, heading, true); break;
    }
  }

  static bool names(const Value* applies, const std::string& group) {
    const Value* groups = applies == nullptr ? nullptr : member(*applies, "groups");
    return groups != nullptr && std::ranges::find(groups->items, group, &Value::text) != groups->items.end();
  }

  // Everybody; or, for an exception, whoever one of its rests is for.
  bool for_all_who_matter(const Value& rule, const std::string& path, const Value& applies) const {
    if (names(&applies, "*")) return true;
    const Value* pierces = member(rule, "pierces");
    if (path != "exception/applies" || pierces == nullptr) return false;
    return std::ranges::all_of(pierces->items, [&](const Value& id) {
      const Value* rests = member(root_, "rest");
      if (rests == nullptr) return false;
      const auto rest = std::ranges::find(rests->items, std::string_view(id.text),
                                          [](const Value& one) { return text_of(one, "id"); });
      const Value* whom = rest == rests->items.end() ? nullptr : member(*rest, "applies");
      const Value* groups = whom == nullptr ? nullptr : member(*whom, "groups");
      return groups != nullptr &&
             std::ranges::all_of(groups->items, [&](const Value& group) { return names(&applies, group.text); });
    });
  }

  const Value& root_;
  std::vector<Mutant> found_;
  bool about_loading_ = false;
};

}  // namespace

std::vector<Mutant> mutants(const Value& root) { return Generator(root).run(); }

std::vector<std::string> known_keys() {
  std::vector<std::string> keys;
  for (const Key& key : grammar()) keys.emplace_back(key.path);
  std::ranges::sort(keys);
  return keys;
}

}  // namespace policy::mutate
