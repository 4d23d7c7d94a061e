// Days as people write them: 2025-06-14, 14 Jun 2025, June 2025, June, 2025, and ranges of these.

const MONTH_NAMES = 'january february march april may june july august september october november december'.split(' ');
const JOINTS = /\s+to\s+|\s*\.\.\s*|\s+-\s+|\s+–\s+/;

// The number of a month from its name, whole or its first three letters or more; 0: it is none.
function monthNumber(word) {
  return word.length < 3 ? 0 : MONTH_NAMES.findIndex((name) => name.startsWith(word)) + 1;
}

export const monthName = (day) => MONTH_NAMES[Math.floor(day / 100) % 100 - 1];
export const isoDay = (day) => `${Math.floor(day / 10000)}-${String(Math.floor(day / 100) % 100).padStart(2, '0')}-${String(day % 100).padStart(2, '0')}`;

/**
 * The first and last day that a text means, such as [20250601, 20250631], or a month of any year.
 * @param {string} text
 * @returns {{ from: number, to: number, month: number } | null} `month` is 0 where there is a year
 */
function parseDaysOfDatePart(text) {
  const words = text.trim().toLowerCase().replace(/,/g, ' ').split(/\s+/);
  const iso = words.length === 1 && words[0].match(/^(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?$/);
  let [year, month, day] = iso ? iso.slice(1).map((part) => Number(part || 0)) : [0, 0, 0];
  if (!iso) {
    for (const word of words) {
      const number = Number(word.replace(/^(\d+)(st|nd|rd|th)$/, '$1'));
      if (monthNumber(word) && !month) month = monthNumber(word);
      else if (number >= 1900 && number < 2200 && !year) year = number;
      else if (number >= 1 && number <= 31 && !day) day = number;
      else return null;
    }
    if (!month) return null;
  }
  if (month > 12 || day > 31) return null;
  if (!year) return day ? null : { from: 0, to: 0, month };
  const base = year * 10000;
  if (!month) return { from: base + 101, to: base + 1231, month: 0 };
  if (!day) return { from: base + month * 100 + 1, to: base + month * 100 + 31, month: 0 };
  return { from: base + month * 100 + day, to: base + month * 100 + day, month: 0 };
}

/**
 * Whether days, such as 20250614, are meant by a text.
 * @param {string} text
 * @returns {((day: number) => boolean) | null} null: it is no date
 */
export function parseDayMatcher(text) {
  const parts = text.trim().split(JOINTS);
  if (parts.length > 2) return null;
  const [first, last] = [parseDaysOfDatePart(parts[0]), parseDaysOfDatePart(parts[parts.length - 1])];
  if (!first || !last) return null;
  if (first.month || last.month) return parts.length > 1 ? null : (day) => Math.floor(day / 100) % 100 === first.month;
  return first.from > last.to ? null : (day) => day >= first.from && day <= last.to;
}
