// Elements and words.  Text reaches the page as text nodes only, never as markup.

const byId = (id) => document.getElementById(id);

function el(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = text;
  if (name) made.className = name;
  return made;
}

function svg(tag, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const pad = (number) => String(number).padStart(2, '0');
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

function clockOf(ms, tenths) {
  const d = new Date(ms);
  const whole = `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`;
  return tenths ? `${whole}.${Math.floor(d.getUTCMilliseconds() / 100)}` : whole;
}

function dayOf(ms) {
  const d = new Date(ms);
  return `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
}

// Local time from the offsets in the page: a browser's own zone may be another.
function localOf(ms) {
  let [, seconds, name] = flight.zone.offsets[0];
  for (const [since, east, word] of flight.zone.offsets) if (ms >= since) [seconds, name] = [east, word];
  return `${clockOf(ms + seconds * 1000)} ${name}`;
}

function lastingOf(ms) {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
}

const signed = (number, digits) => number.toFixed(digits).replace(/^-(?!0(\.0*)?$)/, '−').replace(/^-/, '');
