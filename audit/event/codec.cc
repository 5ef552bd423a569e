#include "audit/event/codec.h"

#include <algorithm>

namespace audit::event {
namespace {

using policy::base::fail;
using Outcome = std::optional<policy::base::Error>;

constexpr std::uint8_t kVersion = 1, kVersionWithActors = 2;
constexpr std::int64_t kHourSeconds = 3600;

void put_number(Bytes& out, std::uint64_t value, unsigned size) {
  for (unsigned i = size; i > 0; --i) out.push_back(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
}

void put_bytes(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void put(Bytes&, const Subject&) {}
void put(Bytes&, const Pseudonym&) {}  // stands in the leaf
void put(Bytes& out, Count value) { put_number(out, value.value, 8); }
void put(Bytes& out, const CellCount& value) { put_number(out, value.value(), 8); }
void put(Bytes& out, Instant value) { put_number(out, static_cast<std::uint64_t>(value.unix_s), 8); }
void put(Bytes& out, const Digest& value) { put_bytes(out, value.bytes); }
void put(Bytes& out, const policy::base::DeviceId& value) { put_bytes(out, value.view()); }
void put(Bytes& out, const RuleId& value) {
  put_number(out, value.text().size(), 1);
  put_bytes(out, policy::base::as_bytes(value.text()));
}
void put(Bytes& out, const RuleIds& value) {
  put_number(out, value.ids().size(), 1);
  for (const RuleId& id : value.ids()) put(out, id);
}
template <ClosedList E>
void put(Bytes& out, E value) {
  put_number(out, static_cast<std::uint8_t>(value), 1);
}

// Takes from the front; after the first failure it stays failed and gives zeros.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  ByteView take(std::size_t size) {
    if (rest_.size() < size) {
      refuse("event.truncated", "an end inside a field");
      return {};
    }
    const ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(size)) value = value << 8 | byte;
    return value;
  }
  void refuse(std::string code, std::string seen) {
    if (!error_) error_ = fail(std::move(code), std::move(seen), "the encoding of a declared record").error();
    rest_ = {};
  }
  const Outcome& error() const { return error_; }
  Outcome finish() {
    if (!error_ && !rest_.empty()) refuse("event.trailing", std::to_string(rest_.size()) + " bytes after the record");
    return error_;
  }

 private:
  ByteView rest_;
  Outcome error_;
};

void get(Reader&, Subject&) {}
void get(Reader& in, Count& value) { value.value = in.number(8); }
void get(Reader& in, CellCount& value) {
  const auto read = CellCount::from(in.number(8));
  read ? void(value = *read) : in.refuse("event.value", "a count below five");
}
void get(Reader& in, Instant& value) {
  value.unix_s = static_cast<std::int64_t>(in.number(8));
  if (value < policy::base::kBeginningOfTime || value > policy::base::kEndOfTime)
    in.refuse("event.value", "an instant outside the years 1 to 9999");
}
template <typename Array>
void get_array(Reader& in, Array& array) {
  if (const ByteView bytes = in.take(array.size()); !bytes.empty()) std::ranges::copy(bytes, array.begin());
}
void get(Reader& in, Digest& value) { get_array(in, value.bytes); }
template <typename Tag>
void get(Reader& in, policy::base::Id<Tag>& value) {
  get_array(in, value.bytes);
}
void get(Reader& in, RuleId& value) {
  auto id = RuleId::from(policy::base::as_text(in.take(in.number(1))));
  id ? void(value = std::move(*id)) : in.refuse("event.value", "a rule id that is none");
}
void get(Reader& in, RuleIds& value) {
  std::vector<RuleId> ids(std::min<std::size_t>(in.number(1), RuleIds::kCountMax + 1));
  for (RuleId& id : ids) get(in, id);
  auto list = RuleIds::from(std::move(ids));
  list ? void(value = std::move(*list)) : in.refuse("event.value", "too many rule ids");
}
template <ClosedList E>
void get(Reader& in, E& value) {
  const auto read = from_number<E>(static_cast<std::uint8_t>(in.number(1)));
  read ? void(value = *read) : in.refuse("event.value", "a number that is in no closed list");
}

void get_actors(Reader& in, Leaf& leaf) {
  const auto count = in.number(1);
  if (in.error()) return;
  if (count == 0 || count != actors_in(leaf.type))
    return in.refuse("event.actors", "as many actors as the record does not have");
  leaf.actors.resize(count);
  for (Pseudonym& actor : leaf.actors) get(in, actor);
}

// The fields of a payload: those that stand in the leaf are passed over.
struct PayloadReader {
  Reader& in;
  bool leaf_names_actors;
  void operator()(const FieldInfo&, auto& value) const {
    constexpr bool kNamesActor = std::same_as<std::remove_cvref_t<decltype(value)>, Pseudonym>;
    if (!kNamesActor || !leaf_names_actors) get(in, value);
  }
};

}  // namespace

std::uint32_t hour_of(Instant at) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(0, at.unix_s) / kHourSeconds);
}

Leaf leaf_of(const Event& event, const Digest& commitment) {
  return {type_of(event.record), hour_of(event.at), subject_of(event.record), commitment, actors_of(event.record)};
}

bool hides_actors(const Leaf& leaf) { return leaf.actors.empty() && actors_in(leaf.type) > 0; }

Bytes encode_leaf(const Leaf& leaf) {
  Bytes out{leaf.actors.empty() ? kVersion : kVersionWithActors, static_cast<std::uint8_t>(leaf.type)};
  put_number(out, leaf.hour, 4);
  out.push_back(leaf.subject.pseudonym ? 1 : 0);
  if (leaf.subject.pseudonym) put_bytes(out, leaf.subject.pseudonym->view());
  if (!leaf.actors.empty()) put_number(out, leaf.actors.size(), 1);
  for (const Pseudonym& actor : leaf.actors) put_bytes(out, actor.view());
  put(out, leaf.commitment);
  return out;
}

Result<Leaf> decode_leaf(ByteView bytes) {
  Reader in(bytes);
  Leaf leaf;
  const auto version = in.number(1);
  if (version != kVersion && version != kVersionWithActors) in.refuse("event.version", "another version of the leaf");
  if (const auto type = record_type_from(static_cast<std::uint8_t>(in.number(1))); type)
    leaf.type = *type;
  else
    in.refuse("event.type", "a record type that is not declared");
  leaf.hour = static_cast<std::uint32_t>(in.number(4));
  const auto subject = in.number(1);
  if (subject > 1 || (subject == 1 && !in.error() && !has_subject(leaf.type)))
    in.refuse("event.subject", "a subject in a record that has none");
  if (subject == 1) get(in, leaf.subject.pseudonym.emplace());
  if (version == kVersionWithActors) get_actors(in, leaf);
  get(in, leaf.commitment);
  if (auto error = in.finish()) return std::unexpected(*error);
  return leaf;
}

Bytes encode_payload(const Event& event) {
  Bytes out;
  put_number(out, static_cast<std::uint64_t>(std::max<std::int64_t>(0, event.at.unix_s) % kHourSeconds), 2);
  std::visit([&](const auto& record) { visit_fields(record, [&](const FieldInfo&, const auto& v) { put(out, v); }); },
             event.record);
  return out;
}

Result<Event> decode_payload(const Leaf& leaf, ByteView payload) {
  Reader in(payload);
  const auto second = static_cast<std::int64_t>(in.number(2));
  if (second >= kHourSeconds) in.refuse("event.value", "a second outside the hour");
  Event event{Instant{static_cast<std::int64_t>(leaf.hour) * kHourSeconds + second}, blank_record(leaf.type)};
  const PayloadReader reader{in, !leaf.actors.empty()};
  std::visit([&](auto& record) { visit_fields(record, reader); }, event.record);
  if (auto error = in.finish()) return std::unexpected(*error);
  set_subject(event.record, leaf.subject);
  if (!leaf.actors.empty()) set_actors(event.record, leaf.actors);
  return event;
}

}  // namespace audit::event
