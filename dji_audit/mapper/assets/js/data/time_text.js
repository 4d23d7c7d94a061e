// Times as text: UTC, local time, durations.

/** @param {number} number */
const twoDigits = (number) => String(number).padStart(2, '0');
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/**
 * @param {number} ms milliseconds since 1970
 * @param {boolean} [tenths]
 * @returns {string} UTC
 */
export function clockText(ms, tenths) {
  const d = new Date(ms);
  const whole = `${twoDigits(d.getUTCHours())}:${twoDigits(d.getUTCMinutes())}:${twoDigits(d.getUTCSeconds())}`;
  return tenths ? `${whole}.${Math.floor(d.getUTCMilliseconds() / 100)}` : whole;
}

/**
 * @param {number} ms
 * @returns {string} the date in UTC
 */
export function dateText(ms) {
  const d = new Date(ms);
  return `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
}

/**
 * Local time from offsets that are in the page: a browser's own zone may be another.
 * @param {[number, number, string][]} offsets from which instant on, seconds east, abbreviation
 * @param {number} ms
 * @returns {string}
 */
export function localTimeText(offsets, ms) {
  let [, seconds, name] = offsets[0];
  for (const [since, east, word] of offsets) if (ms >= since) [seconds, name] = [east, word];
  return `${clockText(ms + seconds * 1000)} ${name}`;
}

/**
 * A duration in the words of the tables and the report.
 * @param {number} ms
 * @returns {string} such as 0.3 s, 21 s, 2 min 5 s, 1 h 3 min
 */
export function durationText(ms) {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const [minutes, leftS] = [Math.floor(seconds / 60), seconds % 60];
  if (minutes < 60) return leftS ? `${minutes} min ${leftS} s` : `${minutes} min`;
  const [hours, leftMin] = [Math.floor(minutes / 60), minutes % 60];
  if (hours >= 48) return `${Math.round(ms / 86400000).toLocaleString('en-GB')} days`;
  return leftMin ? `${hours} h ${leftMin} min` : `${hours} h`;
}
