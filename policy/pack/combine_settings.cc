#include <functional>

#include "policy/pack/resolution.h"

namespace policy::pack {
namespace {

using base::Seconds;

void combine_devices(const Resolution& resolution) {
  DeviceRules& out = resolution.rules.devices;
  std::vector<Said<std::uint32_t>> max;
  for (std::size_t i = 0; i < resolution.drafts.size(); ++i) {
    const auto& devices = resolution.drafts[i].devices;
    if (!devices) continue;
    max.push_back({i, devices->at, static_cast<std::uint32_t>(devices->max)});
    out.private_needs_consent |= devices->private_needs_consent;
  }
  strictest(resolution, max, "[devices] max", out.devices_max, std::less<>{});
  for (const auto& said : max)
    if (said.value == out.devices_max && out.cite.empty()) out.cite = resolution.drafts[said.pack].pack.id + "/devices";
}

// What the packs say about one member of a family, as the type that the gateway sees.
template <typename Out, typename Family, typename Member>
std::vector<Said<Out>> said_about(const Resolution& resolution, std::optional<Family> PackDraft::* family,
                                  Member member) {
  std::vector<Said<Out>> said;
  for (std::size_t i = 0; i < resolution.drafts.size(); ++i) {
    const auto& table = resolution.drafts[i].*family;
    if (!table) continue;
    if (const auto& value = (*table).*member) said.push_back({i, table->at, static_cast<Out>(*value)});
  }
  return said;
}

void combine_sessions(const Resolution& resolution) {
  SessionRules& out = resolution.rules.sessions;
  const auto seconds = [&](auto member, std::string_view what, Seconds& into, auto stricter) {
    strictest(resolution, said_about<Seconds>(resolution, &PackDraft::sessions, member), what, into, stricter);
  };
  const auto count = [&](auto member, std::string_view what, std::uint32_t& into, auto stricter) {
    strictest(resolution, said_about<std::uint32_t>(resolution, &PackDraft::sessions, member), what, into, stricter);
  };
  seconds(&SessionsDraft::lifetime, "[sessions] lifetime", out.lifetime, std::less<>{});
  seconds(&SessionsDraft::idle, "[sessions] idle", out.idle, std::less<>{});
  seconds(&SessionsDraft::step_up, "[sessions] step_up", out.step_up, std::less<>{});
  seconds(&SessionsDraft::lock_for, "[sessions] lock_for", out.lock_for, std::greater<>{});
  count(&SessionsDraft::failures, "[sessions] failures", out.failures_max, std::less<>{});
  count(&SessionsDraft::factors, "[sessions] factors", out.factors, std::greater<>{});
  for (const PackDraft& draft : resolution.drafts)
    if (draft.sessions && out.cite.empty()) out.cite = draft.pack.id + "/sessions";
}

void combine_push(const Resolution& resolution) {
  PushRules& out = resolution.rules.push;
  strictest(resolution, said_about<PushPayload>(resolution, &PackDraft::push, &PushDraft::payload), "[push] payload",
            out.payload, std::greater<>{});
  strictest(resolution, said_about<Seconds>(resolution, &PackDraft::push, &PushDraft::jitter), "[push] jitter",
            out.jitter, std::greater<>{});
  const auto classes = said_about<ClassSet>(resolution, &PackDraft::push, &PushDraft::classes);
  refuse_looser(resolution, classes, "[push] classes",
                [](ClassSet weak, ClassSet strong) { return (weak & ~strong).any(); });
  for (const auto& said : classes) out.classes &= said.value;
  for (const PackDraft& draft : resolution.drafts)
    if (draft.push && out.cite.empty()) out.cite = draft.pack.id + "/push";
}

}  // namespace

void combine_settings(Resolution resolution) {
  combine_devices(resolution);
  combine_sessions(resolution);
  combine_push(resolution);
}

}  // namespace policy::pack
