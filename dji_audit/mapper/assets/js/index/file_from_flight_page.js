// Of which flight a file is: a flight page whose recordings match no video asks here, in the address.

import { clockText, dateText } from '../data/time_text.js';
import { byId, htmlElement } from '../dom.js';
import { indexData, filterWordsOfFlight } from './index_data.js';
import { flightsOfFile } from './flights_of_file.js';
import { indexState } from './index_state.js';

/** A link to the page of a flight where a recording begins. @param {number} flight @param {number | null} startMs */
export function recordingLink(flight, startMs) {
  const row = indexState.rows[flight];
  const page = row.querySelector('td.file a');
  const facts = [filterWordsOfFlight('aircraft', flight)[0], row.querySelector('td.time').firstChild.textContent].join(', ');
  const made = htmlElement(page ? 'a' : 'b', `Flight ${flight + 1}: ${facts}`);
  if (page) made.href = `${page.getAttribute('href').replace(/#.*/, '')}#tab=captures${startMs === null ? '' : `&t=${new Date(startMs).toISOString()}`}`;
  return made;
}

/**
 * Say of which flight a file is.
 * @param {import('./flights_of_file.js').AskedFile} file
 * @param {any[]} inputs
 */
export function showAskedFile(file, inputs) {
  const found = flightsOfFile(file, inputs, indexData.recordings);
  byId('asked_file').hidden = false;
  byId('asked_title').textContent = `Of which flight is ${file.name}?`;
  byId('asked_answer').textContent = found.length
    ? found[0].by === 'SHA-256' ? 'It is of this flight:' : 'Its bytes were not compared. By what is known of it, it may be of:'
    : 'No flight on this page names this file, holds its bytes, or recorded for as long.';
  byId('asked_list').replaceChildren(...found.map(({ flight, startMs, words }) => {
    const item = htmlElement('li');
    const begins = startMs === null ? '' : `; it begins on ${dateText(startMs)} at ${clockText(startMs)} UTC`;
    item.append(recordingLink(flight, startMs), htmlElement('span', `${words}${begins}`, 'sub'));
    return item;
  }));
  byId('asked_check').hidden = !byId('verify');
  byId('asked_file').focus({ preventScroll: true });
  byId('asked_file').scrollIntoView({ block: 'nearest' });
}
