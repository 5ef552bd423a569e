// Cedar's decisions on a policy of the meaning of tests/bench/peers/pack.toml, measured as policy_bench measures ours:
//   node tests/bench/peers/policy_peers.mjs SECONDS [CSV]
// Policies are parsed beforehand. Cedar knows neither rosters nor zones: what the time is on the wall and how long the
// last duty is over stands in the request, worked out by its caller; and it does not say until when its answer holds.
import { appendFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const cedar = createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs');
const seconds = Number(process.argv[2] ?? 3);
const csv = process.argv[3];
const batch = 100;

function figure(name, value, unit, note) {
  console.log(`  ${name.padEnd(52)} ${value.toPrecision(4).padStart(12)} ${unit.padEnd(6)} ${note}`.trimEnd());
  if (csv) appendFileSync(csv, `policy,${name},${value},${unit},${note}\n`);
}

const policies = readFileSync(new URL('policy.cedar', import.meta.url), 'utf8');
// Answers name policies by these ids.
const byId = Object.fromEntries([...policies.matchAll(/@id\("(\w+)"\)[^;]*;/g)].map((found) => [found[1], found[0]]));
const parsed = cedar.preparsePolicySet('rest', { staticPolicies: byId });
if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed));

const entities = [
  { uid: { type: 'User', id: 'p1' }, attrs: {}, parents: [{ type: 'Group', id: 'streife' }] },
  { uid: { type: 'Group', id: 'streife' }, attrs: {}, parents: [] },
  { uid: { type: 'Class', id: 'routine' }, attrs: {}, parents: [] },
];

// The last duty ended at 14:00 of a day of 1440 minutes.
function decide(minute) {
  const call = {
    principal: { type: 'User', id: 'p1' },
    action: { type: 'Action', id: 'deliver' },
    resource: { type: 'Class', id: 'routine' },
    context: { minute, onDuty: minute >= 360 && minute < 840, sinceDuty: minute >= 840 ? minute - 840 : minute + 600 },
    preparsedPolicySetId: 'rest',
    entities,
  };
  const answer = cedar.statefulIsAuthorized(call);
  if (answer.type !== 'success') throw new Error(JSON.stringify(answer));
  return answer.response;
}

// The same answers as our pack, or there is nothing to compare: 14:00 to 06:00 held, by the rest until 01:00 and by the
// night from 20:00.
for (let minute = 0; minute < 1440; ++minute) {
  const response = decide(minute);
  const named = [...response.diagnostics.reason].sort().join();
  const rest = minute >= 840 || minute < 60, night = minute >= 1200 || minute < 360;
  const expected = [night && 'night', rest && 'rest'].filter(Boolean).join() || 'open';
  if (named !== expected) throw new Error(`minute ${minute}: ${named} instead of ${expected}`);
}

const times = [];
let count = 0;
const begin = process.hrtime.bigint();
const spent = process.cpuUsage();
while (Number(process.hrtime.bigint() - begin) < seconds * 1e9) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < batch; ++i) decide((count + i * 7) % 1440);
  times.push(Number(process.hrtime.bigint() - start) / batch);
  count += batch;
}
const used = process.cpuUsage(spent);
times.sort((a, b) => a - b);
const at = (part) => times[Math.max(0, Math.ceil(times.length * part) - 1)];
const note = `cedar-wasm ${cedar.getCedarSDKVersion()}; Node ${process.versions.node}`;
figure('peer Cedar: decision p50', at(0.5), 'ns', `${note}; mean of batches of ${batch}; on the wall`);
figure('peer Cedar: decision p99', at(0.99), 'ns', note);
figure('peer Cedar: processor time per decision', ((used.user + used.system) * 1000) / count, 'ns', note);
