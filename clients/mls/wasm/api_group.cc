// What happens to a group.
#include "clients/mls/wasm/api.h"
#include "clients/mls/wasm/parts.h"
#include "clients/mls/wasm/session.h"

using namespace clients::mls;

namespace {

constexpr std::size_t kExportBytesMax = 255 * kHashBytes;  // RFC 5869 § 2.3

// Calls use(session, group), or refuses.
template <typename Use>
std::uint32_t with_group(std::uint32_t handle, Use&& use) {
  Session& session = Session::instance();
  Group* group = session.find(handle);
  return group == nullptr ? session.refuse(Reason::kHandle, handle) : use(session, *group);
}

std::uint32_t bring(Session& session, Result<Group::Proposed> proposed) {
  if (!proposed) return session.refuse(proposed.error());
  return session.bring_group(std::move(proposed->group), encode_message(std::move(proposed->message)),
                             copy(proposed->reference));
}

Result<Received> receive(const Environment& environment, const Group& group, const MlsMessage& message) {
  if (const auto* open = std::get_if<PublicMessage>(&message)) return group.receive(environment, *open);
  if (const auto* closed = std::get_if<PrivateMessage>(&message)) return group.receive(environment, *closed);
  return refuse(Reason::kUnsupported);
}

// What a message says in the clear about where it belongs.
struct Address {
  ContentType type{};
  std::uint64_t epoch = 0;
  Bytes group_id;
};
Address address_of(const MlsMessage& message) {
  if (const auto* open = std::get_if<PublicMessage>(&message))
    return {type_of(open->content.content), open->content.epoch, open->content.group_id};
  if (const auto* closed = std::get_if<PrivateMessage>(&message))
    return {closed->content_type, closed->epoch, closed->group_id};
  if (const auto* info = std::get_if<GroupInfo>(&message)) return {{}, info->context.epoch, info->context.group_id};
  return {};
}

}  // namespace

std::uint32_t mls_add(const std::uint8_t* key_package, std::size_t size) {
  Session& session = Session::instance();
  auto package = parse_message<KeyPackage>({key_package, size});
  if (!package) return session.refuse(package.error());
  return session.bring(encode(Proposal(Add{std::move(*package)})));
}

std::uint32_t mls_remove(std::uint32_t leaf) {
  return Session::instance().bring(encode(Proposal(Remove{LeafIndex{leaf}})));
}

std::uint32_t mls_use_psk(const std::uint8_t* id, std::size_t size) {
  Session& session = Session::instance();
  PskId psk;
  psk.external_id = copy({id, size});
  psk.nonce.resize(kHashBytes);
  session.crypto().random(psk.nonce);
  return session.bring(encode(Proposal(PreSharedKey{std::move(psk)})));
}

std::uint32_t mls_set_extensions(const std::uint8_t* extensions, std::size_t size) {
  Session& session = Session::instance();
  auto all = parse_all<Extension>({extensions, size});
  if (!all) return session.refuse(all.error());
  return session.bring(encode(Proposal(GroupContextExtensions{std::move(*all)})));
}

std::uint32_t mls_external_sender(const std::uint8_t* key32, const std::uint8_t* identity, std::size_t identity_size) {
  ExternalSender sender;
  std::copy_n(key32, sender.signature_key.size(), sender.signature_key.begin());
  sender.credential.identity = copy({identity, identity_size});
  return Session::instance().bring(encode(external_senders_extension({sender})));
}

std::uint32_t mls_propose(std::uint32_t group, const std::uint8_t* proposal, std::size_t size, std::uint64_t now_s) {
  return with_group(group, [&](Session& session, const Group& from) {
    auto parsed = parse<Proposal>({proposal, size});
    if (!parsed) return session.refuse(parsed.error());
    return bring(session, from.propose(session.environment(now_s), std::move(*parsed)));
  });
}

std::uint32_t mls_propose_update(std::uint32_t group, std::uint64_t now_s) {
  return with_group(group, [&](Session& session, const Group& from) {
    return bring(session, from.propose_update(session.environment(now_s)));
  });
}

std::uint32_t mls_commit(std::uint32_t group, const std::uint8_t* proposals, std::size_t size, std::uint32_t with_path,
                         std::uint64_t now_s) {
  return with_group(group, [&](Session& session, const Group& from) {
    auto parsed = parse_all<Proposal>({proposals, size});
    if (!parsed) return session.refuse(parsed.error());
    CommitPlan plan;
    plan.proposals = std::move(*parsed);
    plan.path = with_path != 0;
    auto staged = from.commit(session.environment(now_s), plan);
    if (!staged) return session.refuse(staged.error());
    Bytes welcome = staged->welcome ? encode_message(std::move(*staged->welcome)) : Bytes();
    return session.bring_group(std::move(staged->group), encode_message(std::move(staged->commit)), std::move(welcome),
                               event_of(staged->summary));
  });
}

std::uint32_t mls_receive(std::uint32_t group, const std::uint8_t* message, std::size_t size, std::uint64_t now_s) {
  return with_group(group, [&](Session& session, const Group& from) {
    const auto parsed = parse<MlsMessage>({message, size});
    if (!parsed) return session.refuse(parsed.error());
    auto received = receive(session.environment(now_s), from, *parsed);
    if (!received) return session.refuse(received.error());
    Bytes event = std::visit([](const auto& what) { return event_of(what); }, received->event);
    return session.bring_group(std::move(received->group), std::move(event));
  });
}

std::uint32_t mls_protect(std::uint32_t group, const std::uint8_t* data, std::size_t size, const std::uint8_t* aad,
                          std::size_t aad_size) {
  return with_group(group, [&](Session& session, Group& from) {
    auto message = from.protect(session.crypto(), copy({data, size}), copy({aad, aad_size}));
    return message ? session.bring(encode_message(std::move(*message))) : session.refuse(message.error());
  });
}

std::uint32_t mls_open(std::uint32_t group, const std::uint8_t* message, std::size_t size) {
  return with_group(group, [&](Session& session, Group& from) {
    const auto parsed = parse_message<PrivateMessage>({message, size});
    if (!parsed) return session.refuse(parsed.error());
    auto opened = from.open(session.crypto(), *parsed);
    if (!opened) return session.refuse(opened.error());
    Writer where;
    where.u32(opened->sender.value);
    where.u64(opened->epoch);
    return session.bring(std::move(opened->data), std::move(opened->authenticated_data), where.take());
  });
}

std::uint32_t mls_describe(std::uint32_t group) {
  return with_group(group, [&](Session& session, const Group& from) {
    Writer out;
    out.u16(static_cast<std::uint16_t>(from.suite()));
    out.u64(from.epoch());
    out.u32(from.own_leaf().value);
    out.u32(static_cast<std::uint32_t>(from.tree().members()));
    out.u32(static_cast<std::uint32_t>(from.pending().size()));
    out.opaque(from.context().group_id);
    return session.bring(out.take(), copy(from.epoch_authenticator().view()));
  });
}

std::uint32_t mls_members(std::uint32_t group) {
  return with_group(group, [&](Session& session, const Group& from) {
    Writer out;
    for (const MemberView& member : from.members()) {
      out.u32(member.leaf.value);
      out.raw(member.signature_key);
      write(out, member.credential);
    }
    return session.bring(out.take());
  });
}

std::uint32_t mls_export(std::uint32_t group, const std::uint8_t* label, std::size_t label_size,
                         const std::uint8_t* context, std::size_t context_size, std::size_t size) {
  return with_group(group, [&](Session& session, const Group& from) {
    if (size > kExportBytesMax) return session.refuse(Reason::kTooLarge, size);
    const std::string_view name(reinterpret_cast<const char*>(label), label_size);
    return session.bring(from.export_secret(session.crypto(), name, {context, context_size}, size));
  });
}

std::uint32_t mls_group_info(std::uint32_t group, std::uint32_t with_tree) {
  return with_group(group, [&](Session& session, const Group& from) {
    auto info = from.group_info(session.crypto(), with_tree != 0);
    return info ? session.bring(encode_message(std::move(*info))) : session.refuse(info.error());
  });
}

std::uint32_t mls_save(std::uint32_t group) {
  return with_group(group, [&](Session& session, const Group& from) { return session.bring(from.save()); });
}

std::uint32_t mls_save_keys(std::uint32_t group) {
  return with_group(group, [&](Session& session, const Group& from) { return session.bring(from.save_keys()); });
}

std::uint32_t mls_peek(const std::uint8_t* message, std::size_t size) {
  Session& session = Session::instance();
  const auto parsed = parse<MlsMessage>({message, size});
  if (!parsed) return session.refuse(parsed.error());
  const Address address = address_of(*parsed);
  Writer out;
  out.u16(static_cast<std::uint16_t>(format_of(*parsed)));
  out.u8(static_cast<std::uint8_t>(address.type));
  out.u64(address.epoch);
  out.opaque(address.group_id);
  return session.bring(out.take());
}
