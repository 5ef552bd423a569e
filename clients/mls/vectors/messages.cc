// Topic messages: every structure of the wire is read and written back byte for byte.
#include "clients/mls/message/welcome.h"
#include "clients/mls/tree/ratchet_tree.h"
#include "clients/mls/vectors/checks.h"

namespace clients::mls {
namespace {

template <typename T>
void check_round_trip(const Entry& entry, std::string_view name) {
  const auto parsed = parse<T>(entry.bytes(name));
  if (entry.require(parsed, name)) entry.expect(name, encode(*parsed));
}

void check_message(const Entry& entry, std::string_view name, WireFormat format) {
  const auto parsed = parse<MlsMessage>(entry.bytes(name));
  if (!entry.require(parsed, name)) return;
  entry.require(format_of(*parsed) == format, name);
  entry.expect(name, encode(*parsed));
}

// The vectors hold proposals without their type.
void check_proposal_body(const Entry& entry, std::string_view name, ProposalType type) {
  Writer typed;
  typed.u16(static_cast<std::uint16_t>(type));
  typed.raw(entry.bytes(name));
  const auto parsed = parse<Proposal>(typed.bytes());
  if (entry.require(parsed, name)) entry.expect(name, ByteView(encode(*parsed)).subspan(2));
}

}  // namespace

void check_messages(const Crypto&, const Entry& entry) {
  check_message(entry, "mls_welcome", WireFormat::kWelcome);
  check_message(entry, "mls_group_info", WireFormat::kGroupInfo);
  check_message(entry, "mls_key_package", WireFormat::kKeyPackage);
  const auto tree = RatchetTree::parse(entry.bytes("ratchet_tree"));
  if (entry.require(tree, "ratchet_tree")) entry.expect("ratchet_tree", tree->encode());
  check_round_trip<GroupSecrets>(entry, "group_secrets");
  check_proposal_body(entry, "add_proposal", ProposalType::kAdd);
  check_proposal_body(entry, "update_proposal", ProposalType::kUpdate);
  check_proposal_body(entry, "remove_proposal", ProposalType::kRemove);
  check_proposal_body(entry, "pre_shared_key_proposal", ProposalType::kPsk);
  check_proposal_body(entry, "re_init_proposal", ProposalType::kReinit);
  check_proposal_body(entry, "external_init_proposal", ProposalType::kExternalInit);
  check_proposal_body(entry, "group_context_extensions_proposal", ProposalType::kGroupContextExtensions);
  check_round_trip<Commit>(entry, "commit");
  check_message(entry, "public_message_application", WireFormat::kPublicMessage);
  check_message(entry, "public_message_proposal", WireFormat::kPublicMessage);
  check_message(entry, "public_message_commit", WireFormat::kPublicMessage);
  check_message(entry, "private_message", WireFormat::kPrivateMessage);
}

}  // namespace clients::mls
