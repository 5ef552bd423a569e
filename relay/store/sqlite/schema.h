// The layout of relay.db, version 2. Times are Unix seconds; ids are 16-byte blobs; classes are 0 (routine) to 3
// (alarm), 4 for handshakes.
//
// An envelope lies sealed in body_<bucket>, and its key in key_<bucket>: tables of their own, so that destroying a
// bucket frees whole pages (which secure_delete zeroes) and never has to find a row. What `entry` keeps beside them is
// the order of the log: ids, class, size-less; it goes with the bucket.
#pragma once

namespace relay::store {

constexpr int kSchemaVersion = 2;

constexpr const char* kSchemaFirst = R"sql(
CREATE TABLE conversation(id BLOB PRIMARY KEY, last_sequence INTEGER NOT NULL, epoch INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE member(conversation BLOB, mailbox BLOB, joined INTEGER NOT NULL, PRIMARY KEY(conversation, mailbox)) WITHOUT ROWID;
CREATE INDEX member_by_mailbox ON member(mailbox, conversation, joined);
CREATE TABLE device(id BLOB PRIMARY KEY, mailbox BLOB NOT NULL, registered INTEGER NOT NULL, removed INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX device_by_mailbox ON device(mailbox);
CREATE TABLE cursor(device BLOB, conversation BLOB, class INTEGER, sequence INTEGER NOT NULL, position INTEGER NOT NULL,
                    PRIMARY KEY(device, conversation, class)) WITHOUT ROWID;
CREATE TABLE bucket(id INTEGER PRIMARY KEY AUTOINCREMENT, begin_s INTEGER NOT NULL, span_s INTEGER NOT NULL, UNIQUE(begin_s, span_s));
CREATE TABLE entry(position INTEGER PRIMARY KEY AUTOINCREMENT, conversation BLOB NOT NULL, sequence INTEGER NOT NULL,
                   class INTEGER NOT NULL, kind INTEGER NOT NULL, sender_mailbox BLOB NOT NULL, sender_device BLOB NOT NULL,
                   message BLOB NOT NULL, accepted_at_s INTEGER NOT NULL, deadline_s INTEGER NOT NULL, bucket INTEGER NOT NULL);
CREATE UNIQUE INDEX entry_by_sequence ON entry(conversation, sequence);
CREATE INDEX entry_by_class ON entry(conversation, class, position);
CREATE UNIQUE INDEX entry_by_message ON entry(message);
CREATE INDEX entry_by_bucket ON entry(bucket);
CREATE TABLE expired(mailbox BLOB PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE receipt(id INTEGER PRIMARY KEY AUTOINCREMENT, begin_s INTEGER NOT NULL, end_s INTEGER NOT NULL,
                     messages INTEGER NOT NULL, expired_unread INTEGER NOT NULL, key_commitment BLOB NOT NULL,
                     destroyed_at_s INTEGER NOT NULL, settled INTEGER NOT NULL);
CREATE TABLE secret(message_key BLOB NOT NULL);
)sql";

// Version 2: groups. A welcome is for the devices in `addressee` alone.
constexpr const char* kSchemaSecond = R"sql(
ALTER TABLE conversation ADD COLUMN removal_pending INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entry ADD COLUMN addressed INTEGER NOT NULL DEFAULT 0;
CREATE TABLE addressee(position INTEGER, device BLOB, PRIMARY KEY(position, device)) WITHOUT ROWID;
)sql";

}  // namespace relay::store
