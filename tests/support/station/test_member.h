// Who a test device is in its groups, its key packages, and the frames that carry its steps: MLS (RFC 9420) without a
// word of when to do what.
//
// One thread. Errors are those of clients::mls.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "clients/mls/crypto/native/native.h"
#include "clients/mls/device_key.h"
#include "clients/mls/group/group.h"
#include "policy/base/clock.h"
#include "policy/base/random.h"
#include "relay/wire/codec.h"

namespace tests::support {

namespace pb = feierabend::v1;

policy::base::Bytes bytes_of(const std::string& field);
std::string wire(const policy::base::Bytes& bytes);

template <typename Message>
std::optional<Message> parse_mls(const std::string& field) {
  auto message = clients::mls::parse<clients::mls::MlsMessage>(policy::base::as_bytes(field));
  if (!message || !std::holds_alternative<Message>(*message)) return std::nullopt;
  return std::get<Message>(std::move(*message));
}

class TestMember {
 public:
  using Group = clients::mls::Group;

  // `clock` outlives the member.
  explicit TestMember(const policy::base::Clock& clock) : clock_(clock) {}
  void enrolled(const policy::base::DeviceId& device, const clients::mls::DeviceKey& key);

  const clients::mls::Crypto& crypto() const { return crypto_; }
  clients::mls::Environment environment() const;

  // A key package made now, whose secrets are kept to join with.
  std::string package();

  // A step: the group after it, and what the service is asked.
  struct Step {
    Group group;
    pb::ClientFrame frame;
  };
  clients::mls::Result<Step> start(const pb::Conversation& conversation) const;
  clients::mls::Result<Step> commit(const Group& group, const clients::mls::CommitPlan& plan);
  // In the place of an own leaf where there is one.
  clients::mls::Result<Step> enter(const pb::GroupState& state);
  // What a delivered Welcome, commit or proposal makes of the group; nothing: it changes nothing for this device.
  std::optional<Group> take(const Group* now, const pb::Envelope& envelope) const;

 private:
  clients::mls::Lifetime lifetime() const;
  std::string info_of(const Group& group, bool with_tree) const;
  pb::ClientFrame frame_of(const Group& next, const clients::mls::PublicMessage& commit,
                           const std::optional<clients::mls::Welcome>& welcome);

  const policy::base::Clock& clock_;
  policy::base::SystemRandom random_;
  clients::mls::NativeCrypto crypto_;
  clients::mls::Member member_;
  std::deque<clients::mls::OwnKeyPackage> packages_;
};

}  // namespace tests::support
