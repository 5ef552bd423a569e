// That the comparison can fail: each table in turn loses or gains a day, and the list has a line too few or too many.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { complaints, listed } from './compare.mjs';
import { differences, ofDateHolidays, ofFeiertagejs, ours } from './peers.mjs';

const tables = [ours(process.argv[2]), ofDateHolidays(), ofFeiertagejs()];
const list = listed(readFileSync('differences.csv', 'utf8'));
assert.deepEqual(complaints(differences(...tables), list), []);

for (const place of tables.keys()) {
  for (const change of [(table) => table.delete('DE-NI,2026-12-25'), (table) => table.add('DE-NI,2026-12-24')]) {
    const changed = tables.map((table) => new Set(table));
    change(changed[place]);
    assert.equal(complaints(differences(...changed), list).length, 1, `table ${place}`);
  }
}
for (const key of list.keys()) {
  const shorter = new Map(list);
  shorter.delete(key);
  assert.equal(complaints(differences(...tables), shorter).length, 1, key);
}
assert.equal(complaints(differences(...tables), new Map(list).set('DE-NI,2026-12-25', 'yes,yes,no')).length, 1);
assert.throws(() => listed('place,day\n'));
console.log('each change was noticed');
