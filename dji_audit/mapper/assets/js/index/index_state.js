// What the index page shows now, and who is told when that changes.

import { flightCount } from './index_data.js';

/** @type {{ map: any, rows: any[], selection: import('./flight_selection.js').Selection, shown: Uint8Array, chosen: number, isChosenOnMap: boolean, ms: number | null, showsRecording: boolean, classes: ReturnType<typeof import('./track_colour_classes.js').trackColourClasses> | null }} */
export const indexState = {
  map: null,
  // The row of each flight in the table.
  rows: [],
  selection: null,
  // 1 for each flight that the filters leave.
  shown: new Uint8Array(flightCount).fill(1),
  // The flight that was chosen, or -1.
  chosen: -1,
  isChosenOnMap: false,
  // The moment of the common clock, in milliseconds since 1970.
  ms: null,
  // Whether the map tells recordings apart, in place of flights.
  showsRecording: false,
  classes: null,
};

/** @type {Record<string, (() => void)[]>} */
const changeWatchers = { selection: [], chosen: [], moment: [] };

/**
 * @param {'selection' | 'chosen' | 'moment'} what
 * @param {() => void} act
 */
export const onIndexChange = (what, act) => changeWatchers[what].push(act);

/** @param {'selection' | 'chosen' | 'moment'} what */
export function announceIndexChange(what) {
  for (const act of changeWatchers[what]) act();
}

/**
 * Choose a flight, or none with -1.
 * @param {number} flight
 * @param {boolean} [isOnMap] whether it was chosen where it is seen on the map already
 */
export function chooseFlight(flight, isOnMap = false) {
  indexState.chosen = flight;
  indexState.isChosenOnMap = isOnMap;
  announceIndexChange('chosen');
}
