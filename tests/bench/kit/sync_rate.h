// What the disk itself allows: how often a second a small write becomes durable.
#pragma once

#include <string>
#include <vector>

namespace tests::bench {

// One 4 KiB append and fdatasync after the other in a file of this folder, for `seconds`. Aborts when it cannot write.
double syncs_per_second(const std::string& folder, double seconds);

// Microseconds each 4 KiB took that replaced bytes of a file that has its size already, as a journal does it: the least
// that durable can cost on this disk. At least one.
std::vector<double> syncs_in_place_us(const std::string& folder, double seconds);

}  // namespace tests::bench
