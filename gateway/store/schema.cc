#include "gateway/store/schema.h"

#include <array>

namespace gateway::store {
namespace {

// Slots 1…8 and kDevicesPerPersonMax belong together. A device that is not active has no slot: NULLs are distinct in a
// UNIQUE constraint, so it takes no place. `slots_max` is the limit under which the row was inserted.
constexpr const char* kFirst = R"sql(
CREATE TABLE people (
  person    TEXT PRIMARY KEY CHECK (length(person) BETWEEN 1 AND 64),
  stable_id TEXT NOT NULL,
  mailbox   BLOB NOT NULL UNIQUE CHECK (length(mailbox) = 16)
) STRICT, WITHOUT ROWID;

CREATE TABLE factors (
  person        TEXT PRIMARY KEY REFERENCES people ON DELETE CASCADE,
  sealed_secret BLOB NOT NULL,
  last_counter  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE failures (            -- also of uids that nobody has, so that a lock does not tell who exists
  person       TEXT PRIMARY KEY CHECK (length(person) BETWEEN 1 AND 64),
  failures     INTEGER NOT NULL CHECK (failures >= 0),
  locked_until INTEGER NOT NULL,
  last         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX failures_by_age ON failures (last);

CREATE TABLE devices (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  person    TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  slot      INTEGER,
  slots_max INTEGER NOT NULL CHECK (slots_max BETWEEN 1 AND 8),
  state     INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
  name      TEXT NOT NULL,
  kind      INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),
  sign_key  BLOB NOT NULL UNIQUE CHECK (length(sign_key) = 32),
  box_key   BLOB NOT NULL CHECK (length(box_key) = 32),
  enrolled  INTEGER NOT NULL,
  ended     INTEGER NOT NULL,
  CHECK ((state = 1) = (slot IS NOT NULL)),
  CHECK (slot IS NULL OR slot BETWEEN 1 AND slots_max),
  UNIQUE (person, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id           BLOB PRIMARY KEY CHECK (length(id) = 16),
  person       TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  device       BLOB NOT NULL REFERENCES devices ON DELETE CASCADE,
  token_hash   BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  pending_hash BLOB UNIQUE CHECK (length(pending_hash) = 32),
  logged_in    INTEGER NOT NULL,
  expires      INTEGER NOT NULL,
  last_seen    INTEGER NOT NULL,
  wiped        INTEGER NOT NULL CHECK (wiped IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_person ON sessions (person);
CREATE INDEX sessions_by_device ON sessions (device);
CREATE INDEX sessions_by_expiry ON sessions (expires);

CREATE TABLE conversations (
  id      BLOB PRIMARY KEY CHECK (length(id) = 16),
  kind    INTEGER NOT NULL CHECK (kind IN (1, 2)),
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
  conversation BLOB NOT NULL REFERENCES conversations ON DELETE CASCADE,
  person       TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  PRIMARY KEY (conversation, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_person ON members (person);

CREATE TABLE direct_pairs (        -- two people have one direct conversation, whoever of them opens it first
  low          TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  high         TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  conversation BLOB NOT NULL UNIQUE REFERENCES conversations ON DELETE CASCADE,
  PRIMARY KEY (low, high),
  CHECK (low < high)
) STRICT, WITHOUT ROWID;
CREATE INDEX direct_pairs_by_high ON direct_pairs (high);
)sql";

constexpr const char* kSecond = R"sql(
CREATE TABLE interruptions (       -- an alarm reached somebody at rest: the rules may begin that rest anew
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  begins INTEGER NOT NULL,
  ends   INTEGER NOT NULL CHECK (ends > begins),
  PRIMARY KEY (person, begins)
) STRICT, WITHOUT ROWID;
CREATE INDEX interruptions_by_age ON interruptions (ends);
)sql";

constexpr const char* kThird = R"sql(
CREATE TABLE rules_in_force (      -- the signed rules that gates follow; one row, whose revision never falls
  only     INTEGER PRIMARY KEY CHECK (only = 1),
  revision INTEGER NOT NULL CHECK (revision > 0),
  bundle   BLOB NOT NULL,
  note     BLOB NOT NULL
) STRICT;
CREATE TRIGGER rules_never_older BEFORE UPDATE ON rules_in_force
WHEN new.revision < old.revision OR (new.revision = old.revision AND new.bundle <> old.bundle)
BEGIN SELECT RAISE(ABORT, 'an older revision'); END;
CREATE TRIGGER rules_never_gone BEFORE DELETE ON rules_in_force
BEGIN SELECT RAISE(ABORT, 'rules in force'); END;
)sql";

constexpr const char* kFourth = R"sql(
CREATE TABLE overrides (           -- somebody in a role opened this person's gate for a while
  person  TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  rule    TEXT NOT NULL,
  begins  INTEGER NOT NULL,
  ends    INTEGER NOT NULL CHECK (ends > begins),
  role    TEXT NOT NULL,
  reason  TEXT NOT NULL,
  granter TEXT NOT NULL,           -- no reference: what was granted stays when its granter is gone
  PRIMARY KEY (person, rule, begins, ends)
) STRICT, WITHOUT ROWID;
CREATE INDEX overrides_by_granter ON overrides (granter);
CREATE INDEX overrides_by_age ON overrides (ends);

CREATE TABLE self_openings (       -- the person opened the own gate for a while; read for nobody else
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  begins INTEGER NOT NULL,
  ends   INTEGER NOT NULL CHECK (ends > begins),
  PRIMARY KEY (person, begins)
) STRICT, WITHOUT ROWID;
CREATE INDEX self_openings_by_age ON self_openings (ends);

CREATE TABLE expiries (            -- how many messages passed their deadline unread: a count a day, never a record
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  day    INTEGER NOT NULL,
  count  INTEGER NOT NULL CHECK (count > 0),
  PRIMARY KEY (person, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE counted_days (        -- up to which day self-openings were counted for the log; one row
  only INTEGER PRIMARY KEY CHECK (only = 1),
  day  INTEGER NOT NULL
) STRICT;
)sql";

constexpr const char* kFifth = R"sql(
CREATE TABLE pseudonym_openings (  -- days whose pseudonyms in the log two parties opened; everybody is told from `told` on
  request BLOB PRIMARY KEY CHECK (length(request) = 32),
  begins  INTEGER NOT NULL,
  ends    INTEGER NOT NULL CHECK (ends > begins),
  purpose TEXT NOT NULL,
  opened  INTEGER NOT NULL,
  told    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* kSixth = R"sql(
CREATE TABLE key_packages (        -- RFC 9420 section 10; each is handed out once
  reference BLOB PRIMARY KEY CHECK (length(reference) = 32),
  device    BLOB NOT NULL REFERENCES devices ON DELETE CASCADE,
  package   BLOB,                  -- NULL: handed out; the reference stays to the end of the lifetime and is never taken again
  not_after INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX key_packages_waiting ON key_packages (device, not_after) WHERE package IS NOT NULL;
CREATE INDEX key_packages_by_device ON key_packages (device);
CREATE INDEX key_packages_by_age ON key_packages (not_after);

CREATE TABLE last_resorts (        -- handed out when no other is left, as often as needed
  device     BLOB PRIMARY KEY REFERENCES devices ON DELETE CASCADE,
  reference  BLOB NOT NULL CHECK (length(reference) = 32),
  package    BLOB NOT NULL,
  not_after  INTEGER NOT NULL,
  published  INTEGER NOT NULL,
  handed_out INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE groups (              -- what the delivery service knows of a conversation's MLS group
  conversation BLOB PRIMARY KEY REFERENCES conversations ON DELETE CASCADE,
  epoch        INTEGER NOT NULL CHECK (epoch >= 0),
  state        BLOB NOT NULL,
  info         BLOB NOT NULL,
  message      BLOB CHECK (length(message) = 16),  -- the commit with which the epoch began: NULL in epoch 0
  device       BLOB CHECK (length(device) = 16),
  sequence     INTEGER,
  accepted     INTEGER,
  deadline     INTEGER
) STRICT;

CREATE TABLE group_leaves (        -- no reference to devices: whose device is gone is to be removed from the group
  conversation BLOB NOT NULL REFERENCES groups (conversation) ON DELETE CASCADE,
  device       BLOB NOT NULL CHECK (length(device) = 16),
  PRIMARY KEY (conversation, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_leaves_by_device ON group_leaves (device);

CREATE TABLE group_candidates (    -- a commit on its way to the relay, one a conversation
  conversation BLOB PRIMARY KEY REFERENCES groups (conversation) ON DELETE CASCADE,
  message      BLOB NOT NULL CHECK (length(message) = 16),
  device       BLOB NOT NULL CHECK (length(device) = 16),
  mailbox      BLOB NOT NULL CHECK (length(mailbox) = 16),
  epoch        INTEGER NOT NULL CHECK (epoch >= 0),  -- that ends
  commit_bytes BLOB NOT NULL,
  welcome      BLOB NOT NULL,      -- empty: nobody is added
  joined       BLOB NOT NULL,      -- ids of devices, one behind the other
  departed     BLOB NOT NULL,
  state        BLOB NOT NULL,
  info         BLOB NOT NULL
) STRICT;

CREATE TABLE group_removals (      -- proposed by the gateway in the present epoch
  conversation BLOB NOT NULL REFERENCES groups (conversation) ON DELETE CASCADE,
  reference    BLOB NOT NULL CHECK (length(reference) = 32),
  epoch        INTEGER NOT NULL CHECK (epoch >= 0),
  message      BLOB NOT NULL,
  told         INTEGER NOT NULL CHECK (told IN (0, 1)),
  PRIMARY KEY (conversation, reference)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_removals_untold ON group_removals (conversation) WHERE told = 0;
)sql";

constexpr const char* kSeventh = R"sql(
ALTER TABLE devices ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting IN (0, 1));  -- for the consent of another

CREATE TABLE certificates (
  device            BLOB PRIMARY KEY REFERENCES devices ON DELETE CASCADE,
  statement         BLOB NOT NULL,
  consent_by        BLOB CHECK (length(consent_by) = 16),
  consent_key       BLOB CHECK (length(consent_key) = 32),
  consent_signature BLOB CHECK (length(consent_signature) = 64),
  origin            TEXT,          -- of the log with the entry: NULL until it is there
  entry             INTEGER CHECK (entry >= 0),
  logged            INTEGER,
  CHECK ((consent_by IS NULL) = (consent_signature IS NULL) AND (consent_by IS NULL) = (consent_key IS NULL)),
  CHECK ((origin IS NULL) = (entry IS NULL) AND (origin IS NULL) = (logged IS NULL))
) STRICT, WITHOUT ROWID;
)sql";

// What sealed boxes were encrypted for, before there were groups.
constexpr const char* kEighth = "ALTER TABLE devices DROP COLUMN box_key;";

constexpr const char* kNinth = R"sql(
ALTER TABLE groups ADD COLUMN removal_owed INTEGER NOT NULL DEFAULT 0 CHECK (removal_owed IN (0, 1));

CREATE TABLE external_sender (     -- which key the groups here name as that of the gateway; one row
  only INTEGER PRIMARY KEY CHECK (only = 1),
  key  BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;
)sql";

constexpr std::array<const char*, 9> kMigrations{kFirst, kSecond,  kThird,  kFourth, kFifth,
                                                 kSixth, kSeventh, kEighth, kNinth};

base::Result<std::int64_t> version_of(Database& database) {
  auto statement = database.query("PRAGMA user_version");
  if (!statement) return std::unexpected(statement.error());
  if (const auto row = statement->step(); !row) return std::unexpected(row.error());
  return statement->integer(0);
}

}  // namespace

base::Status migrate(Database& database) {
  constexpr auto kNewest = static_cast<std::int64_t>(kMigrations.size());
  for (;;) {
    auto transaction = Transaction::begin(database);
    if (!transaction) return std::unexpected(transaction.error());
    const auto version = version_of(database);
    if (!version) return std::unexpected(version.error());
    if (*version > kNewest)
      return base::fail("store.too-new", "a database of schema " + std::to_string(*version),
                        "up to " + std::to_string(kNewest), "run the newer version of the gateway that wrote it");
    if (*version == kNewest) return transaction->commit();
    const std::string next = "PRAGMA user_version=" + std::to_string(*version + 1);
    if (auto status = database.run(kMigrations[static_cast<std::size_t>(*version)]); !status) return status;
    if (auto status = database.run(next.c_str()); !status) return status;
    if (auto status = transaction->commit(); !status) return status;
  }
}

}  // namespace gateway::store
