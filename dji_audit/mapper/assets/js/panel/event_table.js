// The table of events and findings: one row is in the tab order, arrows move on.

import { canvasLayers } from '../map/canvas_layer.js';
import { addArrowKeys, makeClickable } from './clickable_rows.js';
import { localText, utcText } from '../data/local_time_text.js';
import { addFragmentPart, writeFragmentSoon } from '../data/address_fragment.js';
import { durationText } from '../data/time_text.js';
import { axisCountsFixes, flight, rows } from '../data/page_data.js';
import { byId, htmlElement, fileNameElement } from '../dom.js';
import { sensorBit } from '../data/sensor_classes.js';
import { soundIcon, videoIcon } from '../map/recording_strokes.js';
import { findingIcon, photoSign, signIcon } from '../map/symbol_shapes.js';
import { goToInstant } from '../data/page_state.js';
import { shownGroups } from '../map/event_symbols.js';
import { highlightInterval } from '../map/track_layer.js';

export const tableRows = [];
let markedRows = [];

export function buildTable() {
  const items = rows.map(tableRow);
  byId('event_table').tBodies[0].replaceChildren(...items);
  tableRows.push(...items);
  addArrowKeys(items);
  applyFilters();
}

function tableRow(row) {
  const tr = htmlElement('tr', null, `${row.group} ${row.group === 'finding' ? row.outcome : ''}`.trim());
  if (isListedInOtherTable(row)) tr.classList.add('in_other_table');
  const time = htmlElement('td', row.start === null ? 'not given' : utcText(row.start), 'time');
  if (row.start !== null) time.append(htmlElement('span', localText(row.start), 'sub'));
  if (row.end !== null && row.end > row.start) time.append(htmlElement('span', `for ${durationText(row.end - row.start)}`, 'sub'));
  const group = flight.groups.find(([name]) => name === row.group);
  const what = htmlElement('td', null, 'what');
  const kind = htmlElement('span', `${group ? group[1] : row.group} · ${row.kind}`, 'sub');
  if (row.outcome) kind.append(htmlElement('span', row.outcome === 'remark' ? 'remark' : `${row.outcome.replace('_', ' ')}, severity ${row.severity}`, `chip ${row.outcome}`));
  else if (row.severity && row.severity !== 'info') kind.append(htmlElement('span', row.severity, `chip ${row.severity === 'notice' ? '' : 'warned'}`));
  what.append(iconOfRow(row), row.text, kind);
  const source = htmlElement('td', row.grade, 'source');
  if (flight.files.length > 1 && row.sourceIndex !== null) source.append(fileNameElement(flight.files[row.sourceIndex], row.sourceIndex === 0));
  if (row.record) source.append(htmlElement('span', row.record, 'sub record'));
  if (row.offset !== null) source.append(htmlElement('span', `byte ${row.offset.toLocaleString('en-GB')}`, 'sub'));
  tr.append(time, what, source);
  makeClickable(tr, () => selectRow(row, true), row.start !== null);
  return tr;
}

// Findings and recordings have tables of their own: on paper they are not repeated here.
const isListedInOtherTable = (row) => row.group === 'finding' || (row.group === 'recording' && !row.kind.startsWith('capture.'));

// The sign that stands for the row on the map.
function iconOfRow(row) {
  if (row.group === 'finding') return findingIcon(row);
  if (row.group !== 'recording') return signIcon(row.group);
  const [kind, sensor] = row.kind.split(' ');
  if (kind === 'photo') return signIcon(photoSign(sensor));
  if (kind === 'audio') return soundIcon();
  return kind === 'video' ? videoIcon(sensorBit(sensor)) : signIcon('setting');
}

export function selectRow(row, pan) {
  if (row.start === null) return;
  if (axisCountsFixes) {
    markCurrentRows(row.start, 'index' in row ? row : null);
    return;
  }
  highlightInterval(row.start, row.end);
  for (const sheet of canvasLayers) sheet.refresh();
  goToInstant(row.start, { pan, keep: true, row });
}

export function buildFilters() {
  const counts = {};
  for (const row of rows) counts[row.group] = (counts[row.group] || 0) + 1;
  for (const [name, words] of flight.groups) {
    if (!counts[name]) continue;
    const label = htmlElement('label');
    const box = htmlElement('input');
    box.type = 'checkbox';
    box.value = name;
    box.checked = shownGroups[name];
    box.addEventListener('change', () => {
      shownGroups[name] = box.checked;
      showFiltered();
    });
    label.append(box, ` ${words} `, htmlElement('span', counts[name], 'count'));
    byId('filters').append(label);
  }
  const find = htmlElement('input', null, 'find');
  find.type = 'search';
  find.placeholder = 'Find in the table';
  find.setAttribute('aria-label', 'Find in the table');
  find.addEventListener('input', () => {
    applyFilters(find.value.toLowerCase());
    writeFragmentSoon();
  });
  byId('filters').append(find);
  addFilterFragments(find);
}

function showFiltered() {
  applyFilters();
  for (const sheet of canvasLayers) sheet.refresh();
  writeFragmentSoon();
}

// Which groups of rows are shown, where that is not as the page opens, and the words that are looked for.
function addFilterFragments(find) {
  const boxes = /** @type {HTMLInputElement[]} */ ([...byId('filters').querySelectorAll('input[type=checkbox]')]);
  const wordsOfGroup = new Map(flight.groups.map(([name, words]) => [name, words]));
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const opening = chosen().join(',');
  addFragmentPart({
    name: 'rows',
    read: () => (chosen().join(',') === opening ? '' : chosen().join(',') || 'none'),
    words: () => `with ${chosen().length ? `the rows ${chosen().map((name) => wordsOfGroup.get(name)).join(', ')}` : 'no rows'}`,
    apply: (text) => {
      const wanted = text.split(',');
      if (text !== 'none' && !boxes.some((box) => wanted.includes(box.value))) return;
      for (const box of boxes) {
        box.checked = wanted.includes(box.value);
        shownGroups[box.value] = box.checked;
      }
      showFiltered();
    },
  });
  addFragmentPart({
    name: 'find',
    read: () => find.value,
    words: () => `with the rows that hold “${find.value}”`,
    apply: (text) => {
      find.value = text;
      applyFilters(text.toLowerCase());
    },
  });
}

let searchText = '';
function applyFilters(words = searchText) {
  searchText = words;
  let count = 0;
  rows.forEach((row, index) => {
    const haystack = `${row.kind} ${row.text} ${row.record} ${row.grade} ${flight.files[row.sourceIndex] || ''}`.toLowerCase();
    const open = shownGroups[row.group] && (!searchText || haystack.includes(searchText));
    tableRows[index].hidden = !open;
    if (!open) tableRows[index].tabIndex = -1;
    count += open ? 1 : 0;
  });
  byId('events_count').textContent = count;
  byId('shown_note').textContent = count === rows.length ? '' : `${count} of ${rows.length} rows are shown; the others are filtered out.`;
  const first = tableRows.find((item) => !item.hidden);
  if (first && !tableRows.some((item) => item.tabIndex === 0)) first.tabIndex = 0;
}

// The rows of the moment: the last that began, and all that still go on.
export function markCurrentRows(ms, picked) {
  let latest = picked ? picked.index : -1;
  const lit = [];
  rows.forEach((row, index) => {
    if (row.start === null || tableRows[index].hidden || row.start > ms + 50) return;
    if (!picked) latest = index;
    if (row.end !== null && row.end > ms) lit.push(index);
  });
  if (latest >= 0 && !lit.includes(latest)) lit.push(latest);
  for (const index of markedRows) if (!lit.includes(index)) tableRows[index].classList.remove('now');
  for (const index of lit) tableRows[index].classList.add('now');
  for (const index of markedRows) tableRows[index].removeAttribute('aria-current');
  if (latest >= 0) tableRows[latest].setAttribute('aria-current', 'true');
  markedRows = lit;
  return latest;
}

// Keep the row of the moment in sight, without moving what the reader holds.
export function scrollToRow(index) {
  const item = tableRows[index];
  const page = byId('events');
  if (index < 0 || item.hidden || item.contains(document.activeElement)) return;
  if (page.hidden || page.scrollHeight <= page.clientHeight) return;
  const box = page.getBoundingClientRect();
  const position = item.getBoundingClientRect();
  const head = byId('event_table').tHead.getBoundingClientRect().height;
  if (position.top < box.top + head || position.bottom > box.bottom - 8) {
    page.scrollTop += position.top - box.top - box.height * 0.45;
  }
}
