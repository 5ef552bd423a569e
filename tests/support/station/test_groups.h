// The groups of a test device: no store, no repeats over restarts, just enough MLS (RFC 9420) that tests speak with
// each other as clients do.
//
// A group is started by who sends first; everybody listed who has left key packages is added, the rest comes in by
// itself when it sends. One thread, the device's.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "tests/support/station/test_member.h"

namespace tests::support {

class TestGroups {
 public:
  using Ask = std::function<policy::base::Result<pb::ServerFrame>(pb::ClientFrame)>;
  using Wait = std::function<bool()>;  // takes what comes for a moment; false: the stream has ended

  TestGroups(const clients::mls::DeviceKey& key, const policy::base::Clock& clock, Ask ask, Wait wait)
      : key_(key), clock_(clock), ask_(std::move(ask)), wait_(std::move(wait)), member_(clock) {}

  void enrolled(const policy::base::DeviceId& device);
  policy::base::Status publish(std::size_t count);
  // A commit, proposal or Welcome that was delivered.
  void take(const pb::Envelope& envelope);

  // In the group, with everybody who can be added.
  policy::base::Status gather(const pb::Conversation& conversation);
  // Fills in epoch and ciphertext; the same for the same message id.
  policy::base::Status seal(const pb::Conversation& conversation, const std::string& text, pb::Envelope& envelope);
  std::string open(const pb::StoredEnvelope& stored);

 private:
  using Group = clients::mls::Group;
  using Status = policy::base::Status;
  Status begin(const pb::Conversation& conversation);
  Status enter(const std::string& conversation);
  Status add_missing(const pb::Conversation& conversation, const Group& group);
  Status commit(const std::string& conversation, const clients::mls::CommitPlan& plan);
  Status offer(const std::string& conversation, TestMember::Step step);
  bool wait_until(const std::function<bool()>& done);

  const clients::mls::DeviceKey& key_;
  const policy::base::Clock& clock_;
  Ask ask_;
  Wait wait_;
  TestMember member_;
  std::map<std::string, Group> groups_;
  std::set<std::string> without_;                                        // devices that had no key package
  std::map<std::string, std::pair<std::uint64_t, std::string>> sealed_;  // by message id: epoch, ciphertext
  std::map<std::pair<std::string, std::uint64_t>, std::string> opened_;  // by conversation and sequence
};

}  // namespace tests::support
