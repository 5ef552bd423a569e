#include "audit/access/file.h"

#include <boost/json.hpp>

#include <algorithm>
#include <deque>

namespace audit::access {
namespace {

namespace json = boost::json;
using merkle::Hash;
using policy::base::fail;
using policy::base::to_base64;

constexpr std::string_view kFormat = "feierabend-export/2", kFormatWithoutActs = "feierabend-export/1";

bool has_acts(const Export& given) {
  return std::ranges::any_of(given.indexes, [](const IndexProof& index) {
    return std::ranges::any_of(index.subjects, [](const auto& proof) { return proof.acts.has_value(); });
  });
}

json::array path_json(const merkle::Proof& path) {
  json::array out;
  for (const Hash& hash : path) out.emplace_back(to_base64(hash));
  return out;
}

json::object entry_json(const ProvenEntry& entry) {
  json::object out{{"entry", entry.index}, {"leaf", to_base64(entry.leaf)}, {"path", path_json(entry.path)}};
  out["key"] = entry.key ? json::value(to_base64(*entry.key)) : json::value(nullptr);
  out["record"] = to_base64(entry.ciphertext);
  return out;
}

json::object subject_json(const subject::SubjectProof& proof, bool with_acts) {
  json::array entries, neighbours;
  for (const auto& one : proof.entries) entries.push_back(json::array{one.entry, to_base64(one.leaf_hash)});
  for (const auto& one : proof.neighbours)
    neighbours.push_back(json::object{{"position", one.position},
                                      {"key", to_base64(one.key)},
                                      {"list", to_base64(one.list)},
                                      {"path", path_json(one.path)}});
  json::object out{{"begin", proof.stretch.begin},
                   {"end", proof.stretch.end},
                   {"subjects", proof.subjects},
                   {"root", to_base64(proof.root)},
                   {"position", proof.position ? json::value(*proof.position) : json::value(nullptr)},
                   {"entries", std::move(entries)},
                   {"path", path_json(proof.path)},
                   {"neighbours", std::move(neighbours)}};
  if (with_acts) out["acts"] = proof.acts ? json::value(*proof.acts) : json::value(nullptr);
  return out;
}

// Walks a document and remembers the first thing that is not as it should be; what it gives after that is empty.
class Reader {
 public:
  const json::object& object(const json::value& value, std::initializer_list<std::string_view> keys,
                             std::string_view where) {
    const auto* found = value.if_object();
    const auto known = [&](std::string_view key) { return found->contains(key); };
    if (found != nullptr && found->size() == keys.size() && std::ranges::all_of(keys, known)) return *found;
    refuse(where);
    // One with all keys, so that who asks for them finds them.
    json::object& empty = empties_.emplace_back();
    for (const std::string_view key : keys) empty[key] = nullptr;
    return empty;
  }
  const json::array& array(const json::value& value, std::string_view where) {
    if (const auto* found = value.if_array()) return *found;
    refuse(where);
    return none_;
  }
  std::uint64_t number(const json::value& value, std::string_view where) {
    boost::system::error_code error;
    const auto read = value.is_number() && !value.is_double() ? value.to_number<std::uint64_t>(error) : 0;
    if (!value.is_number() || value.is_double() || error) refuse(where);
    return read;
  }
  std::string text(const json::value& value, std::string_view where) {
    if (const auto* found = value.if_string()) return std::string(*found);
    refuse(where);
    return {};
  }
  Bytes bytes(const json::value& value, std::string_view where) {
    const auto decoded = policy::base::from_base64(text(value, where));
    if (!decoded) refuse(where);
    return decoded ? *decoded : Bytes{};
  }
  template <std::size_t N>
  std::array<std::uint8_t, N> array_of(const json::value& value, std::string_view where) {
    const Bytes decoded = bytes(value, where);
    std::array<std::uint8_t, N> out{};
    if (decoded.size() == N)
      std::ranges::copy(decoded, out.begin());
    else
      refuse(where);
    return out;
  }
  Hash hash(const json::value& value, std::string_view where) { return array_of<merkle::kHashSize>(value, where); }
  merkle::Proof path(const json::value& value, std::string_view where) {
    const auto& given = array(value, where);
    merkle::Proof out;
    if (given.size() > merkle::kProofHashesMax) refuse(where);
    for (std::size_t i = 0; i < std::min(given.size(), merkle::kProofHashesMax); ++i)
      out.push_back(hash(given[i], where));
    return out;
  }
  void refuse(std::string_view where) {
    if (!error_)
      error_ =
          fail("access.syntax", "another form", "an export as this program writes it", {}, std::string(where)).error();
  }
  const std::optional<policy::base::Error>& error() const { return error_; }

 private:
  std::optional<policy::base::Error> error_;
  std::deque<json::object> empties_;
  const json::array none_;
};

ProvenEntry read_entry(Reader& in, const json::value& value) {
  const json::object& given = in.object(value, {"entry", "leaf", "path", "key", "record"}, "entry");
  ProvenEntry entry;
  entry.index = in.number(given.at("entry"), "entry/entry");
  entry.leaf = in.bytes(given.at("leaf"), "entry/leaf");
  entry.path = in.path(given.at("path"), "entry/path");
  if (!given.at("key").is_null()) entry.key = in.array_of<event::kEntryKeySize>(given.at("key"), "entry/key");
  entry.ciphertext = in.bytes(given.at("record"), "entry/record");
  if (!entry.key && !entry.ciphertext.empty()) in.refuse("entry/record");
  return entry;
}

subject::SubjectProof read_subject(Reader& in, const json::value& value, bool with_acts) {
  const json::object& given =
      with_acts
          ? in.object(value, {"begin", "end", "subjects", "root", "position", "entries", "path", "neighbours", "acts"},
                      "subject")
          : in.object(value, {"begin", "end", "subjects", "root", "position", "entries", "path", "neighbours"},
                      "subject");
  subject::SubjectProof proof;
  proof.stretch = {in.number(given.at("begin"), "subject/begin"), in.number(given.at("end"), "subject/end")};
  proof.subjects = in.number(given.at("subjects"), "subject/subjects");
  proof.root = in.hash(given.at("root"), "subject/root");
  if (!given.at("position").is_null()) proof.position = in.number(given.at("position"), "subject/position");
  for (const auto& one : in.array(given.at("entries"), "subject/entries")) {
    const auto& pair = in.array(one, "subject/entries");
    if (pair.size() != 2) {
      in.refuse("subject/entries");
      break;
    }
    proof.entries.push_back({in.number(pair[0], "subject/entries"), in.hash(pair[1], "subject/entries")});
  }
  proof.path = in.path(given.at("path"), "subject/path");
  for (const auto& one : in.array(given.at("neighbours"), "subject/neighbours")) {
    const json::object& neighbour = in.object(one, {"position", "key", "list", "path"}, "subject/neighbours");
    proof.neighbours.push_back({in.number(neighbour.at("position"), "subject/neighbours/position"),
                                in.hash(neighbour.at("key"), "subject/neighbours/key"),
                                in.hash(neighbour.at("list"), "subject/neighbours/list"),
                                in.path(neighbour.at("path"), "subject/neighbours/path")});
  }
  if (with_acts && !given.at("acts").is_null()) proof.acts = in.number(given.at("acts"), "subject/acts");
  return proof;
}

IndexProof read_index(Reader& in, const json::value& value, bool with_acts) {
  const json::object& given = in.object(value, {"record", "subjects"}, "index");
  IndexProof index{read_entry(in, given.at("record")), {}};
  for (const auto& one : in.array(given.at("subjects"), "index/subjects"))
    index.subjects.push_back(read_subject(in, one, with_acts));
  return index;
}

pseudonym::Pseudonym read_pseudonym(Reader& in, const json::value& value) {
  const auto bytes = policy::base::from_hex(in.text(value, "pseudonyms"));
  pseudonym::Pseudonym pseudonym;
  if (!bytes || bytes->size() != pseudonym.bytes.size())
    in.refuse("pseudonyms");
  else
    std::ranges::copy(*bytes, pseudonym.bytes.begin());
  return pseudonym;
}

}  // namespace

std::string format(const Export& given) {
  json::array pseudonyms, entries, indexes;
  const bool with_acts = has_acts(given);
  for (const auto& one : given.pseudonyms) pseudonyms.emplace_back(one.text());
  for (const auto& one : given.entries) entries.push_back(entry_json(one));
  for (const auto& one : given.indexes) {
    json::array subjects;
    for (const auto& proof : one.subjects) subjects.push_back(subject_json(proof, with_acts));
    indexes.push_back(json::object{{"record", entry_json(one.record)}, {"subjects", std::move(subjects)}});
  }
  return json::serialize(json::object{{"format", with_acts ? kFormat : kFormatWithoutActs},
                                      {"checkpoint", given.checkpoint},
                                      {"pseudonyms", std::move(pseudonyms)},
                                      {"entries", std::move(entries)},
                                      {"indexes", std::move(indexes)}}) +
         "\n";
}

Result<Export> parse(std::string_view text) {
  if (text.size() > kExportBytesMax)
    return fail("access.size", std::to_string(text.size()) + " bytes", "at most " + std::to_string(kExportBytesMax));
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 8;
  const json::value document = json::parse(text, error, {}, options);
  if (error) return fail("access.syntax", "a file that is not JSON", "an export as this program writes it");
  Reader in;
  const json::object& given =
      in.object(document, {"format", "checkpoint", "pseudonyms", "entries", "indexes"}, "document");
  const std::string format = in.text(given.at("format"), "format");
  if (format != kFormat && format != kFormatWithoutActs) in.refuse("format");
  Export out;
  out.checkpoint = in.text(given.at("checkpoint"), "checkpoint");
  for (const auto& one : in.array(given.at("pseudonyms"), "pseudonyms"))
    out.pseudonyms.push_back(read_pseudonym(in, one));
  for (const auto& one : in.array(given.at("entries"), "entries")) out.entries.push_back(read_entry(in, one));
  for (const auto& one : in.array(given.at("indexes"), "indexes"))
    out.indexes.push_back(read_index(in, one, format == kFormat));
  if ((format == kFormat) != has_acts(out)) in.refuse("format");
  if (in.error()) return std::unexpected(*in.error());
  return out;
}

}  // namespace audit::access
