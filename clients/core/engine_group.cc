// The engine's part that keeps a conversation's group in step with the service: one step at a time, each of them in the
// store before it is sent.
#include <algorithm>
#include <ranges>
#include <utility>

#include "clients/core/engine.h"

namespace clients::core {
namespace base = policy::base;
namespace record = store::record;

namespace {

bool of_store(const base::Error& error) { return error.code.starts_with("store."); }

std::string text_of(base::ByteView bytes) { return std::string(base::as_text(bytes)); }

pb::ClientFrame commit_frame(const base::ConversationId& conversation, const base::ClientMessageId& id,
                             const groups::Prepared& prepared) {
  pb::ClientFrame frame;
  auto& commit = *frame.mutable_commit();
  commit.set_conversation(conversation.wire());
  commit.set_epoch(prepared.epoch);
  commit.set_client_message_id(id.wire());
  commit.set_commit(text_of(prepared.message));
  commit.set_welcome(text_of(prepared.welcome));
  commit.set_group_info(text_of(prepared.group_info));
  return frame;
}

base::Error unexpected_answer() {
  return {"wire.syntax", "an answer that does not fit the question", "Accepted or Problem", "update this program", ""};
}

}  // namespace

base::Status Engine::work(const ConversationId& conversation, Output& out) {
  auto& talk = talks_[conversation];
  if (talk.hopeless && talk.hopeless_until_ms <= clock_.elapsed_ms()) talk.hopeless.reset();
  if (auto status = take_handshakes(conversation, talk, out); !status) return status;
  if (auto status = take_messages(conversation, talk, out); !status) return status;
  talk.judged = 0;
  return next_step(conversation, talk, out);
}

base::Status Engine::next_step(const ConversationId& conversation, Talk& talk, Output& out) {
  if (talk.step != Talk::Step::kNone || talk.opening || clock_.elapsed_ms() < talk.not_before_ms) return {};
  if (talk.certifying()) return ask_certificates(conversation, talk, out), Status();
  if (talk.exists) return look_outside(conversation, talk, out), Status();
  if (talk.staged) return send_staged(conversation, talk, out);
  auto group = groups_.group(conversation);
  if (!group) return std::unexpected(group.error());
  return *group == nullptr ? step_without_group(conversation, talk, out)
                           : step_in_group(conversation, talk, **group, out);
}

base::Status Engine::step_without_group(const ConversationId& conversation, Talk& talk, Output& out) {
  talk.commit_at_ms.reset();
  if (!talk.waiting.empty() && !talk.lost_since_ms && talk.roster && !talk.roster->has_group())
    return start(conversation, talk, out);
  if (!talk.waiting.empty()) lose(talk);
  if (!talk.lost_since_ms) return {};
  const auto patience_ms = talk.waiting.empty() && !talk.stuck ? kQueryAfter_ms : 0;
  if (clock_.elapsed_ms() - *talk.lost_since_ms >= patience_ms) look_outside(conversation, talk, out);
  return {};
}

base::Status Engine::step_in_group(const ConversationId& conversation, Talk& talk, mls::Group& group, Output& out) {
  const auto now_ms = clock_.elapsed_ms();
  if (talk.lost_since_ms) {
    if (talk.stuck || now_ms - *talk.lost_since_ms >= kQueryAfter_ms) look_outside(conversation, talk, out);
    return {};
  }
  if (!group.pending().empty()) {
    const bool due = talk.commit_at_ms && *talk.commit_at_ms <= now_ms;
    if (!groups::Keeper::may_commit(group)) return talk.commit_at_ms.reset(), Status();
    return due || !talk.waiting.empty() ? commit(conversation, talk, {}, out) : Status();
  }
  talk.commit_at_ms.reset();
  if (talk.roster && groups::Keeper::is_of_other_senders(group, base::as_bytes(talk.roster->external_senders())))
    return change_over(conversation, talk, base::as_bytes(talk.roster->external_senders()), out);
  if (talk.waiting.empty()) return {};
  const auto absent = missing(talk, group);
  if (absent.empty()) return send_waiting(conversation, talk, out);
  pb::ClientFrame frame;
  frame.mutable_fetch()->set_conversation(conversation.wire());
  for (const auto& device : absent) frame.mutable_fetch()->add_devices(device.wire());
  talk.step = Talk::Step::kFetch;
  send(std::move(frame), StepOf{conversation, talk.step}, out);
  return {};
}

// Of those that are in the conversation now, and may have a key package; at most as many as go into one commit.
std::vector<groups::DeviceId> Engine::missing(const Talk& talk, const mls::Group& group) const {
  std::vector<groups::DeviceId> wanted;
  if (!talk.roster) return wanted;
  const auto now_ms = clock_.elapsed_ms();
  for (const auto& member : talk.roster->members()) {
    for (const auto& device : member.devices()) {
      const auto id = base::DeviceId::from_wire(device.device());
      if (!id || *id == self_.device || talk.barred.contains(*id)) continue;
      if (std::ranges::find(talk.uncertified, *id) != talk.uncertified.end()) continue;
      const auto out = talk.left_out.find(*id);
      if (out == talk.left_out.end() || out->second <= now_ms) wanted.push_back(*id);
    }
  }
  auto absent = groups::Keeper::missing(group, wanted);
  absent.resize(std::min(absent.size(), groups::kAddsMax));
  return absent;
}

base::Status Engine::mind_pending(const ConversationId& conversation, Talk& talk) {
  auto group = groups_.group(conversation);
  if (!group) return std::unexpected(group.error());
  if (*group == nullptr || !groups::Keeper::may_commit(**group)) return talk.commit_at_ms.reset(), Status();
  if (!talk.commit_at_ms) talk.commit_at_ms = clock_.elapsed_ms() + turn_ms(**group);
  return {};
}

std::int64_t Engine::turn_ms(const mls::Group& group) {
  const auto turn = static_cast<std::int64_t>(groups::Keeper::rank(group) % kTurns);
  return turn * kTurn_ms + random_.array<1>()[0] % kTurn_ms;
}

void Engine::lose(Talk& talk) const {
  if (!talk.lost_since_ms) talk.lost_since_ms = clock_.elapsed_ms();
}

// In step with the service again, as far as is known.
void Engine::found(Talk& talk) {
  talk.staged = talk.exists = talk.stuck = talk.asked_outside = false;
  talk.lost_since_ms.reset();
  talk.commit_at_ms.reset();
  talk.hopeless.reset();
  talk.not_before_ms = 0;
  talk.backoff.succeeded();
}

base::Status Engine::give_up(Talk& talk, const base::Error& why, Output& out) {
  talk.hopeless = why;
  talk.hopeless_until_ms = clock_.elapsed_ms() + kLeftOut_ms;
  talk.lost_since_ms.reset();
  talk.stuck = talk.asked_outside = false;
  for (const auto& key : std::exchange(talk.waiting, {})) {
    auto outgoing = store_.outgoing(base::ClientMessageId::from_wire(key).value_or(base::ClientMessageId{}));
    if (!outgoing) return std::unexpected(outgoing.error());
    if (!*outgoing) continue;
    if (auto status = refuse(std::move(**outgoing), why, out); !status) return status;
  }
  return {};
}

// ---------------------------------------------------------------- making steps

// What cannot be made now is given up with its messages; a store that fails ends more than that.
base::Status Engine::not_made(Talk& talk, const base::Error& why, Output& out) {
  return of_store(why) ? std::unexpected(why) : give_up(talk, why, out);
}

base::Status Engine::stage(const ConversationId& conversation, Talk& talk, pb::ClientFrame frame,
                           const groups::Prepared& prepared, Output& out) {
  if (auto status = groups_.stage(conversation, frame.SerializeAsString(), prepared); !status) return status;
  talk.staged = true;
  talk.step = Talk::Step::kStaged;
  send(std::move(frame), StepOf{conversation, talk.step}, out);
  return {};
}

base::Status Engine::send_staged(const ConversationId& conversation, Talk& talk, Output& out) {
  auto staged = store_.staged(conversation);
  if (!staged) return std::unexpected(staged.error());
  pb::ClientFrame frame;
  if (!*staged || !frame.ParseFromString((*staged)->frame())) {
    talk.staged = false;
    return groups_.drop_staged(conversation);
  }
  talk.step = Talk::Step::kStaged;
  send(std::move(frame), StepOf{conversation, talk.step}, out);
  return {};
}

base::Status Engine::start(const ConversationId& conversation, Talk& talk, Output& out) {
  auto prepared = groups_.start(conversation, base::as_bytes(talk.roster->external_senders()));
  if (!prepared) return not_made(talk, prepared.error(), out);
  pb::ClientFrame frame;
  frame.mutable_start_group()->set_conversation(conversation.wire());
  frame.mutable_start_group()->set_group_info(text_of(prepared->group_info));
  return stage(conversation, talk, std::move(frame), *prepared, out);
}

base::Status Engine::commit(const ConversationId& conversation, Talk& talk, std::span<const mls::KeyPackage> packages,
                            Output& out) {
  const auto id = new_id();
  auto prepared = groups_.commit(conversation, id.view(), packages);
  if (prepared) return stage(conversation, talk, commit_frame(conversation, id, *prepared), *prepared, out);
  if (of_store(prepared.error())) return std::unexpected(prepared.error());
  talk.commit_at_ms.reset();
  if (packages.empty()) return give_up(talk, prepared.error(), out);
  // One of them is not what it should be: they come in by themselves.
  for (const auto& package : packages)
    if (const auto device = base::DeviceId::from_wire(base::as_text(package.leaf.credential.identity)))
      talk.left_out[*device] = clock_.elapsed_ms() + kLeftOut_ms;
  return {};
}

base::Status Engine::change_over(const ConversationId& conversation, Talk& talk, base::ByteView senders, Output& out) {
  const auto id = new_id();
  auto prepared = groups_.change_over(conversation, id.view(), senders);
  if (prepared) return stage(conversation, talk, commit_frame(conversation, id, *prepared), *prepared, out);
  return not_made(talk, prepared.error(), out);
}

base::Status Engine::enter(const ConversationId& conversation, Talk& talk, const pb::GroupState& state, Output& out) {
  const auto id = new_id();
  auto prepared = groups_.enter(conversation, base::as_bytes(state.group_info()), base::as_bytes(state.ratchet_tree()));
  if (prepared) return stage(conversation, talk, commit_frame(conversation, id, *prepared), *prepared, out);
  return not_made(talk, prepared.error(), out);
}

void Engine::look_outside(const ConversationId& conversation, Talk& talk, Output& out) {
  talk.step = Talk::Step::kOpen;
  pb::ClientFrame frame;
  frame.mutable_open()->set_conversation(conversation.wire());
  send(std::move(frame), StepOf{conversation, talk.step}, out);
}

void Engine::ask_certificates(const ConversationId& conversation, Talk& talk, Output& out) {
  talk.step = Talk::Step::kCertify;
  pb::ClientFrame frame;
  auto& open = *frame.mutable_open();
  open.set_conversation(conversation.wire());
  for (const auto& device : talk.uncertified | std::views::take(kCertifyMax)) open.add_devices(device.wire());
  send(std::move(frame), StepOf{conversation, talk.step}, out);
}

// ---------------------------------------------------------------- answers

base::Status Engine::on_step(const ConversationId& conversation, Talk::Step step, const pb::ServerFrame& frame,
                             Output& out) {
  auto& talk = talks_[conversation];
  talk.step = Talk::Step::kNone;
  Status status;
  if (step != Talk::Step::kStaged && frame.has_problem() && is_passing(frame.problem().code())) {
    pause(talk);
  } else {
    if (step == Talk::Step::kOpen) status = on_roster(conversation, talk, frame, out);
    if (step == Talk::Step::kCertify) status = on_certificates(conversation, talk, frame, out);
    if (step == Talk::Step::kQuery) status = on_outside(conversation, talk, frame, out);
    if (step == Talk::Step::kFetch) status = on_packages(conversation, talk, frame, out);
    if (step == Talk::Step::kStaged) status = on_staged(conversation, talk, frame, out);
  }
  if (!status) return status;
  return work(conversation, out);
}

base::Status Engine::on_roster(const ConversationId& conversation, Talk& talk, const pb::ServerFrame& frame,
                               Output& out) {
  if (!frame.has_conversation())
    return give_up(talk, frame.has_problem() ? relay::wire::to_error(frame.problem()) : unexpected_answer(), out);
  talk.judge_anew();
  if (auto status = learn(frame.conversation(), out); !status) return status;
  talk.roster = frame.conversation();
  if (!talk.roster->has_group() && !talk.exists) {
    talk.lost_since_ms.reset();
    if (talk.waiting.empty())
      return give_up(talk, {"group.none", "a conversation whose group nobody has started", "", "", ""}, out);
    return {};
  }
  talk.step = Talk::Step::kQuery;
  talk.suspects = talk.messages.size();
  pb::ClientFrame query;
  query.mutable_group()->set_conversation(conversation.wire());
  send(std::move(query), StepOf{conversation, talk.step}, out);
  return {};
}

base::Status Engine::on_certificates(const ConversationId& conversation, Talk& talk, const pb::ServerFrame& frame,
                                     Output& out) {
  if (!frame.has_conversation() || frame.conversation().conversation() != conversation.wire())
    return talk.certify_tries = Talk::kCertifyTries, Status();
  const auto before = talk.uncertified.size();
  if (auto status = learn(frame.conversation(), out); !status) return status;
  talk.roster = frame.conversation();
  if (talk.uncertified.size() < before) return {};
  ++talk.certify_tries;
  talk.not_before_ms = clock_.elapsed_ms() + kCertifyAgain_ms;
  if (talk.certifying()) return {};
  talk.go_on_without_certificates(clock_.elapsed_ms());
  return {};
}

base::Status Engine::on_outside(const ConversationId& conversation, Talk& talk, const pb::ServerFrame& frame,
                                Output& out) {
  if (!frame.has_group())
    return give_up(talk, frame.has_problem() ? relay::wire::to_error(frame.problem()) : unexpected_answer(), out);
  const auto& state = frame.group();
  auto seen = groups_.look(conversation, base::as_bytes(state.group_info()), base::as_bytes(state.ratchet_tree()));
  if (!seen) return not_made(talk, seen.error(), out);
  if (std::exchange(talk.exists, false)) {
    if (seen->own_is_staged) return found(talk), groups_.adopt(conversation);
    talk.staged = false;
    if (auto status = groups_.drop_staged(conversation); !status) return status;
  }
  auto group = groups_.group(conversation);
  if (!group) return std::unexpected(group.error());
  if (*group != nullptr && seen->epoch <= (*group)->epoch() && !seen->forked) {
    talk.judged = talk.suspects;
    talk.lost_since_ms.reset();
    talk.stuck = false;
    return {};
  }
  lose(talk);
  const bool under_way = seen->own_leaf && !seen->forked && !talk.stuck;
  if (under_way && clock_.elapsed_ms() - std::max(*talk.lost_since_ms, delivered_at_ms_) < kEnterAfter_ms) {
    talk.not_before_ms = clock_.elapsed_ms() + kQueryAgain_ms;
    return {};
  }
  if (!seen->unknown.empty() && !std::exchange(talk.asked_outside, true)) {
    talk.uncertified = std::move(seen->unknown);
    talk.certify_tries = 0;
    return {};
  }
  return enter(conversation, talk, state, out);
}

base::Status Engine::on_packages(const ConversationId& conversation, Talk& talk, const pb::ServerFrame& frame,
                                 Output& out) {
  auto group = groups_.group(conversation);
  if (!group) return std::unexpected(group.error());
  if (*group == nullptr) return {};
  const auto asked = missing(talk, **group);
  std::vector<mls::KeyPackage> packages;
  std::set<groups::DeviceId> have;
  for (const auto& one : frame.packages().packages()) {
    const auto device = base::DeviceId::from_wire(one.device());
    if (!device || std::ranges::find(asked, *device) == asked.end() || have.contains(*device)) continue;
    auto package = groups_.usable(conversation, *device, base::as_bytes(one.package()));
    if (!package) return std::unexpected(package.error());
    if (!*package) continue;
    packages.push_back(std::move(**package));
    have.insert(*device);
  }
  for (const auto& device : asked)
    if (!have.contains(device)) talk.left_out[device] = clock_.elapsed_ms() + kLeftOut_ms;
  // Packages of a group that has moved on meanwhile are as good in its next epoch.
  if (packages.empty() || talk.lost_since_ms || talk.staged) return {};
  return commit(conversation, talk, packages, out);
}

base::Status Engine::on_staged(const ConversationId& conversation, Talk& talk, const pb::ServerFrame& frame,
                               Output& out) {
  if (!talk.staged) return {};  // somebody else's commit came first
  if (frame.has_problem()) return on_staged_problem(conversation, talk, frame.problem(), out);
  if (!frame.has_done() && !frame.has_accepted()) {
    talk.staged = false;
    if (auto status = groups_.drop_staged(conversation); !status) return status;
    return give_up(talk, unexpected_answer(), out);
  }
  if (auto status = groups_.adopt(conversation); !status) return status;
  found(talk);
  return mind_pending(conversation, talk);
}

base::Status Engine::on_staged_problem(const ConversationId& conversation, Talk& talk, const pb::Problem& problem,
                                       Output& out) {
  pause(talk);
  if (is_passing(problem.code())) return {};
  if (problem.code() == "group.exists") return talk.exists = true, talk.not_before_ms = 0, Status();
  talk.staged = false;
  if (auto status = groups_.drop_staged(conversation); !status) return status;
  if (problem.code() == "group.epoch") return lose(talk), Status();
  if (problem.code() == "group.removal-pending") return {};
  return give_up(talk, relay::wire::to_error(problem), out);
}

}  // namespace clients::core
