// What the WebAssembly module asks of its host: the contract for whoever loads it.
//
// Every function is an import of the module "feierabend". All are synchronous. Pointers are offsets into the module's
// memory, lengths are bytes; where a size is part of the name of a field (32-byte keys, 64-byte signatures) no length
// is given. An input of length zero may have any pointer. The host reads its inputs and writes its outputs during the
// call and keeps no pointer; it must not call the module meanwhile. Memory does not move during a call, but may have
// grown since the last one.
//
// A primitive that throws unwinds through the module, which is then lost: the host drops it and loads it anew from what
// it has stored. Nothing that comes from the wire makes a primitive fail other than by the results told here.
#pragma once

#include <cstddef>
#include <cstdint>

#ifdef __wasm__
#define FEIERABEND_IMPORT(name) [[clang::import_module("feierabend"), clang::import_name(#name)]]
#else
#define FEIERABEND_IMPORT(name)  // in tests a native host is linked
#endif

extern "C" {

// ---- primitives, as crypto/port.h says of the functions of the same names

// Bytes nobody can guess. Never fails.
FEIERABEND_IMPORT(random) void host_random(std::uint8_t* out, std::size_t size);

FEIERABEND_IMPORT(sha256)
void host_sha256(const std::uint8_t* message, std::size_t size, std::uint8_t* hash32);
FEIERABEND_IMPORT(hmac_sha256)
void host_hmac_sha256(const std::uint8_t* key, std::size_t key_size, const std::uint8_t* message, std::size_t size,
                      std::uint8_t* tag32);

// RFC 7748. 1 if there is a shared secret; 0, with the output in any state, if it is all zeros.
FEIERABEND_IMPORT(x25519_public) void host_x25519_public(const std::uint8_t* secret32, std::uint8_t* public32);
FEIERABEND_IMPORT(x25519)
std::int32_t host_x25519(const std::uint8_t* secret32, const std::uint8_t* peer32, std::uint8_t* shared32);

// RFC 8032. `public32` is the seed's own key. verify: 1 for a good signature, else 0, also for bytes that are no point.
// Keys of small order are refused before the host is asked.
FEIERABEND_IMPORT(ed25519_public) void host_ed25519_public(const std::uint8_t* seed32, std::uint8_t* public32);
FEIERABEND_IMPORT(ed25519_sign)
void host_ed25519_sign(const std::uint8_t* seed32, const std::uint8_t* public32, const std::uint8_t* message,
                       std::size_t size, std::uint8_t* signature64);
FEIERABEND_IMPORT(ed25519_verify)
std::int32_t host_ed25519_verify(const std::uint8_t* public32, const std::uint8_t* message, std::size_t size,
                                 const std::uint8_t* signature64);

// AES-128-GCM for suite 1 (key of 16 bytes), ChaCha20-Poly1305 for suite 3 (32). `sealed` has size + 16 bytes, the tag
// last. open: `size` is that of the sealed text and at least 16; 1 and size − 16 bytes, or 0 and nothing written.
FEIERABEND_IMPORT(aead_seal)
void host_aead_seal(std::uint32_t suite, const std::uint8_t* key, const std::uint8_t* nonce12, const std::uint8_t* aad,
                    std::size_t aad_size, const std::uint8_t* plaintext, std::size_t size, std::uint8_t* sealed);
FEIERABEND_IMPORT(aead_open)
std::int32_t host_aead_open(std::uint32_t suite, const std::uint8_t* key, const std::uint8_t* nonce12,
                            const std::uint8_t* aad, std::size_t aad_size, const std::uint8_t* sealed, std::size_t size,
                            std::uint8_t* plaintext);

// ---- judgement (group/environment.h)

// The authentication service (RFC 9420 § 5.3.1): 1 if this device stands for whom its credential says. `credential` is
// encoded as in § 5.3. Asked for each leaf before it is taken, so the host has looked up beforehand who may come.
FEIERABEND_IMPORT(admits)
std::int32_t host_admits(const std::uint8_t* credential, std::size_t size, const std::uint8_t* signature_key32);

// An external pre-shared key of 32 bytes (§ 8.4) by its name: 1 if there is one.
FEIERABEND_IMPORT(psk) std::int32_t host_psk(const std::uint8_t* id, std::size_t size, std::uint8_t* psk32);
}
