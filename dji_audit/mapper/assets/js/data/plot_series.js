// Every quantity over time that the page holds: the columns of the track, and the fields of the
// records that were chosen when the page was made.

import { axisCountsFixes, fixes, flight, has, track } from './page_data.js';
import { decodeDeltaColumn, lastAtOrBefore } from './delta_columns.js';

/**
 * A quantity over time: `ms` ascend, and `values` are NaN where one is missing.
 * @typedef {{ id: string, words: string, unit: string, group: string, digits: number, wraps: boolean,
 *   ms: Float64Array, values: Float64Array }} Series
 */

// Beyond this a value of a record is not that of the moment any more.
export const SERIES_REACH_MS = flight.gap_ms;

/** @type {Series[]} */
export const allSeries = [];
for (const [id, words, unit, digits, wraps] of flight.series || []) {
  if (has[id]) allSeries.push({ id, words, unit, group: 'Track', digits, wraps, ms: track.ms, values: track[id] });
}
for (const { record, file, ms, count, fields } of axisCountsFixes ? [] : flight.record_series || []) {
  const times = decodeDeltaColumn(ms, count);
  for (const { name, unit, digits, column } of fields) {
    allSeries.push({
      id: `${record}.${name}`, words: name, unit, group: file ? `${record} records of ${file}` : `${record} records`,
      digits, wraps: false, ms: times, values: decodeDeltaColumn(column, count),
    });
  }
}

/** @param {string} id */
export const plotSeriesByName = (id) => allSeries.find((series) => series.id === id) || null;

/**
 * The last value at or before an instant, or NaN if none is near.
 * @param {Series} series
 * @param {number} ms
 */
export function seriesValueAt({ ms: times, values }, ms) {
  const i = lastAtOrBefore(times, ms);
  return i >= 0 && ms - times[i] <= SERIES_REACH_MS ? values[i] : NaN;
}

/**
 * The values at each fix.
 * @param {Series} series
 */
export function seriesValuesAtFixes(series) {
  if (series.ms === track.ms) return series.values;
  const values = new Float64Array(fixes).fill(NaN);
  for (let i = 0, k = -1; i < fixes; i += 1) {
    while (k + 1 < series.ms.length && series.ms[k + 1] <= track.ms[i]) k += 1;
    if (k >= 0 && track.ms[i] - series.ms[k] <= SERIES_REACH_MS) values[i] = series.values[k];
  }
  return values;
}

/**
 * The least and the greatest value; null without any.
 * @param {Float64Array} values
 * @returns {[number, number] | null}
 */
export function finiteRange(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}
