// A group as bytes, for the client's encrypted store. No format of RFC 9420: this file's own.
//
//     u8   version, 1
//     u8   part: 1 the whole, 2 message keys only
//     the whole: context · ratchet tree · own leaf · keys · secrets · interim transcript hash · signature key ·
//                pending proposals · own updates · past epochs without keys (signers only where they differ from those
//                of the epoch before) · resumption secrets · message keys
//     message keys: epoch · secret tree · (epoch, secret tree) of each past epoch
//
// Fields in the presentation language of core/codec.h. What is read is as untrusted as the wire: bounded, and refused
// with kStorage.
#include "clients/mls/group/group.h"

namespace clients::mls {
namespace {

constexpr std::uint8_t kFormat = 1;
enum class Part : std::uint8_t { kWhole = 1, kKeys = 2 };

void put(Writer& out, const Secret& secret) { out.raw(secret.view()); }

Secret get_secret(Reader& in) {
  Secret out;
  std::ranges::copy(in.raw(out.view().size()), out.writable().begin());
  return out;
}

void put(Writer& out, const KeyPair& pair) {
  put(out, pair.secret);
  out.raw(pair.key);
}

KeyPair get_pair(Reader& in) {
  KeyPair out{get_secret(in), {}};
  std::ranges::copy(in.raw(out.key.size()), out.key.begin());
  return out;
}

void put(Writer& out, const TreeKeys& keys) {
  out.u32(keys.own.value);
  put(out, keys.leaf);
  out.vector([&](Writer& body) {
    for (const auto& [node, pair] : keys.nodes) {
      body.u32(node.value);
      put(body, pair);
    }
  });
}

TreeKeys get_keys(Reader& in) {
  TreeKeys out;
  out.own.value = in.u32();
  out.leaf = get_pair(in);
  in.vector([&](Reader& body) {
    const NodeIndex node{body.u32()};
    out.nodes.insert_or_assign(node, get_pair(body));
  });
  return out;
}

// In the order of the struct; encryption is not kept there.
void put(Writer& out, const EpochSecrets& secrets) {
  for (const Secret* one :
       {&secrets.sender_data, &secrets.exporter, &secrets.external, &secrets.confirmation_key, &secrets.membership_key,
        &secrets.resumption_psk, &secrets.epoch_authenticator, &secrets.init})
    put(out, *one);
}

EpochSecrets get_secrets(Reader& in) {
  EpochSecrets out;
  for (Secret* one : {&out.sender_data, &out.exporter, &out.external, &out.confirmation_key, &out.membership_key,
                      &out.resumption_psk, &out.epoch_authenticator, &out.init})
    *one = get_secret(in);
  return out;
}

void put(Writer& out, const PendingProposal& pending) {
  out.raw(pending.reference);
  write(out, pending.sender);
  write(out, pending.proposal);
}

// Whatever waits was checked when it arrived.
PendingProposal get_pending(Reader& in) {
  PendingProposal out;
  std::ranges::copy(in.raw(out.reference.size()), out.reference.begin());
  read(in, out.sender);
  read(in, out.proposal);
  out.checked = true;
  return out;
}

void put(Writer& out, const SignatureKeys& signers) {
  out.vector([&](Writer& body) {
    for (const auto& [leaf, key] : signers) {
      body.u32(leaf.value);
      body.raw(key);
    }
  });
}

std::shared_ptr<const SignatureKeys> get_signers(Reader& in) {
  auto out = std::make_shared<SignatureKeys>();
  in.vector([&](Reader& body) {
    const LeafIndex leaf{body.u32()};
    PublicKey key{};
    std::ranges::copy(body.raw(key.size()), key.begin());
    out->insert_or_assign(leaf, key);
  });
  return out;
}

void put(Writer& out, const SecretTree& keys) {
  out.vector([&](Writer& body) { write(body, keys); });
}

std::optional<SecretTree> get_tree(Reader& in) {
  auto out = parse_secret_tree(in.opaque());
  if (!out) {
    in.fail(Reason::kStorage);
    return {};
  }
  return std::move(*out);
}

void begin(Writer& out, Part part) {
  out.u8(kFormat);
  out.u8(static_cast<std::uint8_t>(part));
}

bool begins(Reader& in, Part part) {
  const std::uint8_t format = in.u8(), found = in.u8();
  return format == kFormat && found == static_cast<std::uint8_t>(part);
}

}  // namespace

class Storage {
 public:
  static void put_keys(Writer& out, const Group& group) {
    out.u64(group.epoch());
    put(out, group.message_keys_);
    out.vector([&](Writer& body) {
      for (const auto& past : group.past_) {
        body.u64(past.epoch);
        put(body, past.keys);
      }
    });
  }

  // Keys of epochs that the group does not know are passed over: the whole may be newer than the keys, never older.
  static void get_keys_of(Reader& in, Group& group) {
    const std::uint64_t epoch = in.u64();
    set_keys(group, epoch, get_tree(in));
    in.vector([&](Reader& body) {
      const std::uint64_t past = body.u64();
      set_keys(group, past, get_tree(body));
    });
  }

  static void put_whole(Writer& out, const Group& group) {
    write(out, group.context_);
    out.opaque(group.tree_.encode());
    put(out, group.keys_);
    put(out, group.secrets_);
    out.opaque(group.interim_transcript_hash_);
    put(out, group.signature_key_);
    out.vector([&](Writer& body) {
      for (const auto& pending : group.pending_) put(body, pending);
    });
    out.vector([&](Writer& body) {
      for (const auto& [reference, pair] : group.updates_) {
        body.raw(reference);
        put(body, pair);
      }
    });
    put_past(out, group);
    put_keys(out, group);
  }

  static Result<Group> get_whole(Reader& in) {
    GroupContext context;
    read(in, context);
    auto tree = RatchetTree::parse(in.opaque());
    if (in.failed() || !tree) return refuse(Reason::kStorage);
    TreeKeys keys = get_keys(in);
    if (tree->leaf(keys.own) == nullptr) return refuse(Reason::kStorage, in.offset());
    EpochSecrets secrets = get_secrets(in);
    Bytes interim = copy(in.opaque());
    KeyPair signature_key = get_pair(in);
    Group out(std::move(context), std::move(*tree), std::move(keys), std::move(secrets), std::move(interim),
              std::move(signature_key));
    in.vector([&](Reader& body) { out.pending_.push_back(get_pending(body)); });
    in.vector([&](Reader& body) {
      ProposalRef reference{};
      std::ranges::copy(body.raw(reference.size()), reference.begin());
      out.updates_.emplace_back(reference, get_pair(body));
    });
    get_past(in, out);
    get_keys_of(in, out);
    if (!in.done()) return refuse(Reason::kStorage, in.offset());
    return out;
  }

 private:
  static void set_keys(Group& group, std::uint64_t epoch, std::optional<SecretTree> keys) {
    if (!keys) return;
    if (epoch == group.epoch())
      group.message_keys_ = std::move(*keys);
    else if (const auto past = std::ranges::find(group.past_, epoch, &Group::PastEpoch::epoch);
             past != group.past_.end())
      past->keys = std::move(*keys);
  }

  static void put_past(Writer& out, const Group& group) {
    out.vector([&](Writer& body) {
      const SignatureKeys* before = nullptr;
      for (const auto& past : group.past_) {
        body.u64(past.epoch);
        body.opaque(past.encoded_context);
        const bool same = past.signers.get() == before;
        body.u8(same ? 0 : 1);
        if (!same) put(body, *past.signers);
        before = past.signers.get();
        put(body, past.sender_data);
      }
    });
    out.vector([&](Writer& body) {
      for (const auto& resumption : group.resumptions_) {
        body.u64(resumption.epoch);
        put(body, resumption.psk);
      }
    });
  }

  static void get_past(Reader& in, Group& group) {
    in.vector([&](Reader& body) {
      if (group.past_.size() >= kPastEpochsMax) return body.fail(Reason::kStorage);
      const std::uint64_t epoch = body.u64();
      Bytes context = copy(body.opaque());
      const bool own = read_presence(body) || group.past_.empty();
      auto signers = own ? get_signers(body) : group.past_.back().signers;
      Secret sender_data = get_secret(body);
      group.past_.push_back({epoch, std::move(context), std::move(signers), std::move(sender_data),
                             SecretTree(group.suite(), 1, Secret())});
    });
    in.vector([&](Reader& body) {
      if (group.resumptions_.size() >= kResumptionEpochsMax) return body.fail(Reason::kStorage);
      const std::uint64_t epoch = body.u64();
      group.resumptions_.push_back({epoch, get_secret(body)});
    });
  }
};

SecretBytes Group::save() const {
  Writer out;
  begin(out, Part::kWhole);
  Storage::put_whole(out, *this);
  return SecretBytes(out.take());
}

SecretBytes Group::save_keys() const {
  Writer out;
  begin(out, Part::kKeys);
  Storage::put_keys(out, *this);
  return SecretBytes(out.take());
}

Result<Group> Group::load(ByteView saved, std::optional<ByteView> saved_keys) {
  Reader in(saved);
  if (!begins(in, Part::kWhole)) return refuse(Reason::kStorage);
  auto out = Storage::get_whole(in);
  if (!out || !saved_keys) return out;
  Reader keys(*saved_keys);
  if (!begins(keys, Part::kKeys)) return refuse(Reason::kStorage);
  Storage::get_keys_of(keys, *out);
  if (!keys.done()) return refuse(Reason::kStorage, keys.offset());
  return out;
}

}  // namespace clients::mls
