// What a device asks about the group of a conversation and about key packages (relay/wire/client.proto, "groups").
#include <algorithm>

#include "gateway/groups/problems.h"
#include "gateway/proxy/exchange.h"
#include "gateway/proxy/retention.h"
#include "gateway/proxy/switchboard.h"

namespace gateway::proxy {
namespace {

using policy::base::Bytes;
using policy::base::ClientMessageId;
using policy::base::ConversationId;
using policy::base::DeviceId;
using policy::base::Error;
using policy::base::Instant;
using policy::base::Result;
using policy::base::Status;

Bytes bytes_of(const std::string& field) {
  const auto view = policy::base::as_bytes(field);
  return {view.begin(), view.end()};
}

std::string wire(const Bytes& bytes) { return std::string(policy::base::as_text(bytes)); }

// The codec has checked the size.
template <typename Id>
Id id_of(const std::string& field) {
  return Id::from_wire(field).value_or(Id{});
}

// The relay has not taken the commit and will not, whatever happens. Everything else may have been too late to hear.
bool is_final(const Error& error) {
  constexpr std::array<std::string_view, 7> kFinal{"epoch.",   "conversation.", "device.",   "deadline.",
                                                   "message.", "wire.",         "relay.busy"};
  return std::ranges::any_of(kFinal, [&](std::string_view prefix) { return error.code.starts_with(prefix); });
}

pb::ServerFrame accepted_frame(std::uint64_t sequence, Instant at, Instant deadline) {
  pb::ServerFrame frame;
  auto* const accepted = frame.mutable_accepted();
  accepted->set_sequence(sequence);
  accepted->set_accepted_at_s(at.unix_s);
  accepted->set_deadline_s(deadline.unix_s);
  return frame;
}

pb::ServerFrame accepted_frame(const pb::AcceptResult& result) {
  return accepted_frame(result.sequence(), {result.accepted_at_s()}, {result.deadline_s()});
}

pb::ServerFrame stock_frame(const groups::Stock& stock) {
  pb::ServerFrame frame;
  frame.mutable_stock()->set_left(stock.left);
  frame.mutable_stock()->set_last_resort(stock.last_resort);
  frame.mutable_stock()->set_wanted(stock.wanted);
  return frame;
}

Result<groups::Stock> publish(Services& services, const DeviceId& id, const std::vector<Bytes>& packages,
                              const Bytes& last_resort) {
  const auto device = services.store.device(id);
  if (!device) return std::unexpected(device.error());
  if (!*device || (*device)->state != store::DeviceState::active) return std::unexpected(device::removed_error());
  return services.key_packages.publish(**device, packages, last_resort);
}

Result<groups::Fetched> fetch(Services& services, const DeviceId& requester, const ConversationId& id,
                              const std::vector<DeviceId>& devices) {
  const auto conversation = services.store.conversation(id);
  if (!conversation) return std::unexpected(conversation.error());
  if (!*conversation) return std::unexpected(groups::no_group());
  return services.key_packages.fetch(requester, **conversation, devices);
}

}  // namespace

pb::Accept Exchange::for_relay(const groups::Outgoing& out) const {
  const Instant deadline = handshake_deadline(*gates_.world().rules, now_);
  const bool removal = out.mailbox.is_zero();
  pb::Accept accept;
  const auto fill = [&](pb::Envelope& envelope, const ClientMessageId& message, const Bytes& body) {
    envelope.set_conversation(out.conversation.wire());
    envelope.set_sender_device(out.device.wire());
    envelope.set_epoch(out.epoch);
    envelope.set_message_class(pb::HANDSHAKE);
    envelope.set_deadline_s(deadline.unix_s);
    envelope.set_client_message_id(message.wire());
    envelope.set_ciphertext(wire(body));
  };
  fill(*accept.mutable_envelope(), out.message, out.body);
  accept.mutable_envelope()->set_kind(out.kind == groups::Outgoing::Kind::commit ? pb::COMMIT : pb::PROPOSAL);
  accept.set_removal(removal);
  if (!removal) accept.set_sender_mailbox(out.mailbox.wire());
  if (out.welcome.empty()) return accept;
  fill(*accept.mutable_welcome(), out.welcome_message, out.welcome);
  accept.mutable_welcome()->set_kind(pb::WELCOME);
  for (const DeviceId& device : out.welcomed) accept.mutable_welcome()->add_devices(device.wire());
  return accept;
}

void Exchange::on_start_group(Stream& stream, std::uint64_t request, const pb::StartGroup& start) {
  with_room(stream, request, start.conversation(), [this, request, start](Stream& live, const Room&) {
    services_.workers.submit(
        loop_,
        [this, id = id_of<ConversationId>(start.conversation()), device = live.device(),
         info = bytes_of(start.group_info())] { return services_.groups.start(id, device, info); },
        [this, weak = live.weak_from_this(), request](const Status& started) {
          const auto still = weak.lock();
          if (!still || still->ended) return;
          if (!started) return refuse(*still, request, started.error());
          pb::ServerFrame frame;
          frame.mutable_done();
          reply(*still, request, std::move(frame));
        });
  });
}

void Exchange::on_commit(Stream& stream, std::uint64_t request, pb::Commit commit) {
  const std::string conversation = commit.conversation();
  with_room(stream, request, conversation, [this, request, commit = std::move(commit)](Stream& live, const Room&) {
    const auto answer = [this, weak = live.weak_from_this(), request](const Result<pb::AcceptResult>& result) {
      const auto still = weak.lock();
      if (!still || still->ended) return;
      if (!result) return refuse(*still, request, groups::as_of_group(result.error()));
      reply(*still, request, accepted_frame(*result));
    };
    services_.workers.submit(
        loop_,
        [this, asked = groups::CommitRequest{id_of<ConversationId>(commit.conversation()), live.device(),
                                             live.mailbox(), id_of<ClientMessageId>(commit.client_message_id()),
                                             commit.epoch(), bytes_of(commit.commit()), bytes_of(commit.welcome()),
                                             bytes_of(commit.group_info())}] { return services_.groups.commit(asked); },
        [this, answer, weak = live.weak_from_this(), request](Result<groups::Groups::Begun> begun) {
          if (!begun) return answer(std::unexpected(begun.error()));
          if (begun->out) return offer(std::move(*begun), answer);
          const auto still = weak.lock();
          if (!still || still->ended || !begun->first) return;
          reply(*still, request,
                accepted_frame(begun->first->sequence, begun->first->accepted, begun->first->deadline));
        });
  });
}

namespace {

// The relay knows a repeat by its id alone. A commit under the id of an earlier message of its device is answered as
// that one was, but moves no epoch; and what moves epochs passes here one by one.
Result<pb::AcceptResult> checked_answer(const groups::Outgoing& commit, const Result<pb::AcceptResult>& answer) {
  if (!answer || answer->epoch() > commit.epoch) return answer;
  return policy::base::fail("message.taken", "a commit under the id of another message", "an id of its own");
}

}  // namespace

void Exchange::offer(groups::Groups::Begun begun, Settled settled) {
  const auto kept = std::make_shared<groups::Groups::Begun>(std::move(begun));
  link_.accept(for_relay(*kept->out),
               [this, kept, settled = std::move(settled)](const Result<pb::AcceptResult>& answer) {
                 on_answer(kept, checked_answer(*kept->out, answer), settled);
               });
}

// The turn ends before anybody is told, so that whoever is told can go on at once.
void Exchange::on_answer(const Begun& begun, const Result<pb::AcceptResult>& answer, const Settled& settled) {
  const ConversationId id = begun->out->conversation;
  if (!answer && !is_final(answer.error())) {
    begun->turn.reset();
    due(unsettled_, id, 1);
    return settled(answer);
  }
  services_.workers.submit(
      loop_,
      [this, begun, answer]() -> Result<bool> {
        const groups::Outgoing& out = *begun->out;
        if (answer)
          return services_.groups.accepted(out, answer->sequence(), {answer->accepted_at_s()}, {answer->deadline_s()});
        if (auto dropped = services_.groups.dropped(out); !dropped) return std::unexpected(dropped.error());
        return false;
      },
      [this, id, begun, answer, settled](const Result<bool>& worked_in) {
        begun->turn.reset();
        if (!worked_in) {
          due(unsettled_, id, 1);
          return settled(std::unexpected(worked_in.error()));
        }
        unsettled_.erase(id);
        if (*worked_in) due(removals_, id, 0);
        settled(answer);
      });
}

void Exchange::on_propose(Stream& stream, std::uint64_t request, pb::Propose propose) {
  const std::string conversation = propose.conversation();
  with_room(stream, request, conversation, [this, request, propose = std::move(propose)](Stream& live, const Room&) {
    services_.workers.submit(
        loop_,
        [this, asked = groups::ProposeRequest{id_of<ConversationId>(propose.conversation()), live.device(),
                                              live.mailbox(), id_of<ClientMessageId>(propose.client_message_id()),
                                              propose.epoch(), bytes_of(propose.proposal())}] {
          return services_.groups.propose(asked);
        },
        [this, weak = live.weak_from_this(), request](Result<groups::Groups::Begun> begun) {
          const auto still = weak.lock();
          if (!still || still->ended) return;
          if (!begun) return refuse(*still, request, begun.error());
          const auto kept = std::make_shared<groups::Groups::Begun>(std::move(*begun));
          link_.accept(for_relay(*kept->out), [this, kept, weak, request](const Result<pb::AcceptResult>& result) {
            kept->turn.reset();
            const auto there = weak.lock();
            if (!there || there->ended) return;
            if (!result) return refuse(*there, request, groups::as_of_group(result.error()));
            reply(*there, request, accepted_frame(*result));
          });
        });
  });
}

void Exchange::on_group(Stream& stream, std::uint64_t request, const pb::GroupQuery& query) {
  with_room(stream, request, query.conversation(), [this, request, query](Stream& live, const Room&) {
    services_.workers.submit(
        loop_, [this, id = id_of<ConversationId>(query.conversation())] { return services_.groups.view(id); },
        [this, weak = live.weak_from_this(), request](const Result<groups::GroupView>& view) {
          const auto still = weak.lock();
          if (!still || still->ended) return;
          if (!view) return refuse(*still, request, view.error());
          pb::ServerFrame frame;
          frame.mutable_group()->set_epoch(view->epoch);
          frame.mutable_group()->set_group_info(wire(view->info));
          frame.mutable_group()->set_ratchet_tree(wire(view->tree));
          reply(*still, request, std::move(frame));
        });
  });
}

void Exchange::on_publish(Stream& stream, std::uint64_t request, const pb::PublishKeyPackages& asked) {
  std::vector<Bytes> packages;
  for (const auto& one : asked.packages()) packages.push_back(bytes_of(one));
  services_.workers.submit(
      loop_,
      [this, id = stream.device(), packages = std::move(packages), last = bytes_of(asked.last_resort())] {
        return publish(services_, id, packages, last);
      },
      [this, weak = stream.weak_from_this(), request](const Result<groups::Stock>& stock) {
        const auto still = weak.lock();
        if (!still || still->ended) return;
        if (!stock) return refuse(*still, request, stock.error());
        reply(*still, request, stock_frame(*stock));
      });
}

void Exchange::on_fetch(Stream& stream, std::uint64_t request, const pb::FetchKeyPackages& asked) {
  if (static_cast<std::size_t>(asked.devices_size()) > relay::wire::kKeyPackagesMax)
    return refuse(stream, request,
                  {"wire.too-large", std::to_string(asked.devices_size()) + " devices",
                   "at most " + std::to_string(relay::wire::kKeyPackagesMax), "", ""});
  with_room(stream, request, asked.conversation(), [this, request, asked](Stream& live, const Room&) {
    std::vector<DeviceId> devices;
    for (const auto& one : asked.devices()) devices.push_back(id_of<DeviceId>(one));
    services_.workers.submit(
        loop_,
        [this, requester = live.device(), id = id_of<ConversationId>(asked.conversation()), devices] {
          return fetch(services_, requester, id, devices);
        },
        [this, weak = live.weak_from_this(), request](const Result<groups::Fetched>& fetched) {
          if (fetched)
            for (const auto& [device, stock] : fetched->low) services_.switchboard.stock_low(device, stock);
          const auto still = weak.lock();
          if (!still || still->ended) return;
          if (!fetched) return refuse(*still, request, fetched.error());
          pb::ServerFrame frame;
          frame.mutable_packages();
          for (const auto& one : fetched->packages) {
            auto* const out = frame.mutable_packages()->add_packages();
            out->set_device(one.device.wire());
            out->set_package(wire(one.package));
            out->set_last_resort(one.last_resort);
          }
          reply(*still, request, std::move(frame));
        });
  });
}

void Exchange::offer_stock(Stream& stream) {
  services_.workers.submit(
      loop_, [this, device = stream.device()] { return services_.key_packages.stock(device); },
      [weak = stream.weak_from_this()](const Result<groups::Stock>& stock) {
        const auto still = weak.lock();
        if (still && !still->ended && stock) still->send(stock_frame(*stock));
      });
}

void Exchange::push_stock(const DeviceId& device, const groups::Stock& stock) {
  Stream* const stream = find(device);
  // A phone at rest is not woken for it; the stock is told again when its stream opens.
  if (stream != nullptr && (levels(*stream) & 1U) != 0) stream->send(stock_frame(stock));
}

}  // namespace gateway::proxy
