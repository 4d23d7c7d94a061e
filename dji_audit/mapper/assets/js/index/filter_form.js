// The filters of the index: lists, dates and words, kept in the address so that a choice can be sent.

import { byId, htmlElement } from '../dom.js';
import { parseDayMatcher } from './written_dates.js';
import { fileOfAddress } from './flights_of_file.js';
import { flightCount, indexData, trackOfFlight } from './index_data.js';
import { announceIndexChange, indexState } from './index_state.js';
import { dayWords, fragmentOfSelection, placesNear, selectedFlights, selectionFromFragment } from './flight_selection.js';

const LIST_NAMES = Object.keys(indexData.filters);
/** @type {string[]} */
const rowTexts = [];

// What a flight is found by: its row, its dates in words, and the places that it began near.
function textOfFlight(flight) {
  if (rowTexts[flight] === undefined) {
    const near = placesNear(indexData.starts[flight], indexData.points, indexData.near_km);
    rowTexts[flight] = [indexState.rows[flight].textContent, dayWords(indexData.days[flight]), ...near].join(' ').toLowerCase();
  }
  return rowTexts[flight];
}

// Whether some of a flight lies in a box: of a track a fix that is kept, else its start; null: not known.
function isInBox(flight, [south, west, north, east]) {
  const inside = (lat, lon) => lat >= south && lat <= north && lon >= west && lon <= east;
  const track = trackOfFlight[flight];
  if (!track) return indexData.starts[flight] ? inside(...indexData.starts[flight]) : null;
  for (let k = 0; k < track.lat.length; k += 1) if (inside(track.lat[k], track.lon[k])) return true;
  return false;
}

const addressFragment = () => new URL(document.URL).hash.replace(/^#/, '');
const readSelectionOfAddress = () => selectionFromFragment(addressFragment(), LIST_NAMES);

/** Keep what is chosen in the address of the page. */
export function writeSelectionToAddress() {
  const fragment = fragmentOfSelection(indexState.selection);
  if (fragment !== addressFragment()) window.history.replaceState(null, '', `#${fragment}`);
}

function showSelection() {
  const selection = indexState.selection;
  for (const name of LIST_NAMES) byId(`filter_${name}`).value = selection.lists[name];
  byId('filter_rule').value = selection.rule;
  byId('filter_outcome').value = selection.outcome;
  byId('filter_date').value = selection.date;
  byId('find').value = selection.find;
  byId('filter_box').checked = Boolean(selection.box);
}

/** Show the flights that the selection means, everywhere. */
export function applySelection() {
  const selection = indexState.selection;
  const isDate = !selection.date || Boolean(parseDayMatcher(selection.date));
  byId('filter_date').setAttribute('aria-invalid', String(!isDate));
  byId('date_wrong').textContent = isDate ? '' : 'This is not a date. Write 2025-06-14, 14 Jun 2025, June 2025, June, or two of these with “to” between them.';
  const { shown, unsure, unanswered } = selectedFlights(selection, indexData, textOfFlight, isInBox);
  indexState.shown = shown;
  const count = shown.reduce((sum, one) => sum + one, 0);
  byId('shown').textContent = count === flightCount ? '' : `${count.toLocaleString('en-GB')} shown`;
  sayWhatMayFit(unsure, unanswered);
  listSelectedFilters();
  writeSelectionToAddress();
  announceIndexChange('selection');
}

// What the logs of a flight do not tell, by the name of the filter that asks for it.
const UNANSWERED = {
  aircraft: 'which aircraft flew', maker: 'its maker', firmware: 'its firmware', recorded: 'everything that was recorded',
  place: 'where it was', box: 'where it was', date: 'when it was',
};

// Flights that fit as far as their logs tell: to leave them out in silence would read as a "no".
function sayWhatMayFit(count, unanswered) {
  const of = count === 1 ? '1 flight' : `${count.toLocaleString('en-GB')} flights`;
  const what = [...new Set(unanswered.map((name) => UNANSWERED[name]))].join(', or ');
  const where = indexState.selection.unsure ? 'shown too' : 'not shown';
  byId('may_fit').hidden = !count;
  byId('may_fit_words').textContent = count ? `${of} may fit and ${count === 1 ? 'is' : 'are'} ${where}: the logs do not tell ${what}.` : '';
  byId('show_may_fit').textContent = indexState.selection.unsure ? 'Leave them out' : 'Show them too';
}

/** Change some of the selection. @param {any} change */
export function changeSelection(change) {
  const { lists = {}, ...rest } = change;
  const selection = indexState.selection;
  indexState.selection = { ...selection, ...rest, lists: { ...selection.lists, ...lists } };
  showSelection();
  applySelection();
}

/** @returns {any} what leaves a filter without a choice */
const isNothingSelected = () => ({ lists: Object.fromEntries(LIST_NAMES.map((name) => [name, ''])), rule: '', outcome: '', date: '', find: '', unsure: '', box: null });

// What is chosen, in words, each with the change that takes it back.
function chosenFilters() {
  const selection = indexState.selection;
  const labelOf = (id) => byId(id).closest('label').firstChild.textContent.trim();
  const optionText = (id) => byId(id).selectedOptions[0] ? byId(id).selectedOptions[0].textContent : '';
  /** @type {[string, any][]} */
  const choices = LIST_NAMES.filter((name) => selection.lists[name])
    .map((name) => /** @type {[string, any]} */ ([`${labelOf(`filter_${name}`)}: ${selection.lists[name]}`, { lists: { [name]: '' } }]));
  if (selection.rule) choices.push([`Rule: ${optionText('filter_rule') || selection.rule}`, { rule: '' }]);
  if (selection.outcome) choices.push([`Outcome: ${optionText('filter_outcome') || selection.outcome}`, { outcome: '' }]);
  if (selection.date) choices.push([`Date: ${selection.date}`, { date: '' }]);
  if (selection.find) choices.push([`Find: ${selection.find}`, { find: '' }]);
  if (selection.unsure) choices.push(['Also those that may fit', { unsure: '' }]);
  if (selection.box) choices.push(['Within a part of the map', { box: null }]);
  return choices;
}

// What is chosen, each with a button that takes it back.
function listSelectedFilters() {
  const choices = chosenFilters();
  byId('choices').replaceChildren(...choices.map(([words, change]) => {
    const button = htmlElement('button', words, 'choice');
    button.type = 'button';
    button.setAttribute('aria-label', `Take back: ${words}`);
    button.addEventListener('click', () => {
      changeSelection(change);
      byId('find').focus();
    });
    return button;
  }));
  byId('choices_part').hidden = !choices.length;
}

/** What the address leads to, in words. @returns {string[]} */
export function selectionWords() {
  const { sort, colour, flight, at } = indexState.selection;
  const sorted = sort && document.querySelector(`#flights th[data-column="${CSS.escape(sort.replace(/^-/, ''))}"]`);
  return [
    `the flights ${chosenFilters().map(([words]) => `“${words}”`).join(', ') || 'of this page'}`,
    sorted ? `sorted by ${sorted.textContent}` : '',
    colour ? `coloured by ${colour}` : '',
    flight ? `flight ${indexState.chosen + 1} chosen` : '',
    at ? `the clock at ${at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}` : '',
  ].filter(Boolean);
}

export function buildFilters() {
  indexState.selection = readSelectionOfAddress();
  const watch = (id, event, change) => byId(id).addEventListener(event, () => {
    indexState.selection = { ...indexState.selection, ...change(byId(id)) };
    applySelection();
  });
  for (const name of LIST_NAMES) {
    watch(`filter_${name}`, 'change', (field) => ({ lists: { ...indexState.selection.lists, [name]: field.value } }));
  }
  watch('filter_rule', 'change', (field) => ({ rule: field.value }));
  watch('filter_outcome', 'change', (field) => ({ outcome: field.value }));
  watch('filter_date', 'input', (field) => ({ date: field.value.trim() }));
  watch('find', 'input', (field) => ({ find: field.value }));
  watch('filter_box', 'change', (field) => {
    const box = indexState.map && indexState.map.getBounds();
    return { box: field.checked && box ? [box.getSouth(), box.getWest(), box.getNorth(), box.getEast()] : null };
  });
  byId('show_may_fit').addEventListener('click', () => changeSelection({ unsure: indexState.selection.unsure ? '' : 'shown' }));
  byId('clear').addEventListener('click', () => {
    changeSelection(isNothingSelected());
    byId('find').focus();
  });
  window.addEventListener('hashchange', (event) => {
    // What the link asked for: a clock that comes to rest may have written the address meanwhile.
    const fragment = new URL(event.newURL).hash.replace(/^#/, '');
    // The address that asks for a file leaves the selection as it is.
    if (fileOfAddress(fragment)) return;
    // The name of a part of the page is no selection.
    if (!fragment.includes('=')) return;
    indexState.selection = selectionFromFragment(fragment, LIST_NAMES);
    showSelection();
    applySelection();
  });
  showSelection();
}

/** Make links of the numbers that stand for a selection, and of nothing else. */
export function linkCountsToFilters() {
  for (const count of document.querySelectorAll('[data-filter]')) {
    const link = htmlElement('a', null, count.className);
    link.href = `#${/** @type {any} */ (count).dataset.filter}`;
    link.append(...count.childNodes);
    // Also where the address is the same already.
    link.addEventListener('click', () => byId('flight_section').scrollIntoView());
    count.replaceWith(link);
  }
}

/** Go to a part of the page without giving up the selection that the address holds. */
export function keepAddressInSectionLinks() {
  document.addEventListener('click', (event) => {
    const link = /** @type {HTMLElement} */ (event.target).closest('a[href^="#"]');
    const part = link && document.getElementById(link.getAttribute('href').slice(1));
    if (!part) return;
    event.preventDefault();
    if (!part.hasAttribute('tabindex')) part.tabIndex = -1;
    part.focus({ preventScroll: true });
    part.scrollIntoView();
  });
}
