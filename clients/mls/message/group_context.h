// What all members of an epoch agree on (RFC 9420 § 8.1), and the names of pre-shared keys (§ 8.4).
//
// Values with their codecs.
#pragma once

#include "clients/mls/message/extension.h"

namespace clients::mls {

struct GroupContext {  // § 8.1
  CipherSuite suite = kDefaultSuite;
  Bytes group_id;
  std::uint64_t epoch = 0;
  Hash tree_hash{};
  Bytes confirmed_transcript_hash;  // empty in the epoch in which the group begins
  Extensions extensions;
  bool operator==(const GroupContext&) const = default;
};
void write(Writer& out, const GroupContext& value);
// Refuses versions and suites that are not ours (kUnsupported).
void read(Reader& in, GroupContext& value);

enum class PskType : std::uint8_t { kExternal = 1, kResumption = 2 };                      // § 8.4
enum class ResumptionUsage : std::uint8_t { kApplication = 1, kReinit = 2, kBranch = 3 };  // § 8.4

struct PskId {  // § 8.4
  PskType type = PskType::kExternal;
  Bytes external_id;                                      // external
  ResumptionUsage usage = ResumptionUsage::kApplication;  // resumption
  Bytes group_id;                                         // resumption
  std::uint64_t epoch = 0;                                // resumption
  Bytes nonce;                                            // KDF.Nh bytes; checked where a proposal is
  bool operator==(const PskId&) const = default;
};
void write(Writer& out, const PskId& value);
void read(Reader& in, PskId& value);

}  // namespace clients::mls
