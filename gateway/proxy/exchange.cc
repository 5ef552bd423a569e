#include "gateway/proxy/exchange.h"

#include <algorithm>

#include "gateway/proxy/entries.h"
#include "gateway/proxy/switchboard.h"
#include "policy/explain/explain.h"

namespace gateway::proxy {

using policy::base::DeviceId;
using policy::base::Error;
using policy::base::Instant;

namespace {

// Of one WebSocket stream: what a reader may fall behind before it is cut off, and the largest frame with its header.
constexpr std::uint16_t kCloseReplaced = 4409;
constexpr std::uint32_t kSweepEvery_s = 5;
constexpr std::uint32_t kRoutineBit = 1U << 0;
constexpr std::uint32_t kHandshakeBit = 1U << policy::model::kMessageClassCount;
constexpr policy::base::Seconds kHandshakesFor{60};  // long enough to take in what waits and to answer

}  // namespace

Exchange::Exchange(relay::net::Loop& loop, Services& services, relay::net::Address relay_address,
                   const relay::net::TlsContext* relay_tls, std::shared_ptr<const gates::World> world, Options options)
    : loop_(loop),
      services_(services),
      options_(options),
      now_(loop.clock().now()),
      gates_(std::move(world)),
      link_(loop, std::move(relay_address), relay_tls,
            relay::client::Handlers{
                .on_up = [this] { on_link(true); },
                .on_down = [this](const Error&) { on_link(false); },
                .on_delivery = [this](pb::DeviceDelivery delivery) { on_delivery(std::move(delivery)); },
                .on_receipt = [this](const pb::BucketReceipt& receipt) { on_receipt(receipt); },
                .on_expired = [this](const pb::MailboxExpired& expired) { on_expired(expired); },
            }) {
  loop_.every_second([this, alive = std::weak_ptr(alive_)](Instant now) {
    if (alive.lock()) on_tick(now);
  });
}

Exchange::~Exchange() = default;

void Exchange::start() { link_.start(); }

Stream* Exchange::find(const DeviceId& device) const {
  const auto found = streams_.find(device);
  return found == streams_.end() ? nullptr : found->second.get();
}

void Exchange::attach(std::shared_ptr<relay::net::Channel> channel, const session::SessionInfo& session,
                      const policy::base::MailboxId& mailbox) {
  if (Stream* const older = find(session.device)) older->close(kCloseReplaced, "a newer connection of this device");
  services_.switchboard.device_moved(session.device, *this);
  auto stream = std::make_shared<Stream>(*this, std::move(channel), session.device, mailbox, session.expires);
  auto& presence = people_.try_emplace(session.person, Presence{session.person, {}}).first->second;
  presence.streams.push_back(stream.get());
  stream->presence = &presence;
  stream->heard_s = second();
  stream->waiting = session.waiting;
  gates_.watch(session.person, now_);
  streams_.emplace(session.device, stream);
  announce(*stream);
  subscribe(*stream);
  offer_stock(*stream);
  offer_news(*stream);
}

void Exchange::forget(Stream& stream) {
  if (stream.ended) return;
  stream.ended = true;
  const auto found = streams_.find(stream.device());
  if (found == streams_.end() || found->second.get() != &stream) return;
  const std::shared_ptr<Stream> kept = found->second;  // until the caller's frames are off the stack
  loop_.post([kept] {});
  streams_.erase(found);
  link_.unsubscribe(stream.device());
  gates_.unwatch(stream.presence->person);
  std::erase(stream.presence->streams, &stream);
  if (stream.presence->streams.empty()) people_.erase(people_.find(stream.presence->person));
}

// Registers the device, which is idempotent, and then opens as many classes as the gate lets pass.
std::uint32_t Exchange::levels(Stream& stream) {
  const std::uint32_t people = gates::class_bits(gates_.state(stream.presence->person, now_), stream.foreground);
  const bool handshakes = (people & kRoutineBit) != 0 || stream.handshakes_until > now_;
  return handshakes ? people | kHandshakeBit : people;
}

bool Exchange::pass_handshakes(Stream& stream) {
  const bool already = (levels(stream) & kHandshakeBit) != 0;
  if (stream.handshakes_until <= now_) handshaking_.push_back(stream.device());
  stream.handshakes_until = now_ + kHandshakesFor;
  return !already;
}

void Exchange::end_handshakes() {
  std::vector<DeviceId> over;
  std::erase_if(handshaking_, [&](const DeviceId& device) {
    const Stream* const stream = find(device);
    if (stream != nullptr && stream->handshakes_until > now_) return false;
    if (stream != nullptr) over.push_back(device);
    return true;
  });
  for (const DeviceId& device : over) subscribe(*find(device));
}

void Exchange::subscribe(Stream& stream) {
  if (!link_up_ || stream.waiting) return;
  if (stream.ready) {
    link_.subscribe(stream.device(), levels(stream));
    return;
  }
  link_.register_device(stream.mailbox(), stream.device(),
                        [this, weak = stream.weak_from_this()](policy::base::Status status) {
                          const auto live = weak.lock();
                          if (!live || live->ended || !status)
                            return;  // a link that broke comes up again and all streams subscribe anew
                          live->ready = true;
                          subscribe(*live);
                        });
}

void Exchange::announce(Stream& stream) {
  pb::ServerFrame frame;
  *frame.mutable_gate() = report(stream.presence->person);
  stream.send(frame);
}

void Exchange::apply(const std::vector<gates::GateChange>& changes) {
  for (const auto& change : changes) {
    const auto found = people_.find(change.person);
    if (found == people_.end()) continue;
    const auto streams = found->second.streams;
    for (Stream* const stream : streams) {
      subscribe(*stream);
      announce(*stream);
    }
  }
}

void Exchange::on_tick(Instant now) {
  now_ = now;
  apply(gates_.advance(now));
  if (now.unix_s % kSweepEvery_s == 0) sweep();
  end_handshakes();
  if (link_up_) do_group_chores();
}

// Expired sessions and silent peers.
void Exchange::sweep() {
  const bool new_minute = now_.unix_s % 60 < kSweepEvery_s;
  std::vector<std::shared_ptr<Stream>> over;
  for (const auto& [device, stream] : streams_) {
    if (new_minute) stream->searches = 0;
    const std::uint32_t silent_s = second() - stream->heard_s;
    const bool dead = silent_s > 2 * options_.ping_interval_s && silent_s < (1U << 31);
    if (stream->expires <= now_ || dead) {
      over.push_back(stream);
    } else if (silent_s >= options_.ping_interval_s && silent_s < (1U << 31) && !stream->pinged) {
      stream->ping();
    }
  }
  for (const auto& stream : over)
    stream->close(stream->expires <= now_ ? 4401 : 1001,
                  stream->expires <= now_ ? "session expired" : "no sign of life");
}

void Exchange::on_link(bool up) {
  link_up_ = up;
  services_.relay_up = up;
  if (!up) return;
  const Chores chores = chores_;
  for (const auto& [device, mailbox] : chores) tell_relay(device, mailbox);
  for (const auto& [device, stream] : streams_) {
    stream->ready = false;
    subscribe(*stream);
  }
  if (options_.keeps_groups) find_group_chores();
}

void Exchange::on_delivery(pb::DeviceDelivery delivery) {
  const auto device = DeviceId::from_wire(delivery.device());
  Stream* const stream = device ? find(*device) : nullptr;
  if (stream == nullptr) return;
  const auto& state = gates_.state(stream->presence->person, now_);
  const auto message_class = static_cast<std::size_t>(delivery.stored().envelope().message_class()) - 1;
  if ((levels(*stream) >> message_class & 1U) == 0) {
    // The gate closed while the envelope was on its way: it stays in the relay, and the relay hears the levels again.
    return subscribe(*stream);
  }
  if (is_for_people(delivery.stored().envelope().message_class()) && pass_handshakes(*stream)) {
    // What it takes to read this may wait before it. The class goes and comes back, so that the relay begins with its
    // cursors again and sends both in their order.
    link_.subscribe(stream->device(), levels(*stream) & ~(1U << message_class));
    return link_.subscribe(stream->device(), levels(*stream));
  }
  const bool rests = state.effects[0] == policy::model::Effect::kHold;
  if (rests && is_for_people(delivery.stored().envelope().message_class()) &&
      message_class >= static_cast<std::size_t>(policy::model::MessageClass::kUrgent))
    stream->woke_at_rest = true;
  pb::ServerFrame frame;
  const auto sender = DeviceId::from_wire(delivery.stored().envelope().sender_device());
  if (sender) frame.mutable_delivery()->set_sender(services_.book.person(*sender).value_or(""));
  *frame.mutable_delivery()->mutable_stored() = std::move(*delivery.mutable_stored());
  stream->send(frame);
}

void Exchange::on_receipt(const pb::BucketReceipt& receipt) {
  services_.ledger.record(loop_, entries::bucket_destroyed(receipt),
                          [this, alive = std::weak_ptr(alive_), id = receipt.receipt()](policy::base::Status status) {
                            if (alive.lock() && status) link_.receipt_ack(id);
                          });
}

void Exchange::on_expired(const pb::MailboxExpired& expired) {
  const auto device = DeviceId::from_wire(expired.device());
  Stream* const stream = device ? find(*device) : nullptr;
  if (stream == nullptr) return;
  // First into the person's own ledger: what is not acknowledged is told again.
  services_.workers.submit(
      loop_,
      [this, person = stream->presence->person, count = expired.count(), now = now_] {
        return services_.store.add_expired(person, count, now);
      },
      [this, weak = stream->weak_from_this(), count = expired.count()](const policy::base::Status& kept) {
        const auto live = weak.lock();
        if (!kept || !live || live->ended) return;
        pb::ServerFrame frame;
        frame.mutable_expired()->set_count(count);
        live->send(frame);
        link_.expired_ack(live->mailbox(), count);
      });
}

pb::GateReport Exchange::report(const std::string& person) const {
  pb::GateReport out;
  out.set_rules_digest(policy::pack::digest(*gates_.world().rules));
  const auto* const facts = gates_.facts(person);
  for (const auto message_class : policy::model::kMessageClasses) {
    const auto decision = gates_.decide(person, message_class, now_);
    auto* const one = out.add_classes();
    one->set_message_class(static_cast<pb::MessageClass>(static_cast<int>(message_class) + 1));
    one->set_effect(std::string(policy::model::name_of(decision.effect)));
    if (decision.until < policy::base::kEndOfTime) one->set_until_s(decision.until.unix_s);
    for (const auto& rule : decision.rules) one->add_rules(rule);
    if (facts == nullptr) continue;
    const auto& rules = *gates_.world().rules;
    one->set_text_de(
        policy::explain::explain(rules, *facts, message_class, now_, decision, policy::explain::Language::kGerman));
    one->set_text_en(
        policy::explain::explain(rules, *facts, message_class, now_, decision, policy::explain::Language::kEnglish));
  }
  return out;
}

void Exchange::replace_world(std::shared_ptr<const gates::World> world) {
  const bool new_rules = policy::pack::digest(*world->rules) != policy::pack::digest(*gates_.world().rules);
  apply(gates_.replace(std::move(world), now_));
  // Also to those whose gate stays as it is: what stops a text may have changed.
  if (!new_rules) return;
  for (const auto& [device, stream] : streams_) announce(*stream);
}

void Exchange::open(const std::string& person, gates::Openings openings) {
  apply(gates_.open(person, std::move(openings), now_));
}

void Exchange::interrupt(const std::string& person, policy::model::Interruption interruption) {
  apply(gates_.interrupt(person, interruption, now_));
}

void Exchange::close_person(const std::string& person, std::uint16_t code, const std::string& reason) {
  const auto found = people_.find(person);
  if (found == people_.end()) return;
  const auto streams = found->second.streams;
  for (Stream* const stream : streams) stream->close(code, reason);
}

void Exchange::close_device(const DeviceId& device, std::uint16_t code, const std::string& reason, bool wiped) {
  Stream* const stream = find(device);
  if (stream == nullptr) return;
  if (wiped) {
    pb::ServerFrame frame;
    frame.mutable_wiped()->set_reason(reason);
    stream->send(frame);
  }
  stream->close(code, reason);
}

void Exchange::tell_relay(const DeviceId& device, const std::optional<policy::base::MailboxId>& mailbox) {
  chores_[device] = mailbox;
  const auto done = [this, alive = std::weak_ptr(alive_), device, mailbox](policy::base::Status status) {
    if (!alive.lock() || !status) return;
    const auto chore = chores_.find(device);
    if (chore != chores_.end() && chore->second == mailbox) chores_.erase(chore);
  };
  if (mailbox) {
    link_.register_device(*mailbox, device, done);
  } else {
    link_.remove_device(device, done);
  }
}

void Exchange::close_all(std::uint16_t code, const std::string& reason) {
  std::vector<std::shared_ptr<Stream>> all;
  for (const auto& [device, stream] : streams_) all.push_back(stream);
  for (const auto& stream : all) stream->close(code, reason);
}

}  // namespace gateway::proxy
