// The control endpoints, typed: login, own devices, administration, overrides, one's own gate. Paths and messages:
// relay/wire/client.proto.
//
// Blocking. Errors: those of https.h, the server's own codes, wire.* when an answer is not what the protocol says.
#pragma once

#include <optional>

#include "clients/transport/https.h"
#include "clients/transport/proof.h"
#include "policy/base/random.h"
#include "relay/wire/codec.h"

namespace clients::transport {

namespace pb = relay::wire::pb;

class Api {
 public:
  Api(Network& network, policy::base::Random& random) : network_(network), random_(random) {}

  policy::base::Result<pb::LoginStep> password(const std::string& user, const std::string& password);
  policy::base::Result<pb::LoginStep> totp(const std::string& step_token, const std::string& code);
  policy::base::Result<pb::SessionGrant> enrol(const pb::EnrolRequest& request);
  policy::base::Result<pb::SessionGrant> prove(const pb::DeviceProofRequest& request);
  policy::base::Status logout(const Credentials& credentials);

  policy::base::Result<pb::DeviceList> devices(const Credentials& credentials);
  policy::base::Status remove_device(const Credentials& credentials, const policy::base::DeviceId& device);
  policy::base::Status consent(const Credentials& credentials, const pb::ConsentRequest& request);
  policy::base::Result<pb::LogKeys> log_keys(const Credentials& credentials);
  policy::base::Result<pb::DeviceList> devices_of(const Credentials& credentials, const std::string& person);
  policy::base::Status wipe(const Credentials& credentials, const policy::base::DeviceId& device,
                            const std::string& reason);

  policy::base::Result<pb::OverrideAnswers> override_gates(const Credentials& credentials,
                                                           const pb::OverrideRequest& request);
  policy::base::Result<pb::Overrides> overrides(const Credentials& credentials);  // granted by this person
  // Nothing for `open_for`: closes it again.
  policy::base::Result<pb::GateAnswer> own_gate(const Credentials& credentials, policy::base::Seconds open_for);
  policy::base::Result<pb::Ledger> ledger(const Credentials& credentials);

  // Whether anybody answers there, without a session.
  policy::base::Status health();

 private:
  policy::base::Result<std::string> call(const char* method, const char* target, std::string body,
                                         const Credentials* credentials);
  template <typename Answer>
  policy::base::Result<Answer> ask(const char* method, const char* target, const google::protobuf::Message* body,
                                   const Credentials* credentials);

  Network& network_;
  policy::base::Random& random_;
};

}  // namespace clients::transport
