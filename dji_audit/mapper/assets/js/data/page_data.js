// The data block: columns of whole numbers, each the difference from the last one known.

import { byId } from '../dom.js';
import { decodeDeltaColumn, lastAtOrBefore } from './delta_columns.js';

export const flight = JSON.parse(byId('flight').textContent);

export const fixes = flight.fixes;
/** @type {Record<string, Float64Array>} */
export const track = {};
/** @type {Record<string, boolean>} */
export const has = {};
for (const [name, column] of Object.entries(flight.columns)) {
  track[name] = decodeDeltaColumn(column, fixes);
  has[name] = column !== null;
}

// A row of what happened, under names.
export const rows = flight.rows.map(
  ([start, end, group, kind, severity, text, grade, record, offset, position, outcome, sourceIndex, aboutZone], index) =>
    ({ index, start, end, group, kind, severity, text, grade, record, offset, position, outcome, sourceIndex, aboutZone }),
);
export const captures = flight.captures.map(([start, end, kind, sensor]) => ({ start, end, kind, sensor }));
export const axisCountsFixes = flight.axis.kind === 'fix';
export const [AXIS_START, AXIS_END] = flight.axis.span || [0, 0];

/**
 * The last fix at or before an instant, or -1.
 * @param {number} ms
 * @returns {number}
 */
export const lastFixAt = (ms) => lastAtOrBefore(track.ms, ms);

// The fixes that have a position, and whether each is joined to the next.
export const positionedFixes = [];
for (let i = 0; i < fixes; i += 1) if (!Number.isNaN(track.lat[i])) positionedFixes.push(i);
export const joinedToNext = new Uint8Array(Math.max(positionedFixes.length - 1, 0));
for (let k = 0; k + 1 < positionedFixes.length; k += 1) {
  joinedToNext[k] = track.ms[positionedFixes[k + 1]] - track.ms[positionedFixes[k]] <= flight.gap_ms ? 1 : 0;
}
export const trackIndexOf = new Int32Array(fixes).fill(-1);
let lastIndex = -1;
for (let i = 0; i < fixes; i += 1) {
  if (!Number.isNaN(track.lat[i])) lastIndex += 1;
  trackIndexOf[i] = lastIndex;
}

/**
 * Where the aircraft was: between two fixes in a straight line, but not across a gap.
 * @param {number} ms
 * @returns {{ lat: number, lon: number, age: number, stale: boolean } | null}
 */
export function positionAt(ms) {
  if (!positionedFixes.length) return null;
  const i = lastFixAt(ms);
  const k = i < 0 ? -1 : trackIndexOf[i];
  const before = k >= 0 ? positionedFixes[k] : -1;
  const after = k + 1 < positionedFixes.length ? positionedFixes[k + 1] : -1;
  if (before < 0) {
    const wait = track.ms[after] - ms;
    return { lat: track.lat[after], lon: track.lon[after], age: -wait, stale: wait > flight.gap_ms };
  }
  if (after >= 0 && joinedToNext[k]) {
    const span = track.ms[after] - track.ms[before];
    const share = span > 0 ? (ms - track.ms[before]) / span : 0;
    return {
      lat: track.lat[before] + (track.lat[after] - track.lat[before]) * share,
      lon: track.lon[before] + (track.lon[after] - track.lon[before]) * share,
      age: 0,
      stale: false,
    };
  }
  const age = ms - track.ms[before];
  return { lat: track.lat[before], lon: track.lon[before], age, stale: age > flight.gap_ms };
}

// The position of a row: that of the finding, else where the aircraft was.
export function positionOfTimelineRow(row) {
  if (row.position && positionedFixes.length) {
    const turn = Math.round((row.position[1] - track.lon[positionedFixes[0]]) / 360);
    return { lat: row.position[0], lon: row.position[1] - 360 * turn };
  }
  if (row.start === null || axisCountsFixes) return null;
  const at = positionAt(row.start);
  return at && !at.stale ? at : null;
}
