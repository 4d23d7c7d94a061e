// What the page shows, in the fragment of its address (`#t=...&tab=rules`), so that a moment, a
// finding, a tab or a choice of colour can be sent as a link.  Nothing of it leaves the computer.

/**
 * A part of the fragment: its text now, empty if there is nothing to say, and how to go to one.
 * @typedef {{ name: string, read: () => string, words: () => string, apply: (text: string) => void }} FragmentPart
 *   `words` says what the text leads to, such as `the moment 09:04:43.0 UTC`; it is asked only where there is a text
 */

/** @type {FragmentPart[]} */
const fragmentParts = [];
// A browser refuses addresses that change too often.
const SETTLE_MS = 400;
let writeTimer = 0;
let isApplying = true;

/** @param {FragmentPart} part those that were added first are applied first */
export function addFragmentPart(part) {
  fragmentParts.push(part);
}

/** The fragment of what is shown now, without its `#`. */
export function formatFragment() {
  const pairs = fragmentParts.map(({ name, read }) => [name, read()]).filter(([, text]) => text);
  return pairs.map(([name, text]) => `${name}=${encodeURIComponent(text).replace(/%3A/g, ':').replace(/%2C/g, ',')}`).join('&');
}

/** What the fragment leads to, in words: the moment, then how it is shown. */
export function parseFragment() {
  const isMoment = (part) => Number(part.name === 't');
  const parts = fragmentParts.filter(({ read }) => read()).sort((a, b) => isMoment(b) - isMoment(a));
  return parts.map(({ words }) => words()).join(', ');
}

/** The fragment of one part only. @param {string} name */
export function fragmentOfPart(name) {
  const part = fragmentParts.find((one) => one.name === name);
  return `${name}=${encodeURIComponent(part.read())}`;
}

/** Say that a part has changed; the address follows at once, and again when the page has come to rest. */
export function writeFragmentSoon() {
  if (isApplying) return;
  // A link that stays in the address after the page has left it could not be followed once more.
  if (!writeTimer) writeFragment();
  clearTimeout(writeTimer);
  writeTimer = setTimeout(writeFragment, SETTLE_MS);
}

function cancelPendingFragmentWrite() {
  clearTimeout(writeTimer);
  writeTimer = 0;
}

export function writeFragment() {
  cancelPendingFragmentWrite();
  const text = formatFragment();
  if (new URL(document.URL).hash.slice(1) !== text) history.replaceState(null, '', `#${text}`);
}

/** @param {string} url */
function applyFragment(url) {
  const text = new URL(url).hash.slice(1);
  if (!text) return;
  // What was shown before is not written over what is asked for now.
  cancelPendingFragmentWrite();
  const given = new URLSearchParams(text);
  isApplying = true;
  // A text that means nothing here is passed over: the page opens as without it.
  for (const { name, apply } of fragmentParts) if (given.has(name)) apply(given.get(name));
  isApplying = false;
}

/** Go to what the address asks for, now and whenever it changes. */
export function followFragment() {
  applyFragment(document.URL);
  isApplying = false;
  window.addEventListener('hashchange', (event) => applyFragment(event.newURL));
}
