// Devices, sessions, retention and push in words.
#include "policy/render/family.h"
#include "policy/vocabulary/calendar_words.h"
#include "policy/vocabulary/message_words.h"

namespace policy::render {
namespace {

using vocabulary::Case;
using vocabulary::counted;
using vocabulary::duration;
using vocabulary::say;

constexpr vocabulary::Noun kDevice{"Gerät", "Geräte", "device", "devices"};
constexpr vocabulary::Noun kFactor{"Nachweis", "Nachweise", "factor", "factors"};
constexpr vocabulary::Noun kFailure{"falschen Eingabe", "falschen Eingaben in Folge", "wrong attempt",
                                    "wrong attempts in a row"};

Block settings_block(Both title, const std::string& cite) { return {0, std::move(title), {}, shown(cite), true, {}}; }

Block retention_block(const pack::RetentionRule& rule) {
  Block block = block_of(rule.head, {"Löschen", "Deletion"});
  Writer writer(rule.head.id, block.sentences);
  writer.add("classes", say("Hier geht es um: {}.", "This is about: {}.", vocabulary::messages(rule.classes)));
  if (rule.period)
    writer.add("period",
               rule.from_readable
                   ? say("Der Server löscht sie {}, nachdem sie zugestellt werden durften.",
                         "The server deletes them {} after they were free to be delivered.", duration(*rule.period))
                   : say("Der Server löscht sie {} nach der Annahme, gelesen oder nicht.",
                         "The server deletes them {} after it accepted them, read or not.", duration(*rule.period)));
  if (rule.ceiling)
    writer.add("ceiling",
               say("Auf keinen Fall bleiben sie länger als {} nach der Annahme.",
                   "In no case do they stay longer than {} after they were accepted.", duration(*rule.ceiling)));
  if (rule.floor)
    writer.add("floor",
               say("Wer sendet, darf eine kürzere Frist wählen, aber keine unter {}.",
                   "Senders may choose a shorter period, but none below {}.", duration(*rule.floor, Case::kDative)));
  return block;
}

}  // namespace

Section device_section(const pack::Rules& rules, std::size_t pack) {
  Section section{{"Geräte", "Devices"}, {}};
  const auto& devices = rules.packs[pack].own.devices;
  if (!devices) return section;
  Block block = settings_block({"Geräte einer Person", "Devices of a person"}, devices->cite);
  Writer writer("devices", block.sentences);
  writer.add("max", say("Jede Person darf höchstens {} zugleich angemeldet haben.",
                        "Each person may have at most {} enrolled at a time.", counted(devices->max, kDevice)));
  if (devices->private_needs_consent)
    writer.add("private",
               {"Ein privates Gerät wird nur mit festgehaltener Einwilligung angemeldet. Sie ist freiwillig und "
                "kann jederzeit widerrufen werden.",
                "A private device is enrolled only with a recorded consent. It is voluntary and can be withdrawn "
                "at any time."});
  else
    writer.add("private", {"Ein privates Gerät braucht keine eigene Einwilligung.",
                           "A private device needs no consent of its own."});
  section.blocks.push_back(std::move(block));
  return section;
}

Section session_section(const pack::Rules& rules, std::size_t pack) {
  Section section{{"Anmeldung", "Login"}, {}};
  const auto& sessions = rules.packs[pack].own.sessions;
  if (!sessions) return section;
  Block block = settings_block({"Anmelden und angemeldet bleiben", "Logging in and staying logged in"}, sessions->cite);
  Writer writer("sessions", block.sentences);
  if (sessions->factors)
    writer.add("factors", say("Für eine Anmeldung braucht man {}, zum Beispiel Passwort und Einmalcode.",
                              "A login needs {}, for example a password and a one-time code.",
                              counted(*sessions->factors, kFactor)));
  if (sessions->lifetime)
    writer.add("lifetime",
               say("Spätestens nach {} muss man sich neu anmelden.", "After {} at the latest one must log in again.",
                   duration(*sessions->lifetime, Case::kDative)));
  if (sessions->idle)
    writer.add("idle", say("Wer sich {} lang nicht verbindet, muss sich neu anmelden.",
                           "Who does not connect for {} must log in again.", duration(*sessions->idle)));
  if (sessions->step_up)
    writer.add("step_up",
               say("Für heikle Schritte, zum Beispiel ein neues Gerät, darf der letzte Nachweis höchstens {} alt "
                   "sein.",
                   "For delicate steps, for example a new device, the last factor may be at most {} old.",
                   duration(*sessions->step_up)));
  if (sessions->failures)
    writer.add("failures", say("Nach {} wird das Konto gesperrt.", "After {} the account is locked.",
                               counted(*sessions->failures, kFailure)));
  if (sessions->lock_for)
    writer.add("lock_for", say("Eine Sperre endet von selbst nach {}.", "A lock ends by itself after {}.",
                               duration(*sessions->lock_for, Case::kDative)));
  section.blocks.push_back(std::move(block));
  return section;
}

Section retention_section(const pack::Rules& rules, std::size_t pack) {
  Section section{{"Wie lange Nachrichten gespeichert werden", "How long messages are kept"}, {}};
  for (const pack::RetentionRule* rule : own(rules.retentions, pack)) section.blocks.push_back(retention_block(*rule));
  return section;
}

Section push_section(const pack::Rules& rules, std::size_t pack) {
  Section section{{"Weckruf an das Gerät", "Waking a device"}, {}};
  const auto& push = rules.packs[pack].own.push;
  if (!push) return section;
  Block block = settings_block({"Weckrufe über Dienste Dritter", "Wake-ups through services of others"}, push->cite);
  Writer writer("push", block.sentences);
  if (push->payload)
    writer.add("payload",
               *push->payload == pack::PushPayload::kNothing
                   ? Both{"Ein Weckruf ist leer: Er nennt weder Absender noch Inhalt noch Dringlichkeit.",
                          "A wake-up is empty: it names neither sender nor content nor urgency."}
                   : Both{"Ein Weckruf nennt nur, wie dringend die Nachricht ist, aber weder Absender noch Inhalt.",
                          "A wake-up names only how urgent the message is, but neither sender nor content."});
  if (push->jitter)
    writer.add("jitter",
               say("Er wird um eine zufällige Zeit von bis zu {} verzögert, damit sein Zeitpunkt weniger verrät.",
                   "It is delayed by a random time of up to {}, so that its moment tells less.",
                   duration(*push->jitter, Case::kDative)));
  if (push->classes && push->classes->none())
    writer.add("classes", {"Keine Nachricht weckt ein Gerät.", "No message wakes a device."});
  else if (push->classes)
    writer.add("classes", say("Nur diese Nachrichten wecken ein Gerät: {}.", "Only these messages wake a device: {}.",
                              vocabulary::messages(*push->classes)));
  section.blocks.push_back(std::move(block));
  return section;
}

}  // namespace policy::render
