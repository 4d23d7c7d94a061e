// The local time of the flight.

import { AXIS_START, flight } from './page_data.js';
import { clockText, dateText, localTimeText } from './time_text.js';

/**
 * @param {number} ms milliseconds since 1970
 * @returns {string} local time with the offsets of the page
 */
export const localText = (ms) => localTimeText(flight.time_zone.offsets, ms);

/**
 * @param {number} ms milliseconds since 1970
 * @returns {string} the time of day in UTC, after the date where that is not the date of the flight
 */
export const utcText = (ms) => (dateText(ms) === dateText(AXIS_START) ? '' : `${dateText(ms)} `) + clockText(ms);
