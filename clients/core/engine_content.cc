// The engine's part between outbox and cipher: what the content rules say to a text.
#include <utility>

#include "clients/core/engine.h"

namespace clients::core {
namespace base = policy::base;
namespace record = store::record;

// The rules as the store has them, also when another process fetched them.
base::Status Engine::load_guard() {
  if (guard_ && (announced_.empty() || guard_->rules_digest() == announced_)) return {};
  auto kept = store_.content_rules();
  if (!kept) return std::unexpected(kept.error());
  pb::Content content;
  if (!*kept || !content.ParseFromString((*kept)->content())) return {};
  auto guard = ContentGuard::from(content);
  guard_ = guard ? std::optional(std::move(*guard)) : std::nullopt;
  return {};
}

base::Result<Engine::Passage> Engine::pass_content(const record::Outgoing& outgoing, Output& out) {
  if (auto status = load_guard(); !status) return std::unexpected(status.error());
  if (!announced_.empty() && (!guard_ || guard_->rules_digest() != announced_))
    return wait_for_content(outgoing, out), Passage::kWaits;
  if (!guard_) return Passage::kFree;
  auto objection = guard_->look(outgoing.text(), outgoing.label(), outgoing.confirmed());
  if (!objection) return Passage::kFree;
  record::Outgoing refused = outgoing;
  refused.mutable_markers()->Assign(objection->markers.begin(), objection->markers.end());
  if (auto status = refuse(std::move(refused), objection->error, out); !status) return std::unexpected(status.error());
  return Passage::kRefused;
}

void Engine::wait_for_content(const record::Outgoing& outgoing, Output& out) {
  finish(outgoing);
  retry_at_ms_[outgoing.client_message_id()] = clock_.elapsed_ms() + kRetryAfter_ms;
  for_content_.insert(outgoing.client_message_id());
  if (std::exchange(content_asked_, true)) return;
  pb::ClientFrame frame;
  frame.mutable_content();
  send(std::move(frame), ContentOf{}, out);
}

// Rules that cannot be had or applied refuse what waits for them: nothing is sent unchecked.
base::Status Engine::on_content(const pb::ServerFrame& frame, Output& out) {
  content_asked_ = false;
  std::optional<base::Error> trouble;
  if (frame.has_content()) {
    if (auto guard = ContentGuard::from(frame.content()); !guard) trouble = guard.error();
    record::ContentRules kept;
    kept.set_rules_digest(frame.content().rules_digest());
    kept.set_content(frame.content().SerializeAsString());
    if (auto status = store_.save(kept); !status) return status;
  } else if (!frame.has_problem() || !is_passing(frame.problem().code())) {
    trouble = frame.has_problem() ? relay::wire::to_error(frame.problem())
                                  : base::Error{"content.unknown", "a server that does not tell its content rules", "",
                                                "tell your administrator", ""};
  } else {
    return {};  // each of them asks again when its time has come
  }
  for (const auto& id : std::exchange(for_content_, {})) {
    retry_at_ms_.erase(id);
    if (!trouble) continue;
    auto outgoing = store_.outgoing(base::ClientMessageId::from_wire(id).value_or(base::ClientMessageId{}));
    if (!outgoing) return std::unexpected(outgoing.error());
    if (!*outgoing) continue;
    if (auto status = refuse(std::move(**outgoing), *trouble, out); !status) return status;
  }
  return take_next(out);
}

}  // namespace clients::core
