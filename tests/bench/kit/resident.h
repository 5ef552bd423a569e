// Memory of a running process as the kernel accounts it (/proc/PID/smaps_rollup), in KiB.
#pragma once

#include <sys/types.h>

namespace tests::bench {

struct Resident {
  double rss_KiB = 0;      // every page that is in memory
  double private_KiB = 0;  // pages of this process alone: what ending it would free
};

// Zero for a process that is gone.
Resident resident(pid_t pid);
// Once three readings, half a second apart, agree to 16 KiB; after ten seconds whatever was read last.
Resident settled_resident(pid_t pid);

}  // namespace tests::bench
