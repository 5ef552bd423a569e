// host_test.mjs MODULE: the shipped module through host.mjs: what members do with a group, what is refused, and that
// what was refused changed nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Mls, Refusal } from './host.mjs';
import { nodePrimitives } from './node_primitives.mjs';

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const bytes = (text) => new TextEncoder().encode(text);
const text = (array) => new TextDecoder().decode(array);
const hex = (array) => Buffer.from(array).toString('hex');
const NOW = 1_700_000_000n;
const LIFETIME = { notBefore: NOW - 3600n, notAfter: NOW + 84n * 86400n - 3600n };
const GROUP = bytes('gruppe');

// Who is not on the list is refused.
const strangers = new Set();
const psks = new Map();
const judgement = {
  admits: (credential) => !strangers.has(text(credential.subarray(3))),
  psk: (id) => psks.get(text(id)) ?? null,
};

// A device has an instance of its own, as it would have in a browser.
async function device(identity, suite) {
  const mls = await Mls.load(module, { ...nodePrimitives, ...judgement });
  const member = { identity: bytes(identity), ...mls.makeSignatureKey() };
  return { mls, member, package: () => mls.makeKeyPackage(suite, member, LIFETIME) };
}

// Anna's group with Bernd in it, both in epoch 1.
async function twoMembers(suite, extensions = []) {
  const [anna, bernd] = [await device('anna', suite), await device('bernd', suite)];
  const own = bernd.package();
  const created = anna.mls.create(suite, GROUP, anna.member, LIFETIME, extensions);
  const staged = created.commit(NOW, { proposals: [anna.mls.add(own.message)] });
  created.release();
  return { anna, bernd, a: staged.group, b: bernd.mls.join(staged.welcome, own.own, NOW), staged };
}

const refused = (code, action) => assert.throws(action, (error) => error instanceof Refusal && error.code === code, code);
const authenticator = (group) => hex(group.describe().authenticator);

const tests = {
  async messagesGoBothWays(suite) {
    const { anna, a, b, staged } = await twoMembers(suite);
    assert.deepEqual(staged.event, { kind: 'commit', sender: { type: 1, index: 0 }, added: [1], removed: [], updated: [] });
    assert.deepEqual({ ...b.describe(), authenticator: null, groupId: text(b.describe().groupId) },
                     { suite, epoch: 1n, ownLeaf: 1, members: 2, pending: 0, groupId: 'gruppe', authenticator: null });
    assert.equal(authenticator(a), authenticator(b));
    assert.deepEqual(b.members().map(({ leaf, credential }) => [leaf, text(credential.identity)]), [[0, 'anna'], [1, 'bernd']]);
    const message = a.protect(bytes('Guten Morgen'), bytes('offen'));
    assert.deepEqual(anna.mls.peek(message), { wireFormat: 2, contentType: 1, epoch: 1n, groupId: GROUP });
    const opened = b.open(message);
    assert.deepEqual([text(opened.data), text(opened.authenticatedData), opened.sender, opened.epoch],
                     ['Guten Morgen', 'offen', 0, 1n]);
    assert.equal(text(a.open(b.protect(bytes(''))).data), '');
    assert.equal(hex(a.exportSecret('x', bytes('y'), 48)), hex(b.exportSecret('x', bytes('y'), 48)));
    assert.equal(a.exportSecret('x', bytes('y'), 48).length, 48);
  },

  async aCommitIsARefusableStep(suite) {
    const { a, b } = await twoMembers(suite);
    const before = authenticator(a);
    const staged = a.commit(NOW, { path: true });
    assert.equal(authenticator(a), before);
    const taken = b.receive(staged.commit, NOW);
    assert.equal(taken.event.kind, 'commit');
    assert.equal(authenticator(taken.group), authenticator(staged.group));
    assert.equal(authenticator(b), before);  // the old group is still there, and still opens
    assert.equal(text(b.open(a.protect(bytes('alt'))).data), 'alt');
    refused('mls.own-message', () => a.receive(staged.commit, NOW));
    refused('mls.epoch', () => taken.group.receive(staged.commit, NOW));
  },

  async proposalsWaitForACommit(suite) {
    const { a, b } = await twoMembers(suite);
    const proposed = b.proposeUpdate(NOW);
    const heard = a.receive(proposed.message, NOW);
    assert.equal(heard.event.kind, 'proposal');
    assert.equal(hex(heard.event.reference), hex(proposed.reference));
    assert.equal(heard.group.describe().pending, 1);
    refused('mls.pending-proposals', () => heard.group.protect(bytes('zu früh')));
    const staged = heard.group.commit(NOW);
    assert.deepEqual(staged.event.updated, [1, 0]);  // the committer by its path
    const after = proposed.group.receive(staged.commit, NOW).group;
    assert.equal(authenticator(after), authenticator(staged.group));
  },

  async aRemovedMemberIsOut(suite) {
    const { anna, a, b } = await twoMembers(suite);
    const carla = await device('carla', suite);
    const own = carla.package();
    const added = a.commit(NOW, { proposals: [anna.mls.add(own.message)] });
    const c = carla.mls.join(added.welcome, own.own, NOW);
    const b2 = b.receive(added.commit, NOW).group;
    assert.equal(authenticator(b2), authenticator(c));
    const removal = added.group.commit(NOW, { proposals: [anna.mls.remove(1)] });
    assert.deepEqual(b2.receive(removal.commit, NOW).event, { kind: 'removed', sender: { type: 1, index: 0 } });
    const c2 = c.receive(removal.commit, NOW).group;
    refused('mls.epoch', () => b2.open(c2.protect(bytes('ohne Bernd'))));
    assert.equal(c2.describe().members, 2);
  },

  async whatWasStoredGoesOn(suite) {
    const { bernd, a, b } = await twoMembers(suite);
    const saved = b.save();
    const first = a.protect(bytes('eins'));
    b.open(first);
    const again = bernd.mls.load(saved, b.saveKeys());
    refused('mls.spent', () => again.open(first));
    assert.equal(text(again.open(a.protect(bytes('zwei'))).data), 'zwei');
    const fresh = await Mls.load(module, { ...nodePrimitives, ...judgement });
    const old = fresh.load(saved);
    assert.equal(authenticator(old), authenticator(a));
    refused('mls.storage', () => fresh.load(saved.subarray(1)));
    refused('mls.storage', () => fresh.load(saved, saved));
  },

  async somebodyEnters(suite) {
    const { a, b } = await twoMembers(suite);
    const carla = await device('carla', suite);
    const entered = carla.mls.enter(a.groupInfo(), carla.member, NOW);
    const taken = [a, b].map((group) => group.receive(entered.commit, NOW).group);
    assert.equal(taken[0].describe().members, 3);
    assert.equal(authenticator(taken[0]), authenticator(entered.group));
    assert.equal(text(taken[1].open(entered.group.protect(bytes('da bin ich'))).data), 'da bin ich');
  },

  async aPreSharedKeyIsAsked(suite) {
    const { anna, a, b } = await twoMembers(suite);
    const proposals = [anna.mls.usePsk(bytes('losung'))];
    refused('mls.psk', () => a.commit(NOW, { proposals }));
    psks.set('losung', new Uint8Array(32).fill(7));
    const staged = a.commit(NOW, { proposals });
    assert.equal(authenticator(b.receive(staged.commit, NOW).group), authenticator(staged.group));
    psks.clear();
    refused('mls.psk', () => b.receive(staged.commit, NOW));
  },

  async theHostJudgesWhoComes(suite) {
    const { anna, a } = await twoMembers(suite);
    const doris = await device('doris', suite);
    strangers.add('doris');
    refused('mls.identity', () => a.commit(NOW, { proposals: [anna.mls.add(doris.package().message)] }));
    strangers.clear();
    const late = NOW + 100n * 86400n;
    refused('mls.lifetime', () => a.commit(late, { proposals: [anna.mls.add(doris.package().message)] }));
    const gateway = anna.mls.externalSender(anna.mls.makeSignatureKey().key, bytes('gateway'));
    const staged = a.commit(NOW, { proposals: [anna.mls.setExtensions([gateway])] });
    assert.equal(staged.group.describe().epoch, 2n);
  },

  async whatIsRefusedChangesNothing(suite) {
    const { bernd, a, b, staged } = await twoMembers(suite);
    const [beforeA, beforeB] = [hex(a.save()), hex(b.save())];
    const message = a.protect(bytes('heil'));
    const afterProtect = hex(a.save());
    assert.notEqual(afterProtect, beforeA);
    for (let at = 0; at < message.length; ++at) {
      const broken = message.slice();
      broken[at] ^= 1;
      assert.throws(() => b.open(broken), Refusal, `byte ${at}`);
    }
    for (let size = 0; size < message.length; ++size) assert.throws(() => b.open(message.subarray(0, size)), Refusal);
    const commit = a.commit(NOW, { path: true }).commit;
    for (let at = 0; at < commit.length; at += 7) {
      const broken = commit.slice();
      broken[at] ^= 0x80;
      assert.throws(() => b.receive(broken, NOW), Refusal, `byte ${at}`);
    }
    refused('mls.unsupported', () => b.receive(staged.welcome, NOW));
    refused('mls.sender', () => b.receive(message, NOW));
    refused('mls.not-for-us', () => bernd.mls.join(staged.welcome, bernd.package().own, NOW));
    refused('mls.storage', () => bernd.mls.join(staged.welcome, new Uint8Array(), NOW));
    refused('mls.own-message', () => a.open(message));
    refused('mls.too-large', () => a.exportSecret('x', bytes(''), 8161));
    refused('mls.unsupported', () => bernd.mls.makeKeyPackage(2, bernd.member, LIFETIME));
    assert.equal(hex(b.save()), beforeB);
    assert.equal(text(b.open(message).data), 'heil');
    refused('mls.spent', () => b.open(message));
  },

  async aReleasedGroupIsGone(suite) {
    const { anna, a } = await twoMembers(suite);
    a.release();
    refused('mls.handle', () => a.describe());
    a.release();
    assert.throws(() => anna.mls.create(suite, GROUP, { seed: new Uint8Array(31), identity: GROUP }, LIFETIME), TypeError);
    assert.equal(anna.mls.create(suite, GROUP, anna.member, LIFETIME).describe().epoch, 0n);
  },

  async aModuleWhoseHostFailedIsLost(suite) {
    let fails = false;
    const random = (out) => {
      if (fails) throw new TypeError('no entropy');
      nodePrimitives.random(out);
    };
    const mls = await Mls.load(module, { ...nodePrimitives, ...judgement, random });
    const member = { identity: GROUP, ...mls.makeSignatureKey() };
    fails = true;
    assert.throws(() => mls.create(suite, GROUP, member, LIFETIME), /no entropy/);
    fails = false;
    assert.throws(() => mls.create(suite, GROUP, member, LIFETIME), /lost/);
  },
};

assert.deepEqual([...new Set(WebAssembly.Module.imports(module).map((one) => one.module))], ['feierabend']);
for (const suite of [1, 3]) {
  for (const [name, test] of Object.entries(tests)) {
    await test(suite);
    console.log(`suite ${suite}: ${name}`);
  }
}
