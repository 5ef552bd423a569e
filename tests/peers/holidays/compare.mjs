// compare.mjs PROGRAM LIST: fails for a difference between the three tables that LIST does not name, and for one that it
// names and that is not there any more.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { differences, FIRST, LAST, ofDateHolidays, ofFeiertagejs, ours } from './peers.mjs';

const HEADER = 'place,day,first,last,ours,date-holidays,feiertagejs,law';

// "PLACE,YYYY-MM-DD" → who has the day, as "yes,no,no". Throws for a line that is not one.
export function listed(text) {
  const [header, ...lines] = text.trim().split('\n');
  if (header !== HEADER) throw new Error(`header '${header}'`);
  const all = new Map();
  for (const line of lines) {
    const parts = /^(DE-\w\w),(\d\d-\d\d),(\d{4}),(\d{4}),((?:yes|no),(?:yes|no),(?:yes|no)),"([^"]{20,})"$/.exec(line);
    if (!parts) throw new Error(`line '${line}'`);
    const [, place, day, first, last, who] = parts;
    for (let year = Number(first); year <= Number(last); ++year) all.set(`${place},${year}-${day}`, who);
  }
  return all;
}

const word = (has) => (has ? 'yes' : 'no');

// What is wrong, as lines; none if all is well.
export function complaints(found, list) {
  const left = new Map(list);
  const lines = [];
  for (const one of found) {
    const key = `${one.place},${one.date}`;
    const who = [one.ours, one.dateHolidays, one.feiertagejs].map(word).join(',');
    if (left.get(key) !== who) lines.push(`${key}: ours,date-holidays,feiertagejs are ${who}; listed: ${left.get(key) ?? 'nothing'}`);
    left.delete(key);
  }
  for (const [key, who] of left) lines.push(`${key}: listed as ${who}, but all three agree`);
  return lines;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , program, list] = process.argv;
  const [own, one, other] = [ours(program), ofDateHolidays(), ofFeiertagejs()];
  const stateYears = (LAST - FIRST + 1) * 16;
  for (const [name, table] of Object.entries({ own, one, other }))
    if (table.size < stateYears * 9) throw new Error(`${name} has only ${table.size} holidays: nothing was compared`);
  const found = differences(own, one, other);
  const wrong = complaints(found, listed(readFileSync(list, 'utf8')));
  for (const line of wrong) console.error(line);
  console.log(`${stateYears} years of a Land, ${found.length} differences, ${wrong.length} of them unsettled`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
