#include "gateway/proxy/conversations.h"

#include <algorithm>
#include <set>

namespace gateway::proxy {

using policy::base::ConversationId;
using policy::base::Error;
using policy::base::fail;
using policy::base::Result;
using policy::base::Status;

void describe_person(const directory::Person& person, pb::Member& out) {
  out.set_person(person.id);
  out.set_display_name(person.display_name);
  out.set_unit(person.unit);
}

Error unknown_conversation() {
  return {"conversation.unknown", "a conversation that does not exist or that you are not in", "",
          "open it with its members first", ""};
}

namespace {

std::string wire(const policy::base::Bytes& bytes) { return std::string(policy::base::as_text(bytes)); }

// A conversation as its members see it, with every device that a message is encrypted for. Blocks for the store.
Result<pb::Conversation> describe(Services& services, const directory::Snapshot& people,
                                  const store::Conversation& conversation) {
  store::Store& store = services.store;
  pb::Conversation out;
  out.set_conversation(conversation.id.wire());
  out.set_direct(conversation.kind == store::ConversationKind::direct);
  const auto standing = services.groups.standing(conversation.id);
  if (!standing) return std::unexpected(standing.error());
  out.set_has_group(standing->has_group);
  out.set_epoch(standing->epoch);
  out.set_external_senders(wire(services.groups.external_senders()));
  for (const auto& id : conversation.members) {
    auto* const member = out.add_members();
    member->set_person(id);
    if (const auto* const person = people.find(id)) describe_person(*person, *member);
    auto devices = store.active_devices(id);
    if (!devices) return std::unexpected(devices.error());
    for (const auto& one : *devices) {
      if (!one.usable()) continue;
      auto* const device = member->add_devices();
      device->set_device(one.id.wire());
      device->set_identity_key(one.sign_key.data(), one.sign_key.size());
    }
  }
  return out;
}

// Of the conversation's members, and once usable. A client that was away has to follow its groups through epochs in
// which such a device had a leaf.
Status add_former(Services& services, const std::set<std::string>& wanted, pb::Conversation& conversation) {
  std::set<std::string> there;
  for (const auto& member : conversation.members())
    for (const auto& device : member.devices()) there.insert(device.device());
  for (const auto& name : wanted) {
    const auto id = policy::base::DeviceId::from_wire(name);
    if (!id || there.contains(name)) continue;
    const auto device = services.store.device(*id);
    if (!device) return std::unexpected(device.error());
    if (!*device || (*device)->state == store::DeviceState::active) continue;
    const auto member = std::ranges::find(*conversation.mutable_members(), (*device)->person, &pb::Member::person);
    const auto entered = services.store.certificate(*id);
    if (!entered) return std::unexpected(entered.error());
    if (member == conversation.mutable_members()->end() || !*entered || !(*entered)->entry) continue;
    auto* const former = member->add_former();
    former->set_device(name);
    former->set_identity_key((*device)->sign_key.data(), (*device)->sign_key.size());
  }
  return {};
}

// What the log cannot prove now is missing, and asked for again.
Status certify(Services& services, const pb::Open& open, pb::Conversation& conversation) {
  const std::set<std::string> wanted(open.devices().begin(), open.devices().end());
  if (wanted.empty()) return {};
  if (auto added = add_former(services, wanted, conversation); !added) return added;
  for (auto& member : *conversation.mutable_members()) {
    for (auto* const devices : {member.mutable_devices(), member.mutable_former()}) {
      for (auto& device : *devices) {
        if (!wanted.contains(device.device())) continue;
        auto certificate = services.certificates.of(
            policy::base::DeviceId::from_wire(device.device()).value_or(policy::base::DeviceId{}));
        if (!certificate) return std::unexpected(certificate.error());
        if (*certificate) *device.mutable_certificate() = **std::move(certificate);
      }
    }
  }
  return {};
}

// Everybody named is in the directory and has a mailbox afterwards. Blocks for the store.
Status ensure_mailboxes(Services& services, const directory::Snapshot& people, std::span<const std::string> persons) {
  for (const auto& id : persons) {
    const auto* const person = people.find(id);
    if (person == nullptr) {
      return fail("person.unknown", "person '" + policy::base::printable(id) + "'", "people of the directory",
                  "search for the name first");
    }
    const policy::base::MailboxId fresh{services.random.array<16>()};
    if (auto made = services.store.ensure_person(id, person->stable_id, fresh); !made)
      return std::unexpected(made.error());
  }
  return {};
}

Result<store::Conversation> find_or_create(Services& services, const directory::Snapshot& people,
                                           const std::string& asking, const pb::Open& open) {
  if (!open.conversation().empty()) {
    auto id = ConversationId::from_wire(open.conversation());
    if (!id) return std::unexpected(id.error());
    auto found = services.store.conversation(*id);
    if (!found) return std::unexpected(found.error());
    if (!*found || std::ranges::find((*found)->members, asking) == (*found)->members.end())
      return std::unexpected(unknown_conversation());
    return **found;
  }
  std::vector<std::string> members(open.persons().begin(), open.persons().end());
  std::erase(members, asking);
  if (members.empty()) return fail("conversation.members", "no other person", "at least one", "name whom to write to");
  members.push_back(asking);
  std::ranges::sort(members);
  members.erase(std::unique(members.begin(), members.end()), members.end());
  if (auto status = ensure_mailboxes(services, people, members); !status) return std::unexpected(status.error());
  const ConversationId fresh{services.random.array<16>()};
  if (members.size() == 2) return services.store.open_direct(members[0], members[1], fresh, services.clock.now());
  return services.store.create_group(members, fresh, services.clock.now());
}

}  // namespace

Result<Opened> open_conversation(Services& services, const std::string& asking, const pb::Open& open) {
  if (static_cast<std::size_t>(open.devices_size()) > kCertificatesMax)
    return fail("wire.too-large", std::to_string(open.devices_size()) + " devices",
                "at most " + std::to_string(kCertificatesMax));
  const auto people = services.people.load();
  auto conversation = find_or_create(services, *people, asking, open);
  if (!conversation) return std::unexpected(conversation.error());
  auto described = describe(services, *people, *conversation);
  if (!described) return std::unexpected(described.error());
  if (auto certified = certify(services, open, *described); !certified) return std::unexpected(certified.error());
  Opened out{std::move(*described), conversation->members, {}};
  out.at_relay.set_conversation(conversation->id.wire());
  for (const auto& member : conversation->members) {
    auto record = services.store.person(member);
    if (!record) return std::unexpected(record.error());
    if (*record) out.at_relay.add_mailboxes((*record)->mailbox.wire());
  }
  return out;
}

Result<pb::Conversations> conversations_of(Services& services, const std::string& person) {
  auto conversations = services.store.conversations_of(person);
  if (!conversations) return std::unexpected(conversations.error());
  const auto people = services.people.load();
  pb::Conversations out;
  for (const auto& one : *conversations) {
    auto described = describe(services, *people, one);
    if (!described) return std::unexpected(described.error());
    *out.add_conversations() = std::move(*described);
  }
  return out;
}

}  // namespace gateway::proxy
