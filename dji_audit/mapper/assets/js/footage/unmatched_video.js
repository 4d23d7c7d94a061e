// A video that is of no recording of this flight: where the index of the case may know it, and of
// which day it says that it is.

import { dateText, clockText, durationText } from '../data/time_text.js';
import { fixes, track } from '../data/page_data.js';

const SECONDS_1904_TO_1970 = 2082844800;

/**
 * When a video says that it was begun, by its own clock; null: it does not say.  DJI names a video by
 * local time; the header of an MP4 should be in UTC, but many cameras write local time there too.
 * @param {string} name
 * @param {number | null} headerMs milliseconds since 1970
 * @returns {{ ms: number, words: string } | null}
 */
export function startOfVideo(name, headerMs) {
  const named = name.match(/(?:^|[^\d])(20\d\d)(\d\d)(\d\d)[_-]?(\d\d)(\d\d)(\d\d)(?:[^\d]|$)/);
  if (named) {
    const [year, month, day, hour, minute, second] = named.slice(1).map(Number);
    const ms = Date.UTC(year, month - 1, day, hour, minute, second);
    if (month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60) return { ms, words: 'Its name says that it was begun on' };
  }
  return headerMs === null ? null : { ms: headerMs, words: 'Its header says that it was begun on' };
}

/** The time of an MP4, milliseconds since 1970, or null where the file says none. @param {number} seconds since 1904 */
export const timeOfMovieHeader = (seconds) => (seconds > SECONDS_1904_TO_1970 ? (seconds - SECONDS_1904_TO_1970) * 1000 : null);

// A clock without a zone may be this far from UTC.
const MOST_ZONE_MS = 14 * 3600000;

/**
 * Of which flight a video may be, as sentences.
 * @param {string} name
 * @param {number | null} headerMs
 * @param {[number, number] | null} span of this flight, milliseconds since 1970; null: without times
 */
export function unmatchedVideoWords(name, headerMs, span) {
  const start = startOfVideo(name, headerMs);
  if (!start) return 'It does not say when it was recorded.';
  const said = `${start.words} ${dateText(start.ms)} at ${clockText(start.ms)}, by the clock of the camera.`;
  if (!span) return said;
  const away = start.ms < span[0] ? span[0] - start.ms : Math.max(0, start.ms - span[1]);
  if (away <= MOST_ZONE_MS) return `${said} A clock without a zone cannot tell whether that is this flight.`;
  return `${said} That is ${durationText(away)} ${start.ms < span[0] ? 'before' : 'after'} this flight: look for the flight of that day.`;
}

/** The time that this flight covers, or null. @returns {[number, number] | null} */
export const timeSpanOfFlight = () => (fixes ? [track.ms[0], track.ms[fixes - 1]] : null);

/**
 * The address of the index, where it says of which flight a file is; null: this page belongs to none.
 * @param {{ name: string, size: number, sha256: string | null, durationS: number | null }} file
 */
export function indexAddressOfFile({ name, size, sha256, durationS }) {
  const index = document.getElementById('to_index');
  if (!index) return null;
  const asked = new URLSearchParams({ file: name, size: String(size) });
  if (sha256) asked.set('sha256', sha256);
  if (durationS !== null) asked.set('lasts', durationS.toFixed(1));
  return `${index.getAttribute('href')}#${asked}`;
}
