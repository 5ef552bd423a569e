// What a group asks of the program around it: primitives, time, who people are, and pre-shared keys.
//
// Given to each call that needs it and kept by none, so that a group is a value.
#pragma once

#include <functional>
#include <optional>

#include "clients/mls/message/group_context.h"
#include "clients/mls/message/leaf_node.h"

namespace clients::mls {

struct Environment {
  const Crypto* crypto = nullptr;  // § 5.1; outlives the call

  // Seconds since 1970, for the lifetimes of key packages that are added. Nothing: lifetimes are not looked at, as when
  // old groups are replayed. Leaves of a tree that is joined are never asked (§ 7.3: they may have run out since they
  // were added).
  std::optional<std::uint64_t> now_s = std::nullopt;

  // The authentication service (§ 5.3.1): may this leaf stand for whom it says? Asked of every leaf before it is taken:
  // when joining, adding, updating and for paths. A refusal refuses the whole message. Default: everybody (tests,
  // vectors).
  std::function<bool(const LeafNode&)> admits = [](const LeafNode&) { return true; };

  // § 12.1.8: who stands behind the external sender of that index; its key is the group's. Resync (§ 12.4.3.2): whether
  // the leaf of an external commit is the person and device whose leaf it removes.
  std::function<bool(const LeafNode& removed, const LeafNode& joining)> is_same_client =
      [](const LeafNode& removed, const LeafNode& joining) { return removed.credential == joining.credential; };

  // External pre-shared keys by name (§ 8.4). Resumption keys (§ 8.6) are the group's own.
  std::function<std::optional<SecretBytes>(ByteView external_id)> psk = [](ByteView) { return std::nullopt; };
};

}  // namespace clients::mls
