// One conversation's group while the connection lasts: what waits for it, and the one step that is under way.
//
//     deliveries ─► handshakes ─┐   in order; a message of an epoch that has not come here waits for it
//                   messages ───┤
//     outbox ─────► waiting ────┴─► sealed and sent when nothing is left to do for the group
//
// Nothing in here survives the connection: what must is in the store.
//
// Value of the engine. No errors of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clients/core/backoff.h"
#include "clients/groups/keeper.h"
#include "relay/wire/codec.h"

namespace clients::core {

struct Talk {
  enum class Step : std::uint8_t {
    kNone,
    kOpen,     // who is in the conversation, before the group is looked at from outside
    kQuery,    // the group as the service knows it
    kCertify,  // certificates of devices that have not shown one
    kFetch,    // key packages
    kStaged,   // a step that changes the epoch
  };
  Step step = Step::kNone;
  bool staged = false;                        // a step is in the store
  std::int64_t not_before_ms = 0;             // the next step, elapsed time
  std::optional<std::int64_t> commit_at_ms;   // for what others proposed
  std::optional<std::int64_t> lost_since_ms;  // the service is in an epoch that has not come here
  bool stuck = false;                         // nothing that is under way helps: only entering anew
  bool exists = false;                        // the staged start was refused: perhaps as a repeat of our own
  std::size_t suspects = 0;                   // messages that were ahead when the service was asked
  std::size_t judged = 0;                     // of them: it knows no such epoch
  Backoff backoff;

  std::deque<relay::wire::pb::Delivery> handshakes, messages;
  // The first handshake brings a device that is listed and not proven yet.
  std::optional<std::int64_t> unproven_since_ms;
  std::int64_t ask_again_ms = 0;
  bool opening = false;                   // keys of somebody in them are asked for
  bool asked = false;                     // and were, for the first of them
  std::vector<groups::DeviceId> unknown;  // by name, for they may be gone
  bool asked_outside = false;             // the same for the group as the service knows it, since we are lost

  std::optional<relay::wire::pb::Conversation> roster;  // of this connection
  std::deque<std::string> waiting;                      // client message ids
  // Without a key package or certificate, and until when not asked again.
  std::map<groups::DeviceId, std::int64_t> left_out;
  std::vector<groups::DeviceId> uncertified;    // in the roster, and still to be asked for
  std::set<groups::DeviceId> barred;            // in the roster, and refused
  std::size_t certify_tries = 0;                // without anything new
  std::optional<policy::base::Error> hopeless;  // why there will be no group for now …
  std::int64_t hopeless_until_ms = 0;           // … and how long

  // A certificate is there a moment after its device; then the rest goes on without.
  static constexpr std::size_t kCertifyTries = 5;
  // Who is in the conversation was asked anew: so is who was refused.
  void judge_anew() {
    barred.clear();
    certify_tries = 0;
  }
  bool certifying() const { return !uncertified.empty() && certify_tries < kCertifyTries; }

  bool restless() const {
    return certifying() || staged || commit_at_ms || lost_since_ms || !waiting.empty() || !handshakes.empty() ||
           !messages.empty();
  }
};

}  // namespace clients::core
