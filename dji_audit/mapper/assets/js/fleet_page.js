// The dashboard of a fleet: every number leads to the list of its flights or contacts, by the
// address of the page, so that a choice can be sent and the way back is that of the browser.

import { byId, htmlElement } from './dom.js';
import { selectionFromFragment, selectionDescription, selectedContacts, selectedFlights, filterWordOfFlight } from './fleet/flight_selection.js';
import { PagedRowList } from './fleet/paged_list.js';

const ROWS_ON_PAGE = 50;
/** @type {import('./fleet/flight_selection.js').FleetData} */
const data = JSON.parse(byId('fleet').textContent);
const list = new PagedRowList(byId('result_table'), byId('pager'), ROWS_ON_PAGE);
const formatNumber = (n, digits = 0) => n.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const plural = (n, word) => `${formatNumber(n)} ${word}${n === 1 ? '' : 's'}`;
const VERDICT_WORDS = { needs_look: 'Needs a look', note: 'Note', not_checked: 'Not checked', clean_in_part: 'Clean in part', clean: 'Clean' };
/** @type {Record<string, string>} */
let choice = {};

const instantText = (text) => (text ? `${text.slice(0, 16).replace('T', ' ')}` : 'not known');
const minutesText = (seconds) => (seconds === null ? 'not known' : `${formatNumber(seconds / 60, 1)} min`);

function tableCell(text, name, sub) {
  const made = htmlElement('td', text, name);
  if (sub) made.append(htmlElement('span', sub, 'sub'));
  return made;
}

function linkElement(address, words) {
  const made = htmlElement('a', words);
  made.href = address;
  return made;
}

// A flight by its id, which leads to its page where there is one.
function flightCell(flight, sub, part = '') {
  const made = htmlElement('td', null, 'wide');
  const { flight: id, page } = { flight: data.flights.flight[flight], page: data.flights.page[flight] };
  made.append(page ? linkElement(`${encodeURI(page)}${part}`, id) : htmlElement('span', id));
  made.append(htmlElement('span', sub, 'sub'));
  return made;
}

function aircraftCell(flight) {
  const model = filterWordOfFlight(data, 'aircraft', flight) || 'not named';
  return tableCell(model, 'wide', filterWordOfFlight(data, 'serial', flight) || 'no serial number');
}

function verdictCell(flight) {
  const made = htmlElement('td');
  const verdict = filterWordOfFlight(data, 'verdict', flight);
  made.append(verdict ? htmlElement('span', VERDICT_WORDS[verdict] || verdict, `chip ${verdict}`) : htmlElement('span', 'Declared, no log', 'chip declared'));
  return made;
}

function recordedText(flight) {
  const { video_s: video, thermal_s: thermal, audio_s: sound } = data.flights;
  if (video[flight] === null) return 'not known';
  const parts = [['video', video], ['thermal', thermal], ['sound', sound]].filter(([, column]) => column[flight] > 0);
  return parts.map(([words, column]) => `${words} ${minutesText(column[flight])}`).join(', ') || 'none shown';
}

const FLIGHT_HEADS = ['Flight, log', 'Start (UTC)', 'Aircraft', 'Place', '#In the air', 'Recorded', 'Verdict', '#Findings', '#Not checked'];

function flightRow(flight) {
  const row = htmlElement('tr');
  const { start, local_start: local, file, place, duration_s: duration, findings, not_assessable: unchecked, operation } = data.flights;
  row.append(
    flightCell(flight, file[flight] || `operation ${operation[flight]}`),
    start[flight] ? tableCell(instantText(start[flight]), 'time') : tableCell(local[flight] ? instantText(local[flight]) : 'not known', 'time', local[flight] ? 'clock of the log' : ''),
    aircraftCell(flight),
    tableCell(place[flight] || 'not known', 'wide'),
    tableCell(minutesText(duration[flight]), 'number'),
    tableCell(recordedText(flight)),
    verdictCell(flight),
    tableCell(formatNumber(findings[flight]), 'number'),
    tableCell(formatNumber(unchecked[flight]), 'number'),
  );
  return row;
}

const CONTACT_HEADS = ['Flight', 'First, last (UTC)', 'Aircraft', 'App, device', 'Talked to', 'Grade', '#Bytes sent', 'The bytes that show it'];

function contactRow(at) {
  const contacts = data.contacts;
  const flight = contacts.flight[at];
  const row = htmlElement('tr');
  const grade = htmlElement('td');
  grade.append(htmlElement('span', contacts.claim[at].replaceAll('_', ' '), `chip ${contacts.claim[at]}`));
  const mode = String(contacts.local_data_mode[at] || '');
  if (mode.startsWith('fail')) grade.append(htmlElement('span', 'against Local Data Mode', 'sub'));
  const bytes = htmlElement('td', null, 'wide');
  if (contacts.file[at]) {
    const offset = contacts.offset[at];
    bytes.append(htmlElement('span', `${contacts.file[at]}${offset === null ? '' : `, byte ${formatNumber(offset)}`}`));
    bytes.append(htmlElement('span', contacts.record[at], 'sub'), htmlElement('span', `SHA-256 ${contacts.sha256[at]}`, 'sub hash'));
  }
  row.append(
    flight < 0 ? tableCell('no flight', 'wide', 'in network logs of another time') : flightCell(flight, instantText(data.flights.start[flight]), '#tab=network'),
    tableCell(instantText(contacts.first[at]), 'time', `to ${instantText(contacts.last[at])}`),
    flight < 0 ? tableCell('') : aircraftCell(flight),
    tableCell([contacts.apps[at], contacts.devices[at]].filter(Boolean).join(', ') || 'not stated'),
    tableCell(contacts.host[at], 'wide', contacts.operators[at] || 'not in the catalogue'),
    grade,
    tableCell(contacts.bytes_up[at] === null ? 'not recorded' : formatNumber(contacts.bytes_up[at]), 'number'),
    bytes,
  );
  return row;
}

/** @type {string[]} */
const texts = [];

// What a flight or contact is found by.
function textOf(isContact, row) {
  const flight = isContact ? data.contacts.flight[row] : row;
  if (flight >= 0 && texts[flight] === undefined) {
    const words = ['flight', 'start', 'file', 'place', 'operation'].map((name) => data.flights[name][flight]);
    texts[flight] = [...words, ...['aircraft', 'serial', 'region', 'app'].map((name) => filterWordOfFlight(data, name, flight))].filter(Boolean).join(' ').toLowerCase();
  }
  const own = isContact ? ['host', 'operators', 'apps', 'devices', 'claim', 'first', 'file'].map((name) => data.contacts[name][row]).join(' ').toLowerCase() : '';
  return `${flight >= 0 ? texts[flight] : ''} ${own}`;
}

function showList() {
  const isContact = choice.list === 'contacts';
  const found = byId('find').value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const all = isContact ? selectedContacts(data, choice) : selectedFlights(data, choice);
  const rows = found.length ? all.filter((row) => found.every((word) => textOf(isContact, row).includes(word))) : all;
  const words = selectionDescription(data, choice);
  byId('result_head').textContent = isContact ? 'List of contacts' : 'List of flights';
  byId('result_words').textContent = `${formatNumber(rows.length)}${words ? `: ${words}` : ''}`;
  byId('clear').hidden = !words && !isContact;
  const other = byId('other_list');
  const hasContacts = data.contacts.host.length > 0;
  other.hidden = !hasContacts;
  other.textContent = isContact ? 'Their flights' : 'Their contacts';
  byId('result_note').textContent = isContact && data.contacts_left_out ? `${plural(data.contacts_left_out, 'more contact')} of weaker grades are in the tables of the state.` : '';
  list.setRows(isContact ? CONTACT_HEADS : FLIGHT_HEADS, rows, isContact ? contactRow : flightRow);
  makeLargeTablesScrollable();
}

function goToFragment(changed) {
  window.location.hash = new URLSearchParams(changed).toString() || 'result';
}

// The address says what is listed; a name of a part of the page only leads there.
function showSelectionOfAddress(isFirst) {
  const fragment = new URL(document.URL).hash;
  const named = selectionFromFragment(fragment);
  if (!named && fragment !== '#result' && !isFirst) return;
  choice = named || {};
  byId('find').value = '';
  showList();
  if (!named) return;
  const result = byId('result');
  result.scrollIntoView({ block: 'start' });
  result.focus({ preventScroll: true });
}

// A table that is larger than its box is scrolled with the arrow keys too.
function makeLargeTablesScrollable() {
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.scroll'))) {
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) {
      box.tabIndex = 0;
      box.setAttribute('role', 'region');
    } else {
      box.removeAttribute('tabindex');
      box.removeAttribute('role');
    }
  }
}

function showFleet() {
  showSelectionOfAddress(true);
  window.addEventListener('hashchange', () => showSelectionOfAddress(false));
  byId('find').addEventListener('input', showList);
  byId('clear').addEventListener('click', () => goToFragment({}));
  byId('other_list').addEventListener('click', () => {
    const { list: current, ...rest } = choice;
    goToFragment(current === 'contacts' ? { list: 'flights', ...rest } : { list: 'contacts', ...rest });
  });
  window.addEventListener('resize', makeLargeTablesScrollable);
  for (const details of document.querySelectorAll('details')) details.addEventListener('toggle', makeLargeTablesScrollable);
  document.documentElement.dataset.ready = '1';
}

try {
  showFleet();
} catch (error) {
  // The figures are in the page without us.
  document.documentElement.classList.remove('js');
  throw error;
}
