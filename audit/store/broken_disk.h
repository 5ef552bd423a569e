// A disk that fails where a test wants it: in the tests of this room the C library's calls that write, synchronise,
// rename and cut files go through here (broken_disk_test.cc), for our code as for SQLite's. It is defined in no
// library, because it takes these calls over for the whole program.
//
// Only files below the chosen folder are touched, and nothing of them is synchronised really: a test of a thousand
// failures need not wait for the disk. Any thread, but one test at a time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "audit/store/faulty.h"

namespace audit::store::broken_disk {

struct Plan {
  std::string folder;
  std::size_t failing_call = 0;
  Fault fault = Fault::kNotPersisted;  // half: of a write, the first half of its bytes
  int reason = 0;                      // errno
  bool stays_broken = false;           // later calls fail, too, and do nothing
};

void arm(const Plan& plan);
// From now on all calls work. Whether the failing one was reached.
bool heal();

// Files and folders below the folder that were written since arm() and not synchronised since: what a loss of power may
// take back. By their paths below the folder, in order.
std::vector<std::string> unsynced();

}  // namespace audit::store::broken_disk
