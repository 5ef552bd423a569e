#include "clients/core/driver.h"

#include <algorithm>

namespace clients::core {
namespace base = policy::base;

namespace {

constexpr std::int64_t kKeepHouse_ms = 1000;
constexpr base::Seconds kRefusedKept{86'400};

}  // namespace

bool is_final(const base::Error& error) {
  for (const auto* area : {"session.", "token.", "proof.", "device.", "login.", "store.", "person."})
    if (error.code.starts_with(area) && !is_passing(error.code)) return true;
  if (error.code == "stream.replaced") return true;
  return error.code == "tls.handshake" && error.seen.find("certificate") != std::string::npos;
}

base::Result<std::vector<Event>> Driver::step(std::int64_t timeout_ms) {
  if (auto status = house_keeping(); !status) return std::unexpected(status.error());
  if (auto status = hold_or_wait(timeout_ms); !status) return std::unexpected(status.error());
  if (lock_) {
    if (auto status = connect_when_due(); !status) return std::unexpected(status.error());
    if (auto status = take_work(); !status) return std::unexpected(status.error());
    if (auto status = receive(events_.empty() ? timeout_ms : 0); !status) return std::unexpected(status.error());
  }
  return std::exchange(events_, {});
}

base::Status Driver::hold_or_wait(std::int64_t timeout_ms) {
  if (lock_) return {};
  auto held = store::StreamLock::try_hold(store_.folder());
  if (!held) return std::unexpected(held.error());
  if (*held) {
    lock_.emplace(std::move(**held));
    return {};
  }
  if (timeout_ms > 0) wait_(std::min(timeout_ms, kLook_ms));
  return {};
}

base::Status Driver::house_keeping() {
  const auto now_ms = clock_.elapsed_ms();
  if (kept_at_ms_ != 0 && now_ms - kept_at_ms_ < kKeepHouse_ms) return {};
  kept_at_ms_ = now_ms;
  if (auto gone = store_.expire(clock_.now()); !gone) return std::unexpected(gone.error());
  if (!lock_) return {};
  auto outbox = store_.outbox();
  if (!outbox) return std::unexpected(outbox.error());
  for (const auto& outgoing : *outbox) {
    const auto id = base::ClientMessageId::from_wire(outgoing.client_message_id());
    if (!id || !outgoing.has_refused() || clock_.now().unix_s - outgoing.created_at_s() < kRefusedKept.count) continue;
    if (auto status = store_.remove_outgoing(*id); !status) return status;
  }
  return {};
}

base::Status Driver::connect_when_due() {
  if (link_ || clock_.elapsed_ms() < dial_at_ms_) return {};
  auto link = dialer_.dial();
  if (!link && is_final(link.error())) return std::unexpected(link.error());
  if (!link) {
    trouble_ = link.error();
    dial_at_ms_ = clock_.elapsed_ms() + backoff_.next_ms(random_);
    return {};
  }
  link_ = std::move(*link);
  trouble_.reset();
  looked_at_ms_ = 0;
  return put_out(engine_.connected());
}

// The outbox and the questions of other processes.
base::Status Driver::take_work() {
  const auto now_ms = clock_.elapsed_ms();
  if (!link_) return {};
  auto changed = store_.changed_elsewhere();
  if (!changed) return std::unexpected(changed.error());
  if (!*changed && looked_at_ms_ != 0 && now_ms - looked_at_ms_ < kLook_ms) return {};
  looked_at_ms_ = now_ms;
  if (auto status = put_out(engine_.flush()); !status) return status;
  auto asks = store_.open_asks();
  if (!asks) return std::unexpected(asks.error());
  for (const auto& ask : *asks) {
    const bool known = std::ranges::any_of(asks_, [&](const auto& one) { return one.second == ask.id; });
    pb::ClientFrame question;
    if (known || !link_ || !question.ParseFromString(ask.request)) continue;
    Output out;
    const auto request = engine_.ask(std::move(question), out);
    if (!request) break;  // the next look tries again
    asks_[*request] = ask.id;
    if (auto status = put_out(std::move(out)); !status) return status;
  }
  return {};
}

base::Status Driver::put_out(base::Result<Output> out) {
  if (!out) {
    if (!out.error().code.starts_with("stream.")) return std::unexpected(out.error());
    return drop_link(out.error());
  }
  for (auto& event : out->events) {
    const auto* answer = std::get_if<Answered>(&event);
    if (answer == nullptr) {
      events_.push_back(std::move(event));
      continue;
    }
    const auto ask = asks_.find(answer->question);
    if (ask == asks_.end()) {
      answers_[answer->question] = answer->frame;
      continue;
    }
    // A lost connection is no answer: the next one asks again.
    const bool lost = answer->frame.has_problem() && answer->frame.problem().code() == "stream.lost";
    if (!lost)
      if (auto status = store_.answer_ask(ask->second, answer->frame.SerializeAsString()); !status) return status;
    asks_.erase(ask);
  }
  for (const auto& frame : out->frames) {
    if (!link_) return {};
    if (auto sent = link_->send(frame); !sent) return drop_link(sent.error());
  }
  return {};
}

base::Status Driver::receive(std::int64_t timeout_ms) {
  if (!link_) {
    const auto pause = std::min(timeout_ms, std::max<std::int64_t>(dial_at_ms_ - clock_.elapsed_ms(), 1));
    if (pause > 0) wait_(pause);
    return {};
  }
  // Short naps only: the outbox of other processes is looked at in between.
  auto patience = std::min(timeout_ms, kLook_ms);
  while (link_) {
    auto frame = link_->receive(patience);
    if (!frame) return drop_link(frame.error());
    if (!*frame) return {};
    backoff_.succeeded();
    if (auto status = put_out(engine_.on_frame(**frame)); !status) return status;
    patience = 0;
  }
  return {};
}

base::Status Driver::drop_link(const base::Error& why) {
  link_.reset();
  trouble_ = why;
  dial_at_ms_ = clock_.elapsed_ms() + backoff_.next_ms(random_);
  auto rest = engine_.disconnected();
  rest.frames.clear();
  if (auto status = put_out(std::move(rest)); !status) return status;
  if (is_final(why)) return std::unexpected(why);
  return {};
}

base::Result<pb::ServerFrame> Driver::ask(const pb::ClientFrame& question, std::int64_t timeout_ms) {
  const auto until_ms = clock_.elapsed_ms() + timeout_ms;
  while (clock_.elapsed_ms() < until_ms) {
    std::vector<Event> kept = std::exchange(events_, {});
    auto events = step(kept.empty() ? kLook_ms : 0);
    if (!events) return std::unexpected(events.error());
    std::ranges::move(*events, std::back_inserter(kept));
    events_ = std::move(kept);
    if (lock_ && !link_) continue;
    auto answer = lock_ ? ask_here(question, until_ms) : ask_holder(question, until_ms);
    if (!answer) return std::unexpected(answer.error());
    if (!*answer) continue;  // the connection or the holder went away meanwhile
    if ((*answer)->has_problem()) return std::unexpected(relay::wire::to_error((*answer)->problem()));
    return std::move(**answer);
  }
  base::Error late{"stream.timeout", "no answer within " + std::to_string(timeout_ms / 1000) + " s", "",
                   "try again later", ""};
  if (trouble_) late.seen += ": " + trouble_->seen + " [" + trouble_->code + "]";
  if (trouble_ && !trouble_->remedy.empty()) late.remedy = trouble_->remedy;
  return std::unexpected(late);
}

base::Result<std::optional<pb::ServerFrame>> Driver::ask_here(const pb::ClientFrame& question, std::int64_t until_ms) {
  Output out;
  auto request = engine_.ask(question, out);
  if (!request) return std::unexpected(request.error());
  if (auto status = put_out(std::move(out)); !status) return std::unexpected(status.error());
  while (clock_.elapsed_ms() < until_ms) {
    if (auto found = answers_.extract(*request); !found.empty()) {
      if (found.mapped().has_problem() && found.mapped().problem().code() == "stream.lost") return std::nullopt;
      return std::move(found.mapped());
    }
    if (!link_) return std::nullopt;
    if (auto status = receive(kLook_ms); !status) return std::unexpected(status.error());
  }
  return std::nullopt;
}

base::Result<std::optional<pb::ServerFrame>> Driver::ask_holder(const pb::ClientFrame& question,
                                                                std::int64_t until_ms) {
  auto id = store_.put_ask(question.SerializeAsString(), clock_.now());
  if (!id) return std::unexpected(id.error());
  while (clock_.elapsed_ms() < until_ms) {
    auto answer = store_.take_answer(*id);
    if (!answer) return std::unexpected(answer.error());
    if (*answer) {
      pb::ServerFrame frame;
      if (!frame.ParseFromString(**answer)) return std::nullopt;
      return frame;
    }
    wait_(kLook_ms);
    if (auto status = hold_or_wait(0); !status) return std::unexpected(status.error());
    if (lock_) {
      // The holder has gone: this process asks by itself, and nobody answers the old question again.
      if (auto status = store_.answer_ask(*id, {}); !status) return std::unexpected(status.error());
      if (auto taken = store_.take_answer(*id); !taken) return std::unexpected(taken.error());
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace clients::core
