// Looks at a text before it is encrypted: labels and markers as the rules of the server say (design § 4 `[content]`).
// The text never leaves the device for it.
//
// A value, immutable; one per rule set. Error of from(): content.unknown (rules that this program cannot apply: then
// nothing may be sent).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/match/content.h"
#include "relay/wire/codec.h"

namespace clients::core {

class ContentGuard {
 public:
  static policy::base::Result<ContentGuard> from(const relay::wire::pb::Content& content);

  const std::string& rules_digest() const { return rules_digest_; }

  // What was found in the text, strongest rule first, when it may not go.
  struct Objection {
    policy::base::Error error;  // content.stopped, content.warned, label.not-allowed
    std::vector<std::string> markers;
  };
  // `confirmed`: warnings were shown and answered.
  std::optional<Objection> look(std::string_view text, std::string_view label, bool confirmed) const;

 private:
  ContentGuard(std::string rules_digest, std::vector<std::string> labels, policy::match::Content content)
      : rules_digest_(std::move(rules_digest)), labels_(std::move(labels)), content_(std::move(content)) {}

  std::string rules_digest_;
  std::vector<std::string> labels_;
  policy::match::Content content_;
};

}  // namespace clients::core
