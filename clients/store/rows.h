// Sealed rows back to records. Private to clients/store. Errors: those of the vault; store.damaged.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clients/store/sqlite.h"
#include "clients/store/vault.h"

namespace clients::store {

// What is bound to the ciphertext, so that a row cannot be moved to another place.
inline std::string place_of(std::string_view table, policy::base::ByteView ref, std::uint64_t number = 0) {
  return std::string(table) + ":" + policy::base::to_hex(ref) + ":" + std::to_string(number);
}

template <typename Record>
policy::base::Result<Record> parse(const std::string& bytes) {
  Record record;
  if (!record.ParseFromString(bytes))
    return policy::base::fail("store.damaged", "a record that cannot be read", "a record of this program",
                              "update this program");
  return record;
}

// Rows of (place number, sealed record), opened one by one.
template <typename Record, typename Place>
policy::base::Result<std::vector<Record>> collect(Statement& statement, const Vault& vault, const Place& place) {
  std::vector<Record> out;
  while (true) {
    auto row = statement.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    auto opened = vault.open_sealed(statement.bytes(1), place(statement.bytes(0)));
    if (!opened) return std::unexpected(opened.error());
    auto record = parse<Record>(*opened);
    if (!record) return std::unexpected(record.error());
    out.push_back(std::move(*record));
  }
}

template <typename Record>
policy::base::Result<std::optional<Record>> one(policy::base::Result<std::vector<Record>> rows) {
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  return std::move(rows->front());
}

}  // namespace clients::store
