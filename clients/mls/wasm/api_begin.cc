// Memory, answers, devices, and how a group comes to be there.
#include <string>

#include "clients/mls/wasm/api.h"
#include "clients/mls/wasm/parts.h"
#include "clients/mls/wasm/session.h"

using namespace clients::mls;

namespace {

constexpr std::uint32_t kVersionOfApi = 1;
constexpr std::uint32_t kNoLeaf = 0xFFFFFFFF;

std::optional<Bytes> given(ByteView tree) {
  if (tree.empty()) return std::nullopt;
  return copy(tree);
}

bool is_known(std::uint32_t suite) { return suite <= 0xFFFF && is_supported(static_cast<std::uint16_t>(suite)); }

std::uint32_t bring(Result<Group> group) {
  Session& session = Session::instance();
  return group ? session.bring_group(std::move(*group)) : session.refuse(group.error());
}

bool is_reason(std::uint32_t status) { return status >= 1 && status <= kReasons; }

}  // namespace

std::uint32_t mls_version() { return kVersionOfApi; }

std::uint8_t* mls_allocate(std::size_t size) { return static_cast<std::uint8_t*>(::operator new(size)); }

void mls_free(std::uint8_t* at, std::size_t size) {
  wipe({at, size});
  ::operator delete(at);
}

const std::uint8_t* mls_part(std::uint32_t part) { return Session::instance().part(part).data(); }
std::size_t mls_part_size(std::uint32_t part) { return Session::instance().part(part).size(); }
std::uint32_t mls_group() { return Session::instance().brought(); }
void mls_clear() { Session::instance().clear(); }

// The texts are literals, so a zero byte follows them.
const char* mls_code(std::uint32_t status) {
  return is_reason(status) ? code(static_cast<Reason>(status - 1)).data() : "";
}
const char* mls_sentence(std::uint32_t status) {
  return is_reason(status) ? sentence(static_cast<Reason>(status - 1)).data() : "";
}
std::uint64_t mls_detail() { return Session::instance().detail(); }

std::uint32_t mls_make_signature_key() {
  Session& session = Session::instance();
  const KeyPair pair = generate_signature_key_pair(session.crypto());
  return session.bring(copy(pair.secret.view()), copy(pair.key));
}

std::uint32_t mls_make_key_package(std::uint32_t suite, const std::uint8_t* seed32, const std::uint8_t* identity,
                                   std::size_t identity_size, std::uint64_t not_before_s, std::uint64_t not_after_s) {
  Session& session = Session::instance();
  if (!is_known(suite)) return session.refuse(Reason::kUnsupported, suite);
  const Member member = member_of(session.crypto(), seed32, {identity, identity_size});
  const OwnKeyPackage own =
      make_key_package(session.crypto(), static_cast<CipherSuite>(suite), member, {not_before_s, not_after_s});
  return session.bring(encode_message(own.package), save(own));
}

std::uint32_t mls_create(std::uint32_t suite, const std::uint8_t* group_id, std::size_t group_id_size,
                         const std::uint8_t* seed32, const std::uint8_t* identity, std::size_t identity_size,
                         std::uint64_t not_before_s, std::uint64_t not_after_s, const std::uint8_t* extensions,
                         std::size_t extensions_size) {
  Session& session = Session::instance();
  if (!is_known(suite)) return session.refuse(Reason::kUnsupported, suite);
  auto of_group = parse_all<Extension>({extensions, extensions_size});
  if (!of_group) return session.refuse(of_group.error());
  return bring(Group::create(session.environment(not_before_s), static_cast<CipherSuite>(suite),
                             copy({group_id, group_id_size}),
                             member_of(session.crypto(), seed32, {identity, identity_size}),
                             {not_before_s, not_after_s}, std::move(*of_group)));
}

std::uint32_t mls_join(const std::uint8_t* welcome, std::size_t welcome_size, const std::uint8_t* own,
                       std::size_t own_size, const std::uint8_t* tree, std::size_t tree_size, std::uint64_t now_s) {
  Session& session = Session::instance();
  const auto message = parse_message<Welcome>({welcome, welcome_size});
  if (!message) return session.refuse(message.error());
  const auto package = load_key_package({own, own_size});
  if (!package) return session.refuse(package.error());
  return bring(Group::join(session.environment(now_s), *message, *package, given({tree, tree_size})));
}

std::uint32_t mls_enter(const std::uint8_t* info, std::size_t info_size, const std::uint8_t* seed32,
                        const std::uint8_t* identity, std::size_t identity_size, const std::uint8_t* tree,
                        std::size_t tree_size, std::uint32_t replaces, std::uint64_t now_s) {
  Session& session = Session::instance();
  const auto message = parse_message<GroupInfo>({info, info_size});
  if (!message) return session.refuse(message.error());
  auto entered =
      Group::enter(session.environment(now_s), *message, member_of(session.crypto(), seed32, {identity, identity_size}),
                   given({tree, tree_size}), replaces == kNoLeaf ? std::nullopt : std::optional(LeafIndex{replaces}));
  if (!entered) return session.refuse(entered.error());
  return session.bring_group(std::move(entered->group), encode_message(std::move(entered->commit)));
}

std::uint32_t mls_load(const std::uint8_t* saved, std::size_t saved_size, const std::uint8_t* keys,
                       std::size_t keys_size) {
  return bring(
      Group::load({saved, saved_size}, keys_size == 0 ? std::nullopt : std::optional(ByteView(keys, keys_size))));
}

void mls_release(std::uint32_t group) { Session::instance().release(group); }
