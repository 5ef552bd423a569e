// The control endpoints: login, own devices, administration, overrides, one's own gate, health. Everything under /v1
// but the stream.
//
// handle() blocks for directory, store and log: call it from the workers. Thread-safe. Deny by default: a path that is
// not in the table of api.cc is 404, a known path with another method 405.
#pragma once

#include <string>
#include <vector>

#include "gateway/proxy/services.h"
#include "relay/net/http.h"
#include "relay/wire/client.pb.h"

namespace gateway::console {

namespace pb = ::feierabend::v1;

struct ApiRequest {
  std::string method;
  std::string target;                 // as sent: what the device proof signs
  std::vector<std::string> segments;  // decoded
  std::string authorization;          // "Feierabend <token>"
  std::string proof;                  // Feierabend-Proof
  std::string body;
};

void describe(const store::Override& granted, pb::OverrideRecord& out);

class Api {
 public:
  Api(proxy::Services& services, directory::Directory& directory) : services_(services), directory_(directory) {}

  relay::net::HttpResponse handle(const ApiRequest& request);

  // For the stream's upgrade too. Errors: session.missing and those of session::Sessions::authenticate.
  policy::base::Result<session::SessionInfo> authenticate(const ApiRequest& request);

 private:
  // Error also: device.waiting.
  policy::base::Result<session::SessionInfo> authenticate_usable(const ApiRequest& request);
  struct Credentials {
    std::string token;
    session::Proof proof;
  };
  static policy::base::Result<Credentials> credentials(const ApiRequest& request);

  using Json = policy::base::Result<std::string>;
  using Handler = Json (Api::*)(const ApiRequest&);
  struct Route {
    const char* method;
    const char* path;
    Handler handler;
  };
  static const std::vector<Route>& routes();

  // login.cc
  Json login_password(const ApiRequest& request);
  Json login_totp(const ApiRequest& request);
  Json login_enrol(const ApiRequest& request);
  Json login_device(const ApiRequest& request);
  Json login_remove_device(const ApiRequest& request);
  Json session_rotate(const ApiRequest& request);
  Json session_logout(const ApiRequest& request);
  Json step_answer(const session::StepReply& reply);
  Json grant(const session::StepReply& reply);
  policy::base::Status describe_certificate(const session::SessionInfo& session, pb::SessionGrant& out);
  void tell_enrolled(const policy::base::DeviceId& device);
  policy::base::Error login_failed(std::string_view person, policy::base::Error error);

  // devices.cc
  Json own_devices(const ApiRequest& request);
  Json remove_own_device(const ApiRequest& request);
  Json consent_to_device(const ApiRequest& request);
  Json log_keys(const ApiRequest& request);
  policy::base::Result<pb::LogKeys> logs();
  void tell_removed(const std::string& person, const policy::base::DeviceId& device);
  Json admin_devices(const ApiRequest& request);
  Json admin_wipe(const ApiRequest& request);
  policy::base::Result<session::SessionInfo> authenticate_admin(const ApiRequest& request);
  std::optional<std::string> owner_of(const policy::base::DeviceId& device);
  policy::base::Result<pb::DeviceList> list(const std::string& person, const policy::base::DeviceId& own,
                                            bool statements);

  // overrides.cc
  Json grant_overrides(const ApiRequest& request);
  Json granted_overrides(const ApiRequest& request);
  policy::base::Status may_grant(const session::SessionInfo& session, const pb::OverrideRequest& request);
  policy::base::Result<store::Override> grant_one(const session::SessionInfo& session,
                                                  const pb::OverrideRequest& request, const std::string& person);
  policy::base::Error override_refused(std::string_view by, policy::base::Error error);

  // own_gate.cc
  Json own_gate(const ApiRequest& request);
  Json own_ledger(const ApiRequest& request);
  Json pseudonym_openings(const ApiRequest& request);
  Json content(const ApiRequest& request);
  // As the world knows the person, with the openings and interruptions of now. Error: person.unknown.
  policy::base::Result<policy::model::PersonFacts> facts_of(const gates::World& world, const std::string& person);

  // health.cc
  Json healthz(const ApiRequest& request);
  Json readyz(const ApiRequest& request);

  proxy::Services& services_;
  directory::Directory& directory_;
};

}  // namespace gateway::console
