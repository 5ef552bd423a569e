#include "policy/diff/words.h"

#include <algorithm>
#include <array>

#include "policy/base/result.h"
#include "policy/vocabulary/calendar_words.h"
#include "policy/vocabulary/message_words.h"

namespace policy::diff {
namespace {

using vocabulary::capital;
using vocabulary::list_and;
using vocabulary::same;
using vocabulary::say;

struct Name {
  std::string_view key, de, en;
};

constexpr auto kFamilies = std::to_array<Name>({{"rest", "Ruheregel", "Rest"},
                                                {"exception", "Ausnahme", "Exception"},
                                                {"schedule", "Kernzeit von", "Core hours of"},
                                                {"pack", "Regelpaket", "Pack"},
                                                {"devices", "Geräte", "Devices"},
                                                {"sessions", "Sitzungen", "Sessions"},
                                                {"retention", "Löschfrist für", "Retention of"},
                                                {"alarm", "Sendeberechtigung", "Permission to send"},
                                                {"content", "Inhaltsprüfung", "Content check"},
                                                {"push", "Weckruf", "Push"},
                                                {"claim", "Zusage", "Claim"},
                                                {"parameter", "Parameter", "Parameter"},
                                                {"signers", "Unterschriften unter", "Signatures of"}});

constexpr auto kFacets = std::to_array<Name>({{"layer", "Ebene", ""},
                                              {"kind", "Art", ""},
                                              {"unset", "ohne Wert", ""},
                                              {"minimum", "Mindestdauer", ""},
                                              {"restart", "Neubeginn", ""},
                                              {"grace", "Nachlauf", ""},
                                              {"lead", "Vorlauf", ""},
                                              {"days", "Tage", ""},
                                              {"hours", "Uhrzeiten", ""},
                                              {"unless", "außer bei", ""},
                                              {"effect/routine", "Wirkung auf gewöhnliche Nachrichten", ""},
                                              {"effect/shift-notice", "Wirkung auf Hinweise auf Dienständerungen", ""},
                                              {"effect/urgent", "Wirkung auf dringende Nachrichten", ""},
                                              {"effect/alarm", "Wirkung auf Alarme", ""},
                                              {"applies", "gilt für", ""},
                                              {"when", "wann", ""},
                                              {"pierces", "durchbricht", ""},
                                              {"classes", "Klassen", ""},
                                              {"role", "Rolle", ""},
                                              {"reasons", "Gründe", ""},
                                              {"per_week", "je Woche", ""},
                                              {"longest", "längstens", ""},
                                              {"zone", "Zeitzone", ""},
                                              {"holidays", "Feiertage", ""},
                                              {"duty_gap", "Dienstlücke", ""},
                                              {"version", "Fassung", ""},
                                              {"cite", "Fundstelle", ""},
                                              {"title/de", "deutsche Überschrift", ""},
                                              {"title/en", "englische Überschrift", ""},
                                              {"max", "Höchstzahl", ""},
                                              {"private/consent", "Einwilligung für private Geräte", ""},
                                              {"lifetime", "Dauer", ""},
                                              {"idle", "Leerlauf", ""},
                                              {"step_up", "erneute Anmeldung", ""},
                                              {"factors", "Faktoren", ""},
                                              {"failures", "Fehlversuche", ""},
                                              {"lock_for", "Sperre", ""},
                                              {"period", "Frist", ""},
                                              {"ceiling", "Obergrenze", ""},
                                              {"floor", "Untergrenze", ""},
                                              {"clock/readable", "ab Lesbarkeit", ""},
                                              {"senders", "Absender", ""},
                                              {"limit/count", "Anzahl", ""},
                                              {"limit/per", "je", ""},
                                              {"labels", "Kennzeichnungen", ""},
                                              {"pattern", "Muster", ""},
                                              {"action", "Folge", ""},
                                              {"payload", "Inhalt", ""},
                                              {"jitter", "Zufallsverzögerung", ""},
                                              {"during", "während", ""},
                                              {"than", "verglichen mit", ""},
                                              {"least", "mindestens", ""},
                                              {"most", "höchstens", ""},
                                              {"value", "Wert", ""},
                                              {"set_by", "gesetzt durch", ""},
                                              {"signers", "Unterzeichner", ""}});

// A facet's English name is its key in the grammar.
Both name_in(std::span<const Name> names, std::string_view key) {
  const auto found = std::ranges::find(names, key, &Name::key);
  if (found == names.end()) return same(key);
  return {std::string(found->de), std::string(found->en.empty() ? key : found->en)};
}

Both quoted(std::string_view id) { return {"„" + std::string(id) + "“", "'" + std::string(id) + "'"}; }

Both more(std::size_t count) { return say("{} weitere", "{} more", count); }

// "18:00–20:00 Uhr", "20:00–06:00 Uhr am Folgetag", "16:15 Uhr bis 07:45 Uhr 3 Tage später".
Both hours_of(const Weekly& weekly) {
  const std::string from = vocabulary::clock(weekly.from.second);
  if (weekly.dates_later == 0) return say("{}–{} Uhr", "{}–{}", from, vocabulary::clock(weekly.to.second));
  if (weekly.dates_later == 1 && weekly.to.second == 0) return say("{}–24:00 Uhr", "{}–24:00", from);
  const std::string to = vocabulary::clock(weekly.to.second);
  if (weekly.dates_later == 1) return say("{}–{} Uhr am Folgetag", "{}–{} of the next day", from, to);
  return say("{} Uhr bis {} Uhr {} Tage später", "{} to {} {} days later", from, to, weekly.dates_later);
}

Both span_of(const base::Interval& span, const time::Zone& zone) {
  const time::LocalDate date = zone.date_at(span.begin);
  const bool within = zone.date_at(span.end) == date && zone.offset_at(span.begin) == zone.offset_at(span.end);
  if (within) {
    return say("{}, {}–{} Uhr", "{}, {}–{}", vocabulary::day_and_date(date),
               vocabulary::clock(zone.time_at(span.begin).second), vocabulary::clock(zone.time_at(span.end).second));
  }
  return say("{} bis {}", "{} to {}", vocabulary::moment(zone, span.begin), vocabulary::moment(zone, span.end));
}

// At most kListedMax of them, with what is left as a number.
template <typename Items, typename Words>
Both listed(const Items& items, Words words) {
  std::vector<Both> out;
  for (std::size_t i = 0; i < std::min(items.size(), kListedMax); ++i) out.push_back(words(items[i]));
  if (items.size() > kListedMax) out.push_back(more(items.size() - kListedMax));
  Both joined;
  for (const Both& one : out) joined = joined.empty() ? one : say("{}; {}", "{}; {}", joined, one);
  return joined;
}

Both passive(model::Effect effect) {
  switch (effect) {
    case model::Effect::kDeliver: return {"zugestellt", "delivered"};
    case model::Effect::kSilent: return {"erst beim Öffnen der App zugestellt", "delivered when the app is opened"};
    case model::Effect::kHold: break;
  }
  return {"zurückgehalten", "held"};
}

Both what_happens(const Folded& what) {
  const Both messages = vocabulary::messages(what.classes);
  if (what.before == what.after)
    return say("{} werden wie vorher {}, aber aus anderem Grund", "{} are {} as before, but for another reason",
               messages, passive(what.after));
  return say("{} werden jetzt {} (vorher {})", "{} are now {} (before: {})", messages, passive(what.after),
             passive(what.before));
}

Both fate_of(const EntryChange& change) {
  switch (change.fate) {
    case Fate::kAdded: return {"neu", "new"};
    case Fate::kRemoved: return {"weggefallen", "removed"};
    case Fate::kChanged: return {"geändert", "changed"};
    case Fate::kRenamed: break;
  }
  return {"umbenannt", "renamed"};
}

Both named(const EntryChange& change) {
  const Both family = name_in(kFamilies, change.family);
  if (change.family == change.id) return family;
  return say("{} {}", "{} {}", family, quoted(change.id));
}

// Those of the named rules that are new, gone or changed; if there are none, everything else that was changed about
// gates.
Both reason_of(const std::set<std::string>& rules, const std::vector<EntryChange>& gates) {
  std::vector<Both> reasons;
  const auto add = [&](auto wanted) {
    for (const EntryChange& entry : gates)
      if (wanted(entry)) reasons.push_back(say("{} {}", "{} {}", named(entry), fate_of(entry)));
  };
  add([&](const EntryChange& entry) { return entry.family == "rest" && rules.contains(entry.id); });
  if (reasons.empty()) add([](const EntryChange& entry) { return entry.family != "rest" && entry.family != "pack"; });
  if (reasons.empty()) add([](const EntryChange&) { return true; });
  if (reasons.empty()) return {};
  return say(" Grund: {}.", " Reason: {}.", list_and(reasons));
}

Both audience(const Audience& one) {
  const auto groups = [](const std::vector<std::string>& names) {
    std::vector<Both> out;
    for (const std::string& name : names) out.push_back(same(base::printable(name)));
    return list_and(out);
  };
  if (one.in.empty())
    return say("wer in keiner dieser Gruppen ist: {}", "people in none of these groups: {}", groups(one.out));
  if (one.out.empty()) return say("Angehörige von {}", "members of {}", groups(one.in));
  return say("Angehörige von {}, aber nicht von {}", "members of {} but not of {}", groups(one.in), groups(one.out));
}

}  // namespace

std::vector<Both> sentences(const Folded& folded, const Calendar& calendar, const EntriesDiff& entries) {
  const auto sentence = [&](const Both& when, const std::set<std::string>& rules) {
    return capital(say("{}: {}.{}", "{}: {}.{}", when, what_happens(folded), reason_of(rules, entries.gates)));
  };
  std::vector<Both> out;
  if (folded.throughout) out.push_back(sentence({"die ganze Zeit", "all the time"}, folded.rules));
  for (const Weekly& weekly : folded.weekly) {
    const Both days = folded.holidays_apart ? vocabulary::days(weekly.days) : vocabulary::weekdays(weekly.days);
    Both when = say("{}, {}", "{}, {}", days, hours_of(weekly));
    if (!weekly.not_on.empty())
      when = say("{} (nicht am {})", "{} (not on {})", when, listed(weekly.not_on, vocabulary::day_and_date));
    out.push_back(sentence(when, weekly.rules));
  }
  if (!folded.single.empty()) {
    const auto words = [&](const base::Interval& span) { return span_of(span, calendar.zone); };
    out.push_back(sentence(listed(folded.single, words), folded.rules));
  }
  return out;
}

Both whom(const std::vector<Audience>& who, std::size_t audiences) {
  if (who.size() == audiences) return {"alle", "everybody"};
  return listed(who, audience);
}

Both in_which_lives(const std::vector<Scenario>& lives, const std::vector<Life>& tried) {
  const auto ordinary = std::ranges::count_if(tried, [](Life life) { return life != Life::kMixed; });
  if (lives.size() > 1 && static_cast<std::size_t>(ordinary) == lives.size())
    return {"mit und ohne Dienstplan, in jeder erprobten Lage",
            "with and without a roster, in every situation that was tried"};
  return listed(lives, [](const Scenario& life) { return words_of(life.life); });
}

Both words_of(Life life) {
  switch (life) {
    case Life::kCoreHours: return {"ohne Dienstplan", "without a roster"};
    case Life::kDayDuty:
      return {"Tagdienst montags bis freitags 08:00–16:00 Uhr", "day duty Mondays to Fridays 08:00–16:00"};
    case Life::kNightDuty:
      return {"Nachtdienst montags bis donnerstags 20:00–06:00 Uhr", "night duty Mondays to Thursdays 20:00–06:00"};
    case Life::kLongDuty:
      return {"ein Dienst je Woche, mittwochs 06:00–18:00 Uhr", "one duty a week, Wednesdays 06:00–18:00"};
    case Life::kOnCall: return {"Tagdienst und sonst Rufbereitschaft", "day duty and otherwise on call"};
    case Life::kOnlyOnCall: return {"nur Rufbereitschaft", "only on call"};
    case Life::kAbsent: return {"Urlaub oder krank", "on leave or sick"};
    case Life::kCalledOut:
      return {"Tagdienst und jede Nacht um 23:00 Uhr gerufen", "day duty and called every night at 23:00"};
    case Life::kOverridden:
      return {"ohne Dienstplan, mit Freigaben jeden Abend", "without a roster, overridden every evening"};
    case Life::kSelfOpened:
      return {"ohne Dienstplan, abends selbst geöffnet", "without a roster, own gate opened every evening"};
    case Life::kMixed: break;
  }
  return {"ein gemischter Dienstplan", "a mixed roster"};
}

Both sentence(const EntryChange& change) {
  if (change.fate == Fate::kRenamed)
    return say("{} hieß vorher {}.", "{} was called {} before.", named(change), quoted(change.old_id));
  std::vector<Both> facets;
  for (const Facet& facet : change.facets) {
    const Both name = name_in(kFacets, facet.name);
    const auto shown = [](const std::string& value) { return same(value.empty() ? "–" : base::printable(value, 120)); };
    if (change.fate == Fate::kAdded)
      facets.push_back(say("{} {}", "{} {}", name, shown(facet.after)));
    else if (change.fate == Fate::kRemoved)
      facets.push_back(say("{} {}", "{} {}", name, shown(facet.before)));
    else
      facets.push_back(say("{} {} → {}", "{} {} → {}", name, shown(facet.before), shown(facet.after)));
  }
  Both all;
  for (const Both& facet : facets) all = all.empty() ? facet : say("{}, {}", "{}, {}", all, facet);
  const Both head = say("{} {}", "{} {}", named(change), fate_of(change));
  if (change.direction == Direction::kNone) return say("{}: {}.", "{}: {}.", head, all);
  return say("{}: {} ({}).", "{}: {} ({}).", head, all, words_of(change.direction));
}

Both words_of(Direction direction) {
  switch (direction) {
    case Direction::kNone: return {"unverändert", "unchanged"};
    case Direction::kMore: return {"schützt mehr", "protects more"};
    case Direction::kLess: return {"schützt weniger", "protects less"};
    case Direction::kBoth: break;
  }
  return {"schützt teils mehr, teils weniger", "protects partly more, partly less"};
}

Both words_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSame: return {"bewiesen gleich", "proved the same"};
    case Verdict::kDiffers: return {"verschieden", "different"};
    case Verdict::kNotFound: break;
  }
  return {"anders gesagt, aber kein Unterschied gefunden", "said differently, but no difference found"};
}

}  // namespace policy::diff
