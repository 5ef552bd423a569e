// What the WebAssembly module offers its host: a member's groups (group/group.h) as opaque handles, all else as bytes.
//
// Every export is a C function of the module. Calls come one at a time and not from within an import (host.h).
//
// Memory: inputs lie in buffers from mls_allocate, which the host frees; a call copies what it keeps. An input of
// length zero may have any pointer. Out of memory the module traps and is lost; what was stored is not.
//
// A call that can be refused returns 0 when it is done, else a status that mls_code and mls_sentence explain. Refused
// calls change nothing. What a call brought lies in numbered parts (mls_part) until the next call of this kind, which
// wipes them; a new group is told by mls_group and belongs to the host until mls_release.
//
// A call that leads to another epoch or adds a proposal leaves its group as it is and brings the new one. The host
// stores the new one, then releases the old one. Only protect and open change a group in place: store mls_save_keys
// before what was protected leaves the device.
//
// "message" is an MLSMessage (RFC 9420 § 6); other structures are encoded as in the section named. `now_s`: seconds
// since 1970, for the lifetimes of key packages.
#pragma once

#include <cstddef>
#include <cstdint>

#ifdef __wasm__
#define FEIERABEND_EXPORT(name) [[clang::export_name(#name)]]
#else
#define FEIERABEND_EXPORT(name)
#endif

extern "C" {

// 1. A host that knows another version refuses the module.
FEIERABEND_EXPORT(mls_version) std::uint32_t mls_version();

// ---- memory. Freeing wipes; `size` is the size that was allocated.
FEIERABEND_EXPORT(mls_allocate) std::uint8_t* mls_allocate(std::size_t size);
FEIERABEND_EXPORT(mls_free) void mls_free(std::uint8_t* at, std::size_t size);

// ---- what the last call brought, or why it was refused
FEIERABEND_EXPORT(mls_part) const std::uint8_t* mls_part(std::uint32_t part);
FEIERABEND_EXPORT(mls_part_size) std::size_t mls_part_size(std::uint32_t part);  // 0 for a part that was not brought
FEIERABEND_EXPORT(mls_group) std::uint32_t mls_group();                          // 0 if none was brought
FEIERABEND_EXPORT(mls_clear) void mls_clear();                                   // wipes the parts now
// Texts of core/reasons.inc that end with a zero byte; of a status that does not exist: empty ones.
FEIERABEND_EXPORT(mls_code) const char* mls_code(std::uint32_t status);
FEIERABEND_EXPORT(mls_sentence) const char* mls_sentence(std::uint32_t status);
FEIERABEND_EXPORT(mls_detail) std::uint64_t mls_detail();  // of the last refusal

// ---- devices
// Part 0: seed of an Ed25519 key. Part 1: its public key.
FEIERABEND_EXPORT(mls_make_signature_key) std::uint32_t mls_make_signature_key();
// § 10, with a basic credential of this identity. Part 0: message, for the service. Part 1: the package with its
// secrets, for the host's encrypted store, until it is used.
FEIERABEND_EXPORT(mls_make_key_package)
std::uint32_t mls_make_key_package(std::uint32_t suite, const std::uint8_t* seed32, const std::uint8_t* identity,
                                   std::size_t identity_size, std::uint64_t not_before_s, std::uint64_t not_after_s);

// ---- beginning. Each brings a group.
// § 11. `extensions`: those of the group, one behind the other, as mls_external_sender makes one.
FEIERABEND_EXPORT(mls_create)
std::uint32_t mls_create(std::uint32_t suite, const std::uint8_t* group_id, std::size_t group_id_size,
                         const std::uint8_t* seed32, const std::uint8_t* identity, std::size_t identity_size,
                         std::uint64_t not_before_s, std::uint64_t not_after_s, const std::uint8_t* extensions,
                         std::size_t extensions_size);
// § 12.4.3.1. `own`: part 1 of mls_make_key_package; the host forgets it after success. `tree`: ratchet_tree, or empty
// where the Welcome holds it.
FEIERABEND_EXPORT(mls_join)
std::uint32_t mls_join(const std::uint8_t* welcome, std::size_t welcome_size, const std::uint8_t* own,
                       std::size_t own_size, const std::uint8_t* tree, std::size_t tree_size, std::uint64_t now_s);
// § 12.4.3.2, from a GroupInfo message. `replaces`: our old leaf, or 2^32 − 1. Part 0: commit.
FEIERABEND_EXPORT(mls_enter)
std::uint32_t mls_enter(const std::uint8_t* info, std::size_t info_size, const std::uint8_t* seed32,
                        const std::uint8_t* identity, std::size_t identity_size, const std::uint8_t* tree,
                        std::size_t tree_size, std::uint32_t replaces, std::uint64_t now_s);
// Brings back what mls_save gave, with what mls_save_keys gave since, or nothing.
FEIERABEND_EXPORT(mls_load)
std::uint32_t mls_load(const std::uint8_t* saved, std::size_t saved_size, const std::uint8_t* keys,
                       std::size_t keys_size);
FEIERABEND_EXPORT(mls_release) void mls_release(std::uint32_t group);

// ---- parts of a plan. Part 0: a Proposal (§ 12.1), to be put one behind the other; or an Extension (§ 7.2).
FEIERABEND_EXPORT(mls_add) std::uint32_t mls_add(const std::uint8_t* key_package, std::size_t size);
FEIERABEND_EXPORT(mls_remove) std::uint32_t mls_remove(std::uint32_t leaf);
FEIERABEND_EXPORT(mls_use_psk) std::uint32_t mls_use_psk(const std::uint8_t* id, std::size_t size);
FEIERABEND_EXPORT(mls_set_extensions)
std::uint32_t mls_set_extensions(const std::uint8_t* extensions, std::size_t size);
// external_senders (§ 12.1.8.1) with one sender: the gateway.
FEIERABEND_EXPORT(mls_external_sender)
std::uint32_t mls_external_sender(const std::uint8_t* key32, const std::uint8_t* identity, std::size_t identity_size);

// ---- handshake. Each brings a group.
// Part 0: message. Part 1: ProposalRef.
FEIERABEND_EXPORT(mls_propose)
std::uint32_t mls_propose(std::uint32_t group, const std::uint8_t* proposal, std::size_t size, std::uint64_t now_s);
FEIERABEND_EXPORT(mls_propose_update) std::uint32_t mls_propose_update(std::uint32_t group, std::uint64_t now_s);
// § 12.4.1, with all that waits. `with_path`: 1 for fresh keys even where none are required. The new group counts once
// the service has accepted the commit. Part 0: message. Part 1: Welcome message, or empty. Part 2: an event, as below.
FEIERABEND_EXPORT(mls_commit)
std::uint32_t mls_commit(std::uint32_t group, const std::uint8_t* proposals, std::size_t size, std::uint32_t with_path,
                         std::uint64_t now_s);
// A proposal or commit of somebody else. Part 0: the event:
//     1  · ProposalRef · Sender · Proposal
//     2  · Sender · uint32 added<V> · uint32 removed<V> · uint32 updated<V>     leaves
//     3  · Sender                                                               we are out; the group is the old one
FEIERABEND_EXPORT(mls_receive)
std::uint32_t mls_receive(std::uint32_t group, const std::uint8_t* message, std::size_t size, std::uint64_t now_s);

// ---- application data
// Part 0: message.
FEIERABEND_EXPORT(mls_protect)
std::uint32_t mls_protect(std::uint32_t group, const std::uint8_t* data, std::size_t size, const std::uint8_t* aad,
                          std::size_t aad_size);
// Part 0: data. Part 1: authenticated data. Part 2: uint32 sender's leaf · uint64 epoch.
FEIERABEND_EXPORT(mls_open)
std::uint32_t mls_open(std::uint32_t group, const std::uint8_t* message, std::size_t size);

// ---- what a group is
// Part 0: uint16 suite · uint64 epoch · uint32 own leaf · uint32 members · uint32 proposals that wait · opaque group
// id<V>. Part 1: epoch authenticator (§ 8.7).
FEIERABEND_EXPORT(mls_describe) std::uint32_t mls_describe(std::uint32_t group);
// Part 0, for each member: uint32 leaf · signature key, 32 bytes · Credential.
FEIERABEND_EXPORT(mls_members) std::uint32_t mls_members(std::uint32_t group);
// § 8.5. Part 0: the secret, of at most 8,160 bytes.
FEIERABEND_EXPORT(mls_export)
std::uint32_t mls_export(std::uint32_t group, const std::uint8_t* label, std::size_t label_size,
                         const std::uint8_t* context, std::size_t context_size, std::size_t size);
// § 12.4.3. Part 0: message with external_pub, and the tree where `with_tree` is 1.
FEIERABEND_EXPORT(mls_group_info) std::uint32_t mls_group_info(std::uint32_t group, std::uint32_t with_tree);
// Part 0, with secrets: for the host's encrypted store.
FEIERABEND_EXPORT(mls_save) std::uint32_t mls_save(std::uint32_t group);
FEIERABEND_EXPORT(mls_save_keys) std::uint32_t mls_save_keys(std::uint32_t group);

// ---- without a group
// Where a message belongs. Part 0: uint16 wire format · uint8 content type, 0 for a Welcome or key package ·
// uint64 epoch · opaque group id<V>.
FEIERABEND_EXPORT(mls_peek) std::uint32_t mls_peek(const std::uint8_t* message, std::size_t size);
}
