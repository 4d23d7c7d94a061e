// What a person chose on the index: its form in the address, and which flights it means.

import { parseDayMatcher, isoDay, monthName } from './written_dates.js';

/**
 * @typedef {{ lists: Record<string, string>, rule: string, outcome: string, date: string, find: string, box: number[] | null, unsure: string, sort: string, colour: string, flight: string, at: string }} Selection
 *   `lists` holds the chosen word of each list; `box` is south, west, north, east; `sort` is the
 *   name of a column, with - before it if it descends, `colour` what tracks are coloured by, `unsure` is
 *   not empty if flights that may fit are meant too; an empty text is no choice
 */

const TEXTS = ['rule', 'outcome', 'date', 'find', 'unsure', 'sort', 'colour', 'flight', 'at'];

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

// What a flight is to a choice: it does not fit, it fits, or its logs do not tell.
const [FITS_NOT, FITS, MAY_FIT] = [0, 1, 2];

// Whether the logs of a flight may leave out what a list is asked for.
function unsureOfList(data, name, word) {
  const pairs = (data.unsure[name] || [])
    .filter(([, unstated, asked]) => (asked ? asked.includes(word) : unstated !== word))
    .map(([list, unstated]) => [data.filters[list].of, data.filters[list].words.indexOf(unstated)])
    .filter(([, number]) => number >= 0);
  return (flight) => pairs.some(([of, number]) => of[flight].includes(number));
}

/**
 * Which flights a selection means.
 * @param {Selection} selection
 * @param {any} data the data of the index
 * @param {(flight: number) => string} textOf what the row of a flight says, in small letters
 * @param {(flight: number, box: number[]) => boolean | null} isInBox null: it is not known where it was
 * @returns {{ shown: Uint8Array, unsure: number, unanswered: string[] }} 1 for each flight that is meant;
 *   how many fit as far as their logs tell, and the names of the filters that these do not answer
 */
export function selectedFlights(selection, data, textOf, isInBox) {
  const count = data.days.length;
  const fit = new Uint8Array(count).fill(FITS);
  /** @type {[string, (flight: number) => boolean, (flight: number) => boolean][]} */
  const filters = [];
  const never = () => false;
  for (const [name, word] of Object.entries(selection.lists)) {
    if (!word) continue;
    const { words, of } = data.filters[name];
    const number = words.indexOf(word);
    const point = name === 'place' ? data.points[word] : null;
    filters.push([name, (flight) => of[flight].includes(number)
      || Boolean(point && data.starts[flight] && kilometresApart(point, data.starts[flight]) <= data.near_km),
    unsureOfList(data, name, word)]);
  }
  if (selection.rule || selection.outcome) {
    const rules = data.rules.map(([rule], number) => (!selection.rule || rule === selection.rule ? number : -1)).filter((number) => number >= 0);
    filters.push(['rule', (flight) => rules.some((rule) => {
      const letter = data.outcomes[rule][flight];
      return selection.outcome ? letter === selection.outcome : letter !== '-';
    }), never]);
  }
  const isDay = selection.date ? parseDayMatcher(selection.date) : null;
  if (isDay) filters.push(['date', (flight) => data.days[flight].some(isDay), (flight) => !data.days[flight].length]);
  const words = searchWords(selection.find);
  if (words.length) filters.push(['find', (flight) => words.every((word) => textOf(flight).includes(word)), never]);
  const { box } = selection;
  if (box) filters.push(['box', (flight) => isInBox(flight, box) === true, (flight) => isInBox(flight, box) === null]);
  for (const [, fits, isUnsure] of filters) {
    for (let flight = 0; flight < count; flight += 1) {
      if (fit[flight] && !fits(flight)) fit[flight] = isUnsure(flight) ? MAY_FIT : FITS_NOT;
    }
  }
  const unsure = fit.reduce((sum, one) => sum + Number(one === MAY_FIT), 0);
  const unanswered = filters.filter(([, fits, isUnsure]) => fit.some((one, flight) => one === MAY_FIT && !fits(flight) && isUnsure(flight))).map(([name]) => name);
  return { shown: fit.map((one) => Number(one === FITS || (one === MAY_FIT && Boolean(selection.unsure)))), unsure, unanswered };
}
