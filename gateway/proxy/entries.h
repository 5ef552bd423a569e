// From what happens in the gateway to records of the audit log: the only place where persons become pseudonyms.
#pragma once

#include <string>
#include <string_view>

#include "audit/event/record.h"
#include "gateway/gates/gate_keeper.h"
#include "gateway/proxy/ledger.h"
#include "gateway/store/records.h"
#include "policy/model/decision.h"
#include "relay/wire/link.pb.h"

namespace gateway::proxy::entries {

using audit::event::Record;

// `gates` knows the world and the recipient's facts that the decision at `now` was made of.
Record message_held(Ledger& ledger, gates::GateKeeper& gates, std::string_view recipient,
                    policy::model::MessageClass message_class, const policy::model::Decision& decision,
                    policy::base::Instant now);
Record message_refused(Ledger& ledger, std::string_view sender, const policy::base::Error& error);
Record alarm_sent(Ledger& ledger, std::string_view sender, std::string_view reason, std::size_t recipients);
Record bucket_destroyed(const feierabend::v1::BucketReceipt& receipt);
Record login_refused(Ledger& ledger, std::string_view person, const policy::base::Error& error);
Record session_opened(Ledger& ledger, std::string_view person, const policy::base::DeviceId& device);
Record session_closed(Ledger& ledger, std::string_view person, const policy::base::DeviceId& device,
                      audit::event::SessionEnd reason);
Record device_enrolled(Ledger& ledger, std::string_view person, const policy::base::DeviceId& device,
                       policy::base::ByteView public_key);
Record device_refused(Ledger& ledger, std::string_view person, const policy::base::Error& error, std::size_t enrolled);
Record device_removed(Ledger& ledger, std::string_view person, const policy::base::DeviceId& device);
Record device_wiped(Ledger& ledger, std::string_view person, const policy::base::DeviceId& device, std::string_view by,
                    audit::event::WipeReason reason);
Record override_granted(Ledger& ledger, const store::Override& granted);
Record override_refused(Ledger& ledger, std::string_view by, const policy::base::Error& error);
Record person_gone(Ledger& ledger, std::string_view person, std::size_t sessions);

}  // namespace gateway::proxy::entries
