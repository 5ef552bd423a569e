// The way to a session: password, second factor, device.
#include <algorithm>

#include "gateway/session/session.h"

namespace gateway::session {
namespace {

base::Error locked_error(base::Instant until) {
  return {.code = "login.locked",
          .seen = "too many failed attempts for this account",
          .allowed = {},
          .remedy = "wait until " + base::format_instant(until) + ", then try again",
          .where = {}};
}

Stage stage_of(NextStep next) {
  switch (next) {
    case NextStep::enrol_totp: return Stage::enrol_totp;
    case NextStep::totp: return Stage::totp;
    case NextStep::device: return Stage::device;
  }
  return Stage::totp;
}

}  // namespace

base::Status Sessions::begin_attempt(std::string_view person, const Rules& rules) {
  const auto attempt = store_.begin_attempt(person, clock_.now(), rules.failures_max, rules.lock_for);
  if (!attempt) return std::unexpected(attempt.error());
  if (!attempt->allowed) return std::unexpected(locked_error(attempt->locked_until));
  return {};
}

base::Result<StepReply> Sessions::password(std::string_view uid, std::string_view password) {
  const auto name = directory::canonical_uid(uid);
  if (!name) return std::unexpected(name.error());
  if (const auto status = directory::check_password(password); !status) return std::unexpected(status.error());
  if (const auto status = begin_attempt(*name, rules()); !status) return std::unexpected(status.error());
  const auto person = directory_.authenticate(*name, password);
  if (!person && person.error().code == "login.refused") return std::unexpected(person.error());
  if (const auto status = store_.return_attempt(*name); !status) return std::unexpected(status.error());
  if (!person) return std::unexpected(person.error());

  const auto known = store_.ensure_person(person->id, person->stable_id, {random_.array<16>()});
  if (!known) return std::unexpected(known.error());
  const auto factor = store_.factor(person->id);
  if (!factor) return std::unexpected(factor.error());
  Step step{
      .person = person->id, .mailbox = known->record.mailbox, .next = *factor ? NextStep::totp : NextStep::enrol_totp};
  if (!*factor) step.new_secret = random_.array<std::tuple_size_v<TotpSecret>>();
  return next_step(std::move(step));
}

base::Status Sessions::check_code(const Step& step, std::string_view code) {
  const base::Instant now = clock_.now();
  if (step.next == NextStep::enrol_totp) {
    const auto counter = verify_code(step.new_secret, code, now);
    if (!counter) return std::unexpected(directory::login_refused());
    return store_.add_factor(
        step.person, {.sealed_secret = key_.seal(step.person, step.new_secret, random_), .last_counter = *counter});
  }
  return check_known_code(step.person, code);
}

base::Status Sessions::check_known_code(std::string_view person, std::string_view code) {
  const auto factor = store_.factor(person);
  if (!factor) return std::unexpected(factor.error());
  if (!*factor) return std::unexpected(directory::login_refused());
  const auto secret = key_.open(person, (*factor)->sealed_secret);
  if (!secret) return std::unexpected(secret.error());
  const auto counter = verify_code(*secret, code, clock_.now());
  if (!counter) return std::unexpected(directory::login_refused());
  const auto first_use = store_.advance_counter(person, *counter);
  if (!first_use) return std::unexpected(first_use.error());
  if (!*first_use) return std::unexpected(directory::login_refused());
  return {};
}

base::Result<StepReply> Sessions::totp(std::string_view step_token, std::string_view code) {
  auto step = steps_.take(step_token);
  if (!step) return std::unexpected(step.error());
  base::Status status;
  if (step->next == NextStep::device)
    status = base::fail("login.step-unknown", "a code where a device is asked for", "the device's keys or its proof");
  if (status) status = begin_attempt(step->person, rules());
  if (status) status = check_code(*step, code);
  if (status) status = store_.clear_failures(step->person);
  if (!status) {
    const bool over = status.error().code == "factor.exists";
    if (!over) steps_.put_back(step_token, *std::move(step));
    return std::unexpected(status.error());
  }
  step->next = NextStep::device;
  step->new_secret = {};
  return next_step(*std::move(step));
}

base::Result<StepReply> Sessions::next_step(Step step) {
  StepReply reply{.next = stage_of(step.next), .expires = clock_.now() + base::Seconds{kStepLifetime_s}};
  if (step.next == NextStep::enrol_totp) reply.totp = offer(step.new_secret, issuer_, step.person);
  if (step.next == NextStep::device) {
    reply.challenge = step.challenge = random_.array<std::tuple_size_v<device::Challenge>>();
    auto devices = devices_.list(step.person);
    if (!devices) return std::unexpected(devices.error());
    reply.devices = *std::move(devices);
  }
  auto token = steps_.add(std::move(step));
  if (!token) return std::unexpected(token.error());
  reply.token = *std::move(token);
  return reply;
}

base::Result<StepReply> Sessions::enrol_device(std::string_view step_token, const device::EnrolRequest& request) {
  auto step = steps_.take(step_token);
  if (!step) return std::unexpected(step.error());
  const auto device = step->next == NextStep::device
                          ? devices_.enrol(step->person, request, step->challenge, rules().devices, clock_.now())
                          : base::fail("login.step-unknown", "a device before the second factor", "the code first");
  if (!device) {
    steps_.put_back(step_token, *std::move(step));
    return std::unexpected(device.error());
  }
  return finish(*step, *device);
}

base::Result<StepReply> Sessions::prove_device(std::string_view step_token, const base::DeviceId& id,
                                               const device::Signature& signature) {
  auto step = steps_.take(step_token);
  if (!step) return std::unexpected(step.error());
  const auto device = step->next == NextStep::device
                          ? devices_.prove(step->person, id, step->challenge, signature)
                          : base::fail("login.step-unknown", "a device before the second factor", "the code first");
  if (!device) {
    steps_.put_back(step_token, *std::move(step));
    return std::unexpected(device.error());
  }
  return finish(*step, *device);
}

base::Result<StepReply> Sessions::remove_device_at_login(std::string_view step_token, const base::DeviceId& id) {
  auto step = steps_.take(step_token);
  if (!step) return std::unexpected(step.error());
  const base::Status removed =
      step->next == NextStep::device
          ? devices_.remove(step->person, id, clock_.now())
          : base::Status(base::fail("login.step-unknown", "a device before the second factor", "the code first"));
  if (!removed) {
    steps_.put_back(step_token, *std::move(step));
    return std::unexpected(removed.error());
  }
  return next_step(*std::move(step));
}

// Up to ten minutes have passed since the directory took the password, and close_missing() finds only sessions that
// exist.
base::Result<StepReply> Sessions::finish(const Step& step, const store::Device& device) {
  if (const auto there = directory_.find(step.person); !there) return std::unexpected(there.error());
  const base::Instant now = clock_.now();
  const store::Session session{.id = {random_.array<16>()},
                               .person = step.person,
                               .device = device.id,
                               .logged_in = now,
                               .expires = now + rules().lifetime,
                               .last_seen = now};
  std::string token = make_token(random_);
  if (const auto status = store_.add_session(session, hash_token(token)); !status)
    return std::unexpected(status.error());
  return StepReply{.next = Stage::done,
                   .token = std::move(token),
                   .expires = session.expires,
                   .session = {.id = session.id,
                               .person = step.person,
                               .mailbox = step.mailbox,
                               .device = device.id,
                               .expires = session.expires,
                               .logged_in = session.logged_in,
                               .waiting = device.waiting}};
}

}  // namespace gateway::session
