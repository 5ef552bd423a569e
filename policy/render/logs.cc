// [[log]] and [log_access] in words. Types of record and purposes have the words of the log itself (audit/event), which
// policy cannot see; the test reads them there.
#include <array>

#include "policy/render/family.h"
#include "policy/vocabulary/calendar_words.h"

namespace policy::render {
namespace {

using vocabulary::say;

struct Named {
  std::string_view id, de, en;
};
constexpr auto kRecords = std::to_array<Named>(
    {{"service-started", "Dienst gestartet", "service started"},
     {"service-stopped", "Dienst beendet", "service stopped"},
     {"rules-activated", "Regeln in Kraft gesetzt", "rules activated"},
     {"login-refused", "Anmeldung abgelehnt", "login refused"},
     {"person-locked", "Konto gesperrt", "account locked"},
     {"session-opened", "Sitzung eröffnet", "session opened"},
     {"session-closed", "Sitzung beendet", "session closed"},
     {"person-gone", "Person nicht mehr im Verzeichnis", "person gone from the directory"},
     {"device-enrolled", "Gerät angemeldet", "device enrolled"},
     {"device-refused", "Gerät abgelehnt", "device refused"},
     {"device-removed", "Gerät abgemeldet", "device removed"},
     {"device-wiped", "Gerät gelöscht", "device wiped"},
     {"device-certified", "Gerätezertifikat ausgestellt", "device certificate issued"},
     {"message-held", "Nachricht zurückgehalten", "message held"},
     {"message-refused", "Nachricht abgelehnt", "message refused"},
     {"alarm-sent", "Alarm ausgelöst", "alarm sent"},
     {"bucket-destroyed", "Nachrichtenfach vernichtet", "bucket of messages destroyed"},
     {"allows-counted", "zugelassene Zustellungen, gezählt", "deliveries allowed, counted"},
     {"log-read", "Protokoll eingesehen", "log read"},
     {"rules-bundle-activated", "Unterschriebene Regeln in Kraft", "signed rules in force"},
     {"bundle-refused", "Regeln abgelehnt", "rules refused"},
     {"message-held-by", "Nachricht zurückgehalten, Entscheidung nachrechenbar",
      "message held, decision to be replayed"},
     {"override-granted", "Durchbrechung gewährt", "gate opened by somebody in a role"},
     {"override-refused", "Durchbrechung abgelehnt", "override refused"},
     {"self-openings-counted", "Personen, die ihr Tor selbst geöffnet haben, gezählt",
      "people who opened their own gate, counted"},
     {"log-consulted", "Protokoll von einer prüfenden Stelle eingesehen", "log consulted by an officer"},
     {"subjects-indexed", "Verzeichnis der Pseudonyme", "index of the pseudonyms"},
     {"erasure-done", "Datensätze gelöscht", "records erased"},
     {"pseudonyms-opened", "Pseudonyme aufgedeckt", "pseudonyms opened"},
     {"opening-refused", "Aufdecken von Pseudonymen abgelehnt", "opening of pseudonyms refused"}});
constexpr auto kPurposes =
    std::to_array<Named>({{"completeness", "Prüfung der Vollständigkeit", "check of completeness"},
                          {"lawfulness", "Prüfung der Rechtmäßigkeit", "check of lawfulness"},
                          {"access-request", "Auskunftsersuchen (Art. 15 DSGVO)", "access request (GDPR Art. 15)"},
                          {"deletion-proof", "Nachweis der Löschung", "proof of deletion"},
                          {"incident", "Sicherheitsvorfall", "security incident"},
                          {"self-monitoring", "Eigenüberwachung der Behörde", "self-monitoring of the authority"}});

// "Anmeldung abgelehnt (login-refused)"; an id without words stands for itself.
Both list_of(const std::vector<std::string>& ids, std::span<const Named> words) {
  std::vector<Both> all;
  for (const std::string& id : ids) {
    const auto known = std::ranges::find(words, id, &Named::id);
    all.push_back(known == words.end()
                      ? quoted(id)
                      : say("{} ({})", "{} ({})", Both{std::string(known->de), std::string(known->en)}, id));
  }
  return vocabulary::list_and(all);
}

Both keep_words(pack::LogPeriod keep) {
  switch (keep) {
    case pack::LogPeriod::kThreeMonths: return {"drei Monate lang", "for three months"};
    case pack::LogPeriod::kTwoYears: return {"zwei Jahre lang", "for two years"};
    case pack::LogPeriod::kEndOfFollowingYear: break;
  }
  return {"bis zum Ende des folgenden Jahres", "until the end of the following year"};
}

Block log_block(const pack::LogRule& rule) {
  Block block = block_of(rule.head, {"Einträge", "Records"});
  Writer writer(rule.head.id, block.sentences);
  writer.add("records", say("Hier geht es um diese Einträge: {}.", "This is about these records: {}.",
                            list_of(rule.records, kRecords)));
  writer.add("keep", say("Das Protokoll behält sie {}, dann werden sie gelöscht.",
                         "The log keeps them {}, then they are erased.", keep_words(rule.keep)));
  return block;
}

Block access_block(const pack::OwnLogAccess& access) {
  Block block{0, {"Einsicht in das Protokoll", "Reading the log"}, {}, shown(access.cite), true, {}};
  Writer writer("log_access", block.sentences);
  if (!access.purposes.empty())
    writer.add("purposes",
               say("Das Protokoll darf nur für diese Zwecke gelesen werden: {}.",
                   "The log may be read for these purposes only: {}.", list_of(access.purposes, kPurposes)));
  if (access.smallest_cell)
    writer.add("smallest_cell",
               say("Eine Zahl von Personen wird erst genannt, wenn es mindestens {} sind.",
                   "A number of people is told only where they are at least {}.", *access.smallest_cell));
  if (access.told_after)
    writer.add("told_after", say("Wird ein Pseudonym aufgedeckt, erfährt die Person es spätestens nach {}.",
                                 "Where a pseudonym is opened, the person is told at the latest after {}.",
                                 vocabulary::duration(*access.told_after, vocabulary::Case::kDative)));
  return block;
}

}  // namespace

Section log_section(const pack::Rules& rules, std::size_t pack) {
  Section section{{"Was das Protokoll behält", "What the log keeps"}, {}};
  for (const pack::LogRule* rule : own(rules.logs, pack)) section.blocks.push_back(log_block(*rule));
  if (const auto& access = rules.packs[pack].own.log_access) section.blocks.push_back(access_block(*access));
  return section;
}

}  // namespace policy::render
