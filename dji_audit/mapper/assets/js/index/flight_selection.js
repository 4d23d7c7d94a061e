// What a person chose on the index: its form in the address, and which flights it means.

import { parseDayMatcher, isoDay, monthName } from './written_dates.js';

/**
 * @typedef {{ lists: Record<string, string>, rule: string, outcome: string, date: string, find: string, box: number[] | null, sort: string, colour: string, flight: string, at: string }} Selection
 *   `lists` holds the chosen word of each list; `box` is south, west, north, east; `sort` is the
 *   name of a column, with - before it if it descends, `colour` what tracks are coloured by; an empty text is no choice
 */

const TEXTS = ['rule', 'outcome', 'date', 'find', 'sort', 'colour', 'flight', 'at'];

/**
 * @param {string} fragment the part of an address after #
 * @param {string[]} listNames
 * @returns {Selection}
 */
export function selectionFromFragment(fragment, listNames) {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const text = (name) => given.get(name) || '';
  const box = text('box').split(',').map(Number);
  return {
    lists: Object.fromEntries(listNames.map((name) => [name, text(name)])),
    .../** @type {any} */ (Object.fromEntries(TEXTS.map((name) => [name, text(name)]))),
    box: box.length === 4 && box.every(Number.isFinite) ? box : null,
  };
}

/**
 * @param {Selection} selection
 * @returns {string} the part of an address after #; empty: nothing is chosen
 */
export function fragmentOfSelection(selection) {
  const given = new URLSearchParams();
  for (const [name, word] of Object.entries(selection.lists)) if (word) given.set(name, word);
  for (const name of TEXTS) if (selection[name]) given.set(name, selection[name]);
  if (selection.box) given.set('box', selection.box.map((edge) => edge.toFixed(5)).join(','));
  return given.toString();
}

/** The words of a search: each must occur; what stands in quotation marks is one. */
export const searchWords = (text) => (text.toLowerCase().match(/"[^"]+"|[^\s"]+/g) || []).map((word) => word.replace(/"/g, ''));

// What else a flight can be found by: its days as ISO dates, and their months by name.
export const dayWords = (days) => days.map((day) => `${isoDay(day)} ${monthName(day)} ${Math.floor(day / 10000)}`).join(' ');

/** How far two places are apart, in km: enough for a filter. */
export function kilometresApart([lat, lon], [toLat, toLon]) {
  const east = ((toLon - lon + 540) % 360 - 180) * Math.cos((lat + toLat) / 2 * Math.PI / 180);
  return Math.hypot(toLat - lat, east) * 111.2;
}

/**
 * The names of the places within reach of a position.
 * @param {[number, number] | null} start
 * @param {Record<string, [number, number]>} points
 * @param {number} reachKm
 */
export function placesNear(start, points, reachKm) {
  if (!start) return [];
  return Object.entries(points)
    .filter(([, point]) => Math.abs(point[0] - start[0]) * 111 <= reachKm && kilometresApart(point, start) <= reachKm)
    .map(([name]) => name);
}

/**
 * Which flights a selection means.
 * @param {Selection} selection
 * @param {any} data the data of the index
 * @param {(flight: number) => string} textOf what the row of a flight says, in small letters
 * @param {(flight: number, box: number[]) => boolean} isInBox
 * @returns {Uint8Array} 1 for each flight that is meant
 */
export function selectedFlights(selection, data, textOf, isInBox) {
  const count = data.days.length;
  const shown = new Uint8Array(count).fill(1);
  const keep = (wanted) => {
    for (let flight = 0; flight < count; flight += 1) if (shown[flight] && !wanted(flight)) shown[flight] = 0;
  };
  for (const [name, word] of Object.entries(selection.lists)) {
    if (!word) continue;
    const { words, of } = data.filters[name];
    const number = words.indexOf(word);
    const point = name === 'place' ? data.points[word] : null;
    keep((flight) => of[flight].includes(number)
      || Boolean(point && data.starts[flight] && kilometresApart(point, data.starts[flight]) <= data.near_km));
  }
  if (selection.rule || selection.outcome) {
    const rules = data.rules.map(([rule], number) => (!selection.rule || rule === selection.rule ? number : -1)).filter((number) => number >= 0);
    keep((flight) => rules.some((rule) => {
      const letter = data.outcomes[rule][flight];
      return selection.outcome ? letter === selection.outcome : letter !== '-';
    }));
  }
  const isDay = selection.date ? parseDayMatcher(selection.date) : null;
  if (isDay) keep((flight) => data.days[flight].some(isDay));
  const words = searchWords(selection.find);
  if (words.length) keep((flight) => words.every((word) => textOf(flight).includes(word)));
  if (selection.box) keep((flight) => isInBox(flight, selection.box));
  return shown;
}
