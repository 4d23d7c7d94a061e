// The lists of the page of the work.  A list is drawn anew only where it changed, so that what a
// person chose and where the keyboard is stay.

import { byId, htmlElement } from '../dom.js';
import { capitalised, sizeWords } from './work_texts.js';

const drawn = new Map();

/** Whether something differs from what was drawn under a name. @param {string} name @param {unknown} value */
function hasListChanged(name, value) {
  const text = JSON.stringify(value);
  const before = drawn.get(name);
  drawn.set(name, text);
  return before !== text;
}

function linkElement(address, words, opensTab) {
  const made = htmlElement('a', words);
  made.href = address;
  if (opensTab) made.target = '_blank';
  return made;
}

function tickBox(value, words, isTicked) {
  const made = htmlElement('label');
  const box = htmlElement('input');
  box.type = 'checkbox';
  box.value = value;
  box.checked = isTicked;
  made.append(box, htmlElement('span', words.text, words.name));
  return made;
}

// What lies in a folder that is chosen is audited with it: it cannot be left out alone.
function followChosenFolders(list) {
  const boxes = [...list.querySelectorAll('input')];
  const whole = new Set(boxes.filter((it) => it.checked && !it.value.includes('/')).map((it) => it.value));
  for (const box of boxes) {
    if (!box.value.includes('/')) continue;
    box.disabled = whole.has(box.value.split('/')[0]);
    if (box.disabled) box.checked = false;
  }
}

/** Folders that may be audited; those that were named begin chosen. @param {any} list @param {Record<string, string>} folders */
export function showFolders(list, folders) {
  if (!hasListChanged('folders', folders)) return;
  const before = new Map([...list.querySelectorAll('input')].map((it) => [it.value, it.checked]));
  list.replaceChildren(
    ...Object.entries(folders).map(([name, path]) => {
      const isBelow = name.includes('/');
      const item = htmlElement('li', null, isBelow ? 'below' : null);
      item.append(tickBox(name, { text: ` ${path}`, name: null }, before.has(name) ? before.get(name) : !isBelow));
      return item;
    }),
  );
  list.onchange = () => followChosenFolders(list);
  followChosenFolders(list);
}

const pageAddress = (page) => `results/${page.split('/').map(encodeURIComponent).join('/')}`;

function flightCell(finding) {
  const made = htmlElement('td', null, 'wide');
  made.append(finding.page ? linkElement(pageAddress(finding.page), finding.flight, true) : htmlElement('span', finding.flight));
  made.append(htmlElement('span', [finding.aircraft, finding.serial, finding.place].filter(Boolean).join(', '), 'sub'));
  return made;
}

const HEADS = ['', 'Flight', 'Finding', 'Severity', 'When, UTC'];

function findingRow(finding, isChosen) {
  const row = htmlElement('tr');
  const choice = htmlElement('td');
  choice.append(tickBox(finding.fingerprint, { text: `Choose: ${finding.summary}`, name: 'hidden' }, isChosen));
  const what = htmlElement('td', finding.summary);
  what.append(htmlElement('span', finding.title || '', 'sub'));
  // Who settled it, and of one that counts again: who took that back, or how it grew worse.
  if (finding.acknowledgement) what.append(htmlElement('span', capitalised(finding.acknowledgement), 'decided'));
  const severity = htmlElement('td');
  severity.append(htmlElement('span', finding.severity, `chip ${finding.severity}`));
  const start = finding.start || finding.flight_start;
  row.append(choice, flightCell(finding), what, severity, htmlElement('td', start ? start.slice(0, 16).replace('T', ' ') : 'not known', 'time'));
  // On a narrow screen each cell stands on a line of its own, behind its head.
  [...row.children].forEach((one, at) => one.setAttribute('data-head', HEADS[at]));
  return row;
}

/** Put findings into a table; what is chosen stays chosen. @param {any} table @param {any} more @param {any[]} findings @param {number} count */
function fillTable(table, more, findings, count) {
  const body = table.tBodies[0];
  const chosen = new Set([...body.querySelectorAll('input:checked')].map((it) => it.value));
  body.replaceChildren(...findings.map((it) => findingRow(it, chosen.has(it.fingerprint))));
  const left = count - findings.length;
  more.textContent = left > 0 ? `${left.toLocaleString('en-GB')} more are in the list of all flights.` : '';
}

/** Findings that count. @param {{ open: any[], open_count: number } | null} results */
export function showFindings(results) {
  const open = results ? results.open : [];
  if (!hasListChanged('open', open)) return;
  byId('open_count').textContent = results ? String(results.open_count) : '';
  fillTable(byId('open_table'), byId('more'), open, results ? results.open_count : 0);
}

/** Findings that somebody settled. @param {{ settled: any[], settled_count: number } | null} results */
export function showSettled(results) {
  const settled = results ? results.settled : [];
  if (!hasListChanged('settled', settled)) return;
  const details = byId('settled');
  details.hidden = !settled.length;
  details.querySelector('summary').textContent = `Acknowledged (${results ? results.settled_count.toLocaleString('en-GB') : 0})`;
  fillTable(byId('settled_table'), byId('more_settled'), settled, results ? results.settled_count : 0);
}

/** @param {any} list @param {{ name: string, size: number, sha256: string }[]} dossiers */
export function showDossiers(list, dossiers) {
  if (!hasListChanged('dossiers', dossiers)) return;
  list.replaceChildren(
    ...dossiers.map(({ name, size, sha256 }) => {
      const item = htmlElement('li');
      item.append(linkElement(`dossiers/${encodeURIComponent(name)}`, name, false), ` ${sizeWords(size)} `, htmlElement('span', `SHA-256 ${sha256}`, 'hash'));
      return item;
    }),
  );
}

/** Files that were not taken. @param {{ name: string, why: string }[]} refused */
export function showRefused(refused) {
  byId('refused').hidden = !refused.length;
  byId('refused_list').replaceChildren(...refused.map(({ name, why }) => htmlElement('li', `${name}: ${why}`)));
}
