#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <iterator>
#include <set>

#include "audit/event/sealed.h"
#include "audit/event/words.h"

namespace audit::event {
namespace {

// Fills any field of any record at random, through the same walk that the codec uses.
struct Filler {
  static std::uint8_t byte() { return *rc::gen::arbitrary<std::uint8_t>(); }
  static RuleId rule() {
    std::string text;
    for (int n = *rc::gen::inRange(1, 65); n > 0; --n) text += *rc::gen::elementOf(std::string("abcz019.-"));
    return RuleId::from(text).value();
  }
  void operator()(const FieldInfo&, Count& v) const { v.value = *rc::gen::arbitrary<std::uint64_t>(); }
  void operator()(const FieldInfo&, CellCount& v) const {
    v = *CellCount::from(*rc::gen::inRange<std::uint64_t>(5, 1u << 20));
  }
  void operator()(const FieldInfo&, Instant& v) const {
    v.unix_s = *rc::gen::inRange(policy::base::kBeginningOfTime.unix_s, policy::base::kEndOfTime.unix_s);
  }
  void operator()(const FieldInfo&, Digest& v) const {
    for (auto& b : v.bytes) b = byte();
  }
  template <typename Tag>
  void operator()(const FieldInfo&, policy::base::Id<Tag>& v) const {
    for (auto& b : v.bytes) b = byte();
  }
  void operator()(const FieldInfo&, Subject& v) const {
    if (*rc::gen::arbitrary<bool>()) v.pseudonym = Pseudonym{{byte(), byte(), byte()}};
  }
  void operator()(const FieldInfo&, RuleId& v) const { v = rule(); }
  void operator()(const FieldInfo&, RuleIds& v) const {
    std::vector<RuleId> ids;
    for (int n = *rc::gen::inRange(0, 17); n > 0; --n) ids.push_back(rule());
    v = RuleIds::from(ids).value();
  }
  template <ClosedList E>
  void operator()(const FieldInfo&, E& v) const {
    v = static_cast<E>(
        (*rc::gen::elementOf(std::vector<Word>(Vocabulary<E>::kWords.begin(), Vocabulary<E>::kWords.end()))).number);
  }
};

Event any_event() {
  Event event{Instant{*rc::gen::inRange<std::int64_t>(0, 4102444800)},
              blank_record((*rc::gen::elementOf(declarations())).type)};
  std::visit([](auto& record) { visit_fields(record, Filler{}); }, event.record);
  return event;
}

EntryKey any_key() {
  EntryKey key{1};
  for (std::size_t i = 1; i < key.size(); ++i) key[i] = Filler::byte();
  return key;
}

TEST(Event, SealAndUnsealAreInverse) {
  EXPECT_TRUE(rc::check("every record type", [] {
    const Event event = any_event();
    const EntryKey key = any_key();
    const SealedEvent sealed = seal(event, key);
    RC_ASSERT(sealed.leaf.size() <= kLeafSizeMax);
    RC_ASSERT(sealed.ciphertext.size() <= kCiphertextSizeMax);
    RC_ASSERT(unseal(sealed.leaf, key, sealed.ciphertext).value() == event);
    RC_ASSERT(encode_leaf(decode_leaf(sealed.leaf).value()) == sealed.leaf);
    RC_ASSERT(decode_payload(decode_leaf(sealed.leaf).value(), encode_payload(event)).value() == event);
  }));
}

TEST(Event, AnyChangedBitOfAnyPartIsRefused) {
  EXPECT_TRUE(rc::check("one bit", [] {
    const EntryKey good_key = any_key();
    SealedEvent sealed = seal(any_event(), good_key);
    EntryKey key = good_key;
    const std::size_t total = sealed.leaf.size() + key.size() + sealed.ciphertext.size();
    std::size_t at = *rc::gen::inRange<std::size_t>(0, total);
    const auto flip = [bit = *rc::gen::inRange(0, 8)](std::uint8_t& b) {
      b = static_cast<std::uint8_t>(b ^ (1 << bit));
    };
    if (at < sealed.leaf.size()) {
      flip(sealed.leaf[at]);
    } else if (at -= sealed.leaf.size(); at < key.size()) {
      flip(key[at]);
    } else {
      flip(sealed.ciphertext[at - key.size()]);
    }
    RC_ASSERT(!unseal(sealed.leaf, key, sealed.ciphertext).has_value());
  }));
}

TEST(Event, ErasedKeySaysSo) {
  const SealedEvent sealed = seal({Instant{0}, ServiceStopped{}}, EntryKey{1});
  EXPECT_EQ(unseal(sealed.leaf, EntryKey{}, sealed.ciphertext).error().code, "event.erased");
  EXPECT_EQ(unseal(sealed.leaf, EntryKey{1}, {}).error().code, "event.ciphertext");
}

TEST(Event, LeafExample) {
  Leaf leaf{RecordType::kLoginRefused, 498765, {}, {}};
  leaf.commitment.bytes.fill(0xAB);
  std::string hex =
      "0104"
      "00079c4d"
      "00";
  for (int i = 0; i < 32; ++i) hex += "ab";
  EXPECT_EQ(policy::base::to_hex(encode_leaf(leaf)), hex);
  leaf.subject.pseudonym = Pseudonym{{1, 2, 3}};
  EXPECT_EQ(decode_leaf(encode_leaf(leaf)).value(), leaf);
}

TEST(Event, LeafWithActorsExample) {
  const Event wiped{Instant{3600 * 498765 + 258}, DeviceWiped{{Pseudonym{{1}}}, {}, Pseudonym{{2}}, WipeReason::kLost}};
  Digest commitment;
  commitment.bytes.fill(0xAB);
  const std::string zeros(30, '0');
  std::string hex = "020c00079c4d" + ("0101" + zeros) + ("0102" + zeros);
  for (int i = 0; i < 32; ++i) hex += "ab";
  const Leaf leaf = leaf_of(wiped, commitment);
  EXPECT_EQ(policy::base::to_hex(encode_leaf(leaf)), hex);
  EXPECT_EQ(decode_leaf(encode_leaf(leaf)).value(), leaf);
  const std::string device(32, '0');
  EXPECT_EQ(policy::base::to_hex(encode_payload(wiped)), "0102" + device + "01");
  EXPECT_EQ(decode_payload(leaf, encode_payload(wiped)).value(), wiped);
  EXPECT_FALSE(hides_actors(leaf));
}

// Logs of before have it: who acted stands in the payload only.
TEST(Event, LeafWithoutActorsIsReadAsEver) {
  const std::string zeros(30, '0'), device(32, '0');
  const Leaf leaf{RecordType::kDeviceWiped, 498765, {Pseudonym{{1}}}, {}};
  EXPECT_EQ(encode_leaf(leaf).at(0), 1);
  EXPECT_EQ(decode_leaf(encode_leaf(leaf)).value(), leaf);
  EXPECT_TRUE(hides_actors(leaf));
  const auto event = decode_payload(leaf, policy::base::from_hex("0102" + device + ("02" + zeros) + "01").value());
  EXPECT_EQ(event.value(), (Event{Instant{3600 * 498765 + 258},
                                  DeviceWiped{{Pseudonym{{1}}}, {}, Pseudonym{{2}}, WipeReason::kLost}}));
}

TEST(Event, EverybodyInALeafIsToldOnce) {
  const auto told = [](const Leaf& leaf) {
    std::vector<std::pair<Pseudonym, Role>> all;
    visit_people(leaf, [&](const Pseudonym& who, Role role) { all.emplace_back(who, role); });
    return all;
  };
  const Pseudonym one{{1}}, two{{2}};
  using All = std::vector<std::pair<Pseudonym, Role>>;
  EXPECT_EQ(told({RecordType::kDeviceWiped, 1, {}, {}, {two, two}}), (All{{two, Role::kActor}}));
  EXPECT_EQ(told({RecordType::kDeviceWiped, 1, {one}, {}, {two, one}}),
            (All{{one, Role::kSubject}, {two, Role::kActor}}));
  EXPECT_TRUE(told({RecordType::kServiceStopped, 1, {}, {}}).empty());
}

TEST(Event, PayloadExample) {
  const Event event{Instant{3600 * 498765 + 258}, LoginRefused{{}, LoginRefusal::kWrongSecondFactor}};
  EXPECT_EQ(policy::base::to_hex(encode_payload(event)),
            "0102"
            "03");
  const Event counted{Instant{0}, AllowsCounted{Instant{900}, MessageClass::kUrgent, *CellCount::from(7)}};
  EXPECT_EQ(policy::base::to_hex(encode_payload(counted)),
            "0000"
            "0000000000000384"
            "03"
            "0000000000000007");
}

TEST(Event, DecodersRefuse) {
  Bytes leaf = encode_leaf({RecordType::kServiceStopped, 1, {}, {}});
  const auto code_with = [&](std::size_t at, std::uint8_t value) {
    Bytes bad = leaf;
    bad[at] = value;
    return decode_leaf(bad).error().code;
  };
  EXPECT_EQ(code_with(0, 3), "event.version");
  EXPECT_EQ(code_with(0, 2), "event.actors") << "nobody acts when the service stops";
  EXPECT_EQ(code_with(1, 0), "event.type");
  EXPECT_EQ(code_with(1, 200), "event.type");
  EXPECT_EQ(code_with(6, 1), "event.subject");
  EXPECT_EQ(code_with(6, 2), "event.subject");
  leaf.push_back(0);
  EXPECT_EQ(decode_leaf(leaf).error().code, "event.trailing");
  EXPECT_EQ(decode_leaf({}).error().code, "event.truncated");
  EXPECT_EQ(decode_leaf(encode_leaf({RecordType::kDeviceWiped, 1, {}, {}, {{}, {}}})).error().code, "event.actors");
  EXPECT_EQ(decode_leaf(encode_leaf({RecordType::kLoginRefused, 1, {}, {}, {{}}})).error().code, "event.actors");

  const auto payload_code = [](RecordType type, const char* hex) {
    return decode_payload({type, 1, {}, {}}, policy::base::from_hex(hex).value()).error().code;
  };
  EXPECT_EQ(payload_code(RecordType::kLoginRefused, "000000"), "event.value");
  EXPECT_EQ(payload_code(RecordType::kLoginRefused, "00000b"), "event.value");
  EXPECT_EQ(payload_code(RecordType::kLoginRefused, "0e1001"), "event.value");  // second 3600
  EXPECT_EQ(payload_code(RecordType::kLoginRefused, "0000"), "event.truncated");
  EXPECT_EQ(payload_code(RecordType::kLoginRefused, "00000101"), "event.trailing");
  EXPECT_EQ(payload_code(RecordType::kAllowsCounted, "00000000000000000384030000000000000004"), "event.value");
  EXPECT_EQ(payload_code(RecordType::kAllowsCounted, "00007fffffffffffffff030000000000000005"), "event.value");
  EXPECT_EQ(payload_code(RecordType::kAlarmSent, "000001410000000000000001"), "event.value");  // rule id "A"
}

TEST(Event, NoFieldHoldsText) {
  EXPECT_EQ(RuleId::from("rest.daily")->text(), "rest.daily");
  for (const std::string& bad :
       {std::string(), std::string("Rest"), std::string("a b"), std::string("ä"), std::string(65, 'a')})
    EXPECT_EQ(RuleId::from(bad).error().code, "event.rule-id") << bad;
  EXPECT_EQ(RuleIds::from(std::vector<RuleId>(17)).error().code, "event.rule-ids");
  EXPECT_FALSE(CellCount::from(4));
  EXPECT_EQ(CellCount::from(5)->value(), 5U);
  static_assert(!MetadataValue<std::string> && !MetadataValue<Bytes> && !MetadataValue<std::string_view>);
}

TEST(Declaration, EveryRecordIsToldInBothLanguages) {
  std::set<std::string_view> ids;
  for (const RecordInfo& info : declarations()) {
    EXPECT_TRUE(ids.insert(info.id).second) << info.id;
    EXPECT_FALSE(info.en.empty() || info.de.empty()) << info.id;
    EXPECT_EQ(record_type_from(info.id), info.type);
    EXPECT_EQ(record_type_from(static_cast<std::uint8_t>(info.type)), info.type);
    EXPECT_EQ(type_of(blank_record(info.type)), info.type);
    int subjects = 0;
    for (const FieldInfo& field : info.fields) subjects += field.type == "Subject" ? 1 : 0;
    EXPECT_LE(subjects, 1) << info.id << ": the leaf has room for one";
    EXPECT_LE(actors_in(info.type), kActorsMax) << info.id;
  }
  const Record held = MessageHeld{{Pseudonym{{9}}},
                                  MessageClass::kRoutine,
                                  RuleIds::from({RuleId::from("rest.daily").value()}).value(),
                                  Instant{0}};
  const auto told = fields_in_words(held, Language::kGerman);
  EXPECT_EQ(told.at(0).label, "Empfänger");
  EXPECT_EQ(told.at(1).text, "Routine");
  EXPECT_EQ(told.at(1).id, "routine");
  EXPECT_EQ(told.at(2).text, "rest.daily");
  EXPECT_EQ(told.at(3).text, "1970-01-01T00:00:00Z");
  EXPECT_EQ(fields_in_words(LoginRefused{}, Language::kEnglish).at(0).text, "–");
}

TEST(Declaration, TheDocumentsHoldTheTablesMadeFromIt) {
  const auto content = [](const char* path) {
    std::ifstream in(path);
    return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  };
  EXPECT_TRUE(content("audit/README.md").ends_with("\n\n" + declaration_table(Language::kEnglish)))
      << "write it with: feierabend-audit record --table --lang en";
  EXPECT_TRUE(content("audit/verzeichnis.de.md").ends_with("\n\n" + declaration_table(Language::kGerman)))
      << "write it with: feierabend-audit record --table --lang de";
}

}  // namespace
}  // namespace audit::event
