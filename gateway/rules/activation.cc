#include "gateway/rules/activation.h"

#include <array>
#include <utility>

namespace gateway::rules {
namespace {

namespace event = audit::event;
using base::Instant;
using base::Status;

event::RulesBundleActivated activated(const bundle::Verified& verified, const base::Sha256& roster) {
  const bundle::Terms& terms = verified.bundle.terms;
  return {{verified.digest},      {terms.revision},         terms.not_before, terms.expires,
          {verified.pins.tzdata}, {verified.pins.holidays}, {roster},         {verified.signatures}};
}

}  // namespace

event::BundleRefusal refusal_of(std::string_view code) {
  constexpr std::array<std::pair<std::string_view, event::BundleRefusal>, 18> kReasons{{
      {"bundle.unsigned", event::BundleRefusal::kUnsigned},
      {"bundle.parties", event::BundleRefusal::kUnsigned},
      {"bundle.unknown-signer", event::BundleRefusal::kUnknownSigner},
      {"bundle.statement", event::BundleRefusal::kAltered},
      {"bundle.signature", event::BundleRefusal::kAltered},
      {"bundle.rollback", event::BundleRefusal::kRollback},
      {"bundle.expired", event::BundleRefusal::kExpired},
      {"bundle.tz-data", event::BundleRefusal::kTimeZones},
      {"bundle.tenant", event::BundleRefusal::kOtherTenant},
      {"bundle.signers", event::BundleRefusal::kUnsound},
      {"bundle.unset-parameter", event::BundleRefusal::kUnsound},
      {"bundle.party", event::BundleRefusal::kUnsound},
      {"bundle.terms", event::BundleRefusal::kUnsound},
      {"pack.", event::BundleRefusal::kUnsound},
      {"calendar.", event::BundleRefusal::kUnsound},
      {"csv.", event::BundleRefusal::kUnsound},
      {"quorum.", event::BundleRefusal::kNotWitnessed},
      {"witness.", event::BundleRefusal::kNotWitnessed},
  }};
  for (const auto& [prefix, reason] : kReasons)
    if (code == prefix || (prefix.ends_with('.') && code.starts_with(prefix))) return reason;
  return event::BundleRefusal::kUnreadable;
}

Activation::Activation(Memory& memory, Log log, std::string tenant, Permit permit)
    : memory_(memory), log_(std::move(log)), tenant_(std::move(tenant)), permit_(std::move(permit)) {}

// Once: what was in force when the gateway stopped.
std::expected<void, Errors> Activation::recall(const base::Result<SignedFiles>& files, Instant now) {
  if (recalled_) return {};
  auto stored = memory_.remembered();
  if (!stored) return std::unexpected(Errors{stored.error()});
  if (*stored) {
    if (!files) return std::unexpected(Errors{files.error()});
    const auto trust = bundle::parse_trust("trust", files->trust);
    if (!trust) return std::unexpected(Errors{trust.error()});
    const bundle::InForce itself{(*stored)->revision, base::sha256((*stored)->bundle), {}};
    auto verdict = bundle::verify((*stored)->bundle, (*stored)->note, {*trust, tenant_, itself, now});
    if (!verdict) return std::unexpected(std::move(verdict.error()));
    in_force_ = std::make_shared<const Accepted>(
        Accepted{std::move(*verdict), std::move((*stored)->bundle), std::move((*stored)->note)});
  }
  recalled_ = true;
  return {};
}

std::expected<Choice, Errors> Activation::judge(const SignedFiles& files, Instant now) const {
  const auto trust = bundle::parse_trust("trust", files.trust);
  if (!trust) return std::unexpected(Errors{trust.error()});
  std::optional<bundle::InForce> in_force;
  if (in_force_) in_force = in_force_->verified.terms_for_successor();
  auto verdict = bundle::verify(files.bundle, files.note, {*trust, tenant_, std::move(in_force), now});
  if (!verdict) return std::unexpected(std::move(verdict.error()));
  return std::make_shared<const Accepted>(Accepted{std::move(*verdict), files.bundle, files.note});
}

Status Activation::log_refusal(const base::Sha256& digest, const base::Error& error) {
  std::string refused = base::to_hex(digest) + error.code;
  if (refused == refused_) return {};
  auto logged = log_(event::BundleRefused{{digest}, refusal_of(error.code)});
  if (logged) refused_ = std::move(refused);
  return logged;
}

std::expected<Choice, Errors> Activation::choose(const base::Result<SignedFiles>& files, Instant now) {
  const std::scoped_lock lock(mutex_);
  if (auto recalled = recall(files, now); !recalled) return std::unexpected(std::move(recalled.error()));
  waiting_ = nullptr;
  withheld_ = false;
  refusal_.reset();
  auto candidate = files ? judge(*files, now) : std::expected<Choice, Errors>(std::unexpected(Errors{files.error()}));
  if (!candidate) {
    refusal_ = candidate.error().front();
    const base::Sha256 digest = files ? base::sha256(files->bundle) : base::Sha256{};
    if (auto logged = log_refusal(digest, *refusal_); !logged) return std::unexpected(Errors{logged.error()});
    if (!in_force_) return candidate;
    return in_force_;
  }
  if ((*candidate)->verified.in_force) return in_force_;
  if ((*candidate)->verified.due) return offer(std::move(*candidate), now);
  waiting_ = *candidate;
  if (in_force_) return in_force_;
  return std::unexpected(Errors{bundle::check_due(waiting_->verified, now).error()});
}

// What has no permit waits as if its hour had not come; rosters and people go on under what is in force.
std::expected<Choice, Errors> Activation::offer(Choice candidate, Instant now) {
  const Status permitted = permit_ ? permit_(now) : Status{};
  if (permitted) return candidate;
  refusal_ = permitted.error();
  // Once for the bundle, whichever witness it is that is missing by now.
  if (auto logged = log_refusal(candidate->verified.digest, {"quorum.missing", {}, {}, {}, {}}); !logged)
    return std::unexpected(Errors{logged.error()});
  waiting_ = std::move(candidate);
  withheld_ = true;
  retry_ = now + kRetryAfter;
  if (in_force_) return in_force_;
  return std::unexpected(Errors{*refusal_});
}

Status Activation::put_in_force(const Choice& choice, const base::Sha256& roster, Instant now) {
  const std::scoped_lock lock(mutex_);
  const bundle::Verified& verified = choice->verified;
  std::string telling = base::to_hex(verified.digest) + base::to_hex(verified.pins.tzdata) + base::to_hex(roster);
  if (!withheld_) retry_ = base::kBeginningOfTime;
  if (telling == told_) return {};
  const auto failed = [&](base::Error error) -> Status {
    if (choice != in_force_) waiting_ = choice;
    retry_ = now + kRetryAfter;
    return std::unexpected(std::move(error));
  };
  if (auto logged = log_(activated(verified, roster)); !logged) return failed(logged.error());
  if (choice != in_force_) {
    if (auto stored = memory_.remember({verified.bundle.terms.revision, choice->bytes, choice->note}); !stored) {
      // The log must not end with rules that no gate has seen. If this fails, too, the next activation says it.
      (void)log_(event::BundleRefused{{verified.digest}, event::BundleRefusal::kNotStored});
      told_.clear();
      return failed(stored.error());
    }
    in_force_ = choice;
    waiting_ = nullptr;
  }
  told_ = std::move(telling);
  return {};
}

bool Activation::due(Instant now) const {
  const std::scoped_lock lock(mutex_);
  return waiting_ && waiting_->verified.bundle.terms.not_before <= now && retry_ <= now;
}

void Activation::postpone(Instant now) {
  const std::scoped_lock lock(mutex_);
  retry_ = now + kRetryAfter;
}

Activation::State Activation::state() const {
  const std::scoped_lock lock(mutex_);
  State out;
  if (in_force_) {
    out.in_force = in_force_->verified.bundle.terms;
    out.digest = in_force_->verified.digest;
  }
  if (waiting_) out.waiting = waiting_->verified.bundle.terms;
  return out;
}

Errors Activation::warnings(Instant now) const {
  const std::scoped_lock lock(mutex_);
  Errors out;
  if (in_force_) {
    if (auto ended = bundle::check_expired(in_force_->verified.bundle.terms, now); !ended) out.push_back(ended.error());
    for (const auto& finding : in_force_->verified.findings)
      if (finding.code != "bundle.expired") out.push_back(finding);
  }
  if (refusal_) out.push_back(*refusal_);
  return out;
}

}  // namespace gateway::rules
