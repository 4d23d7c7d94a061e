// What the page shows now.  Every part may change it; `onSeek` announces a new moment.

import { AXIS_END, AXIS_START } from './page_data.js';

/** @type {{ currentMs: number, leafletMap: any, aircraft: any, highlightedRuns: any, footprintLayer: any, currentPose: any, selectedZone: number | null }} */
export const state = {
  // The selected moment, in milliseconds since 1970.
  currentMs: AXIS_START,
  // The Leaflet map and the marker of the aircraft, once they are there.
  leafletMap: null,
  aircraft: null,
  // The part of the track that is highlighted.
  highlightedRuns: null,
  footprintLayer: null,
  // Where the camera looked at the selected moment.
  currentPose: null,
  // The number of the zone that was chosen in the table.
  selectedZone: null,
};

// The position whose sightings are shown.
export const viewQuery = { position: null, sightings: [], picking: false, marker: null };

/** @typedef {{ pan: boolean, keep: boolean, row: any }} Seek how a moment was chosen; the row is any of the page's */

/** @type {((seek: Seek) => void)[]} */
const momentWatchers = [];

/**
 * Call a function whenever a moment is chosen; the others that were named before come first.
 * @param {(seek: Seek) => void} show
 */
export function onMomentChange(show) {
  momentWatchers.push(show);
}

/**
 * Go to a moment.
 * @param {number} ms
 * @param {Partial<Seek>} [seek] `pan` brings the aircraft into sight, `keep` leaves the
 *   highlighted part of the track, `row` is the row that was chosen, if one was
 */
export function goToInstant(ms, { pan = false, keep = false, row = null } = {}) {
  state.currentMs = Math.max(AXIS_START, Math.min(AXIS_END, ms));
  for (const show of momentWatchers) show({ pan, keep, row });
}
