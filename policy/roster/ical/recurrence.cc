#include "policy/roster/ical/recurrence.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace policy::roster::ical {
namespace {

constexpr int kIntervalMax = 1000;
constexpr std::array<std::string_view, 7> kWeekdays{"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

using time::LocalDate;
using time::Weekday;

std::optional<int> whole_number(std::string_view text, int min, int max) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < min || value > max) return std::nullopt;
  return value;
}

std::optional<Weekday> weekday(std::string_view text) {
  const auto* found = std::ranges::find(kWeekdays, text);
  if (found == kWeekdays.end()) return std::nullopt;
  return static_cast<Weekday>(found - kWeekdays.begin());
}

// Reads the parts of one rule; each at most once.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  std::expected<Rule, RuleFault> read() {
    std::size_t at = 0;
    while (at <= text_.size()) {
      const std::size_t end = std::min(text_.find(';', at), text_.size());
      if (!part(at, text_.substr(at, end - at))) return std::unexpected(fault_);
      at = end + 1;
    }
    if (!has("FREQ")) return fails(0, "a rule without FREQ", kFrequencies);
    if (!fits_together()) return std::unexpected(fault_);
    return rule_;
  }

 private:
  static constexpr std::string_view kFrequencies = "FREQ=DAILY, WEEKLY, MONTHLY or YEARLY";

  bool has(std::string_view name) const { return std::ranges::find(seen_, name) != seen_.end(); }

  std::unexpected<RuleFault> fails(std::size_t at, std::string seen, std::string_view allowed) {
    fault_ = {at, {"ical.recurrence", std::move(seen), std::string(allowed), {}, {}}};
    return std::unexpected(fault_);
  }
  bool bad(std::size_t at, std::string_view what, std::string_view allowed) {
    fails(at, "'" + base::printable(what) + "' in a recurrence rule", allowed);
    return false;
  }

  bool part(std::size_t at, std::string_view part) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return bad(at, part, "NAME=VALUE, separated by ';'");
    const std::string_view name = part.substr(0, equals), value = part.substr(equals + 1);
    if (has(name)) return bad(at, name, "each part once");
    seen_.push_back(name);
    at += equals + 1;
    if (name == "FREQ") return frequency(at, value);
    if (name == "INTERVAL") return number(at, value, 1, kIntervalMax, rule_.interval);
    if (name == "COUNT") return count(at, value);
    if (name == "UNTIL") return until(at, value);
    if (name == "WKST") return week_start(at, value);
    if (name == "BYMONTH") return numbers(at, value, 12, false, rule_.months);
    if (name == "BYMONTHDAY") return numbers(at, value, 31, true, rule_.month_days);
    if (name == "BYYEARDAY") return numbers(at, value, 366, true, rule_.year_days);
    if (name == "BYSETPOS") return numbers(at, value, 366, true, rule_.positions);
    if (name == "BYDAY") return days(at, value);
    return bad(at - equals - 1, name,
               "FREQ, INTERVAL, COUNT, UNTIL, WKST, BYMONTH, BYMONTHDAY, BYYEARDAY, BYDAY, BYSETPOS");
  }

  bool frequency(std::size_t at, std::string_view value) {
    constexpr std::array<std::string_view, 4> kNames{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
    const auto* found = std::ranges::find(kNames, value);
    if (found == kNames.end()) return bad(at, value, kFrequencies);
    rule_.frequency = static_cast<Frequency>(found - kNames.begin());
    return true;
  }

  bool number(std::size_t at, std::string_view value, int min, int max, int& into) {
    const auto read = whole_number(value, min, max);
    if (!read) return bad(at, value, std::to_string(min) + " to " + std::to_string(max));
    into = *read;
    return true;
  }

  bool count(std::size_t at, std::string_view value) {
    int read = 0;
    if (!number(at, value, 1, static_cast<int>(kRecurrencesMax), read)) return false;
    rule_.count = static_cast<std::size_t>(read);
    return true;
  }

  bool until(std::size_t at, std::string_view value) {
    const auto read = parse_wall_clock(value);
    if (!read) return bad(at, value, read.error().allowed);
    rule_.until = *read;
    return true;
  }

  bool week_start(std::size_t at, std::string_view value) {
    const auto read = weekday(value);
    if (!read) return bad(at, value, "MO, TU, WE, TH, FR, SA, SU");
    rule_.week_start = *read;
    return true;
  }

  // A list without repetitions; as long as there are different values, at most.
  bool numbers(std::size_t at, std::string_view value, int max, bool negative, std::vector<int>& into) {
    std::size_t begin = 0;
    while (begin <= value.size()) {
      const std::size_t end = std::min(value.find(',', begin), value.size());
      const std::string_view item = value.substr(begin, end - begin);
      const auto read = whole_number(item, negative ? -max : 1, max);
      if (!read || *read == 0 || std::ranges::find(into, *read) != into.end()) {
        return bad(at + begin, item,
                   "1 to " + std::to_string(max) + (negative ? " or their negatives" : "") + ", each once");
      }
      into.push_back(*read);
      begin = end + 1;
    }
    return true;
  }

  bool days(std::size_t at, std::string_view value) {
    std::size_t begin = 0;
    while (begin <= value.size()) {
      const std::size_t end = std::min(value.find(',', begin), value.size());
      const std::string_view item = value.substr(begin, end - begin);
      const std::size_t letters = item.size() < 2 ? 0 : item.size() - 2;
      const auto day = weekday(item.substr(letters));
      const auto position = letters == 0 ? std::optional(0) : whole_number(item.substr(0, letters), -53, 53);
      const auto same = [&](const ByDay& one) { return one.weekday == *day && one.position == *position; };
      if (!day || !position || (letters > 0 && *position == 0) || std::ranges::any_of(rule_.days, same))
        return bad(at + begin, item, "MO, TU, WE, TH, FR, SA, SU, with a position as 2MO or -1FR, each once");
      rule_.days.push_back({*position, *day});
      begin = end + 1;
    }
    return true;
  }

  // The table of RFC 5545 § 3.3.10, and what is read of it.
  bool fits_together() {
    const Frequency f = rule_.frequency;
    const bool yearly = f == Frequency::kYearly, monthly = f == Frequency::kMonthly;
    const bool numbered = std::ranges::any_of(rule_.days, [](const ByDay& day) { return day.position != 0; });
    std::string_view odd;
    if (rule_.count && rule_.until) odd = "COUNT together with UNTIL";
    if (f == Frequency::kWeekly && !rule_.month_days.empty()) odd = "BYMONTHDAY in a weekly rule";
    if (!yearly && !rule_.year_days.empty()) odd = "BYYEARDAY in a rule that is not yearly";
    if (!yearly && !monthly && numbered) odd = "a numbered weekday in a daily or weekly rule";
    if (numbered && (!rule_.month_days.empty() || !rule_.year_days.empty()))
      odd = "a numbered weekday with days of the month or year";
    if (!yearly && !monthly && !rule_.positions.empty()) odd = "BYSETPOS in a daily or weekly rule";
    if (!rule_.positions.empty() && rule_.days.empty() && rule_.month_days.empty() && rule_.year_days.empty() &&
        rule_.months.empty())
      odd = "BYSETPOS without another BY";
    if (odd.empty()) return true;
    fails(0, std::string(odd), "a rule that RFC 5545 § 3.3.10 defines for days");
    return false;
  }

  std::string_view text_;
  Rule rule_;
  std::vector<std::string_view> seen_;
  RuleFault fault_;
};

bool contains(const std::vector<int>& list, int value) { return std::ranges::find(list, value) != list.end(); }

int day_of_year(LocalDate date) {
  return static_cast<int>(date.days - time::date_of({time::civil_of(date).year, 1, 1}).days) + 1;
}

// Counted from 1, and from the end as −1, among `size` days: is it in the list?
bool listed(const std::vector<int>& list, int day, int size) {
  return contains(list, day) || contains(list, day - size - 1);
}

// The n-th of its weekday among `size` days of which it is number `day`.
bool position_fits(const ByDay& wanted, int day, int size) {
  if (wanted.position > 0) return (day - 1) / 7 + 1 == wanted.position;
  return wanted.position == 0 || (size - day) / 7 + 1 == -wanted.position;
}

bool weekday_fits(const Rule& rule, LocalDate date) {
  const auto civil = time::civil_of(date);
  // Numbers count within the month, except in a yearly rule that names no months.
  const bool in_month = rule.frequency == Frequency::kMonthly || !rule.months.empty();
  const int size =
      in_month ? time::days_in_month(civil.year, civil.month) : (time::days_in_month(civil.year, 2) == 29 ? 366 : 365);
  const int day = in_month ? civil.day : day_of_year(date);
  return std::ranges::any_of(rule.days, [&](const ByDay& wanted) {
    return wanted.weekday == time::weekday_of(date) && position_fits(wanted, day, size);
  });
}

// Is it a day of the rule, before BYSETPOS chooses among them?
bool candidate(const Rule& rule, LocalDate first, LocalDate date) {
  const auto civil = time::civil_of(date), begin = time::civil_of(first);
  if (!rule.months.empty() && !contains(rule.months, civil.month)) return false;
  if (!rule.month_days.empty() && !listed(rule.month_days, civil.day, time::days_in_month(civil.year, civil.month)))
    return false;
  const int year_size = time::days_in_month(civil.year, 2) == 29 ? 366 : 365;
  if (!rule.year_days.empty() && !listed(rule.year_days, day_of_year(date), year_size)) return false;
  if (!rule.days.empty()) return weekday_fits(rule, date);
  if (rule.frequency == Frequency::kDaily || !rule.month_days.empty() || !rule.year_days.empty()) return true;
  if (rule.frequency == Frequency::kWeekly) return time::weekday_of(date) == time::weekday_of(first);
  const bool same_month = rule.frequency == Frequency::kMonthly || !rule.months.empty() || civil.month == begin.month;
  return civil.day == begin.day && same_month;
}

// The n-th day, week, month or year after that of `first`: from, and the day after it.
std::pair<LocalDate, LocalDate> period(const Rule& rule, LocalDate first, std::int64_t n) {
  const auto civil = time::civil_of(first);
  switch (rule.frequency) {
    case Frequency::kDaily: return {first + n, first + (n + 1)};
    case Frequency::kWeekly: {
      const int into = (static_cast<int>(time::weekday_of(first)) - static_cast<int>(rule.week_start) + 7) % 7;
      return {first + (n * 7 - into), first + (n * 7 - into + 7)};
    }
    case Frequency::kMonthly: {
      const std::int64_t month = civil.year * 12 + civil.month - 1 + n;
      const LocalDate begin = time::date_of({month / 12, static_cast<int>(month % 12) + 1, 1});
      return {begin, begin + time::days_in_month(month / 12, static_cast<int>(month % 12) + 1)};
    }
    case Frequency::kYearly: break;
  }
  return {time::date_of({civil.year + n, 1, 1}), time::date_of({civil.year + n + 1, 1, 1})};
}

}  // namespace

std::expected<Rule, RuleFault> parse_rule(std::string_view text) { return RuleReader(text).read(); }

std::vector<LocalDate> read_by_the_table(const Rule& rule, LocalDate first, LocalDate last, std::size_t max) {
  std::vector<LocalDate> days, candidates;
  const std::size_t wanted = std::min(rule.count.value_or(max), max);
  for (std::int64_t n = 0;; n += rule.interval) {
    const auto [begin, end] = period(rule, first, n);
    if (begin > last) return days;
    candidates.clear();
    for (LocalDate day = begin; day < end; day = day + 1)
      if (candidate(rule, first, day)) candidates.push_back(day);
    const int size = static_cast<int>(candidates.size());
    for (int i = 0; i < size; ++i) {
      const LocalDate day = candidates[static_cast<std::size_t>(i)];
      if (day < first || day > last || (!rule.positions.empty() && !listed(rule.positions, i + 1, size))) continue;
      if (days.size() == wanted) return days;
      days.push_back(day);
    }
  }
}

}  // namespace policy::roster::ical
