#include "policy/pack/pack_reader.h"

namespace policy::pack {

Own own_of(const PackDraft& draft) {
  Own own;
  if (const auto& it = draft.devices) own.devices = {it->max, it->private_needs_consent, it->cite};
  if (const auto& it = draft.sessions)
    own.sessions = {it->lifetime, it->idle, it->lock_for, it->step_up, it->failures, it->factors, it->cite};
  if (const auto& it = draft.push) own.push = {it->payload, it->jitter, it->classes, it->cite};
  if (draft.content)
    for (const TextAt& label : draft.content->labels) own.labels.push_back(label.text);
  for (const AdaptDraft& it : draft.adapts) own.adapts.push_back({it.rule.text, it.values, it.cite});
  for (const SetDraft& it : draft.sets) own.sets.push_back({it.parameter.text, it.value, it.cite});
  return own;
}

}  // namespace policy::pack
