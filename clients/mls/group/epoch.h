// From one epoch to the next: the step that maker, taker and newcomer share (RFC 9420 §§ 8, 12.4).
//
// Pure but for the port.
#pragma once

#include "clients/mls/message/welcome.h"
#include "clients/mls/schedule/key_schedule.h"
#include "clients/mls/schedule/psk.h"

namespace clients::mls {

struct NextEpoch {  // § 8
  GroupContext context;
  Bytes encoded_context;
  Secret joiner;
  EpochSecrets secrets;
  Hash confirmation_tag{};
  Bytes interim_transcript_hash;
};

// § 8. `provisional`: epoch, extensions and tree hash of the new epoch, transcript of the old one. `commit` is signed.
struct EpochStep {
  GroupContext provisional;
  ByteView interim_before;
  const AuthenticatedContent* commit = nullptr;
  const Secret* init = nullptr;
  const Secret* commit_secret = nullptr;
  const Secret* psk = nullptr;
};
NextEpoch advance(const Crypto& crypto, EpochStep step);

// § 12.4.3.1: the Welcome for those added, in order. `path_secrets` may hold null for those who get none.
struct Newcomer {
  const KeyPackage* package = nullptr;
  const Secret* path_secret = nullptr;
};
Result<Welcome> make_welcome(const Crypto& crypto, const GroupInfo& info, const Secret& joiner, const Secret& psk,
                             std::span<const PskId> psks, std::span<const Newcomer> newcomers);

}  // namespace clients::mls
