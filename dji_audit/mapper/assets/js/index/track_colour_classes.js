// The classes that tracks are coloured by: aircraft, outcome or day.  Each has a colour, and a dash
// and a number as the second cue.

import { isoDay, monthName } from './written_dates.js';

const COLOURS = ['#0072b2', '#d55e00', '#00735c', '#a3307c', '#332288', '#8a6d00', '#1f8fd0', '#6b3d1e'];
const DARK_COLOURS = ['#5cb6f2', '#ff8b3d', '#36cfa8', '#f28ac4', '#b5a8ff', '#e6c34a', '#9ad9ff', '#d9a27c'];
const DASHES = [[], [10, 5], [2, 5], [12, 4, 2, 4]];
export const MOST_CLASSES = COLOURS.length * DASHES.length;
const OUTCOME_COLOURS = {
  'Needs a look': ['#b00020', '#ff8f9b', []],
  Note: ['#8a6d00', '#e6c34a', [10, 5]],
  'Not checked': ['#b05a00', '#f0b45a', [2, 5]],
  'Clean in part': ['#00735c', '#36cfa8', [12, 4, 2, 4]],
  Clean: ['#0072b2', '#5cb6f2', []],
  Simulated: ['#5f6b76', '#9aa6b2', [1, 4]],
};
const IDLE = ['#5f6b76', '#9aa6b2'];
const OTHER = [...IDLE, [1, 4]];

/**
 * A class of flights on the map; `filter` is the list or field, and the word, that selects it.
 * @typedef {{ label: string, colour: string, dark: string, dash: number[], flights: number[], filter: [string, string] | null }} MapClass
 */

/**
 * The classes of some flights, and the class of each flight.
 * @param {string} by aircraft, verdict, day, or recording: then all tracks are of one class, and their
 *   recordings are drawn over them
 * @param {any} data the data of the index
 * @returns {{ title: string, classes: MapClass[], of: Int16Array }}
 */
export function trackColourClasses(by, data) {
  const count = data.days.length;
  const of = new Int16Array(count);
  if (by === 'recording') {
    const flights = Array.from({ length: count }, (_, flight) => flight);
    return { title: 'Recording', classes: [{ label: 'no video shown by the logs', colour: IDLE[0], dark: IDLE[1], dash: [], flights, filter: null }], of };
  }
  let title = { aircraft: 'Aircraft', verdict: 'Outcome', day: 'Day' }[by];
  let keyOf = (flight) => data.filters[by].words[data.filters[by].of[flight][0]];
  if (by === 'day') {
    const isMany = new Set(data.days.map((days) => days[0])).size > MOST_CLASSES;
    if (isMany) title = `Month (the flights are of more than ${MOST_CLASSES} days)`;
    keyOf = (flight) => {
      const day = data.days[flight][0];
      return day === undefined ? '' : isMany ? isoDay(day).slice(0, 7) : isoDay(day);
    };
  }
  const keys = new Map();
  for (let flight = 0; flight < count; flight += 1) {
    const key = keyOf(flight);
    if (!keys.has(key)) keys.set(key, []);
    keys.get(key).push(flight);
  }
  const order = by === 'verdict' ? data.filters.verdict.words.filter((word) => keys.has(word))
    : [...keys.keys()].sort((a, b) => Number(a === '') - Number(b === '') || (a < b ? -1 : 1));
  /** @type {MapClass[]} */
  const classes = [];
  order.forEach((key, number) => {
    const own = keys.get(key);
    // What has no colour left shares one.
    const isOther = by !== 'verdict' && number >= MOST_CLASSES - 1 && order.length > MOST_CLASSES;
    if (isOther && number >= MOST_CLASSES) classes[MOST_CLASSES - 1].flights.push(...own);
    else {
      const n = number % COLOURS.length;
      const [colour, dark, dash] = by === 'verdict' ? OUTCOME_COLOURS[key] || OTHER : isOther ? OTHER
        : [COLOURS[n], DARK_COLOURS[n], DASHES[Math.floor(number / COLOURS.length)]];
      classes.push({ label: isOther ? 'all others' : colourClassLabel(by, key), colour, dark, dash, flights: [...own], filter: isOther || key === '' ? null : [by === 'day' ? 'date' : by, key] });
    }
    for (const flight of own) of[flight] = Math.min(number, classes.length - 1);
  });
  return { title, classes, of };
}

function colourClassLabel(by, key) {
  if (by !== 'day') return key;
  if (key === '') return 'day not known';
  const [year, month, day] = key.split('-');
  const name = monthName(Number(month) * 100);
  const word = name[0].toUpperCase() + name.slice(1, 3);
  return day ? `${Number(day)} ${word} ${year}` : `${word} ${year}`;
}
