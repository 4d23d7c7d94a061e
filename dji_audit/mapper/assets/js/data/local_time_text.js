// The local time of the flight.

import { flight } from './page_data.js';
import { localTimeText } from './time_text.js';

/**
 * @param {number} ms milliseconds since 1970
 * @returns {string} local time with the offsets of the page
 */
export const localText = (ms) => localTimeText(flight.time_zone.offsets, ms);
