// The public holidays of 16 Länder, 2020 to 2040, as three tables see them: ours and those of two npm packages.
// A table is a Set of "PLACE,YYYY-MM-DD".
import { execFileSync } from 'node:child_process';
import DateHolidays from 'date-holidays';
import { getHolidays } from 'feiertagejs';

export const LAENDER = ['BW', 'BY', 'BE', 'BB', 'HB', 'HH', 'HE', 'MV', 'NI', 'NW', 'RP', 'SL', 'SN', 'ST', 'SH', 'TH'];
export const FIRST = 2020;
export const LAST = 2040;

// What list_holidays prints; places below a Land (Catholic communes, Augsburg) are nobody else's.
export function ours(program) {
  const lines = execFileSync(program, { encoding: 'utf8' }).trim().split('\n');
  const known = new Set(LAENDER.map((land) => `DE-${land}`));
  return new Set(lines.filter((line) => known.has(line.split(',')[0])));
}

function collect(datesOf) {
  const table = new Set();
  for (const land of LAENDER)
    for (let year = FIRST; year <= LAST; ++year)
      for (const date of datesOf(land, year)) table.add(`DE-${land},${date}`);
  return table;
}

export function ofDateHolidays() {
  const calendars = new Map(LAENDER.map((land) => [land, new DateHolidays('DE', land.toLowerCase())]));
  return collect((land, year) =>
    calendars.get(land).getHolidays(year).filter((day) => day.type === 'public').map((day) => day.date.slice(0, 10)));
}

export function ofFeiertagejs() {
  return collect((land, year) => getHolidays(year, land).map((day) => day.dateString));
}

// Dates that not all tables have: [{ place, date, ours, dateHolidays, feiertagejs }], sorted.
export function differences(own, dateHolidays, feiertagejs) {
  const all = [...new Set([...own, ...dateHolidays, ...feiertagejs])].sort();
  return all
    .map((key) => {
      const [place, date] = key.split(',');
      return { place, date, ours: own.has(key), dateHolidays: dateHolidays.has(key), feiertagejs: feiertagejs.has(key) };
    })
    .filter((one) => !(one.ours && one.dateHolidays && one.feiertagejs));
}
