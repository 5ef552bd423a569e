#include "audit/tool/command/report_document.h"

#include <algorithm>
#include <array>

#include "audit/event/words.h"

namespace audit::tool {
namespace {

namespace json = boost::json;
using policy::base::format_instant;

constexpr std::array<Word, report::kKindCount> kKindWords{
    Word::kKindLoginsRefused,    Word::kKindDevicesRefused, Word::kKindMessagesRefused, Word::kKindOverridesGranted,
    Word::kKindOverridesRefused, Word::kKindDevicesWiped,   Word::kKindMessagesHeld,    Word::kKindAlarms};
constexpr std::array<std::string_view, report::kKindCount> kKindIds{
    "logins-refused",    "devices-refused", "messages-refused", "overrides-granted",
    "overrides-refused", "devices-wiped",   "messages-held",    "alarms"};

// None for one to four.
std::optional<std::uint64_t> told(std::uint64_t count) {
  return count > 0 && count < report::kCellMin ? std::nullopt : std::optional(count);
}

std::string text_of(std::optional<std::uint64_t> count) { return count ? std::to_string(*count) : "–"; }

json::value json_of(std::optional<std::uint64_t> count) { return count ? json::value(*count) : json::value(nullptr); }

template <event::ClosedList E>
std::optional<std::string> word_in(std::string_view id, event::Language language) {
  const auto value = event::from_id<E>(id);
  return value ? std::optional(std::string(event::word_of(*value).in(language))) : std::nullopt;
}

// A reason in words, by the list that its kind takes it from; a rule's id stays as it is.
std::string reason_text(const Context& context, report::Kind kind, const std::string& id) {
  if (id.empty()) return context.say(Word::kReasonErased);
  const auto language = context.manner.events();
  std::optional<std::string> found;
  switch (kind) {
    case report::Kind::kLoginsRefused: found = word_in<event::LoginRefusal>(id, language); break;
    case report::Kind::kDevicesRefused: found = word_in<event::DeviceRefusal>(id, language); break;
    case report::Kind::kMessagesRefused: found = word_in<event::MessageRefusal>(id, language); break;
    case report::Kind::kOverridesRefused: found = word_in<event::OverrideRefusal>(id, language); break;
    case report::Kind::kDevicesWiped: found = word_in<event::WipeReason>(id, language); break;
    default: break;
  }
  return found.value_or(id);
}

void add_column(const Context& context, const report::Column& column, std::string_view by,
                const std::vector<std::string>& labels, DocumentTable& table) {
  for (std::size_t i = 0; i < column.cells.size(); ++i)
    table.rows.push_back({std::string(by), labels[i], text_of(column.cells[i].count)});
  if (column.others) table.rows.push_back({std::string(by), context.say(Word::kOthersRow), text_of(column.others)});
  table.rows.push_back({std::string(by), context.say(Word::kTotalRow), text_of(column.total)});
}

Section kind_section(const Context& context, const report::KindLine& line) {
  Section section{context.say(kKindWords[static_cast<std::size_t>(line.kind)])};
  section.table.head = {"", "", context.say(Word::kCountHead)};
  std::vector<std::string> labels;
  for (const auto& cell : line.reasons.cells) labels.push_back(reason_text(context, line.kind, cell.label));
  add_column(context, line.reasons, context.say(Word::kByReasonHead), labels, section.table);
  if (!line.units) return section;
  labels.clear();
  for (const auto& cell : line.units->cells)
    labels.push_back(cell.label.empty() ? context.say(Word::kNoUnit) : cell.label);
  add_column(context, *line.units, context.say(Word::kByUnitHead), labels, section.table);
  return section;
}

std::string delay_text(const report::BucketLine& bucket) {
  const policy::base::Seconds delay = bucket.destroyed_at - bucket.due;
  return delay.count <= 0 ? "0" : policy::base::format_duration(delay);
}

Section buckets_section(const Context& context, const report::Report& report) {
  Section section{context.say(Word::kBucketsHeading), {context.say(Word::kBucketsNote)}};
  if (report.buckets.empty()) return {section.heading, {context.say(Word::kNoBuckets)}};
  section.table.head = {context.say(Word::kEntryHead),     context.say(Word::kDueHead),
                        context.say(Word::kDestroyedHead), context.say(Word::kLateHead),
                        context.say(Word::kMessagesHead),  context.say(Word::kUnreadHead)};
  for (const auto& bucket : report.buckets)
    section.table.rows.push_back({std::to_string(bucket.entry), format_instant(bucket.due),
                                  format_instant(bucket.destroyed_at), delay_text(bucket), text_of(bucket.messages),
                                  text_of(bucket.expired_unread)});
  return section;
}

bool is_overdue(const report::Report& report) {
  return std::ranges::any_of(report.records, [](const auto& line) { return line.overdue > 0; });
}

Section records_section(const Context& context, const report::Report& report) {
  Section section{context.say(Word::kRecordsHeading)};
  if (report.records.empty()) {
    section.paragraphs = {context.say(Word::kNoRecords)};
    return section;
  }
  section.paragraphs = {context.say(is_overdue(report) ? Word::kSomeOverdue : Word::kAllErased)};
  section.table.head = {context.say(Word::kRecordHead), context.say(Word::kMonthHead), context.say(Word::kDueHead),
                        context.say(Word::kErasedHead), context.say(Word::kOverdueHead)};
  for (const auto& line : report.records)
    section.table.rows.push_back({std::string(event::declaration_of(line.type).in(context.manner.events())),
                                  pseudonym::epoch_text(line.month), format_instant(line.due),
                                  text_of(told(line.erased)), text_of(told(line.overdue))});
  return section;
}

Section readings_section(const Context& context, const Reported& reported) {
  const auto language = context.manner.events();
  Section section{context.say(Word::kReadingsHeading)};
  for (const auto& [purpose, count] : reported.report.readings)
    section.table.rows.push_back({context.say(Word::kByGateway), std::string(event::word_of(purpose).in(language)), "",
                                  "", std::to_string(count)});
  for (const auto& one : reported.readings) {
    const auto& reading = std::get<event::LogConsulted>(one.event.record);
    section.table.rows.push_back(
        {context.say(Word::kByOfficer), std::string(event::word_of(reading.purpose).in(language)),
         format_instant(one.event.at), std::string(event::word_of(reading.kind).in(language)), "1"});
  }
  if (section.table.rows.empty()) {
    section.paragraphs = {context.say(Word::kNoReadings)};
    return section;
  }
  section.table.head = {context.say(Word::kWhereHead), context.say(Word::kPurposeHead), context.say(Word::kAtHead),
                        context.say(Word::kHowHead), context.say(Word::kCountHead)};
  return section;
}

// How many records went is about as many people at most: one to four are not told.
std::string receipt_text(const event::FieldText& field) {
  constexpr std::array<std::string_view, 4> kFew{"1", "2", "3", "4"};
  const bool is_few = field.name == "records" && std::ranges::find(kFew, field.id) != kFew.end();
  return is_few ? "–" : field.text;
}

// One section for each type of receipt that occurs, under the words of its declaration.
std::vector<Section> receipt_sections(const Context& context, const report::Report& report) {
  const auto language = context.manner.events();
  std::vector<Section> sections;
  for (const auto& declaration : event::declarations()) {
    if (!report::is_receipt(declaration.type)) continue;
    Section section{std::string(declaration.in(language))};
    section.table.head = {context.say(Word::kEntryHead), context.say(Word::kAtHead)};
    for (const auto& field : declaration.fields) section.table.head.emplace_back(field.in(language));
    for (const auto& receipt : report.receipts) {
      if (event::type_of(receipt.event.record) != declaration.type) continue;
      std::vector<std::string> row{std::to_string(receipt.entry), format_instant(receipt.event.at)};
      for (const auto& field : event::fields_in_words(receipt.event.record, language))
        row.push_back(receipt_text(field));
      section.table.rows.push_back(std::move(row));
    }
    if (!section.table.rows.empty()) sections.push_back(std::move(section));
  }
  return sections;
}

json::array receipts_json(const report::Report& report) {
  json::array receipts;
  for (const auto& receipt : report.receipts) {
    json::object fields;
    for (const auto& field : event::fields_in_words(receipt.event.record, event::Language::kEnglish))
      fields[field.name] =
          receipt_text(field) == "–" && !field.id.empty() ? json::value(nullptr) : json::value(field.id);
    receipts.push_back(json::object{{"entry", receipt.entry},
                                    {"at", format_instant(receipt.event.at)},
                                    {"type", event::declaration_of(event::type_of(receipt.event.record)).id},
                                    {"fields", std::move(fields)}});
  }
  return receipts;
}

Section check_section(const Context& context, const verify::Report& check) {
  const std::string verdict =
      check.good() ? context.say(Word::kCheckedGood, check.checkpoint.size, check.records_read, check.records_erased)
                   : context.say(Word::kCheckedBad, check.findings.size() + check.findings_left_out);
  return {context.say(Word::kCheckHeading), {verdict, context.say(Word::kSmallNote)}};
}

bool is_whole(const policy::base::Interval& period) {
  return period.begin == policy::base::kBeginningOfTime && period.end == policy::base::kEndOfTime;
}

std::string day_of(policy::base::Instant instant) {
  constexpr std::size_t kDaySize = 10;
  return format_instant(instant).substr(0, kDaySize);
}

json::object column_json(const report::Column& column) {
  json::array cells;
  for (const auto& cell : column.cells)
    cells.push_back(json::object{{"label", cell.label}, {"count", json_of(cell.count)}});
  return {{"cells", std::move(cells)}, {"others", json_of(column.others)}, {"total", json_of(column.total)}};
}

json::array kinds_json(const report::Report& report) {
  json::array kinds;
  for (const auto& line : report.kinds) {
    json::object kind{{"kind", kKindIds[static_cast<std::size_t>(line.kind)]}, {"reasons", column_json(line.reasons)}};
    kind["units"] = line.units ? json::value(column_json(*line.units)) : json::value(nullptr);
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

json::array readings_json(const Reported& reported) {
  json::array readings;
  for (const auto& [purpose, count] : reported.report.readings)
    readings.push_back(json::object{{"noted", "gateway"}, {"purpose", event::word_of(purpose).id}, {"count", count}});
  for (const auto& one : reported.readings) {
    const auto& reading = std::get<event::LogConsulted>(one.event.record);
    readings.push_back(json::object{{"noted", "office"},
                                    {"purpose", event::word_of(reading.purpose).id},
                                    {"at", format_instant(one.event.at)},
                                    {"how", event::word_of(reading.kind).id}});
  }
  return readings;
}

}  // namespace

Document document_of(const Context& context, const Reported& reported) {
  const auto& period = reported.period;
  const std::string span = is_whole(period) ? context.say(Word::kWholeLog)
                                            : context.say(Word::kPeriodText, day_of(period.begin), day_of(period.end));
  const auto purpose = word_in<event::ReadPurpose>(reported.purpose, context.manner.events());
  Document document{
      context.manner.language, context.say(Word::kReportTitle),
      context.say(Word::kReportOf, reported.check.checkpoint.origin, reported.check.checkpoint.size, reported.root,
                  format_instant(reported.made_at), span, purpose.value_or(reported.purpose))};
  document.sections.push_back(check_section(context, reported.check));
  document.sections.push_back(buckets_section(context, reported.report));
  document.sections.push_back(records_section(context, reported.report));
  for (auto& section : receipt_sections(context, reported.report)) document.sections.push_back(std::move(section));
  for (const auto& line : reported.report.kinds) document.sections.push_back(kind_section(context, line));
  document.sections.push_back(readings_section(context, reported));
  return document;
}

json::object json_of(const Reported& reported) {
  json::array buckets, records;
  for (const auto& bucket : reported.report.buckets)
    buckets.push_back(json::object{{"entry", bucket.entry},
                                   {"due", format_instant(bucket.due)},
                                   {"destroyed_at", format_instant(bucket.destroyed_at)},
                                   {"late_s", std::max<std::int64_t>(0, (bucket.destroyed_at - bucket.due).count)},
                                   {"messages", json_of(bucket.messages)},
                                   {"expired_unread", json_of(bucket.expired_unread)}});
  for (const auto& line : reported.report.records)
    records.push_back(json::object{{"type", event::declaration_of(line.type).id},
                                   {"month", pseudonym::epoch_text(line.month)},
                                   {"due", format_instant(line.due)},
                                   {"erased", json_of(told(line.erased))},
                                   {"overdue", json_of(told(line.overdue))},
                                   {"is_overdue", line.overdue > 0}});
  json::object period{{"begin", format_instant(reported.period.begin)}, {"end", format_instant(reported.period.end)}};
  return {{"origin", reported.check.checkpoint.origin},
          {"size", reported.check.checkpoint.size},
          {"root", reported.root},
          {"made_at", format_instant(reported.made_at)},
          {"period", std::move(period)},
          {"purpose", reported.purpose},
          {"good", reported.check.good()},
          {"entries", reported.report.entries},
          {"smallest_cell", report::kCellMin},
          {"buckets", std::move(buckets)},
          {"records", std::move(records)},
          {"receipts", receipts_json(reported.report)},
          {"counts", kinds_json(reported.report)},
          {"readings", readings_json(reported)}};
}

}  // namespace audit::tool
