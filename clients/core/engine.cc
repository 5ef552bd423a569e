#include "clients/core/engine.h"

#include <algorithm>
#include <optional>

#include "clients/core/pins.h"

namespace clients::core {
namespace base = policy::base;
namespace record = store::record;

namespace {

// Messages to the same people or conversation go one after the other.
std::string target_of(const record::Outgoing& outgoing) {
  if (!outgoing.conversation().empty()) return "c" + outgoing.conversation();
  std::vector<std::string> persons(outgoing.persons().begin(), outgoing.persons().end());
  std::ranges::sort(persons);
  std::string target = "p";
  for (const auto& person : persons) target += person + '\n';
  return target;
}

record::KnownConversation record_of(const pb::Conversation& conversation) {
  record::KnownConversation out;
  out.set_conversation(conversation.conversation());
  out.set_direct(conversation.direct());
  for (const auto& member : conversation.members()) {
    auto& kept = *out.add_members();
    kept.set_person(member.person());
    kept.set_display_name(member.display_name());
    kept.set_unit(member.unit());
  }
  return out;
}

}  // namespace

void set_trouble(record::Trouble& out, const base::Error& error) {
  out.set_code(error.code);
  out.set_seen(error.seen);
  out.set_allowed(error.allowed);
  out.set_remedy(error.remedy);
}

bool is_passing(std::string_view code) {
  const auto dot = code.rfind('.');
  const auto reason = dot == std::string_view::npos ? code : code.substr(dot + 1);
  return reason == "unavailable" || reason == "busy" || reason == "timeout" || reason == "lost" ||
         reason == "too-many" || code == "device.waiting" || code.starts_with("rate.");
}

bool Engine::idle() const {
  return outgoing_.empty() && parked_count_ == 0 && !publishing_ &&
         std::ranges::none_of(talks_, [](const auto& one) { return one.second.step != Talk::Step::kNone; });
}

// ---------------------------------------------------------------- connection

base::Result<Output> Engine::connected() {
  (void)disconnected();
  groups_.forget_memory();
  auto staged = store_.all_staged();
  if (!staged) return std::unexpected(staged.error());
  for (const auto& step : *staged)
    if (const auto id = ConversationId::from_wire(step.conversation())) talks_[*id].staged = true;
  auto waiting = store_.waiting_groups();
  if (!waiting) return std::unexpected(waiting.error());
  for (const auto& one : *waiting)
    if (const auto id = ConversationId::from_wire(one.conversation())) talks_[*id].commit_at_ms = clock_.elapsed_ms();
  return flush();
}

Output Engine::disconnected() {
  Output out;
  for (const auto& [request, waiting] : waiting_) {
    if (!std::holds_alternative<Question>(waiting)) continue;
    Answered answer{request, {}};
    *answer.frame.mutable_problem() =
        relay::wire::to_problem({"stream.lost", "the connection broke before the answer came", "", "try again", ""});
    out.events.emplace_back(std::move(answer));
  }
  waiting_.clear();
  outgoing_.clear();
  busy_targets_.clear();
  talks_.clear();
  parked_count_ = 0;
  publishing_ = stock_heard_ = false;
  logs_asked_ = logs_fresh_ = false;
  announced_.clear();
  for (const auto& id : for_content_) retry_at_ms_.erase(id);
  for_content_.clear();
  content_asked_ = false;
  return out;
}

void Engine::send(pb::ClientFrame frame, Waiting waiting, Output& out) {
  frame.set_request(++last_request_);
  waiting_.emplace(frame.request(), std::move(waiting));
  out.frames.push_back(std::move(frame));
}

base::Result<std::uint64_t> Engine::ask(pb::ClientFrame question, Output& out) {
  if (waiting_.size() >= kQuestionsMax)
    return base::fail("engine.busy", std::to_string(waiting_.size()) + " requests without an answer",
                      "at most " + std::to_string(kQuestionsMax), "wait for the answers");
  send(std::move(question), Question{}, out);
  return last_request_;
}

base::Result<Output> Engine::flush() {
  Output out;
  if (auto status = take_next(out); !status) return std::unexpected(status.error());
  std::vector<ConversationId> restless;
  for (const auto& [conversation, talk] : talks_)
    if (talk.restless()) restless.push_back(conversation);
  for (const auto& conversation : restless)
    if (auto status = work(conversation, out); !status) return std::unexpected(status.error());
  tell_left(out);
  return out;
}

void Engine::tell_left(Output& out) {
  for (auto& left : groups_.take_left()) out.events.emplace_back(std::move(left));
}

base::Status Engine::take_next(Output& out) {
  auto outbox = store_.outbox();
  if (!outbox) return std::unexpected(outbox.error());
  const auto now_ms = clock_.elapsed_ms();
  for (const auto& outgoing : *outbox) {
    const std::string target = target_of(outgoing);
    const auto retry = retry_at_ms_.find(outgoing.client_message_id());
    const bool later = retry != retry_at_ms_.end() && retry->second > now_ms;
    if (outgoing.has_refused() || outgoing_.contains(outgoing.client_message_id())) continue;
    // One that waits keeps the later ones to the same people behind it.
    if (!busy_targets_.insert(target).second) continue;
    if (later) continue;
    outgoing_.emplace(outgoing.client_message_id(), target);
    pb::ClientFrame frame;
    frame.mutable_open()->set_conversation(outgoing.conversation());
    frame.mutable_open()->mutable_persons()->CopyFrom(outgoing.persons());
    send(std::move(frame), OpenFor{outgoing}, out);
  }
  // Targets kept only by something that waits for its time are looked at again at the next flush.
  std::set<std::string> under_way;
  for (const auto& [id, target] : outgoing_) under_way.insert(target);
  busy_targets_ = std::move(under_way);
  return {};
}

base::Result<Output> Engine::on_frame(const pb::ServerFrame& frame) {
  Output out;
  Status status;
  if (frame.request() == 0) {
    status = on_push(frame, out);
  } else if (auto found = waiting_.extract(frame.request()); !found.empty()) {
    if (std::holds_alternative<Question>(found.mapped())) out.events.emplace_back(Answered{frame.request(), frame});
    status = on_answer(found.mapped(), frame, out);
  }
  if (!status) return std::unexpected(status.error());
  tell_left(out);
  return out;
}

base::Status Engine::on_push(const pb::ServerFrame& frame, Output& out) {
  if (frame.has_gate()) announced_ = frame.gate().rules_digest();
  if (frame.has_gate()) out.events.emplace_back(GateChanged{frame.gate()});
  if (frame.has_expired()) out.events.emplace_back(Expired{frame.expired().count()});
  if (frame.has_wiped()) out.events.emplace_back(WipeOrdered{base::printable(frame.wiped().reason())});
  if (frame.has_news()) return on_news(frame.news(), out);
  if (frame.has_stock()) return on_stock(frame.stock(), out);
  if (frame.has_delivery()) return on_delivery(frame.delivery(), out);
  return {};
}

base::Status Engine::on_answer(const Waiting& waiting, const pb::ServerFrame& frame, Output& out) {
  if (const auto* open = std::get_if<OpenFor>(&waiting)) return on_opened(open->outgoing, frame, out);
  if (const auto* sent = std::get_if<SendOf>(&waiting))
    return on_accepted(sent->outgoing, sent->conversation, frame, out);
  if (const auto* keys = std::get_if<KeysOf>(&waiting)) return on_keys(frame, keys->conversation, out);
  if (const auto* step = std::get_if<StepOf>(&waiting)) return on_step(step->conversation, step->step, frame, out);
  if (std::holds_alternative<ContentOf>(waiting)) return on_content(frame, out);
  if (std::holds_alternative<PublishOf>(waiting)) publishing_ = false;
  return {};
}

base::Status Engine::learn(const pb::Conversation& conversation, Output& out) {
  if (auto status = store_.save(record_of(conversation)); !status) return status;
  if (auto status = pin_keys(store_, conversation); !status) return status;
  const auto id = ConversationId::from_wire(conversation.conversation());
  auto certified = trust::certify(store_, self_, conversation, logs_fresh_);
  if (!certified) return std::unexpected(certified.error());
  for (auto& doubt : certified->doubts) out.events.emplace_back(std::move(doubt));
  if (!id) return {};
  auto& talk = talks_[*id];
  if (certified->unknown_log && !std::exchange(logs_asked_, true)) {
    out.events.emplace_back(LogsWanted{});
    talk.not_before_ms = clock_.elapsed_ms() + kCertifyAgain_ms;  // whoever hears that, answers it first
  }
  talk.barred.merge(certified->barred);
  talk.keep_waiting_for(certified->missing);
  talk.uncertified = std::move(certified->missing);
  const auto now_ms = clock_.elapsed_ms();
  std::erase_if(talk.uncertified, [&](const groups::DeviceId& one) {
    const auto out_until = talk.left_out.find(one);
    return talk.barred.contains(one) || (out_until != talk.left_out.end() && out_until->second > now_ms);
  });
  return {};
}

std::string_view name_of(pb::DeviceNews::What what) {
  switch (what) {
    case pb::DeviceNews::ENROLLED: return "enrolled";
    case pb::DeviceNews::CONSENTED: return "consented";
    case pb::DeviceNews::REMOVED: return "removed";
    default: return {};
  }
}

base::Status Engine::on_news(const pb::DeviceNews& news, Output& out) {
  const auto device = base::DeviceId::from_wire(news.device());
  const auto what = name_of(news.what());
  if (!device || what.empty()) return {};
  // What this one has waited with needs to wait no longer.
  if (*device == self_.device && news.what() == pb::DeviceNews::CONSENTED) retry_at_ms_.clear();
  const auto fresh = store_.tell_once(*device, what);
  if (!fresh) return std::unexpected(fresh.error());
  if (*fresh) out.events.emplace_back(DevicesChanged{news});
  return take_next(out);
}

// ---------------------------------------------------------------- key packages

// A store that holds as many as it may says so, and the service has to do with what it has.
base::Status Engine::on_stock(const pb::KeyPackageStock& stock, Output& out) {
  stock_heard_ = true;
  if (publishing_ || (stock.wanted() == 0 && stock.last_resort())) return {};
  pb::ClientFrame frame;
  auto& publish = *frame.mutable_publish();
  auto packages = groups_.make_key_packages(std::min(stock.wanted(), kPublishMax), false);
  if (!packages) return packages.error().code == "store.full" ? Status() : std::unexpected(packages.error());
  for (const auto& one : *packages) publish.add_packages(one.data(), one.size());
  if (!stock.last_resort()) {
    auto last = groups_.make_key_packages(1, true);
    if (!last) return last.error().code == "store.full" ? Status() : std::unexpected(last.error());
    publish.set_last_resort(last->front().data(), last->front().size());
  }
  publishing_ = true;
  send(std::move(frame), PublishOf{}, out);
  return {};
}

}  // namespace clients::core
