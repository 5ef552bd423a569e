// The primitives of host.mjs by node:crypto (OpenSSL), for tests and tools in Node.
import * as crypto from 'node:crypto';

// DER around the 32 bytes of a key (RFC 8410).
const PREFIX = {
  x25519: { secret: '302e020100300506032b656e04220420', public: '302a300506032b656e032100' },
  ed25519: { secret: '302e020100300506032b657004220420', public: '302a300506032b6570032100' },
};
const secretKey = (curve, bytes) =>
  crypto.createPrivateKey({ key: Buffer.concat([Buffer.from(PREFIX[curve].secret, 'hex'), bytes]), format: 'der', type: 'pkcs8' });
const publicKey = (curve, bytes) =>
  crypto.createPublicKey({ key: Buffer.concat([Buffer.from(PREFIX[curve].public, 'hex'), bytes]), format: 'der', type: 'spki' });
const publicOf = (curve, secret) =>
  crypto.createPublicKey(secretKey(curve, secret)).export({ format: 'der', type: 'spki' }).subarray(-32);

const TAG_BYTES = 16;
const cipherOf = (suite) => (suite === 1 ? 'aes-128-gcm' : 'chacha20-poly1305');
const options = { authTagLength: TAG_BYTES };

export const nodePrimitives = {
  random: (out) => void crypto.randomFillSync(out),
  sha256: (message) => crypto.createHash('sha256').update(message).digest(),
  hmacSha256: (key, message) => crypto.createHmac('sha256', key).update(message).digest(),
  x25519Public: (secret) => publicOf('x25519', secret),
  x25519(secret, peer) {
    try {
      return crypto.diffieHellman({ privateKey: secretKey('x25519', secret), publicKey: publicKey('x25519', peer) });
    } catch {
      return null;  // OpenSSL fails for a result of zeros, and every other 32 bytes are a key
    }
  },
  ed25519Public: (seed) => publicOf('ed25519', seed),
  ed25519Sign: (seed, key, message) => crypto.sign(null, message, secretKey('ed25519', seed)),
  ed25519Verify(key, message, signature) {
    try {
      return crypto.verify(null, message, publicKey('ed25519', key), signature);
    } catch {
      return false;
    }
  },
  aeadSeal(suite, key, nonce, aad, plaintext) {
    const cipher = crypto.createCipheriv(cipherOf(suite), key, nonce, options);
    cipher.setAAD(aad, { plaintextLength: plaintext.length });
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  },
  aeadOpen(suite, key, nonce, aad, sealed) {
    const text = sealed.subarray(0, sealed.length - TAG_BYTES);
    const cipher = crypto.createDecipheriv(cipherOf(suite), key, nonce, options);
    cipher.setAAD(aad, { plaintextLength: text.length });
    cipher.setAuthTag(sealed.subarray(text.length));
    try {
      return Buffer.concat([cipher.update(text), cipher.final()]);
    } catch {
      return null;
    }
  },
};
