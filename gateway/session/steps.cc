#include "gateway/session/steps.h"

#include <algorithm>

namespace gateway::session {

base::Result<std::string> Steps::add(Step step) {
  const std::scoped_lock lock(mutex_);
  const std::int64_t now_ms = clock_.elapsed_ms();
  if (steps_.size() >= kStepsMax) drop_old_locked(now_ms);
  if (steps_.size() >= kStepsMax)
    return base::fail("login.busy", "too many logins under way", std::to_string(kStepsMax),
                      "try again in a few minutes");
  bound_person_locked(step.person);
  step.ends_at_ms = now_ms + kStepLifetime_s * 1000;
  std::string token = make_token(random_);
  const store::Hash hash = hash_token(token);
  by_person_[step.person].push_back(hash);
  steps_.emplace(hash, std::move(step));
  return token;
}

base::Result<Step> Steps::take(std::string_view token) {
  const std::scoped_lock lock(mutex_);
  const auto at = looks_like_token(token) ? steps_.find(hash_token(token)) : steps_.end();
  if (at == steps_.end() || at->second.ends_at_ms <= clock_.elapsed_ms())
    return base::fail("login.step-unknown", "this step of the login is over", "within 5 minutes, each step once",
                      "start again with user name and password");
  Step step = std::move(at->second);
  auto& hashes = by_person_[step.person];
  std::erase(hashes, at->first);
  if (hashes.empty()) by_person_.erase(step.person);
  steps_.erase(at);
  return step;
}

void Steps::put_back(std::string_view token, Step step) {
  const std::scoped_lock lock(mutex_);
  bound_person_locked(step.person);
  const store::Hash hash = hash_token(token);
  by_person_[step.person].push_back(hash);
  steps_.emplace(hash, std::move(step));
}

std::string Steps::person(std::string_view token) const {
  const std::scoped_lock lock(mutex_);
  const auto found = steps_.find(hash_token(token));
  return found == steps_.end() ? std::string() : found->second.person;
}

void Steps::drop_person(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  const auto at = by_person_.find(std::string(person));
  if (at == by_person_.end()) return;
  for (const store::Hash& hash : at->second) steps_.erase(hash);
  by_person_.erase(at);
}

void Steps::drop_old() {
  const std::scoped_lock lock(mutex_);
  drop_old_locked(clock_.elapsed_ms());
}

std::size_t Steps::size() const {
  const std::scoped_lock lock(mutex_);
  return steps_.size();
}

void Steps::drop_old_locked(std::int64_t now_ms) {
  const auto is_old = [&](const store::Hash& hash) {
    const auto at = steps_.find(hash);
    if (at->second.ends_at_ms > now_ms) return false;
    steps_.erase(at);
    return true;
  };
  for (auto person = by_person_.begin(); person != by_person_.end();) {
    std::erase_if(person->second, is_old);
    person = person->second.empty() ? by_person_.erase(person) : std::next(person);
  }
}

void Steps::bound_person_locked(const std::string& person) {
  const auto at = by_person_.find(person);
  if (at == by_person_.end() || at->second.size() < kStepsPerPersonMax) return;
  steps_.erase(at->second.front());
  at->second.erase(at->second.begin());
}

}  // namespace gateway::session
