#include "audit/checkpoint/trust_policy.h"

#include <algorithm>
#include <functional>

namespace audit::checkpoint {

using policy::base::fail;
using policy::base::printable;
using policy::base::Status;

namespace {

constexpr std::string_view kNone = "none";

std::vector<std::string_view> items_of(std::string_view line) {
  std::vector<std::string_view> items;
  for (std::size_t at = line.find_first_not_of(" \t"); at != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    items.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(" \t", end);
  }
  return items;
}

bool allowed_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
}

}  // namespace

class PolicyReader {
 public:
  explicit PolicyReader(std::string_view where) : where_(where) {}

  Result<TrustPolicy> read(std::string_view text) {
    if (text.size() > kPolicySizeMax)
      return fail("policy-file.size", "a policy of " + std::to_string(text.size()) + " bytes",
                  "at most " + std::to_string(kPolicySizeMax), {}, where_);
    while (!text.empty()) {
      ++line_;
      const std::size_t end = text.find('\n');
      if (end == std::string_view::npos) return bad("a last line without its newline");
      if (auto good = read_line(text.substr(0, end)); !good) return std::unexpected(good.error());
      text.remove_prefix(end + 1);
    }
    if (!has_quorum_)
      return fail("policy-file.quorum", "a policy without a quorum", "exactly one line 'quorum NAME'",
                  "name the witness or group that must have cosigned, or none", where_);
    return finished();
  }

 private:
  std::string place() const { return where_ + ":" + std::to_string(line_); }
  std::unexpected<policy::base::Error> bad(std::string seen) const {
    return fail("policy-file.syntax", std::move(seen),
                "log VKEY [URL], witness NAME VKEY [URL], group NAME all|any|K NAME…, quorum NAME", {}, place());
  }
  std::unexpected<policy::base::Error> bad_name(std::string seen) const {
    return fail("policy-file.name", std::move(seen), "a name of a line above that is used once", {}, place());
  }
  std::unexpected<policy::base::Error> at_place(policy::base::Error error) const {
    error.where = place();
    return std::unexpected(std::move(error));
  }
  Status room_for(std::size_t count) const {
    if (count < kPolicyLinesOfAKindMax) return {};
    return fail("policy-file.many", "more than 32 lines of one kind", "at most 32", {}, place());
  }

  Status read_line(std::string_view line) {
    if (!std::ranges::all_of(line, allowed_byte)) return bad("a control character");
    const auto items = items_of(line);
    if (items.empty() || items[0].starts_with('#')) return {};
    if (items[0] == "log" && (items.size() == 2 || items.size() == 3)) return read_log(items);
    if (items[0] == "witness" && (items.size() == 3 || items.size() == 4)) return read_witness(items);
    if (items[0] == "group" && items.size() >= 4) return read_group(items);
    if (items[0] == "quorum" && items.size() == 2) return read_quorum(items[1]);
    return bad("'" + printable(line) + "'");
  }

  Status key_twice() const {
    return fail("policy-file.key-twice", "a public key that stands above already", "a key for each log and witness", {},
                place());
  }

  Status read_log(std::span<const std::string_view> items) {
    if (auto room = room_for(out_.logs_.size()); !room) return room;
    auto key = VerifierKey::parse(items[1]);
    if (!key) return at_place(key.error());
    for (const KnownLog& log : out_.logs_)
      if (log.key.public_key() == key->public_key()) return key_twice();
    out_.logs_.push_back({std::move(*key), std::string(items.size() > 2 ? items[2] : "")});
    return {};
  }

  Status new_name(std::string_view name) const {
    if (name == kNone || find(name)) return bad_name("the name '" + printable(name) + "' once more");
    return {};
  }

  Status read_witness(std::span<const std::string_view> items) {
    if (auto room = room_for(out_.witnesses_.size()); !room) return room;
    if (auto good = new_name(items[1]); !good) return good;
    auto key = CosignerKey::parse(items[2]);
    if (!key) return at_place(key.error());
    for (const CosignerKey& known : out_.keys_)
      if (known.public_key() == key->public_key()) return key_twice();
    names_.push_back({std::string(items[1]), false, out_.witnesses_.size()});
    out_.witnesses_.push_back({std::string(items[1]), std::string(items.size() > 3 ? items[3] : "")});
    out_.keys_.push_back(std::move(*key));
    return {};
  }

  Result<std::size_t> threshold(std::string_view item, std::size_t members) const {
    if (item == "all") return members;
    if (item == "any") return std::size_t{1};
    const auto number = parse_decimal(item);
    if (number && *number >= 1 && *number <= members) return static_cast<std::size_t>(*number);
    return fail("policy-file.syntax", "'" + printable(item) + "' of " + std::to_string(members) + " members",
                "all, any, or a number from 1 to that of the members", {}, place());
  }

  Status read_group(std::span<const std::string_view> items) {
    if (auto room = room_for(out_.groups_.size()); !room) return room;
    if (auto good = new_name(items[1]); !good) return good;
    TrustPolicy::Group group{std::string(items[1]), 0, {}};
    for (const std::string_view member : items.subspan(3)) {
      const auto found = find(member);
      if (!found) return bad_name("the name '" + printable(member) + "', which stands nowhere above");
      if (names_[*found].is_member) return bad_name("'" + printable(member) + "' as a member twice");
      names_[*found].is_member = true;
      group.members.push_back(*found);  // an index into names_ until finished()
    }
    const auto least = threshold(items[2], group.members.size());
    if (!least) return std::unexpected(least.error());
    group.threshold = *least;
    names_.push_back({group.name, false, kGroups + out_.groups_.size()});
    out_.groups_.push_back(std::move(group));
    return {};
  }

  Status read_quorum(std::string_view name) {
    if (has_quorum_)
      return fail("policy-file.quorum", "a second quorum", "exactly one line 'quorum NAME'", {}, place());
    has_quorum_ = true;
    if (name == kNone) return {};
    const auto found = find(name);
    if (!found) return bad_name("the name '" + printable(name) + "', which stands nowhere above");
    out_.quorum_ = *found;
    return {};
  }

  std::optional<std::size_t> find(std::string_view name) const {
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (names_[i].name == name) return i;
    return {};
  }

  // Groups have their places only now that all witnesses are known.
  TrustPolicy finished() {
    const auto settle = [this](std::size_t& index) {
      const std::size_t place = names_[index].place;
      index = place < kGroups ? place : out_.witnesses_.size() + place - kGroups;
    };
    for (TrustPolicy::Group& group : out_.groups_) std::ranges::for_each(group.members, settle);
    if (out_.quorum_) settle(*out_.quorum_);
    return std::move(out_);
  }

  static constexpr std::size_t kGroups = 1000;
  struct Name {
    std::string name;
    bool is_member = false;
    std::size_t place = 0;  // of a witness, or kGroups + that of a group
  };

  std::string where_;
  std::size_t line_ = 0;
  TrustPolicy out_;
  std::vector<Name> names_;
  bool has_quorum_ = false;
};

Result<TrustPolicy> TrustPolicy::parse(std::string_view where, std::string_view text) {
  return PolicyReader(where).read(text);
}

const std::string& TrustPolicy::name_of(std::size_t index) const {
  return index < witnesses_.size() ? witnesses_[index].name : groups_[index - witnesses_.size()].name;
}

std::string TrustPolicy::text() const {
  const auto url = [](const std::string& text) { return text.empty() ? "" : " " + text; };
  std::string out;
  for (const KnownLog& log : logs_) out += "log " + log.key.text() + url(log.url) + "\n";
  for (std::size_t i = 0; i < witnesses_.size(); ++i)
    out += "witness " + witnesses_[i].name + " " + keys_[i].text() + url(witnesses_[i].url) + "\n";
  for (const Group& group : groups_) {
    out += "group " + group.name + " " + std::to_string(group.threshold);
    for (const std::size_t member : group.members) out += " " + name_of(member);
    out += "\n";
  }
  return out + "quorum " + (quorum_ ? name_of(*quorum_) : std::string(kNone)) + "\n";
}

std::vector<std::optional<Instant>> TrustPolicy::all_times(std::span<const std::optional<Instant>> times) const {
  std::vector<std::optional<Instant>> all(times.begin(), times.end());
  all.resize(witnesses_.size());
  for (const Group& group : groups_) {
    std::vector<std::optional<Instant>> members;
    for (const std::size_t member : group.members) members.push_back(all[member]);
    std::ranges::sort(members, std::greater<>());  // nothing is less than any time
    all.push_back(members[group.threshold - 1]);
  }
  return all;
}

std::optional<Instant> TrustPolicy::quorum_since(std::span<const std::optional<Instant>> times) const {
  if (!quorum_) return policy::base::kEndOfTime;
  return all_times(times)[*quorum_];
}

void TrustPolicy::find_missing(std::size_t index, std::span<const std::optional<Instant>> all,
                               std::vector<bool>& out) const {
  if (all[index]) return;
  if (index < witnesses_.size()) {
    out[index] = true;
    return;
  }
  for (const std::size_t member : groups_[index - witnesses_.size()].members) find_missing(member, all, out);
}

std::string TrustPolicy::missing(std::span<const std::optional<Instant>> times) const {
  std::vector<bool> found(witnesses_.size());
  const auto all = all_times(times);
  if (quorum_) find_missing(*quorum_, all, found);
  std::string out;
  for (std::size_t i = 0; i < found.size(); ++i)
    if (found[i]) out += (out.empty() ? "" : ", ") + witnesses_[i].name;
  return out;
}

Result<Witnessed> open_witnessed(std::string_view bytes, const TrustPolicy& policy, std::span<const VerifierKey> logs,
                                 Instant not_after) {
  std::vector<VerifierKey> keys(logs.begin(), logs.end());
  if (keys.empty())
    for (const KnownLog& log : policy.logs()) keys.push_back(log.key);
  auto note = policy::base::note::parse_note(bytes);
  if (!note) return std::unexpected(note.error());
  auto checkpoint = parse_checkpoint(note->text);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  // Only a log's own key speaks for its origin.
  const auto stranger = std::ranges::remove_if(keys, [&](const auto& key) { return key.name() != checkpoint->origin; });
  keys.erase(stranger.begin(), stranger.end());
  if (keys.empty())
    return fail("checkpoint.origin", "'" + printable(checkpoint->origin) + "'", "a log of the policy",
                "give the key of this log");
  if (auto opened = policy::base::note::open_note(bytes, keys); !opened) return std::unexpected(opened.error());
  auto times = cosigned_by(*note, policy.keys());
  if (!times) return std::unexpected(times.error());
  for (auto& time : *times)
    if (time && *time > not_after) time.reset();
  const auto since = policy.quorum_since(*times);
  if (!since)
    return fail("quorum.missing", "no quorum: cosignatures are missing of " + printable(policy.missing(*times), 400),
                "the cosignatures that the policy asks for", "have the missing witnesses cosign this checkpoint");
  return Witnessed{std::move(*checkpoint), std::move(*times), *since};
}

}  // namespace audit::checkpoint
