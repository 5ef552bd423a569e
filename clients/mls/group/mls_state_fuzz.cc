// What the client's store gives back is as untrusted as the wire: a group that is read from it, whether a member's or
// the service's, bears being used, and is written and read as the same.
#include <cstdlib>

#include "clients/mls/group/public_group.h"
#include "clients/mls/group/testing/world.h"

namespace {

using namespace clients::mls;  // NOLINT(google-build-using-namespace): a program of its own

constexpr std::uint32_t kLeavesTried = 64;

void demand(bool holds) {
  if (!holds) std::abort();
}

void use(const World& world, Group group) {
  const SecretBytes saved = group.save();
  const auto again = Group::load(saved.view(), group.save_keys().view());
  demand(again && again->save() == saved);
  if (group.tree().leaves() > kLeavesTried) return;
  (void)group.members();
  if (const auto said = group.protect(world.crypto(), {1, 2, 3})) (void)group.open(world.crypto(), *said);
  (void)group.group_info(world.crypto(), true);
  (void)group.propose_update(world.environment());
  if (const auto staged = group.commit(world.environment(), {.path = true}))
    demand(Group::load(staged->group.save().view()).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  const World world(1);
  static const SecretBytes whole = world.party(2)[1].save();
  (void)Group::load(whole.view(), bytes);
  if (auto group = Group::load(bytes)) use(world, std::move(*group));
  if (const auto group = PublicGroup::load(bytes)) {
    const auto again = PublicGroup::load(group->save());
    demand(again && again->save() == group->save());
  }
  return 0;
}
