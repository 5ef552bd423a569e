// interop.mjs MLS_PEER [MODULE]: our members, native and in WebAssembly, in one group with those of two other
// libraries, in every role and both suites. Without MODULE the native ones take the place of those in WebAssembly.
// What a peer cannot do is not asked of it; README.md says what and why.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { native, wasm } from './ours.mjs';
import { coreCrypto } from './core_crypto.mjs';
import { tsMls } from './ts_mls.mjs';

globalThis.crypto ??= webcrypto;  // Node 18
const bytes = (text) => new TextEncoder().encode(text);
const text = (array) => new TextDecoder().decode(array);
const hex = (array) => Buffer.from(array).toString('hex');
// core-crypto writes a device's number without leading zeros, so it has none here.
const identity = (device) => {
  const number = String(device).padStart(4, '0');
  return `00000000-0000-4000-8000-00000000${number}:a00000000000${number}@polizei.example`;
};

// The public key of an external sender: that of RFC 8032 § 7.1, test 1.
const GATEWAY = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');

// All are in one epoch with the same secrets.
async function agree(...members) {
  const [first] = members;
  for (const member of members) {
    assert.equal(await member.epoch(), await first.epoch(), 'epoch');
    assert.equal(hex(await member.exported()), hex(await first.exported()), 'exporter');
    const [one, other] = [await member.authenticator(), await first.authenticator()];
    if (one && other) assert.equal(hex(one), hex(other), 'epoch authenticator');
  }
}

// Everybody writes, all others read.
async function talk(...members) {
  for (const from of members) {
    const said = `${from.identity} in Epoche ${await from.epoch()}`;
    const message = await from.protect(bytes(said));
    for (const to of members) if (to !== from) assert.equal(text(await to.open(message)), said);
  }
  const [from, to] = members;
  const [first, second] = [await from.protect(bytes('eins')), await from.protect(bytes('zwei'))];
  assert.equal(text(await to.open(second)), 'zwei');  // overtaking
  assert.equal(text(await to.open(first)), 'eins');
}

async function hear(message, expected, ...members) {
  for (const member of members) assert.equal(await member.receive(message), expected);
}

let step = '';
const steps = {
  async ordinaryLife(a, b, c) {
    step = 'create and add';
    await a.create(crypto.getRandomValues(new Uint8Array(16)));
    const { welcome } = await a.add([await b.keyPackage()]);
    step = 'join';
    await b.join(welcome);
    await agree(a, b);
    await talk(a, b);
    step = 'path commit of the first';
    await hear((await a.update()).commit, 'commit', b);
    await agree(a, b);
    step = 'path commit of the second';
    await hear((await b.update()).commit, 'commit', a);
    await talk(b, a);
    step = 'the second adds a third';
    const added = await b.add([await c.keyPackage()]);
    await hear(added.commit, 'commit', a);
    await c.join(added.welcome);
    await agree(a, b, c);
    await talk(a, b, c);
    step = 'path commit of the third';
    await hear((await c.update()).commit, 'commit', a, b);
    await agree(a, b, c);
    step = 'the first removes the second';
    const removal = await a.remove(b.identity);
    await hear(removal.commit, 'removed', b);
    await hear(removal.commit, 'commit', c);
    await agree(a, c);
    await talk(c, a);
    step = 'nothing of the new epoch is for the removed one';
    await assert.rejects(async () => b.open(await a.protect(bytes('ohne b'))));
  },

  async removalByReference(a, b, c) {
    step = 'three members';
    await a.create(crypto.getRandomValues(new Uint8Array(16)));
    const { welcome } = await a.add([await b.keyPackage(), await c.keyPackage()]);
    await b.join(welcome);
    await c.join(welcome);
    await agree(a, b, c);
    step = 'the first proposes to remove the third';
    await hear(await a.proposeRemoval(c.identity), 'proposal', b, c);
    step = 'the second commits it';
    const { commit } = await b.commitPending();
    await hear(commit, 'commit', a);
    await hear(commit, 'removed', c);
    await agree(a, b);
    await talk(a, b);
  },

  async externalCommit(a, b, c) {
    step = 'two members';
    await a.create(crypto.getRandomValues(new Uint8Array(16)));
    const added = await a.add([await b.keyPackage()]);
    await b.join(added.welcome);
    step = 'the third enters';
    const info = a.groupInfo ? await a.groupInfo() : added.groupInfo;
    await hear((await c.enter(info)).commit, 'commit', a, b);
    await agree(a, b, c);
    await talk(c, a, b);
  },

  async updateByReference(a, b, c) {
    step = 'three members';
    await a.create(crypto.getRandomValues(new Uint8Array(16)));
    const { welcome } = await a.add([await b.keyPackage(), await c.keyPackage()]);
    await b.join(welcome);
    await c.join(welcome);
    step = 'the first proposes new keys of its own';
    await hear(await a.proposeUpdate(), 'proposal', b, c);
    step = 'the second commits them';
    await hear((await b.commitPending()).commit, 'commit', a, c);
    await agree(a, b, c);
    step = 'they are used';
    await hear((await c.update()).commit, 'commit', a, b);
    await agree(a, b, c);
    await talk(a, b, c);
  },

  async gatewayMayRemove(a, b, c) {
    step = 'a group with an external sender';
    await a.create(crypto.getRandomValues(new Uint8Array(16)), { gateway: GATEWAY });
    const { welcome } = await a.add([await b.keyPackage(), await c.keyPackage()]);
    await b.join(welcome);
    await c.join(welcome);
    await agree(a, b, c);
    step = 'path commit';
    await hear((await b.update()).commit, 'commit', a, c);
    await agree(a, b, c);
    await talk(a, b, c);
  },

  async encryptedCommit(a, b) {
    step = 'two members';
    await a.create(crypto.getRandomValues(new Uint8Array(16)));
    const { welcome } = await a.add([await b.keyPackage()]);
    await b.join(welcome);
    step = 'a commit as PrivateMessage';
    await hear((await a.updateEncrypted()).commit, 'commit', b);
    await agree(a, b);
    await talk(b, a);
  },

  // `fails` gives our members an identity of another form than core-crypto's.
  async otherIdentity(a, b) {
    step = 'two members';
    await a.create(crypto.getRandomValues(new Uint8Array(16)));
    await b.join((await a.add([await b.keyPackage()])).welcome);
    await agree(a, b);
    step = 'a message of somebody with another form of identity';
    await talk(a, b);
  },

  // The last one joins a tree in which a leaf is unmerged at two nodes, of which one has another unmerged leaf, too.
  async lateJoin(a, b, c, d, e, f, g, last) {
    const inside = [a];
    const told = async (by, { commit, welcome }, ...joining) => {
      await hear(commit, 'commit', ...inside.filter((one) => one !== by));
      for (const one of joining) await one.join(welcome);
      inside.push(...joining);
    };
    step = 'five members, keys along their paths, and the second gone';
    await a.create(crypto.getRandomValues(new Uint8Array(16)));
    await told(a, await a.add(await Promise.all([b, c, d, e].map((one) => one.keyPackage()))), b, c, d, e);
    await told(a, await a.update());
    const removal = await a.remove(b.identity);
    inside.splice(1, 1);
    await told(a, removal);
    await told(c, await c.update());
    step = 'two more, one at its place';
    await told(a, await a.add([await f.keyPackage()]), f);
    await told(a, await a.add([await g.keyPackage()]), g);
    step = 'the last one joins';
    await told(a, await a.add([await last.keyPackage()]), last);
    await told(last, await last.update());
    await agree(...inside);
    await talk(last, ...inside.filter((one) => one !== last));
  },

  // All libraries in one group that grows and shrinks: trees with blanks and unmerged leaves, made by everybody. Those of
  // ts-mls come first, as they cannot join such a tree.
  async crowd(first, ...rest) {
    const early = rest.filter((one) => one.joinsEarly);
    const [inside, outside] = [[first, ...early], rest.filter((one) => !one.joinsEarly)];
    const next = numbers();
    const among = (list) => list[next() % list.length];
    await first.create(crypto.getRandomValues(new Uint8Array(16)));
    const { welcome } = await first.add(await Promise.all(early.map((one) => one.keyPackage())));
    for (const one of early) await one.join(welcome);
    for (let round = 0; round < 25; ++round) {
      const by = among(inside);
      const kind = inside.length < 4 ? 0 : next() % 4;
      step = `round ${round}, ${inside.length} members`;
      if (kind <= 1 && outside.length > 0) {
        const joining = outside.splice(0, 1 + (next() % 2));
        const added = await by.add(await Promise.all(joining.map((one) => one.keyPackage())));
        await hear(added.commit, 'commit', ...inside.filter((one) => one !== by));
        for (const one of joining) await one.join(added.welcome);
        inside.push(...joining);
      } else if (kind === 2) {
        const gone = among(inside.filter((one) => one !== by));
        const { commit } = await by.remove(gone.identity);
        inside.splice(inside.indexOf(gone), 1);
        await hear(commit, 'removed', gone);
        await hear(commit, 'commit', ...inside.filter((one) => one !== by));
      } else {
        await hear((await by.update()).commit, 'commit', ...inside.filter((one) => one !== by));
      }
      await agree(...inside);
    }
    await talk(...inside);
  },
};

// The same on each run: a multiplicative generator modulo 2^31 − 1.
function numbers(state = 20260101) {
  return () => (state = (state * 48271) % 0x7fffffff) >> 8;
}

const [, , peerPath, modulePath] = process.argv;
const n = native(peerPath);
const w = modulePath ? wasm(modulePath) : n;
const cc = await coreCrypto();
const ts = tsMls;
const plan = [
  ['ordinaryLife', n, w, n], ['ordinaryLife', w, n, w],
  ...[cc, ts].flatMap((p) => [['ordinaryLife', n, p, w], ['ordinaryLife', p, n, p], ['ordinaryLife', w, p, p], ['ordinaryLife', p, w, n]]),
  ['removalByReference', n, cc, w], ['removalByReference', n, ts, w], ['removalByReference', ts, n, ts],
  ['updateByReference', n, cc, w], ['updateByReference', n, ts, cc], ['updateByReference', w, n, ts],
  ['externalCommit', n, w, n], ['externalCommit', n, w, cc], ['externalCommit', cc, cc, n], ['externalCommit', cc, n, w],
  ['gatewayMayRemove', n, cc, w], ['gatewayMayRemove', cc, n, w], ['gatewayMayRemove', w, ts, n],
  ['encryptedCommit', ts, n], ['otherIdentity', n, ts],
  ['lateJoin', n, w, n, w, n, w, n, cc], ['lateJoin', cc, n, w, cc, n, w, cc, n],
  ['crowd', ...[n, cc, ts, w], ...[n, cc, ts, w], ...[n, cc, ts, w], ...[n, cc, ts, w]],
];
// What a peer cannot do. It is tried all the same: one that has learnt it belongs into the plan.
const cannot = [
  ['otherIdentity', n, cc], ['otherIdentity', w, cc],
  ['externalCommit', n, w, ts], ['externalCommit', ts, n, w], ['lateJoin', n, w, n, w, n, w, n, ts],
];

async function fails(suite, [name, ...makers]) {
  try {
    const who = (maker, i) => (name === 'otherIdentity' && maker !== cc ? `device ${i}` : identity(i + 1));
    await steps[name](...(await Promise.all(makers.map((maker, i) => maker.make(who(maker, i), suite)))));
    return null;
  } catch (error) {
    return error;
  }
}

let [done, wrong] = [0, 0];
for (const suite of [1, 3]) {
  for (const [runs, expected] of [[plan, true], [cannot, false]]) {
    for (const run of runs) {
      const error = await fails(suite, run);
      const title = `suite ${suite} ${run[0]} ${run.slice(1).map((maker) => maker.name).join(', ')}`;
      console.log(`${title}: ${error ? `not at '${step}'` : 'ok'}${expected ? '' : ', as README.md says'}`);
      ++done;
      if ((error === null) === expected) continue;
      ++wrong;
      console.error(error ?? `${title}: works by now`);
    }
  }
}
n.end();
w.end();
console.log(`${done - wrong}/${done} as expected`);
process.exitCode = wrong === 0 ? 0 : 1;
