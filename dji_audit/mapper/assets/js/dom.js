// Elements and words.  Text reaches the page as text nodes only, never as markup.

const byId = (id) => document.getElementById(id);

function htmlElement(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = text;
  if (name) made.className = name;
  return made;
}

function svgElement(tag, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const twoDigits = (number) => String(number).padStart(2, '0');
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

function clockText(ms, tenths) {
  const d = new Date(ms);
  const whole = `${twoDigits(d.getUTCHours())}:${twoDigits(d.getUTCMinutes())}:${twoDigits(d.getUTCSeconds())}`;
  return tenths ? `${whole}.${Math.floor(d.getUTCMilliseconds() / 100)}` : whole;
}

function dateText(ms) {
  const d = new Date(ms);
  return `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
}

// Local time from the offsets in the page: a browser's own zone may be another.
function localText(ms) {
  let [, seconds, name] = flight.time_zone.offsets[0];
  for (const [since, east, word] of flight.time_zone.offsets) if (ms >= since) [seconds, name] = [east, word];
  return `${clockText(ms + seconds * 1000)} ${name}`;
}

function durationText(ms) {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
}

const signedText = (number, digits) => number.toFixed(digits).replace(/^-(?!0(\.0*)?$)/, '−').replace(/^-/, '');
