// Our own members: the WebAssembly module in this process, and the native program mls_peer at the other end of a pipe.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Mls } from '../../../clients/mls/wasm/host.mjs';
import { nodePrimitives } from '../../../clients/mls/wasm/node_primitives.mjs';

const bytes = (text) => new TextEncoder().encode(text);
const text = (array) => new TextDecoder().decode(array);
const hex = (array) => Buffer.from(array).toString('hex');
const fromHex = (line) => Uint8Array.from(Buffer.from(line, 'hex'));
const now = () => BigInt(Math.floor(Date.now() / 1000));

class WasmMember {
  static async make(module, identity, suite) {
    const out = new WasmMember();
    Object.assign(out, { identity, suite });
    out.mls = await Mls.load(module, { ...nodePrimitives, admits: () => true, psk: () => null });
    out.member = { identity: bytes(identity), ...out.mls.makeSignatureKey() };
    return out;
  }
  #lifetime = () => ({ notBefore: now() - 3600n, notAfter: now() + 28n * 86400n });
  #keep({ group, ...rest }) {
    this.group?.release();
    this.group = group;
    return rest;
  }

  async keyPackage() {
    const { message, own } = this.mls.makeKeyPackage(this.suite, this.member, this.#lifetime());
    this.own = own;
    return message;
  }
  async create(groupId, { gateway } = {}) {
    const extensions = gateway ? [this.mls.externalSender(gateway, bytes('gateway'))] : [];
    this.group = this.mls.create(this.suite, groupId, this.member, this.#lifetime(), extensions);
  }
  async join(welcome) {
    this.group = this.mls.join(welcome, this.own, now());
  }
  add = async (keyPackages) => this.#keep(this.group.commit(now(), { proposals: keyPackages.map(this.mls.add) }));
  #removal(identity) {
    const { leaf } = this.group.members().find((one) => text(one.credential.identity) === identity);
    return this.mls.remove(leaf);
  }
  remove = async (identity) => this.#keep(this.group.commit(now(), { proposals: [this.#removal(identity)] }));
  update = async () => this.#keep(this.group.commit(now(), { path: true }));
  commitPending = async () => this.#keep(this.group.commit(now()));
  proposeRemoval = async (identity) => this.#keep(this.group.propose(this.#removal(identity), now())).message;
  proposeUpdate = async () => this.#keep(this.group.proposeUpdate(now())).message;
  groupInfo = async () => this.group.groupInfo();
  enter = async (groupInfo) => this.#keep(this.mls.enter(groupInfo, this.member, now()));
  receive = async (message) => this.#keep(this.group.receive(message, now())).event.kind;

  protect = async (data) => this.group.protect(data);
  open = async (message) => this.group.open(message).data;
  epoch = async () => this.group.describe().epoch;
  authenticator = async () => this.group.describe().authenticator;
  exported = async () => this.group.exportSecret('exporter', new Uint8Array(), 32);
}

// mls_peer answers each line of JSON with one.
class Program {
  constructor(path) {
    this.child = spawn(path, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.waiting = [];
    createInterface({ input: this.child.stdout }).on('line', (line) => this.waiting.shift()(JSON.parse(line)));
    this.child.on('exit', (code) => {
      for (const wake of this.waiting) wake({ error: `mls_peer ended with ${code}` });
    });
  }
  async ask(request) {
    const answer = await new Promise((resolve) => {
      this.waiting.push(resolve);
      this.child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    if (answer.error) throw new Error(answer.error);
    return answer;
  }
  end = () => this.child.stdin.end();
}

class NativeMember {
  static members = 0;
  static async make(program, identity, suite) {
    const out = new NativeMember();
    Object.assign(out, { program, identity, member: ++NativeMember.members });
    await out.#ask('device', { identity, suite });
    return out;
  }
  #ask = (what, fields = {}) => this.program.ask({ do: what, member: this.member, ...fields });
  async #commit(fields) {
    const { commit, welcome } = await this.#ask('commit', fields);
    return { commit: fromHex(commit), welcome: welcome ? fromHex(welcome) : null };
  }
  #bytes = async (what, fields) => fromHex((await this.#ask(what, fields)).bytes);

  keyPackage = () => this.#bytes('keypackage');
  create = (groupId, { gateway } = {}) =>
    this.#ask('create', { group: hex(groupId), ...(gateway && { gateway: hex(gateway) }) });
  join = (welcome) => this.#ask('join', { welcome: hex(welcome) });
  add = (keyPackages) => this.#commit({ add: keyPackages.map(hex) });
  remove = (identity) => this.#commit({ remove: identity });
  update = () => this.#commit({ path: true });
  commitPending = () => this.#commit({});
  proposeRemoval = (identity) => this.#bytes('propose', { remove: identity });
  proposeUpdate = () => this.#bytes('propose');
  groupInfo = () => this.#bytes('groupinfo');
  enter = async (groupInfo) => ({ commit: await this.#bytes('enter', { info: hex(groupInfo) }) });
  receive = async (message) => (await this.#ask('receive', { message: hex(message) })).event;
  protect = (data) => this.#bytes('protect', { data: hex(data) });
  open = (message) => this.#bytes('open', { message: hex(message) });
  epoch = async () => BigInt((await this.#ask('epoch')).epoch);
  authenticator = () => this.#bytes('authenticator');
  exported = () => this.#bytes('export', { label: 'exporter', context: '', size: 32 });
}

export function native(path) {
  const program = new Program(path);
  return { name: 'native', make: (identity, suite) => NativeMember.make(program, identity, suite), end: program.end };
}

export function wasm(path) {
  const module = new WebAssembly.Module(readFileSync(path));
  return { name: 'wasm', make: (identity, suite) => WasmMember.make(module, identity, suite), end: () => {} };
}
