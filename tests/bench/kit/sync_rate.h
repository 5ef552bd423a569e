// What the disk itself allows: how often a second a small write becomes durable.
#pragma once

#include <string>

namespace tests::bench {

// One 4 KiB append and fdatasync after the other in a file of this folder, for `seconds`. Aborts when it cannot write.
double syncs_per_second(const std::string& folder, double seconds);

}  // namespace tests::bench
