// Strict reading of one table: every key is asked for by name and type, and what nobody asked for is an error. Each
// error says where it is, what was seen, what is allowed and the nearest name. Reading goes on after an error, so that
// a person sees all of them at once.
//
// A TableReader lives only while one table is read; it keeps references to the document and to the sink.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/base/instant.h"
#include "policy/pack/document.h"
#include "policy/pack/roster_csv.h"
#include "policy/pack/spelling.h"

namespace policy::pack {

// Collects the errors of one source, up to kErrorsMax over all of them.
class ErrorSink {
 public:
  ErrorSink(std::string name, Errors& errors) : name_(std::move(name)), errors_(errors) {}
  void add(std::string code, Position at, std::string seen, std::string allowed = {}, std::string remedy = {});
  void add(base::Error error);

 private:
  std::string name_;
  Errors& errors_;
};

enum class Need : std::uint8_t { kRequired, kOptional };

struct TextAt {
  std::string text;
  Position at;
};

constexpr std::size_t kTextBytesMax = 1024;
constexpr std::size_t kListItemsMax = 1000;

class TableReader {
 public:
  // `place` names the table in errors: "[[rest]]".
  TableReader(const Value& table, std::string place, ErrorSink& sink);

  const Value* find(std::string_view key, Need need);
  const Value* find(std::string_view key, Value::Kind kind, Need need);

  std::optional<std::string> text(std::string_view key, Need need);
  std::optional<TextAt> text_at(std::string_view key, Need need);
  std::optional<base::Seconds> duration(std::string_view key, Need need);
  std::optional<std::int64_t> integer(std::string_view key, Need need, std::int64_t min, std::int64_t max);
  std::optional<bool> boolean(std::string_view key, Need need);
  std::optional<time::LocalTime> local_time(std::string_view key, Need need);
  std::optional<time::LocalDate> local_date(std::string_view key, Need need);
  std::optional<base::Instant> instant(std::string_view key, Need need);
  // Present, and an empty list: where that is a way to say "none". Where it is not, texts() makes it an error.
  bool names_nothing(std::string_view key);
  // A list of strings; an empty list is an error.
  std::vector<TextAt> texts(std::string_view key, Need need);
  // One of `names`: its index.
  std::optional<std::size_t> choice(std::string_view key, Need need, std::span<const std::string_view> names);
  // Some of `names`: their indices.
  std::vector<std::size_t> choices(std::string_view key, Need need, std::span<const std::string_view> names);
  // A table, or nothing. For [[key]]: each of its tables.
  const Value* table(std::string_view key, Need need) { return find(key, Value::Kind::kTable, need); }
  std::vector<const Value*> tables(std::string_view key);

  // Reports every key that was not asked for.
  void done();

  const std::string& place() const { return place_; }
  void rename(std::string place) { place_ = std::move(place); }
  Position at() const { return table_.at; }
  ErrorSink& sink() { return sink_; }

 private:
  std::string key_in_place(std::string_view key) const;

  const Value& table_;
  std::string place_;
  ErrorSink& sink_;
  std::vector<std::string_view> known_;
};

}  // namespace policy::pack
