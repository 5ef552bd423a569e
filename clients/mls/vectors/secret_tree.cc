// Topic secret-tree.
#include "clients/mls/schedule/secret_tree.h"

#include <bit>

#include "clients/mls/vectors/checks.h"

namespace clients::mls {
namespace {

void check_sender_data(const Crypto& crypto, CipherSuite suite, const Entry& entry) {
  const AeadKey key = sender_data_key(crypto, suite, entry.secret("sender_data_secret"), entry.bytes("ciphertext"));
  entry.expect("key", key.key_view(suite));
  entry.expect("nonce", key.nonce);
}

void check_key(CipherSuite suite, const Entry& entry, const std::string& ratchet, const Result<MessageKey>& key) {
  if (!entry.require(key, "generation")) return;
  entry.expect("generation", key->generation);
  entry.expect(ratchet + "_key", key->key.key_view(suite));
  entry.expect(ratchet + "_nonce", key->key.nonce);
}

}  // namespace

// Each key twice: as a receiver asks for it, and as the sender comes to it step by step.
void check_secret_tree(const Crypto& crypto, const Entry& entry) {
  const CipherSuite suite = entry.suite();
  check_sender_data(crypto, suite, entry.object("sender_data"));
  const std::vector<Entry> leaves = entry.list("leaves");
  if (!entry.require(std::has_single_bit(leaves.size()), "leaves")) return;
  SecretTree receiver(suite, static_cast<std::uint32_t>(leaves.size()), entry.secret("encryption_secret"));
  SecretTree sender = receiver;
  for (LeafIndex leaf; leaf.value < leaves.size(); ++leaf.value) {
    for (const auto& [ratchet, name] :
         {std::pair(Ratchet::kHandshake, "handshake"), std::pair(Ratchet::kApplication, "application")}) {
      std::uint32_t sent = 0;
      for (const Entry& one : leaves[leaf.value].items()) {
        const auto generation = static_cast<std::uint32_t>(one.number("generation"));
        check_key(suite, one, name, receiver.find(crypto, leaf, ratchet, generation));
        one.require(receiver.spend(crypto, leaf, ratchet, generation), "spend");
        for (; sent < generation; ++sent) one.require(sender.next(crypto, leaf, ratchet), "next");
        check_key(suite, one, name, sender.next(crypto, leaf, ratchet));
        ++sent;
      }
    }
  }
}

}  // namespace clients::mls
