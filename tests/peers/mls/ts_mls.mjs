// A member by ts-mls.
import * as ts from 'ts-mls';

const SUITES = { 1: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519', 3: 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519' };
const text = (bytes) => new TextDecoder().decode(bytes);
const message = (bytes) => ts.decodeMlsMessage(bytes, 0)[0];
const encoded = (wireformat, content) => ts.encodeMlsMessage({ version: 'mls10', wireformat, ...content });

class Member {
  joinsEarly = true;
  static async make(identity, suite) {
    const out = new Member();
    out.suite = await ts.getCiphersuiteImpl(ts.getCiphersuiteFromName(SUITES[suite]));
    out.identity = identity;
    const credential = { credentialType: 'basic', identity: new TextEncoder().encode(identity) };
    const now = BigInt(Math.floor(Date.now() / 1000));
    const lifetime = { notBefore: now - 3600n, notAfter: now + 28n * 86400n };
    out.own = await ts.generateKeyPackage(credential, ts.defaultCapabilities(), lifetime, [], out.suite);
    return out;
  }
  #keep({ newState }) {
    this.state = newState;
  }

  async keyPackage() {
    return encoded('mls_key_package', { keyPackage: this.own.publicPackage });
  }
  async create(groupId) {
    this.state = await ts.createGroup(groupId, this.own.publicPackage, this.own.privatePackage, [], this.suite);
  }
  async join(welcome) {
    this.state = await ts.joinGroup(message(welcome).welcome, this.own.publicPackage, this.own.privatePackage,
                                    ts.emptyPskIndex, this.suite);
  }
  async #commit(extraProposals, wireAsPublicMessage = true) {
    const made = await ts.createCommit({ state: this.state, cipherSuite: this.suite },
                                       { wireAsPublicMessage, extraProposals, ratchetTreeExtension: true });
    this.#keep(made);
    return { commit: ts.encodeMlsMessage(made.commit),
             welcome: made.welcome ? encoded('mls_welcome', { welcome: made.welcome }) : null };
  }
  add = (keyPackages) =>
    this.#commit(keyPackages.map((one) => ({ proposalType: 'add', add: { keyPackage: message(one).keyPackage } })));
  #leafOf(identity) {
    const at = this.state.ratchetTree.findIndex(
      (node) => node?.nodeType === 'leaf' && text(node.leaf.credential.identity) === identity);
    return at / 2;
  }
  #removal = (identity) => ({ proposalType: 'remove', remove: { removed: this.#leafOf(identity) } });
  remove = (identity) => this.#commit([this.#removal(identity)]);
  update = () => this.#commit([]);
  updateEncrypted = () => this.#commit([], false);
  commitPending = () => this.#commit([]);
  async proposeRemoval(identity) {
    const made = await ts.createProposal(this.state, true, this.#removal(identity), this.suite);
    this.#keep(made);
    return ts.encodeMlsMessage(made.message);
  }
  async groupInfo() {
    const groupInfo = await ts.createGroupInfoWithExternalPubAndRatchetTree(this.state, [], this.suite);
    return encoded('mls_group_info', { groupInfo });
  }
  async enter(groupInfo) {
    const made = await ts.joinGroupExternal(message(groupInfo).groupInfo, this.own.publicPackage, this.own.privatePackage,
                                            false, this.suite);
    this.#keep(made);
    return { commit: encoded('mls_public_message', { publicMessage: made.publicMessage }) };
  }
  async receive(bytes) {
    const got = await ts.processMessage(message(bytes), this.state, ts.emptyPskIndex, ts.acceptAll, this.suite);
    if (got.kind !== 'newState') throw new Error(`a handshake gave ${got.kind}`);
    const before = this.state.groupContext.epoch;
    this.#keep(got);
    if (this.state.groupActiveState.kind === 'removedFromGroup') return 'removed';
    return this.state.groupContext.epoch === before ? 'proposal' : 'commit';
  }

  async protect(data) {
    const made = await ts.createApplicationMessage(this.state, data, this.suite);
    this.#keep(made);
    return encoded('mls_private_message', { privateMessage: made.privateMessage });
  }
  async open(bytes) {
    const got = await ts.processMessage(message(bytes), this.state, ts.emptyPskIndex, ts.acceptAll, this.suite);
    if (got.kind !== 'applicationMessage') throw new Error(`an application message gave ${got.kind}`);
    this.#keep(got);
    return got.message;
  }
  epoch = async () => this.state.groupContext.epoch;
  authenticator = async () => this.state.keySchedule.epochAuthenticator;
  exported = () => ts.mlsExporter(this.state.keySchedule.exporterSecret, 'exporter', new Uint8Array(), 32, this.suite);
}

export const tsMls = { name: 'ts-mls', make: (identity, suite) => Member.make(identity, suite) };
