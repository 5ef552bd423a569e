// The directory port: the only source of people. Backends: gateway/directory/ldap (OpenLDAP and relatives) and
// gateway/directory/ldif (a file, for small sites and the demo).
//
// Threads: every method may be called from any thread and blocks; call it from a bounded pool, never from an event
// loop. Lifetime: outlives every ChangeFeed that it gave. A backend keeps no state about people beyond its connections.
//
// What "no answer" means: directory.unavailable says nothing about anybody. Callers keep the people they knew and
// refuse new logins; only a complete snapshot may say that a person is gone, and a cut-off answer is an error, never a
// snapshot.
#pragma once

#include <memory>
#include <string_view>

#include "gateway/directory/port/person.h"

namespace gateway::directory {

// Tells that something changed, not what: the answer to "what" is always a new snapshot.
class ChangeFeed {
 public:
  virtual ~ChangeFeed() = default;
  // Waits. true: something may have changed. false: the time ran out, or interrupt() was called.
  // Errors: directory.unavailable, directory.no-feed (the server does not offer it): the feed is dead.
  virtual base::Result<bool> wait(int timeout_ms) = 0;
  // Ends a wait(), now or the next one; the only method that another thread may call.
  virtual void interrupt() = 0;
};

class Directory {
 public:
  virtual ~Directory() = default;

  // Errors: login.refused (unknown person, wrong password and malformed input alike, the same words and the same work),
  // directory.unavailable, directory.misconfigured.
  virtual base::Result<Person> authenticate(std::string_view uid, std::string_view password) = 0;

  // Is this person still there? Asked again before a login ends, since minutes may have passed since its password.
  // Errors: login.refused (not there), directory.unavailable, directory.misconfigured. By default from a snapshot.
  virtual base::Result<Person> find(std::string_view uid);

  // Everybody, complete. Errors: directory.unavailable, directory.misconfigured (also: nobody found at all).
  virtual base::Result<Snapshot> snapshot() = 0;

  // Is the directory there? As cheap as the backend can make it. Errors: as above.
  virtual base::Status probe() = 0;

  // Changes after this call ring the feed. Errors: directory.unavailable, directory.misconfigured, directory.no-feed.
  virtual base::Result<std::unique_ptr<ChangeFeed>> changes() = 0;
};

}  // namespace gateway::directory
