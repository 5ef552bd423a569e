#include "tests/support/station/test_groups.h"

namespace tests::support {

namespace mls = clients::mls;
using policy::base::fail;
using policy::base::Status;

namespace {

constexpr std::int64_t kPatience_ms = 5000;
constexpr int kTries = 20;

Status refused(const mls::Error& error) {
  return fail("mls." + std::string(mls::code(error.reason)), std::string(mls::sentence(error.reason)));
}

}  // namespace

void TestGroups::enrolled(const policy::base::DeviceId& device) { member_.enrolled(device, key_); }

Status TestGroups::publish(std::size_t count) {
  pb::ClientFrame frame;
  auto& publish = *frame.mutable_publish();
  for (std::size_t i = 0; i < count; ++i) publish.add_packages(member_.package());
  publish.set_last_resort(member_.package());
  const auto answer = ask_(std::move(frame));
  return answer ? Status() : std::unexpected(answer.error());
}

void TestGroups::take(const pb::Envelope& envelope) {
  const auto known = groups_.find(envelope.conversation());
  auto next = member_.take(known == groups_.end() ? nullptr : &known->second, envelope);
  if (next) groups_.insert_or_assign(envelope.conversation(), std::move(*next));
}

Status TestGroups::gather(const pb::Conversation& conversation) {
  const std::string& id = conversation.conversation();
  Status last;
  for (int i = 0; i < kTries; ++i) {
    if (!groups_.contains(id)) {
      if (last = begin(conversation); !last) return last;
      continue;
    }
    const Group group = groups_.at(id);
    last = group.pending().empty() ? add_missing(conversation, group) : commit(id, {});
    if (last && groups_.at(id).epoch() == group.epoch()) return {};
    if (!last && last.error().code != "group.epoch" && last.error().code != "group.busy") return last;
    if (!last) wait_until([&] { return groups_.at(id).epoch() != group.epoch(); });
  }
  return last ? fail("group.busy", "a group that does not come to rest") : last;
}

// Of two who start at once one is first; the other waits to be added, or comes in by itself.
Status TestGroups::begin(const pb::Conversation& conversation) {
  const std::string& id = conversation.conversation();
  auto step = member_.start(conversation);
  if (!step) return refused(step.error());
  const auto started = offer(id, std::move(*step));
  if (started || started.error().code != "group.exists") return started;
  if (wait_until([&] { return groups_.contains(id); })) return {};
  return enter(id);
}

Status TestGroups::enter(const std::string& conversation) {
  pb::ClientFrame question;
  question.mutable_group()->set_conversation(conversation);
  const auto state = ask_(std::move(question));
  if (!state) return std::unexpected(state.error());
  auto step = member_.enter(state->group());
  if (!step) return refused(step.error());
  const auto entered = offer(conversation, std::move(*step));
  return !entered && entered.error().code == "group.epoch" ? Status() : entered;
}

Status TestGroups::add_missing(const pb::Conversation& conversation, const Group& group) {
  std::set<std::string> in;
  for (const auto& member : group.members()) in.insert(wire(member.credential.identity));
  pb::ClientFrame frame;
  auto& fetch = *frame.mutable_fetch();
  fetch.set_conversation(conversation.conversation());
  for (const auto& member : conversation.members())
    for (const auto& device : member.devices())
      if (!in.contains(device.device()) && !without_.contains(device.device())) fetch.add_devices(device.device());
  if (fetch.devices().empty()) return {};
  for (const auto& device : fetch.devices()) without_.insert(device);
  const auto answer = ask_(std::move(frame));
  if (!answer) return std::unexpected(answer.error());
  mls::CommitPlan plan;
  for (const auto& one : answer->packages().packages()) {
    const auto package = parse_mls<mls::KeyPackage>(one.package());
    if (!package) continue;
    plan.proposals.emplace_back(mls::Add{*package});
    without_.erase(one.device());
  }
  return plan.proposals.empty() ? Status() : commit(conversation.conversation(), plan);
}

Status TestGroups::commit(const std::string& conversation, const mls::CommitPlan& plan) {
  auto step = member_.commit(groups_.at(conversation), plan);
  return step ? offer(conversation, std::move(*step)) : refused(step.error());
}

Status TestGroups::offer(const std::string& conversation, TestMember::Step step) {
  const auto answer = ask_(std::move(step.frame));
  if (!answer) return std::unexpected(answer.error());
  groups_.insert_or_assign(conversation, std::move(step.group));
  return {};
}

Status TestGroups::seal(const pb::Conversation& conversation, const std::string& text, pb::Envelope& envelope) {
  const std::string& id = envelope.client_message_id();
  if (!sealed_.contains(id)) {
    if (auto status = gather(conversation); !status) return status;
    auto& group = groups_.at(conversation.conversation());
    const auto message = group.protect(member_.crypto(), bytes_of(text), bytes_of(id));
    if (!message) return refused(message.error());
    sealed_[id] = {group.epoch(), wire(mls::encode_message(*message))};
  }
  envelope.set_epoch(sealed_[id].first);
  envelope.set_ciphertext(sealed_[id].second);
  return {};
}

std::string TestGroups::open(const pb::StoredEnvelope& stored) {
  const auto& envelope = stored.envelope();
  const auto [place, fresh] = opened_.try_emplace({envelope.conversation(), stored.sequence()});
  if (!fresh) return place->second;
  const auto message = parse_mls<mls::PrivateMessage>(envelope.ciphertext());
  const auto there = [&] {
    const auto group = groups_.find(envelope.conversation());
    return group != groups_.end() && group->second.epoch() >= envelope.epoch();
  };
  std::string text = "unreadable: no group of that epoch";
  if (message && (there() || wait_until(there))) {
    const auto opened = groups_.at(envelope.conversation()).open(member_.crypto(), *message);
    text = opened ? wire(opened->data) : "unreadable: " + std::string(mls::code(opened.error().reason));
  }
  // Not `place`: what came while it waited may have moved it.
  return opened_[{envelope.conversation(), stored.sequence()}] = text;
}

bool TestGroups::wait_until(const std::function<bool()>& done) {
  const auto end = clock_.elapsed_ms() + kPatience_ms;
  while (!done())
    if (clock_.elapsed_ms() >= end || !wait_()) return done();
  return true;
}

}  // namespace tests::support
