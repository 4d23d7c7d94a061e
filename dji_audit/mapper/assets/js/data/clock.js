// The local time of the flight.

import { flight } from './columns.js';
import { localTimeText } from './times.js';

/**
 * @param {number} ms milliseconds since 1970
 * @returns {string} local time with the offsets of the page
 */
export const localText = (ms) => localTimeText(flight.time_zone.offsets, ms);
