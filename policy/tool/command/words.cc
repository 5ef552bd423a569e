#include "policy/tool/command/words.h"

namespace policy::tool {

std::string say(Language language, model::Effect effect) {
  switch (effect) {
    case model::Effect::kDeliver: return say(language, Word::kEffectDeliver);
    case model::Effect::kSilent: return say(language, Word::kEffectSilent);
    case model::Effect::kHold: break;
  }
  return say(language, Word::kEffectHold);
}

std::string say(Language language, pack::Layer layer) {
  switch (layer) {
    case pack::Layer::kLaw: return say(language, Word::kLayerLaw);
    case pack::Layer::kAgreement: return say(language, Word::kLayerAgreement);
    case pack::Layer::kUnit: return say(language, Word::kLayerUnit);
    case pack::Layer::kPersonal: break;
  }
  return say(language, Word::kLayerPersonal);
}

}  // namespace policy::tool
