// A sweep with several threads: one reads people, the others judge them. Bounded: as many people are in memory as the
// queue and the workers hold.
#pragma once

#include <functional>

#include "policy/prove/sweep.h"
#include "policy/tool/command/person_source.h"

namespace policy::tool {

constexpr std::size_t kPeopleAtOnce = 16;   // handed to a worker together
constexpr std::size_t kBatchesWaiting = 8;  // at most

// `seen` is told how many people were read so far, on the calling thread.
Input<prove::Tally> sweep(const prove::Plan& plan, unsigned workers, PersonSource& people,
                          const std::function<void(std::uint64_t)>& seen);

}  // namespace policy::tool
