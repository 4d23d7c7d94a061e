// Which flights a file may be of, by its bytes, its name or its length.

import { LENGTH_TOLERANCE_MS, nameWithoutExtension } from '../footage/recording_match.js';

/**
 * What is known of the file; null: not known.
 * @typedef {{ name: string, size: number | null, sha256: string | null, lastsMs: number | null }} AskedFile
 */

/** A recording of a flight: the flight's number, the name that the logs give it, its start and its length in ms. @typedef {[number, string | null, number | null, number | null]} IndexRecording */

/** @typedef {{ flight: number, startMs: number | null, by: 'SHA-256' | 'name and size' | 'name' | 'length', words: string }} FlightOfFile */

/** The file that an address asks for, or null. @param {string} fragment @returns {AskedFile | null} */
export function fileOfAddress(fragment) {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const name = given.get('file');
  if (!name) return null;
  const number = (text) => (text !== null && Number.isFinite(Number(text)) ? Number(text) : null);
  const seconds = number(given.get('lasts'));
  return { name, size: number(given.get('size')), sha256: given.get('sha256'), lastsMs: seconds === null ? null : seconds * 1000 };
}

// Recordings of more flights than this that are as long as the video tell nobody anything.
const MOST_BY_LENGTH = 4;

/**
 * The flights that a file may be of, those known for certain first and alone.
 * @param {AskedFile} file
 * @param {{ base: string, size: number | null, sha256: string, flights: number[] }[]} inputs
 * @param {IndexRecording[]} recordings
 * @returns {FlightOfFile[]}
 */
export function flightsOfFile(file, inputs, recordings) {
  const startOf = (flight) => {
    const own = recordings.filter(([of, name]) => of === flight && name && nameWithoutExtension(name) === nameWithoutExtension(file.name));
    return own.length ? own[0][2] : null;
  };
  const rows = (list, by, words) => list.flatMap((input) => input.flights.map((flight) => ({ flight, startMs: startOf(flight), by, words })));
  const same = rows(inputs.filter((input) => file.sha256 !== null && input.sha256 === file.sha256), 'SHA-256', 'this very file was audited with it');
  if (same.length) return firstMatchPerFlight(same);
  const named = inputs.filter((input) => input.base.toLowerCase() === file.name.toLowerCase());
  const sized = rows(named.filter((input) => input.size === file.size), 'name and size', 'a file of this name and size was audited with it');
  if (sized.length) return firstMatchPerFlight(sized);
  const byName = [
    ...rows(named, 'name', 'a file of this name but of another size was audited with it'),
    ...recordings.filter(([, name]) => name && nameWithoutExtension(name) === nameWithoutExtension(file.name))
      .map(([flight, , startMs]) => ({ flight, startMs, by: /** @type {const} */ ('name'), words: 'its logs name this recording' })),
  ];
  if (byName.length) return firstMatchPerFlight(byName);
  const long = recordings.filter(([, , , ms]) => file.lastsMs !== null && ms !== null && Math.abs(ms - file.lastsMs) <= LENGTH_TOLERANCE_MS)
    .map(([flight, , startMs]) => ({ flight, startMs, by: /** @type {const} */ ('length'), words: 'a recording of it is as long, which proves little' }));
  const found = firstMatchPerFlight(long);
  return found.length <= MOST_BY_LENGTH ? found : [];
}

const firstMatchPerFlight = (list) => list.filter((one, at) => list.findIndex((other) => other.flight === one.flight) === at);
