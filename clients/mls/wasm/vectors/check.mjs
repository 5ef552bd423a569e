// check.mjs MODULE DIR: as the native mls_vectors DIR, but in WebAssembly: every vector file of the folder, one line
// "file passed/total" each, what differs on the error stream; exit code 1 at a miss, 2 if there was nothing to check.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mls } from '../host.mjs';
import { nodePrimitives } from '../node_primitives.mjs';

const NO_VECTORS = 1;
const [, , file, folder] = process.argv;
const module = new WebAssembly.Module(readFileSync(file));
const host = { ...nodePrimitives, admits: () => true, psk: () => null };
const mls = await Mls.load(module, host);

let [checked, missed] = [0, 0];
for (const name of readdirSync(folder).sort()) {
  const format = new TextEncoder().encode(name.replace(/\.json$/, ''));
  const [counts, misses] = mls.invoke('mls_run_vectors', format, readFileSync(join(folder, name))).parts;
  const numbers = new DataView(counts.buffer);
  const [kind, passed, total] = [numbers.getUint8(0), numbers.getUint32(1), numbers.getUint32(5)];
  if (kind === NO_VECTORS) continue;
  console.log(`${name} ${passed}/${total}`);
  process.stderr.write(new TextDecoder().decode(misses));
  ++checked;
  if (passed !== total) ++missed;
}
process.exitCode = checked === 0 ? 2 : missed === 0 ? 0 : 1;
