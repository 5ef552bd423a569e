// People, rosters and interruptions from CSV (RFC 4180, UTF-8, header line required).
//
//   people         person,groups            groups separated by ';'
//   roster         person,kind,begin,end    RFC 3339 instants
//   interruptions  person,begin,end
//
// Errors carry `where` as "name:line:column". Codes: csv.header, csv.columns, csv.quote, csv.line-too-long,
// csv.too-many-lines, csv.unknown-person, csv.empty-person, csv.duplicate-person, csv.interval, csv.overlap (two
// entries of one kind that counts as duty), roster.unknown-kind,
// instant.syntax, instant.range. All errors are reported, up to kErrorsMax.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "policy/base/byte_source.h"
#include "policy/base/result.h"
#include "policy/model/facts.h"

namespace policy::pack {

constexpr std::size_t kCsvLineBytesMax = 4096;
constexpr std::size_t kCsvLinesMax = 5'000'000;
constexpr std::size_t kErrorsMax = 100;

using Errors = std::vector<base::Error>;

std::expected<model::People, Errors> read_people(std::string_view name, std::string_view csv);

// Adds entries to people who are already known. Nothing is added when anything is wrong.
std::expected<void, Errors> read_roster(std::string_view name, std::string_view csv, model::People& people);
// The same from a source: beside the entries it needs the memory of one line. Errors of the source are among the
// errors.
std::expected<void, Errors> read_roster(std::string_view name, base::ByteSource csv, model::People& people);
// The same for people who are found otherwise. What `find` gives must stay valid until read_roster() returns; nullptr
// is csv.unknown-person.
using FindPerson = std::function<model::PersonFacts*(std::string_view id)>;
std::expected<void, Errors> read_roster(std::string_view name, base::ByteSource csv, const FindPerson& find);
std::expected<void, Errors> read_interruptions(std::string_view name, std::string_view csv, model::People& people);

}  // namespace policy::pack
