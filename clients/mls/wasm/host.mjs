// Loads feierabend_mls.wasm and gives api.h the shape of JavaScript: bytes in, bytes out, groups as objects. Knows
// neither browser nor Node; what the module asks for (host.h) is given to it as an object of plain functions:
//
//     random(out)                    fills a Uint8Array
//     sha256(message), hmacSha256(key, message)                          → 32 bytes
//     x25519Public(secret) → 32 bytes;   x25519(secret, peer)            → 32 bytes, or null for all zeros
//     ed25519Public(seed) → 32 bytes;    ed25519Sign(seed, key, message) → 64 bytes
//     ed25519Verify(key, message, signature)                             → boolean; false for bytes that are no key
//     aeadSeal(suite, key, nonce, aad, plaintext) → bytes;  aeadOpen(suite, key, nonce, aad, sealed) → bytes or null
//     admits(credential, signatureKey) → boolean;           psk(id) → 32 bytes or null
//
// They get views into the module's memory, which hold only during the call. node_primitives.mjs has those of Node.
//
// In a browser. WebCrypto only answers later, and a module of WebAssembly cannot wait; so the primitives come from a
// library that answers at once: libsodium.js (ISC), the library that the native port is built on, compiled to
// WebAssembly by its author; it runs in constant time, which big integers of JavaScript do not. It has everything that
// suite 3, the one we speak, asks for. A client that must speak suite 1, too, takes AES-128-GCM from @noble/ciphers
// (MIT). random is crypto.getRandomValues, which answers at once. The module belongs into a worker: a commit in a large
// group takes a while.
const VERSION = 1;
const NO_LEAF = 0xffffffff;
const EMPTY = new Uint8Array();
const utf8 = new TextDecoder();

// What the core refused: `code` is stable ("mls.epoch"), `detail` a BigInt that the sentence speaks of.
export class Refusal extends Error {
  constructor(code, sentence, detail) {
    super(`${code}: ${sentence}`);
    Object.assign(this, { name: 'Refusal', code, detail });
  }
}

// Big-endian fields, as RFC 9420 § 2.1 lays them out. Of answers of the module only, which are well-formed.
class Fields {
  #bytes;
  #view;
  #at = 0;
  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  get done() {
    return this.#at === this.#bytes.length;
  }
  #take(size) {
    this.#at += size;
    return this.#at - size;
  }
  u8 = () => this.#view.getUint8(this.#take(1));
  u16 = () => this.#view.getUint16(this.#take(2));
  u32 = () => this.#view.getUint32(this.#take(4));
  u64 = () => this.#view.getBigUint64(this.#take(8));
  raw(size) {
    const at = this.#take(size);
    return this.#bytes.slice(at, at + size);
  }
  rest = () => this.raw(this.#bytes.length - this.#at);
  opaque() {
    const first = this.u8();
    let size = first & 0x3f;
    for (let more = (1 << (first >> 6)) - 1; more > 0; --more) size = size * 256 + this.u8();
    return this.raw(size);
  }
  leaves() {
    const list = new Fields(this.opaque());
    const out = [];
    while (!list.done) out.push(list.u32());
    return out;
  }
  // The type is a number of § 6 (1 member, 2 external, 3 and 4 who is new); only the first two have an index.
  sender() {
    const type = this.u8();
    return { type, index: type <= 2 ? this.u32() : null };
  }
  credential() {
    const type = this.u16();
    const value = this.opaque();
    return type === 1 ? { type, identity: value } : { type, certificates: value };
  }
}

function eventOf(bytes) {
  const fields = new Fields(bytes);
  const kind = fields.u8();
  if (kind === 1) {
    const reference = fields.raw(32);
    return { kind: 'proposal', reference, sender: fields.sender(), proposal: fields.rest() };
  }
  const sender = fields.sender();
  if (kind === 3) return { kind: 'removed', sender };
  return { kind: 'commit', sender, added: fields.leaves(), removed: fields.leaves(), updated: fields.leaves() };
}

function concat(arrays) {
  const out = new Uint8Array(arrays.reduce((size, one) => size + one.length, 0));
  let at = 0;
  for (const one of arrays) {
    out.set(one, at);
    at += one.length;
  }
  return out;
}

// An input whose size is known to both sides, so that only its place is passed.
class Fixed {
  constructor(bytes, size) {
    if (!(bytes instanceof Uint8Array) || bytes.length !== size) throw new TypeError(`${size} bytes are asked for`);
    this.bytes = bytes;
  }
}

// The functions of host.h from those above. `memory()` gives the module's bytes as they are now.
function importsOf(host, memory) {
  const view = (at, size) => memory().subarray(at, at + size);
  const put = (at, bytes) => (memory().set(bytes, at), 1);
  const perhaps = (at, bytes) => (bytes === null ? 0 : put(at, bytes));
  const keySize = (suite) => (suite === 1 ? 16 : 32);
  return {
    random: (out, size) => void host.random(view(out, size)),
    sha256: (message, size, out) => void put(out, host.sha256(view(message, size))),
    hmac_sha256: (key, keyBytes, message, size, out) =>
      void put(out, host.hmacSha256(view(key, keyBytes), view(message, size))),
    x25519_public: (secret, out) => void put(out, host.x25519Public(view(secret, 32))),
    x25519: (secret, peer, out) => perhaps(out, host.x25519(view(secret, 32), view(peer, 32))),
    ed25519_public: (seed, out) => void put(out, host.ed25519Public(view(seed, 32))),
    ed25519_sign: (seed, key, message, size, out) =>
      void put(out, host.ed25519Sign(view(seed, 32), view(key, 32), view(message, size))),
    ed25519_verify: (key, message, size, signature) =>
      Number(host.ed25519Verify(view(key, 32), view(message, size), view(signature, 64))),
    aead_seal: (suite, key, nonce, aad, aadSize, plaintext, size, out) =>
      void put(out, host.aeadSeal(suite, view(key, keySize(suite)), view(nonce, 12), view(aad, aadSize), view(plaintext, size))),
    aead_open: (suite, key, nonce, aad, aadSize, sealed, size, out) =>
      perhaps(out, host.aeadOpen(suite, view(key, keySize(suite)), view(nonce, 12), view(aad, aadSize), view(sealed, size))),
    admits: (credential, size, key) => Number(host.admits(view(credential, size).slice(), view(key, 32).slice())),
    psk: (id, size, out) => perhaps(out, host.psk(view(id, size).slice())),
  };
}

// One instance of the module. Its groups live as long as it does.
export class Mls {
  #exports;
  #lost = null;

  // `module`: a WebAssembly.Module.
  static async load(module, host) {
    const out = new Mls();
    const imports = importsOf(host, () => new Uint8Array(out.#exports.memory.buffer));
    const instance = await WebAssembly.instantiate(module, { feierabend: imports });
    out.#exports = instance.exports;
    out.#exports._initialize();
    if (out.#exports.mls_version() !== VERSION) throw new Error('the module is of another version than this file');
    return out;
  }

  // Calls an export that can be refused. Throws Refusal, or TypeError for an input that is none; after anything else that
  // is thrown, by the module or by one of the host's functions, the module is lost.
  invoke(name, ...inputs) {
    if (this.#lost) throw new Error('the module is lost', { cause: this.#lost });
    const buffers = [];
    try {
      const status = this.#run(name, inputs.flatMap((input) => this.#place(input, buffers)));
      if (status !== 0) throw this.#refusal(status);
      return this.#answer();
    } finally {
      if (!this.#lost) for (const [at, size] of buffers) this.#exports.mls_free(at, size);
    }
  }
  #run(name, words) {
    try {
      return this.#exports[name](...words) >>> 0;
    } catch (error) {
      this.#lost = error;
      throw error;
    }
  }
  release(group) {
    if (!this.#lost) this.#exports.mls_release(group);
  }

  #place(input, buffers) {
    if (typeof input === 'number' || typeof input === 'bigint') return [input];
    const bytes = input instanceof Fixed ? input.bytes : input;
    if (!(bytes instanceof Uint8Array)) throw new TypeError('bytes are asked for');
    const at = this.#run('mls_allocate', [bytes.length]);
    buffers.push([at, bytes.length]);
    new Uint8Array(this.#exports.memory.buffer).set(bytes, at);
    return input instanceof Fixed ? [at] : [at, bytes.length];
  }

  #answer() {
    const { mls_part: part, mls_part_size: size, mls_group: group, mls_clear: clear, memory } = this.#exports;
    const copy = (at) => new Uint8Array(memory.buffer, part(at) >>> 0, size(at) >>> 0).slice();
    const out = { group: group() >>> 0, parts: [copy(0), copy(1), copy(2)] };
    clear();
    return out;
  }

  #refusal(status) {
    const { mls_code: code, mls_sentence: sentence, mls_detail: detail, memory } = this.#exports;
    const text = (at) => {
      const bytes = new Uint8Array(memory.buffer).subarray(at >>> 0);
      return utf8.decode(bytes.subarray(0, bytes.indexOf(0)));
    };
    return new Refusal(text(code(status)), text(sentence(status)), BigInt.asUintN(64, detail()));
  }

  // ---- devices
  makeSignatureKey() {
    const [seed, key] = this.invoke('mls_make_signature_key').parts;
    return { seed, key };
  }
  // `member`: { seed, identity }. `lifetime`: { notBefore, notAfter } in seconds, BigInt.
  makeKeyPackage(suite, { seed, identity }, { notBefore, notAfter }) {
    const [message, own] =
      this.invoke('mls_make_key_package', suite, new Fixed(seed, 32), identity, notBefore, notAfter).parts;
    return { message, own };
  }

  // ---- beginning
  create(suite, groupId, { seed, identity }, { notBefore, notAfter }, extensions = []) {
    return new Group(this, this.invoke('mls_create', suite, groupId, new Fixed(seed, 32), identity, notBefore, notAfter,
                                       concat(extensions)).group);
  }
  join(welcome, own, now, tree = EMPTY) {
    return new Group(this, this.invoke('mls_join', welcome, own, tree, now).group);
  }
  enter(info, { seed, identity }, now, { tree = EMPTY, replaces = NO_LEAF } = {}) {
    const { group, parts } = this.invoke('mls_enter', info, new Fixed(seed, 32), identity, tree, replaces, now);
    return { group: new Group(this, group), commit: parts[0] };
  }
  load(saved, keys = EMPTY) {
    return new Group(this, this.invoke('mls_load', saved, keys).group);
  }

  // ---- parts of a plan
  add = (keyPackage) => this.invoke('mls_add', keyPackage).parts[0];
  remove = (leaf) => this.invoke('mls_remove', leaf).parts[0];
  usePsk = (id) => this.invoke('mls_use_psk', id).parts[0];
  setExtensions = (extensions) => this.invoke('mls_set_extensions', concat(extensions)).parts[0];
  externalSender = (key, identity) => this.invoke('mls_external_sender', new Fixed(key, 32), identity).parts[0];

  // Where a message belongs; wireFormat and contentType are the numbers of § 6.
  peek(message) {
    const fields = new Fields(this.invoke('mls_peek', message).parts[0]);
    return { wireFormat: fields.u16(), contentType: fields.u8(), epoch: fields.u64(), groupId: fields.opaque() };
  }
}

// What leads to another epoch gives a new Group and leaves this one as it is: store the new one, then release this one.
export class Group {
  #mls;
  #handle;
  constructor(mls, handle) {
    this.#mls = mls;
    this.#handle = handle;
  }
  #call = (name, ...inputs) => this.#mls.invoke(name, this.#handle, ...inputs);
  release() {
    this.#mls.release(this.#handle);
    this.#handle = 0;
  }

  #proposed({ group, parts }) {
    return { group: new Group(this.#mls, group), message: parts[0], reference: parts[1] };
  }
  propose = (proposal, now) => this.#proposed(this.#call('mls_propose', proposal, now));
  proposeUpdate = (now) => this.#proposed(this.#call('mls_propose_update', now));
  // `welcome` is null where nobody was added.
  commit(now, { proposals = [], path = false } = {}) {
    const { group, parts } = this.#call('mls_commit', concat(proposals), Number(path), now);
    const welcome = parts[1].length === 0 ? null : parts[1];
    return { group: new Group(this.#mls, group), commit: parts[0], welcome, event: eventOf(parts[2]) };
  }
  receive(message, now) {
    const { group, parts } = this.#call('mls_receive', message, now);
    return { group: new Group(this.#mls, group), event: eventOf(parts[0]) };
  }

  protect = (data, authenticatedData = EMPTY) => this.#call('mls_protect', data, authenticatedData).parts[0];
  open(message) {
    const [data, authenticatedData, where] = this.#call('mls_open', message).parts;
    const fields = new Fields(where);
    return { data, authenticatedData, sender: fields.u32(), epoch: fields.u64() };
  }

  describe() {
    const { parts } = this.#call('mls_describe');
    const fields = new Fields(parts[0]);
    return { suite: fields.u16(), epoch: fields.u64(), ownLeaf: fields.u32(), members: fields.u32(),
             pending: fields.u32(), groupId: fields.opaque(), authenticator: parts[1] };
  }
  members() {
    const fields = new Fields(this.#call('mls_members').parts[0]);
    const out = [];
    while (!fields.done) out.push({ leaf: fields.u32(), signatureKey: fields.raw(32), credential: fields.credential() });
    return out;
  }
  exportSecret(label, context, size) {
    return this.#call('mls_export', new TextEncoder().encode(label), context, size).parts[0];
  }
  groupInfo = (withTree = true) => this.#call('mls_group_info', Number(withTree)).parts[0];
  save = () => this.#call('mls_save').parts[0];
  saveKeys = () => this.#call('mls_save_keys').parts[0];
}
