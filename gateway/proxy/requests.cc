// What a device may ask over its stream, one function a request.
#include <algorithm>

#include "gateway/proxy/entries.h"
#include "gateway/proxy/exchange.h"
#include "gateway/proxy/retention.h"
#include "gateway/proxy/switchboard.h"
#include "policy/explain/explain.h"

namespace gateway::proxy {
namespace {

using policy::base::ConversationId;
using policy::base::Error;
using policy::base::fail;
using policy::base::Instant;
using policy::base::Result;
using policy::base::Status;
using policy::model::Effect;
using policy::model::MessageClass;

constexpr std::size_t kRoomsMax = 100'000;
constexpr int kSearchAnswersMax = 20;
constexpr std::size_t kSearchBytesMin = 2;
constexpr std::size_t kSearchBytesMax = 64;
constexpr int kReadableStepsMax = 4096;

MessageClass class_of(pb::MessageClass wire) { return static_cast<MessageClass>(static_cast<int>(wire) - 1); }

Error unknown_conversation() {
  return {"conversation.unknown", "a conversation that does not exist or that you are not in", "",
          "open it with its members first", ""};
}

std::string folded(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

void describe(const directory::Person& person, pb::Member& out) {
  out.set_person(person.id);
  out.set_display_name(person.display_name);
  out.set_unit(person.unit);
}

// A conversation as its members see it, with every device that a message is sealed for. Blocks for the store.
Result<pb::Conversation> describe(store::Store& store, const directory::Snapshot& people,
                                  const store::Conversation& conversation) {
  pb::Conversation out;
  out.set_conversation(conversation.id.wire());
  out.set_direct(conversation.kind == store::ConversationKind::direct);
  for (const auto& id : conversation.members) {
    auto* const member = out.add_members();
    member->set_person(id);
    if (const auto* const person = people.find(id)) describe(*person, *member);
    auto devices = store.active_devices(id);
    if (!devices) return std::unexpected(devices.error());
    for (const auto& one : *devices) {
      auto* const device = member->add_devices();
      device->set_device(one.id.wire());
      device->set_identity_key(one.sign_key.data(), one.sign_key.size());
      device->set_box_key(one.box_key.data(), one.box_key.size());
    }
  }
  return out;
}

// Everybody named is in the directory and has a mailbox afterwards. Blocks for the store.
Status ensure_mailboxes(Services& services, const directory::Snapshot& people, std::span<const std::string> persons) {
  for (const auto& id : persons) {
    const auto* const person = people.find(id);
    if (person == nullptr) {
      return fail("person.unknown", "person '" + policy::base::printable(id) + "'", "people of the directory",
                  "search for the name first");
    }
    const policy::base::MailboxId fresh{services.random.array<16>()};
    if (auto made = services.store.ensure_person(id, person->stable_id, fresh); !made)
      return std::unexpected(made.error());
  }
  return {};
}

struct Opened {
  pb::Conversation conversation;
  std::vector<std::string> members;
  pb::CreateConversation at_relay;
};

Result<store::Conversation> find_or_create(Services& services, const directory::Snapshot& people,
                                           const std::string& asking, const pb::Open& open) {
  if (!open.conversation().empty()) {
    auto id = ConversationId::from_wire(open.conversation());
    if (!id) return std::unexpected(id.error());
    auto found = services.store.conversation(*id);
    if (!found) return std::unexpected(found.error());
    if (!*found || std::ranges::find((*found)->members, asking) == (*found)->members.end())
      return std::unexpected(unknown_conversation());
    return **found;
  }
  std::vector<std::string> members(open.persons().begin(), open.persons().end());
  std::erase(members, asking);
  if (members.empty()) return fail("conversation.members", "no other person", "at least one", "name whom to write to");
  members.push_back(asking);
  std::ranges::sort(members);
  members.erase(std::unique(members.begin(), members.end()), members.end());
  if (auto status = ensure_mailboxes(services, people, members); !status) return std::unexpected(status.error());
  const ConversationId fresh{services.random.array<16>()};
  if (members.size() == 2) return services.store.open_direct(members[0], members[1], fresh, services.clock.now());
  return services.store.create_group(members, fresh, services.clock.now());
}

Result<Opened> open_conversation(Services& services, const std::string& asking, const pb::Open& open) {
  const auto people = services.people.load();
  auto conversation = find_or_create(services, *people, asking, open);
  if (!conversation) return std::unexpected(conversation.error());
  auto described = describe(services.store, *people, *conversation);
  if (!described) return std::unexpected(described.error());
  Opened out{std::move(*described), conversation->members, {}};
  out.at_relay.set_conversation(conversation->id.wire());
  for (const auto& member : conversation->members) {
    auto record = services.store.person(member);
    if (!record) return std::unexpected(record.error());
    if (*record) out.at_relay.add_mailboxes((*record)->mailbox.wire());
  }
  return out;
}

}  // namespace

void Exchange::reply(Stream& stream, std::uint64_t request, pb::ServerFrame frame) {
  if (stream.requests > 0) --stream.requests;
  frame.set_request(request);
  stream.send(frame);
}

void Exchange::refuse(Stream& stream, std::uint64_t request, const Error& error) {
  if (stream.requests > 0) --stream.requests;
  stream.answer(request, error);
}

void Exchange::on_frame(Stream& stream, pb::ClientFrame frame) {
  if (frame.body_case() == pb::ClientFrame::kAck) return on_ack(stream, frame.ack());
  if (stream.requests >= Stream::kRequestsMax) {
    return stream.answer(frame.request(),
                         {"rate.requests", "more than " + std::to_string(Stream::kRequestsMax) + " unanswered requests",
                          "", "wait for answers", ""});
  }
  ++stream.requests;
  const std::uint64_t request = frame.request();
  switch (frame.body_case()) {
    case pb::ClientFrame::kOpen: return on_open(stream, request, frame.open());
    case pb::ClientFrame::kSearch: return on_search(stream, request, frame.search());
    case pb::ClientFrame::kSend: return on_send(stream, request, std::move(*frame.mutable_send()));
    case pb::ClientFrame::kWhy: return on_why(stream, request, frame.why());
    case pb::ClientFrame::kStatus: return on_status(stream, request, frame.status());
    case pb::ClientFrame::kList: return on_list(stream, request);
    case pb::ClientFrame::kForeground: return on_foreground(stream, request, frame.foreground().open());
    default: break;
  }
  pb::ServerFrame answer;
  *answer.mutable_gate() = report(stream.presence->person);
  reply(stream, request, std::move(answer));
}

void Exchange::remember(const std::string& conversation, Room room) {
  if (rooms_.size() >= kRoomsMax) rooms_.clear();
  rooms_.insert_or_assign(conversation, std::move(room));
}

void Exchange::on_open(Stream& stream, std::uint64_t request, const pb::Open& open) {
  services_.workers.submit(
      loop_, [this, person = stream.presence->person, open] { return open_conversation(services_, person, open); },
      [this, weak = stream.weak_from_this(), request](Result<Opened> opened) {
        const auto live = weak.lock();
        if (!live || live->ended) return;
        if (!opened) return refuse(*live, request, opened.error());
        remember(opened->conversation.conversation(), {std::move(opened->members)});
        link_.create(opened->at_relay,
                     [this, weak, request, conversation = std::move(opened->conversation)](Status created) {
                       const auto still = weak.lock();
                       if (!still || still->ended) return;
                       if (!created) return refuse(*still, request, created.error());
                       pb::ServerFrame frame;
                       *frame.mutable_conversation() = conversation;
                       reply(*still, request, std::move(frame));
                     });
      });
}

void Exchange::on_search(Stream& stream, std::uint64_t request, const pb::Search& search) {
  if (search.text().size() < kSearchBytesMin || search.text().size() > kSearchBytesMax) {
    return refuse(stream, request,
                  {"person.search", "a search of " + std::to_string(search.text().size()) + " bytes", "2 to 64 bytes",
                   "type more of the name", ""});
  }
  if (++stream.searches > Stream::kSearchesPerMinuteMax) {
    return refuse(stream, request, {"rate.searches", "more than 30 searches in a minute", "30", "wait a minute", ""});
  }
  const auto people = services_.people.load();
  const std::string wanted = folded(search.text());
  pb::ServerFrame frame;
  auto* const out = frame.mutable_people();
  for (const auto& person : people->people) {
    if (out->people_size() == kSearchAnswersMax) break;
    if (folded(person.id).find(wanted) == std::string::npos &&
        folded(person.display_name).find(wanted) == std::string::npos)
      continue;
    describe(person, *out->add_people());
  }
  reply(stream, request, std::move(frame));
}

void Exchange::with_room(Stream& stream, std::uint64_t request, const std::string& conversation,
                         std::function<void(Stream&, const Room&)> then) {
  const auto is_member = [](const Room& room, const std::string& person) {
    return std::ranges::binary_search(room.members, person);
  };
  if (const auto cached = rooms_.find(conversation); cached != rooms_.end()) {
    if (!is_member(cached->second, stream.presence->person)) return refuse(stream, request, unknown_conversation());
    return then(stream, cached->second);
  }
  services_.workers.submit(
      loop_,
      [this, conversation] {
        return services_.store.conversation(ConversationId::from_wire(conversation).value_or(ConversationId{}));
      },
      [this, weak = stream.weak_from_this(), request, conversation, is_member,
       then = std::move(then)](Result<std::optional<store::Conversation>> found) {
        const auto live = weak.lock();
        if (!live || live->ended) return;
        if (!found) return refuse(*live, request, found.error());
        if (!*found) return refuse(*live, request, unknown_conversation());
        Room room{std::move((*found)->members)};
        if (!is_member(room, live->presence->person)) return refuse(*live, request, unknown_conversation());
        remember(conversation, room);
        then(*live, room);
      });
}

void Exchange::on_send(Stream& stream, std::uint64_t request, pb::Send send) {
  const std::string conversation = send.envelope().conversation();
  with_room(stream, request, conversation,
            [this, request, send = std::move(send)](Stream& live, const Room& room) mutable {
              accept(live, request, std::move(send), room);
            });
}

Status Exchange::may_send(const Stream& stream, MessageClass message_class, const pb::Send& send) const {
  const std::string& sender = stream.presence->person;
  const auto& rules = *gates_.world().rules;
  const auto* const facts = gates_.facts(sender);
  const std::vector<std::string> groups = facts == nullptr ? std::vector<std::string>{} : facts->groups;
  if (auto may = policy::pack::may_send(rules, groups, message_class, send.reason()); !may) return may;
  const auto limits = policy::pack::send_limits(rules, groups, message_class);
  if (limits.empty()) return {};
  return services_.meter.admit(sender, message_class, send.envelope().client_message_id(), limits, now_);
}

// Decides for every reader, logs what is not a plain allow, and only then hands the envelope to the relay.
void Exchange::accept(Stream& stream, std::uint64_t request, pb::Send send, const Room& room) {
  const MessageClass message_class = class_of(send.envelope().message_class());
  const std::string& sender = stream.presence->person;
  const auto& rules = *gates_.world().rules;
  std::vector<audit::event::Record> records;
  if (auto may = may_send(stream, message_class, send); !may) {
    return services_.ledger.record(
        loop_, entries::message_refused(services_.ledger, sender, may.error()),
        [this, weak = stream.weak_from_this(), request, error = may.error()](const Status& logged) {
          const auto live = weak.lock();
          if (live && !live->ended) refuse(*live, request, logged ? error : logged.error());
        });
  }
  if (message_class == MessageClass::kAlarm)
    records.push_back(entries::alarm_sent(services_.ledger, sender, send.reason(), room.members.size() - 1));
  Instant readable = now_;
  bool later = false;
  for (const auto& member : room.members) {
    if (member == sender) continue;
    const auto state = gates_.state(member, now_);
    if (state.effects[static_cast<std::size_t>(message_class)] == Effect::kDeliver) {
      services_.ledger.count_allow(message_class);
      continue;
    }
    later = true;
    const auto decision = gates_.decide(member, message_class, now_);
    readable = std::max(readable, decision.until);
    if (decision.effect == Effect::kHold)
      records.push_back(entries::message_held(services_.ledger, member, message_class, decision));
  }
  pb::Envelope envelope = std::move(*send.mutable_envelope());
  envelope.set_sender_device(stream.device().wire());
  envelope.set_deadline_s(deadline_for(policy::pack::retention_rules(rules, message_class), now_, readable,
                                       policy::base::Seconds{send.lifetime_s()})
                              .unix_s);
  const auto self = stream.shared_from_this();
  if (records.empty()) return forward(self, request, std::move(envelope), later);
  // One failure is enough to refuse; the last record carries the rest on, because the log keeps the order.
  auto last = std::move(records.back());
  records.pop_back();
  auto failed = std::make_shared<std::optional<Error>>();
  for (auto& record : records) {
    services_.ledger.record(loop_, std::move(record), [failed](const Status& logged) {
      if (!logged) *failed = logged.error();
    });
  }
  services_.ledger.record(
      loop_, std::move(last),
      [this, self, request, envelope = std::move(envelope), later, failed](const Status& logged) mutable {
        if (self->ended) return;
        if (!logged) *failed = logged.error();
        if (*failed) return refuse(*self, request, **failed);
        forward(self, request, std::move(envelope), later);
      });
}

void Exchange::forward(const std::shared_ptr<Stream>& stream, std::uint64_t request, pb::Envelope envelope,
                       bool later) {
  pb::Accept accept;
  *accept.mutable_envelope() = std::move(envelope);
  accept.set_sender_mailbox(stream->mailbox().wire());
  link_.accept(std::move(accept),
               [this, weak = std::weak_ptr(stream), request, later](const Result<pb::AcceptResult>& result) {
                 const auto live = weak.lock();
                 if (!live || live->ended) return;
                 if (!result) return refuse(*live, request, result.error());
                 pb::ServerFrame frame;
                 auto* const accepted = frame.mutable_accepted();
                 accepted->set_sequence(result->sequence());
                 accepted->set_accepted_at_s(result->accepted_at_s());
                 accepted->set_deadline_s(result->deadline_s());
                 accepted->set_later(later);
                 reply(*live, request, std::move(frame));
               });
}

void Exchange::on_ack(Stream& stream, const pb::Ack& ack) {
  link_.ack(stream.device(), ack);
  const bool woke = stream.woke_at_rest && class_of(ack.message_class()) >= MessageClass::kUrgent;
  if (!woke) return;
  stream.woke_at_rest = false;
  // The phone has it: somebody at rest was disturbed. The rules say whether that rest begins anew (ArbZG § 5).
  const policy::model::Interruption interruption{{now_, now_ + policy::base::Seconds{1}}};
  const std::string person = stream.presence->person;
  services_.switchboard.interrupt(person, interruption);
  services_.workers.submit(
      [this, person, interruption] { (void)services_.store.add_interruption(person, interruption.span); });
}

void Exchange::on_why(Stream& stream, std::uint64_t request, const pb::Why& why) {
  const std::string& person = stream.presence->person;
  const MessageClass message_class = class_of(why.message_class());
  const Instant accepted{why.accepted_at_s()};
  const auto decision = gates_.decide(person, message_class, accepted);
  auto later = decision;
  Instant readable = accepted;
  for (int step = 0;
       later.effect != Effect::kDeliver && later.until < policy::base::kEndOfTime && step < kReadableStepsMax; ++step) {
    readable = later.until;
    later = gates_.decide(person, message_class, readable);
  }
  pb::ServerFrame frame;
  auto* const answer = frame.mutable_why();
  answer->set_effect(std::string(policy::model::name_of(decision.effect)));
  if (later.effect == Effect::kDeliver) answer->set_readable_from_s(readable.unix_s);
  for (const auto& rule : decision.rules) answer->add_rules(rule);
  if (const auto* const facts = gates_.facts(person)) {
    const auto& rules = *gates_.world().rules;
    answer->set_text_de(
        policy::explain::explain(rules, *facts, message_class, accepted, decision, policy::explain::Language::kGerman));
    answer->set_text_en(policy::explain::explain(rules, *facts, message_class, accepted, decision,
                                                 policy::explain::Language::kEnglish));
  }
  reply(stream, request, std::move(frame));
}

void Exchange::on_status(Stream& stream, std::uint64_t request, const pb::StatusQuery& query) {
  with_room(stream, request, query.conversation(), [this, request, query](Stream& live, const Room&) {
    pb::RelayStatusQuery at_relay;
    at_relay.set_conversation(query.conversation());
    at_relay.set_sequence(query.sequence());
    at_relay.set_sender_mailbox(live.mailbox().wire());
    link_.status(at_relay, [this, weak = live.weak_from_this(), request](const Result<pb::RelayStatus>& status) {
      const auto still = weak.lock();
      if (!still || still->ended) return;
      if (!status) return refuse(*still, request, status.error());
      pb::ServerFrame frame;
      frame.mutable_status()->set_state(status->state());
      reply(*still, request, std::move(frame));
    });
  });
}

void Exchange::on_list(Stream& stream, std::uint64_t request) {
  const auto list = [this, person = stream.presence->person]() -> Result<pb::Conversations> {
    auto conversations = services_.store.conversations_of(person);
    if (!conversations) return std::unexpected(conversations.error());
    const auto people = services_.people.load();
    pb::Conversations out;
    for (const auto& one : *conversations) {
      auto described = describe(services_.store, *people, one);
      if (!described) return std::unexpected(described.error());
      *out.add_conversations() = std::move(*described);
    }
    return out;
  };
  services_.workers.submit(loop_, list,
                           [this, weak = stream.weak_from_this(), request](Result<pb::Conversations> conversations) {
                             const auto live = weak.lock();
                             if (!live || live->ended) return;
                             if (!conversations) return refuse(*live, request, conversations.error());
                             pb::ServerFrame frame;
                             *frame.mutable_conversations() = std::move(*conversations);
                             reply(*live, request, std::move(frame));
                           });
}

void Exchange::on_foreground(Stream& stream, std::uint64_t request, bool open) {
  stream.foreground = open;
  subscribe(stream);
  pb::ServerFrame frame;
  frame.mutable_done();
  reply(stream, request, std::move(frame));
}

}  // namespace gateway::proxy
