// The index: flights in a table that is filtered and sorted, the same flights on one map, and their
// findings.  The text is in the tables already; rows are only moved and hidden.

import { copyLink, makeCopiedBoxClosable } from './copy_link.js';
import { byId } from './dom.js';
import { buildCommonClock, restoreMomentOfAddress } from './index/common_clock.js';
import { applySelection, buildFilters, changeSelection, keepAddressInSectionLinks, linkCountsToFilters, selectionWords, writeSelectionToAddress } from './index/filter_form.js';
import { buildFlightsMap, repaintMap } from './index/flights_map.js';
import { indexData, trackOfFlight } from './index/index_data.js';
import { chooseFlight, indexState, onIndexChange } from './index/index_state.js';
import { fragmentOfSelection } from './index/flight_selection.js';
import { PagedTable, showAllInPrint } from './index/paged_table.js';
import { buildPlaceInView, findFlightsWithPlaceInView, sightingsOfFlights } from './index/flights_with_place_in_view.js';
import { showAskedFile } from './index/file_from_flight_page.js';
import { fileOfAddress } from './index/flights_of_file.js';
import { buildIndexVerifyBox, filesOfRun } from './index/verify_box.js';
import { watchTheme } from './theme.js';

const FLIGHTS_ON_PAGE = 100;
const FINDINGS_ON_PAGE = 50;

const tableRowsOf = (table) => (table ? [...table.tBodies[0].rows] : []);

function sortValueOfCell(row, column) {
  const cell = row.cells[column];
  if (cell.dataset.key !== undefined) return Number(cell.dataset.key);
  const text = cell.textContent;
  if (column === 0) return Number(text);
  return cell.classList.contains('number') || cell.classList.contains('time') ? null : text;
}

// Rows that do not know come last, whichever way the others are sorted.
function sortRows(rows, column, isUp) {
  const keyed = rows.map((row, index) => ({ row, index, value: sortValueOfCell(row, column) }));
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null) || a.index - b.index;
    const order = typeof a.value === 'number' && typeof b.value === 'number'
      ? a.value - b.value
      : String(a.value) < String(b.value) ? -1 : String(a.value) > String(b.value) ? 1 : 0;
    return (isUp ? order : -order) || a.index - b.index;
  });
  return keyed.map(({ row }) => row);
}

// The table of flights: its heads sort, and the address says by which.
function buildFlightTable(rows) {
  const table = byId('flights');
  const paged = new PagedTable(table, byId('pager'), FLIGHTS_ON_PAGE);
  const heads = [...table.tHead.rows[0].cells];
  let sorted = rows;
  let sortedBy = '';
  const numberOf = new Map(rows.map((row, flight) => [row, flight]));
  const fill = () => {
    const wanted = indexState.selection.sort;
    if (wanted !== sortedBy) {
      sortedBy = wanted;
      const column = heads.findIndex((head) => head.dataset.column === wanted.replace(/^-/, ''));
      heads.forEach((head, at) => {
        if (at === column) head.setAttribute('aria-sort', wanted.startsWith('-') ? 'descending' : 'ascending');
        else head.removeAttribute('aria-sort');
      });
      sorted = column < 0 ? rows : sortRows(rows, column, !wanted.startsWith('-'));
    }
    paged.setRows(sorted.filter((row) => indexState.shown[numberOf.get(row)]));
  };
  heads.forEach((head) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const isUp = head.getAttribute('aria-sort') !== 'ascending';
      changeSelection({ sort: `${isUp ? '' : '-'}${head.dataset.column}` });
    });
  });
  onIndexChange('selection', fill);
  const choose = (event) => {
    const row = event.target.closest('tr');
    if (!row || event.target.closest('a, summary, button')) return;
    chooseFlight(numberOf.get(row));
  };
  table.tBodies[0].addEventListener('click', choose);
  table.tBodies[0].addEventListener('keydown', (event) => {
    if ((event.key !== 'Enter' && event.key !== ' ') || event.target.tagName !== 'TR') return;
    event.preventDefault();
    choose(event);
  });
  onIndexChange('chosen', () => {
    for (const row of rows) if (row.ariaCurrent) row.removeAttribute('aria-current');
    const row = rows[indexState.chosen];
    if (!row) return;
    row.setAttribute('aria-current', 'true');
    paged.showRow(row);
  });
  // Go to the flight before or after the chosen one, in the order of the table.
  const step = (by) => {
    const at = paged.rows.indexOf(rows[indexState.chosen]);
    const row = paged.rows[Math.max(0, Math.min(paged.rows.length - 1, at + by))];
    if (row) chooseFlight(numberOf.get(row));
  };
  byId('previous_flight').addEventListener('click', () => step(-1));
  byId('next_flight').addEventListener('click', () => step(1));
  byId('to_row').addEventListener('click', () => {
    const row = rows[indexState.chosen];
    if (!row || !paged.showRow(row)) return;
    row.focus();
    row.scrollIntoView({ block: 'center' });
  });
  return paged;
}

// The findings of the flights that are shown, and of the rule that is chosen.
function buildFindingTable() {
  const table = byId('findings');
  if (!table) return null;
  const rows = tableRowsOf(table);
  const paged = new PagedTable(table, byId('finding_pager'), FINDINGS_ON_PAGE);
  onIndexChange('selection', () => {
    const { rule } = indexState.selection;
    const wanted = rows.filter((row) => indexState.shown[Number(row.dataset.flight)] && (!rule || row.dataset.rule === rule));
    byId('findings_shown').textContent = wanted.length === rows.length ? '' : `${wanted.length.toLocaleString('en-GB')} of the flights shown`;
    paged.setRows(wanted);
  });
  return paged;
}

export function showFlights(map) {
  const began = performance.now();
  try {
    const rows = tableRowsOf(byId('flights'));
    // The address is written anew with the first selection.
    const asked = fileOfAddress(new URL(document.URL).hash);
    indexState.rows = rows;
    buildFilters();
    const tables = [buildFlightTable(rows), buildFindingTable()].filter(Boolean);
    document.documentElement.classList.add('laid_out');
    buildFlightsMap(map);
    buildCommonClock();
    buildPlaceInView();
    buildIndexVerifyBox();
    linkCountsToFilters();
    keepAddressInSectionLinks();
    showAllInPrint(tables);
    applySelection();
    restoreChosenFlight(rows);
    restoreMomentOfAddress();
    if (asked) showAskedFile(asked, filesOfRun());
    window.addEventListener('hashchange', (event) => {
      const file = fileOfAddress(new URL(event.newURL).hash);
      if (file) showAskedFile(file, filesOfRun());
    });
    if (indexData.target) findFlightsWithPlaceInView(indexData.target);
    watchTheme();
    byId('copy_link').addEventListener('click', () => void copyLink(fragmentOfSelection(indexState.selection), selectionWords().join(', ')));
    makeCopiedBoxClosable();
    makeWideTablesScrollable();
    window.addEventListener('resize', makeWideTablesScrollable);
    onIndexChange('chosen', () => {
      const row = rows[indexState.chosen];
      indexState.selection.flight = row ? row.dataset.id : '';
      writeSelectionToAddress();
    });
  } catch (error) {
    // The tables and the still picture are in the page without us.
    document.documentElement.classList.remove('js');
    throw error;
  }
  // For tests, and for whoever checks the page.
  /** @type {any} */ (window).__indexPage = { map, indexState, trackOfFlight, sightingsOfFlights, findFlightsWithPlaceInView, repaintMap, ready: performance.now() - began };
  document.documentElement.dataset.ready = '1';
}

// A table that is wider than the screen is scrolled with the arrow keys too.
function makeWideTablesScrollable() {
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.scroll'))) {
    if (box.scrollWidth <= box.clientWidth) {
      box.removeAttribute('tabindex');
      continue;
    }
    box.tabIndex = 0;
    box.setAttribute('role', 'region');
    box.setAttribute('aria-label', `Table of ${box.closest('section').getAttribute('aria-label').toLowerCase()}, wider than the screen`);
  }
}

// The flight that the address names.
function restoreChosenFlight(rows) {
  const named = rows.findIndex((row) => row.dataset.id === indexState.selection.flight);
  if (named >= 0) chooseFlight(named);
}
