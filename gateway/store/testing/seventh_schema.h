// gateway.db as the release before schema 8 made it: the statements of its migrations one to seven, word for word but
// for the comments. What is in a file of today's staff does not change when schema.cc does.
#pragma once

namespace gateway::store::testing {

constexpr const char* kSeventhSchema = R"sql(
-- to 1
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

CREATE TABLE failures (
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

CREATE TABLE direct_pairs (
  low          TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  high         TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  conversation BLOB NOT NULL UNIQUE REFERENCES conversations ON DELETE CASCADE,
  PRIMARY KEY (low, high),
  CHECK (low < high)
) STRICT, WITHOUT ROWID;
CREATE INDEX direct_pairs_by_high ON direct_pairs (high);

-- to 2
CREATE TABLE interruptions (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  begins INTEGER NOT NULL,
  ends   INTEGER NOT NULL CHECK (ends > begins),
  PRIMARY KEY (person, begins)
) STRICT, WITHOUT ROWID;
CREATE INDEX interruptions_by_age ON interruptions (ends);

-- to 3
CREATE TABLE rules_in_force (
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

-- to 4
CREATE TABLE overrides (
  person  TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  rule    TEXT NOT NULL,
  begins  INTEGER NOT NULL,
  ends    INTEGER NOT NULL CHECK (ends > begins),
  role    TEXT NOT NULL,
  reason  TEXT NOT NULL,
  granter TEXT NOT NULL,
  PRIMARY KEY (person, rule, begins, ends)
) STRICT, WITHOUT ROWID;
CREATE INDEX overrides_by_granter ON overrides (granter);
CREATE INDEX overrides_by_age ON overrides (ends);

CREATE TABLE self_openings (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  begins INTEGER NOT NULL,
  ends   INTEGER NOT NULL CHECK (ends > begins),
  PRIMARY KEY (person, begins)
) STRICT, WITHOUT ROWID;
CREATE INDEX self_openings_by_age ON self_openings (ends);

CREATE TABLE expiries (
  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
  day    INTEGER NOT NULL,
  count  INTEGER NOT NULL CHECK (count > 0),
  PRIMARY KEY (person, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE counted_days (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  day  INTEGER NOT NULL
) STRICT;

-- to 5
CREATE TABLE pseudonym_openings (
  request BLOB PRIMARY KEY CHECK (length(request) = 32),
  begins  INTEGER NOT NULL,
  ends    INTEGER NOT NULL CHECK (ends > begins),
  purpose TEXT NOT NULL,
  opened  INTEGER NOT NULL,
  told    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- to 6
CREATE TABLE key_packages (
  reference BLOB PRIMARY KEY CHECK (length(reference) = 32),
  device    BLOB NOT NULL REFERENCES devices ON DELETE CASCADE,
  package   BLOB,
  not_after INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX key_packages_waiting ON key_packages (device, not_after) WHERE package IS NOT NULL;
CREATE INDEX key_packages_by_device ON key_packages (device);
CREATE INDEX key_packages_by_age ON key_packages (not_after);

CREATE TABLE last_resorts (
  device     BLOB PRIMARY KEY REFERENCES devices ON DELETE CASCADE,
  reference  BLOB NOT NULL CHECK (length(reference) = 32),
  package    BLOB NOT NULL,
  not_after  INTEGER NOT NULL,
  published  INTEGER NOT NULL,
  handed_out INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE groups (
  conversation BLOB PRIMARY KEY REFERENCES conversations ON DELETE CASCADE,
  epoch        INTEGER NOT NULL CHECK (epoch >= 0),
  state        BLOB NOT NULL,
  info         BLOB NOT NULL,
  message      BLOB CHECK (length(message) = 16),
  device       BLOB CHECK (length(device) = 16),
  sequence     INTEGER,
  accepted     INTEGER,
  deadline     INTEGER
) STRICT;

CREATE TABLE group_leaves (
  conversation BLOB NOT NULL REFERENCES groups (conversation) ON DELETE CASCADE,
  device       BLOB NOT NULL CHECK (length(device) = 16),
  PRIMARY KEY (conversation, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_leaves_by_device ON group_leaves (device);

CREATE TABLE group_candidates (
  conversation BLOB PRIMARY KEY REFERENCES groups (conversation) ON DELETE CASCADE,
  message      BLOB NOT NULL CHECK (length(message) = 16),
  device       BLOB NOT NULL CHECK (length(device) = 16),
  mailbox      BLOB NOT NULL CHECK (length(mailbox) = 16),
  epoch        INTEGER NOT NULL CHECK (epoch >= 0),
  commit_bytes BLOB NOT NULL,
  welcome      BLOB NOT NULL,
  joined       BLOB NOT NULL,
  departed     BLOB NOT NULL,
  state        BLOB NOT NULL,
  info         BLOB NOT NULL
) STRICT;

CREATE TABLE group_removals (
  conversation BLOB NOT NULL REFERENCES groups (conversation) ON DELETE CASCADE,
  reference    BLOB NOT NULL CHECK (length(reference) = 32),
  epoch        INTEGER NOT NULL CHECK (epoch >= 0),
  message      BLOB NOT NULL,
  told         INTEGER NOT NULL CHECK (told IN (0, 1)),
  PRIMARY KEY (conversation, reference)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_removals_untold ON group_removals (conversation) WHERE told = 0;

-- to 7
ALTER TABLE devices ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting IN (0, 1));

CREATE TABLE certificates (
  device            BLOB PRIMARY KEY REFERENCES devices ON DELETE CASCADE,
  statement         BLOB NOT NULL,
  consent_by        BLOB CHECK (length(consent_by) = 16),
  consent_key       BLOB CHECK (length(consent_key) = 32),
  consent_signature BLOB CHECK (length(consent_signature) = 64),
  origin            TEXT,
  entry             INTEGER CHECK (entry >= 0),
  logged            INTEGER,
  CHECK ((consent_by IS NULL) = (consent_signature IS NULL) AND (consent_by IS NULL) = (consent_key IS NULL)),
  CHECK ((origin IS NULL) = (entry IS NULL) AND (origin IS NULL) = (logged IS NULL))
) STRICT, WITHOUT ROWID;

PRAGMA user_version=7;
)sql";

}  // namespace gateway::store::testing
