// A sweep with several threads: one reads people, the others judge them. Bounded: as many people are in memory as the
// queue and the workers hold.
#pragma once

#include <functional>
#include <optional>

#include "policy/prove/sweep.h"

namespace policy::tool {

constexpr std::size_t kPeopleAtOnce = 16;   // handed to a worker together
constexpr std::size_t kBatchesWaiting = 8;  // at most

// Called from one thread until it gives nothing or an error.
using NextPerson = std::function<base::Result<std::optional<model::PersonFacts>>()>;

// `seen` is told how many people were read so far, on the calling thread.
base::Result<prove::Tally> sweep(const prove::Plan& plan, unsigned workers, const NextPerson& next,
                                 const std::function<void(std::uint64_t)>& seen);

}  // namespace policy::tool
