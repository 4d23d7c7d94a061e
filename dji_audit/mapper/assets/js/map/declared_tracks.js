// Tracks of the pilot, of observers and of other aircraft that the unit supplied: where each was
// while the flight lasted, and where at the selected moment.  A line of dots or dashes is nobody's
// colour alone: the sign carries a letter: pilot, observer, device on the aircraft, other aircraft.

import { flight } from '../data/page_data.js';
import { decodeDeltaColumn } from '../data/delta_columns.js';
import { state } from '../data/page_state.js';
import { svgElement } from '../dom.js';
import { cssColour } from '../theme.js';
import { KNOWN_MS, paintDashedTrack, positionOnTrackAt } from './dashed_track.js';
import { paintLetterInShape } from './symbol_shapes.js';
import { visibleLayers } from './track_layer.js';

/** @type {Record<string, number[]>} */
const DASHES = { pilot: [1, 6], observer: [6, 5], aircraft: [10, 4, 1, 4], 'other-aircraft': [14, 6] };

const SQUARE = 'M-8 -8H8V8H-8Z';

/** @type {Record<string, string>} */
const LETTERS = { pilot: 'P', observer: 'O', aircraft: 'D', 'other-aircraft': 'A' };

/**
 * @typedef {{ owner: string, words: string, file: string, letter: string, ms: Float64Array,
 *   lat: Float64Array, lon: Float64Array }} DeclaredTrack
 */

/** @type {DeclaredTrack[]} */
export const declaredTracks = (flight.declared_tracks || [])
  .filter((one) => one.count > 0)
  .map((one) => ({
    owner: one.owner,
    words: one.words,
    file: one.file,
    letter: LETTERS[one.owner],
    ms: decodeDeltaColumn(one.ms, one.count),
    lat: decodeDeltaColumn(one.lat, one.count),
    lon: decodeDeltaColumn(one.lon, one.count),
  }));

/** @param {CanvasRenderingContext2D} ctx */
export function paintDeclaredTracks(ctx, view) {
  if (!visibleLayers.people) return;
  for (const one of declaredTracks) {
    paintDashedTrack(ctx, view, one, {
      joinedMs: 2 * KNOWN_MS, dash: DASHES[one.owner], cap: 'round', width: 3, haloWidth: 5.5, colour: 'contact',
    });
    const there = positionOnTrackAt(one, state.currentMs);
    if (!there) continue;
    const [x, y] = view.at(there.lat, there.lon);
    paintLetterInShape(ctx, SQUARE, x, y, { letter: one.letter, size: 12, fill: 'contact', ink: 'on-ink' });
  }
}

/** @param {{ owner: string, letter: string }} one */
export function declaredTrackIcon({ owner, letter }) {
  const dash = DASHES[owner].join(' ');
  const mark = svgElement('text', { x: 17.5, y: 4, 'font-size': 11, 'font-weight': 'bold', 'text-anchor': 'middle', fill: cssColour('on-ink') });
  mark.textContent = letter;
  return svgElement('svg', { viewBox: '0 -8 34 16', 'aria-hidden': 'true' },
    svgElement('path', { d: 'M2 0H32', stroke: cssColour('contact'), 'stroke-width': 3, 'stroke-linecap': 'round', 'stroke-dasharray': dash, fill: 'none' }),
    svgElement('rect', { x: 11, y: -6.5, width: 13, height: 13, fill: cssColour('contact') }), mark);
}
