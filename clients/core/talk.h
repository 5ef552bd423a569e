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

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "clients/core/backoff.h"
#include "clients/groups/keeper.h"
#include "relay/wire/codec.h"

namespace clients::core {

constexpr std::int64_t kLeftOut_ms = 60'000;  // a device without a key package is not asked for again
// One without a certificate, at the first time; then twice as long each time, because each time delays a message.
constexpr std::int64_t kLeftOutLongest_ms = 3'600'000;

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
  std::vector<groups::DeviceId> unknown;  // to be named in that question, for they may be gone
  std::set<groups::DeviceId> named;       // and who was, since something was done for the last time
  bool asked_outside = false;             // the same for the group as the service knows it, since we are lost

  std::optional<relay::wire::pb::Conversation> roster;  // of this connection
  std::deque<std::string> waiting;                      // client message ids
  // Without a key package or certificate, and until when not asked again.
  std::map<groups::DeviceId, std::int64_t> left_out;
  std::map<groups::DeviceId, std::int64_t> left_out_for_ms;  // of those without a certificate: how long the last time
  std::vector<groups::DeviceId> uncertified;                 // in the roster, and still to be asked for
  std::set<groups::DeviceId> barred;                         // in the roster, and refused
  std::size_t certify_tries = 0;                             // without anything new
  std::optional<policy::base::Error> hopeless;               // why there will be no group for now …
  std::int64_t hopeless_until_ms = 0;                        // … and how long

  bool has_unnamed(std::span<const groups::DeviceId> devices) const {
    return std::ranges::any_of(devices, [&](const groups::DeviceId& one) { return !named.contains(one); });
  }
  // At most so many of the unknown, those first that were not named yet.
  std::vector<groups::DeviceId> name(std::size_t most) {
    std::ranges::stable_partition(unknown, [&](const groups::DeviceId& one) { return !named.contains(one); });
    unknown.resize(std::min(unknown.size(), most));
    named.insert(unknown.begin(), unknown.end());
    return std::exchange(unknown, {});
  }

  // A certificate is there a moment after its device; then the rest goes on without.
  static constexpr std::size_t kCertifyTries = 5;
  // Who is in the conversation was asked anew: so is who was refused.
  void judge_anew() {
    barred.clear();
    certify_tries = 0;
  }
  // They come in by themselves, or with a later message; this one goes on without them.
  void go_on_without_certificates(std::int64_t now_ms) {
    for (const auto& device : std::exchange(uncertified, {})) {
      auto& span_ms = left_out_for_ms[device];
      span_ms = span_ms == 0 ? kLeftOut_ms : std::min(span_ms * 2, kLeftOutLongest_ms);
      left_out[device] = now_ms + span_ms;
    }
  }
  // `missing`: who is listed without a certificate. Of whom it has come, or who is listed no more, nothing is held
  // against later.
  void keep_waiting_for(std::span<const groups::DeviceId> missing) {
    std::erase_if(left_out_for_ms, [&](const auto& one) {
      const bool over = std::ranges::find(missing, one.first) == missing.end();
      if (over) left_out.erase(one.first);
      return over;
    });
  }
  // Somebody has come who was not known: everybody is looked at as if for the first time.
  void leave_out_nobody() {
    left_out.clear();
    left_out_for_ms.clear();
  }
  bool certifying() const { return !uncertified.empty() && certify_tries < kCertifyTries; }

  bool restless() const {
    return certifying() || staged || commit_at_ms || lost_since_ms || !waiting.empty() || !handshakes.empty() ||
           !messages.empty();
  }
};

}  // namespace clients::core
