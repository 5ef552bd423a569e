// A newcomer with a key package and a pre-shared key of its own meets a Welcome that may hold anything. The input is
//
//     u8 kind · u8 detail · body
//
// and the body a whole Welcome, or a part of a genuine one that is sealed and signed anew around it, so that what is
// tried stands behind the encryption: the GroupSecrets, the GroupInfo, or the tree. Whatever comes: what is refused
// leaves nothing behind, what it costs is bounded by its length, and what is joined can be stored and used.
#include <cstdlib>

#include "clients/mls/group/testing/allocated.h"
#include "clients/mls/group/testing/credulous.h"
#include "clients/mls/group/testing/forge.h"

namespace {

using namespace clients::mls;  // NOLINT(google-build-using-namespace): a program of its own

constexpr std::uint32_t kLeavesUsed = 64;
constexpr std::size_t kBytesAlways = 128 * 1024;
constexpr std::size_t kBytesPerByte = 512;

enum class Kind : std::uint8_t { kWelcome, kSecrets, kInfo, kTree, kTreeBeside };
constexpr std::uint8_t kKinds = 5;
// Bits of the detail.
constexpr std::uint8_t kBelieved = 1;   // every signature holds
constexpr std::uint8_t kRightHash = 2;  // the tree hash is the tree's, as it always is where the body is a tree
constexpr std::uint8_t kWrongTag = 4;   // the confirmation tag stays as it is

void demand(bool holds) {
  if (!holds) std::abort();
}

std::optional<SecretBytes> psk(ByteView id) {
  if (id.empty()) return std::nullopt;
  return SecretBytes(Bytes(kHashBytes, id[0]));
}

constexpr auto kTreeType = static_cast<std::uint16_t>(ExtensionType::kRatchetTree);

// The parts of a Welcome that joins.
struct Genuine {
  OwnKeyPackage own;
  Welcome welcome;
  GroupSecrets secrets;
  GroupInfo info;
  KeyPair signer;
};

Genuine make() {
  World world(3);
  world.environment().psk = psk;
  const std::vector<Group> groups = world.party(4, {}, "group", true);
  const Forge signer(world.environment(), groups[1]);
  Genuine out{world.package("newcomer"), {}, {}, {}, signer.signature_key()};
  PskId known;
  known.external_id = {7};
  known.nonce = Bytes(kHashBytes, 1);
  out.welcome =
      *must(groups[1].commit(world.environment(),
                             {.proposals = {Add{out.own.package}, Remove{LeafIndex{2}}, PreSharedKey{known}}}))
           .welcome;
  const auto& to_us = out.welcome.secrets.front().secrets;
  const auto secrets = must(decrypt_with_label(world.crypto(), out.welcome.suite, out.own.init_key, "Welcome",
                                               out.welcome.encrypted_group_info, to_us));
  out.secrets = must(parse<GroupSecrets>(secrets.view()));
  const Secret psk_value = must(psk_secret(world.crypto(), std::vector<Psk>{{known, *psk(known.external_id)}}));
  const AeadKey key = welcome_key(world.crypto(), out.welcome.suite,
                                  welcome_secret(world.crypto(), out.secrets.joiner_secret, psk_value));
  const auto info = world.crypto().aead_open(out.welcome.suite, key.key_view(out.welcome.suite), key.nonce, {},
                                             out.welcome.encrypted_group_info);
  out.info = must(parse<GroupInfo>(info->view()));
  return out;
}

class Arrival {
 public:
  Arrival(const Genuine& genuine, std::uint8_t detail)
      : genuine_(genuine), detail_(detail), crypto_(4, (detail & kBelieved) != 0) {
    environment_.crypto = &crypto_;
    environment_.now_s = kWorldNow_s;
    environment_.psk = psk;
  }

  bool meet(Kind kind, ByteView body) const {
    GroupInfo info = genuine_.info;
    switch (kind) {
      case Kind::kWelcome: {
        const auto welcome = parse<Welcome>(body);
        return welcome && meet(*welcome, {}, body.size());
      }
      case Kind::kSecrets: {
        const auto secrets = parse<GroupSecrets>(body);
        return secrets && meet(seal(*secrets, std::move(info)), {}, body.size());
      }
      case Kind::kInfo: {
        auto parsed = parse<GroupInfo>(body);
        return parsed && meet(seal(genuine_.secrets, std::move(*parsed)), {}, body.size());
      }
      case Kind::kTree: std::ranges::find(info.extensions, kTreeType, &Extension::type)->data = copy(body); break;
      case Kind::kTreeBeside:
        std::erase_if(info.extensions, [](const Extension& one) { return one.type == kTreeType; });
    }
    if (const auto tree = RatchetTree::parse(body)) info.context.tree_hash = tree->tree_hash(crypto_);
    return meet(seal(genuine_.secrets, std::move(info)), kind == Kind::kTree ? std::nullopt : std::optional(copy(body)),
                body.size());
  }

 private:
  Secret psk_of(const GroupSecrets& secrets) const {
    std::vector<Psk> psks;
    for (const PskId& id : secrets.psks) psks.push_back({id, psk(id.external_id).value_or(SecretBytes())});
    return psk_secret(crypto_, psks).value_or(Secret());
  }

  Welcome seal(const GroupSecrets& secrets, GroupInfo info) const {
    const Bytes* held = find(info.extensions, ExtensionType::kRatchetTree);
    if (held != nullptr && (detail_ & kRightHash) != 0)
      if (const auto tree = RatchetTree::parse(*held)) info.context.tree_hash = tree->tree_hash(crypto_);
    const Secret psk = psk_of(secrets);
    const EpochSecrets epoch = epoch_secrets(crypto_, secrets.joiner_secret, psk, encode(info.context));
    if ((detail_ & kWrongTag) == 0)
      info.confirmation_tag = confirmation_tag(crypto_, epoch.confirmation_key, info.context.confirmed_transcript_hash);
    sign(crypto_, info, genuine_.signer);
    Welcome out = genuine_.welcome;
    const AeadKey key = welcome_key(crypto_, out.suite, welcome_secret(crypto_, secrets.joiner_secret, psk));
    out.encrypted_group_info = crypto_.aead_seal(out.suite, key.key_view(out.suite), key.nonce, {}, encode(info));
    out.secrets.front().secrets = must(encrypt_with_label(crypto_, out.suite, genuine_.own.package.init_key, "Welcome",
                                                          out.encrypted_group_info, encode(secrets)));
    return out;
  }

  bool meet(const Welcome& welcome, const std::optional<Bytes>& tree, std::size_t body_bytes) const {
    const Allocated before = allocated();
    bool taken = false;
    {
      const auto joined = Group::join(environment_, welcome, genuine_.own, tree);
      const std::size_t size_bytes = body_bytes + genuine_.welcome.encrypted_group_info.size();
      demand(allocated().asked_bytes - before.asked_bytes <= kBytesAlways + kBytesPerByte * size_bytes);
      taken = joined.has_value();
      if (taken) use(*joined);
    }
    demand(allocated().live_bytes == before.live_bytes);
    return taken;
  }

  void use(Group group) const {
    const SecretBytes saved = group.save();
    const auto again = Group::load(saved.view(), group.save_keys().view());
    demand(again && again->save() == saved);
    demand(group.tree().tree_hash(crypto_) == group.context().tree_hash);
    demand(*group.tree().leaf(group.own_leaf()) == genuine_.own.package.leaf);
    if (group.tree().leaves() > kLeavesUsed) return;
    demand(group.members().size() == group.tree().members());
    if (const auto said = group.protect(crypto_, {1, 2, 3}))
      demand(group.open(crypto_, *said).error().reason == Reason::kOwnMessage);
    if (const auto staged = group.commit(environment_, {.path = true}))
      demand(Group::load(staged->group.save().view()).has_value());
  }

  const Genuine& genuine_;
  const std::uint8_t detail_;
  const CredulousCrypto crypto_;
  Environment environment_;
};

// A target whose genuine parts were refused would try nothing. Joining once also makes whatever is made only once, so
// that it is not counted as left behind.
const Genuine& genuine() {
  static const Genuine made = [] {
    Genuine out = make();
    for (const std::uint8_t detail : {std::uint8_t{0}, kBelieved}) {
      const Arrival arrival(out, detail);
      const Bytes tree = *find(out.info.extensions, ExtensionType::kRatchetTree);
      demand(arrival.meet(Kind::kWelcome, encode(out.welcome)) && arrival.meet(Kind::kSecrets, encode(out.secrets)) &&
             arrival.meet(Kind::kInfo, encode(out.info)) && arrival.meet(Kind::kTree, tree) &&
             arrival.meet(Kind::kTreeBeside, tree));
    }
    GroupInfo wrong = out.info;
    wrong.confirmation_tag[0] ^= 1;
    demand(Arrival(out, 0).meet(Kind::kInfo, encode(wrong)) &&
           !Arrival(out, kWrongTag).meet(Kind::kInfo, encode(wrong)));
    return out;
  }();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Genuine& known = genuine();
  Arrival(known, data[1]).meet(static_cast<Kind>(data[0] % kKinds), ByteView(data, size).subspan(2));
  return 0;
}
