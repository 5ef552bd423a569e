// What the pack is, who signs it, and the words that the rules use.
#include <algorithm>
#include <array>

#include "policy/render/family.h"
#include "policy/vocabulary/calendar_words.h"

namespace policy::render {
namespace {

using vocabulary::say;

Both layer_words(pack::Layer layer) {
  switch (layer) {
    case pack::Layer::kLaw:
      return {
          "Es gibt ein Gesetz oder eine Verordnung wieder. Keine Vereinbarung darf diesen Schutz verringern, außer wo "
          "es hier erlaubt ist.",
          "It states what a law or an ordinance says. No agreement may lessen this protection, except where it is "
          "permitted here."};
    case pack::Layer::kAgreement:
      return {"Es ist eine Vereinbarung. Sie darf stärker schützen als ein Gesetz, aber nicht schwächer.",
              "It is an agreement. It may protect more than a law, but not less."};
    case pack::Layer::kUnit:
      return {
          "Es sind Regeln einer Dienststelle. Sie dürfen stärker schützen als Gesetz und Vereinbarung, aber nicht "
          "schwächer.",
          "These are rules of one unit. They may protect more than law and agreement, but not less."};
    case pack::Layer::kPersonal: break;
  }
  return {"Es sind Regeln, die eine Person für sich gewählt hat. Sie dürfen nur stärker schützen als alle anderen.",
          "These are rules that a person has chosen. They may only protect more than all others."};
}

Both signer_words(const std::string& signer) {
  if (signer == "administration") return {"die Verwaltung (administration)", "the administration (administration)"};
  if (signer == "staff-council") return {"der Personalrat (staff-council)", "the staff council (staff-council)"};
  if (signer == "data-protection")
    return {"der oder die Datenschutzbeauftragte (data-protection)", "the data protection officer (data-protection)"};
  return quoted(signer);
}

struct Land {
  std::string_view code, de, en;
};
constexpr std::array<Land, 16> kLaender{{{"BB", "Brandenburg", "Brandenburg"},
                                         {"BE", "Berlin", "Berlin"},
                                         {"BW", "Baden-Württemberg", "Baden-Württemberg"},
                                         {"BY", "Bayern", "Bavaria"},
                                         {"HB", "Bremen", "Bremen"},
                                         {"HE", "Hessen", "Hesse"},
                                         {"HH", "Hamburg", "Hamburg"},
                                         {"MV", "Mecklenburg-Vorpommern", "Mecklenburg-Western Pomerania"},
                                         {"NI", "Niedersachsen", "Lower Saxony"},
                                         {"NW", "Nordrhein-Westfalen", "North Rhine-Westphalia"},
                                         {"RP", "Rheinland-Pfalz", "Rhineland-Palatinate"},
                                         {"SH", "Schleswig-Holstein", "Schleswig-Holstein"},
                                         {"SL", "Saarland", "Saarland"},
                                         {"SN", "Sachsen", "Saxony"},
                                         {"ST", "Sachsen-Anhalt", "Saxony-Anhalt"},
                                         {"TH", "Thüringen", "Thuringia"}}};

// "Niedersachsen (DE-NI)"; regional variants, as DE-BY-K, by their id beside the Land.
Both place_words(const std::string& place) {
  const std::string_view code = place.starts_with("DE-") ? std::string_view(place).substr(3, 2) : std::string_view();
  const auto land = std::ranges::find(kLaender, code, &Land::code);
  if (land == kLaender.end()) return quoted(place);
  return say("{} ({})", "{} ({})", Both{std::string(land->de), std::string(land->en)}, place);
}

bool looks_at_duties(const pack::Rules& rules, std::size_t pack) {
  return std::ranges::any_of(rules.rests, [&](const pack::RestRule& rule) {
    return rule.head.pack == pack && rule.kind <= pack::RestKind::kOffDuty;
  });
}

void say_signers(Writer& writer, const std::vector<std::string>& signers) {
  if (signers.empty()) {
    return writer.add("signers", {"Das Paket nennt niemanden, der es unterschreiben muss.",
                                  "The pack names nobody who must sign it."});
  }
  std::vector<Both> all;
  for (const std::string& signer : signers) all.push_back(signer_words(signer));
  const Both who = vocabulary::list_and(all);
  writer.add("signers", signers.size() == 1
                            ? say("Bevor es gilt, muss {} unterschreiben.", "Before it counts, {} must sign.", who)
                            : say("Bevor es gilt, müssen alle diese unterschreiben: {}.",
                                  "Before it counts, all of these must sign: {}.", who));
}

void say_duty_gap(Writer& writer, base::Seconds gap) {
  if (gap == base::Seconds{})
    return writer.add("duty_gap", {"Nur Dienste ohne Pause dazwischen zählen als ein Dienst (0 Minuten).",
                                   "Only duties without a break between them count as one duty (0 minutes)."});
  writer.add("duty_gap",
             say("Liegen zwischen zwei Diensten weniger als {}, zählen sie als ein Dienst.",
                 "Two duties with less than {} between them count as one duty.", vocabulary::duration(gap)));
}

}  // namespace

Section about_section(const pack::Rules& rules, std::size_t index) {
  const pack::Pack& pack = rules.packs[index];
  Section section{{"Was das für ein Paket ist", "What this pack is"}, {}};
  Block block{0, {"Über dieses Regelpaket", "About this rule pack"}, {}, {}, false, {}};
  Writer writer("pack", block.sentences);
  writer.add("id", say("Dieses Regelpaket hat die Kennung {} und die Version {}.",
                       "This rule pack has the id {} and version {}.", quoted(pack.id), pack.version));
  writer.add("layer", layer_words(pack.layer));
  say_signers(writer, pack.signers);
  writer.add("from", {"Es gilt von dem Zeitpunkt an, den das unterschriebene Bündel nennt.",
                      "It counts from the moment that the signed bundle names."});
  if (pack.zone)
    writer.add("zone", say("Uhrzeiten sind solche der Zeitzone {}.", "Times of day are those of the time zone {}.",
                           quoted(pack.zone->name())));
  if (!pack.holidays_name.empty())
    writer.add("holidays", say("Feiertage sind die gesetzlichen Feiertage von {}.", "Public holidays are those of {}.",
                               place_words(pack.holidays_name)));
  if (looks_at_duties(rules, index) || pack.duty_gap != base::kHour) say_duty_gap(writer, pack.duty_gap);
  section.blocks.push_back(std::move(block));
  return section;
}

Section words_section(const pack::Rules& rules, std::size_t index) {
  Section section{{"Wörter, die hier vorkommen", "Words that are used here"}, {}};
  const auto own = [index](const auto& rule) { return rule.head.pack == index; };
  if (std::ranges::none_of(rules.rests, own) && std::ranges::none_of(rules.claims, own)) return section;
  Block block{0, {"Was die Wörter bedeuten", "What the words mean"}, {}, {}, false, {}};
  Writer writer("words", block.sentences);
  writer.add("held",
             {"Zurückgehalten heißt: Die Nachricht wartet auf dem Server. Sie geht nicht verloren und kommt an, "
              "sobald keine Regel sie mehr aufhält.",
              "Held means: the message waits on the server. It is not lost and arrives as soon as no rule holds it "
              "any more."});
  writer.add("duty", {"Dienst ist auch Bereitschaftsdienst und Fortbildung. Rufbereitschaft ist kein Dienst.",
                      "Duty includes stand-by duty at the workplace and training. Being on call is not duty."});
  writer.add("elapsed", {"Eine Dauer ist Zeit, die wirklich vergeht, auch wenn die Uhr umgestellt wird.",
                         "A length is time that really passes, also when the clock is changed."});
  writer.add("strongest", {"Gelten mehrere Regeln zugleich, zählt die, die am stärksten schützt.",
                           "Where several rules hold at once, the one that protects most counts."});
  section.blocks.push_back(std::move(block));
  return section;
}

}  // namespace policy::render
