// What a running process takes, as the kernel accounts it: memory (/proc/PID/smaps_rollup, in KiB) and processor time.
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

// User and system time of all its threads so far, in steps of 10 ms. Unlike a rate it hardly depends on what else the
// machine does.
double processor_s(pid_t pid);

}  // namespace tests::bench
