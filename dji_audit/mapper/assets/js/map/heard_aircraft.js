// Other aircraft heard near the flight, by Remote ID or ADS-B: the path that each broadcast of
// itself, and where it was at the selected moment.  Reported, not shown by any log of its own: the
// line is dash-dotted and the sign is a diamond with the letter H, so that colour alone says nothing.

import { flight } from '../data/page_data.js';
import { decodeDeltaColumn } from '../data/delta_columns.js';
import { state } from '../data/page_state.js';
import { svgElement } from '../dom.js';
import { cssColour, themeColour } from '../theme.js';
import { paintDashedTrack, positionOnTrackAt } from './dashed_track.js';
import { paintLetterInShape } from './symbol_shapes.js';
import { visibleLayers } from './track_layer.js';

// Two reports farther apart than this are not joined, milliseconds.
const HEARD_GAP_MS = 60000;
const HEARD_DASH = [12, 7, 2, 7];
const HALF_SIGN = 9;
const DIAMOND = `M0 ${-HALF_SIGN}L${HALF_SIGN} 0L0 ${HALF_SIGN}L${-HALF_SIGN} 0Z`;

/**
 * @typedef {{ identity: string, means: string, ms: Float64Array, lat: Float64Array,
 *   lon: Float64Array }} HeardAircraft
 */

/** @type {HeardAircraft[]} */
export const heardAircraft = (flight.heard_aircraft || [])
  .filter((one) => one.count > 0)
  .map((one) => ({
    identity: one.identity,
    means: one.means,
    ms: decodeDeltaColumn(one.ms, one.count),
    lat: decodeDeltaColumn(one.lat, one.count),
    lon: decodeDeltaColumn(one.lon, one.count),
  }));

/**
 * How they were heard, in words: each way once.
 * @param {{ means: string }[]} heard
 */
export const heardWords = (heard) => [...new Set(heard.map((one) => one.means))].sort().join(' or ');

/** @param {CanvasRenderingContext2D} ctx */
export function paintHeardAircraft(ctx, view) {
  if (!visibleLayers.heard) return;
  for (const one of heardAircraft) {
    paintDashedTrack(ctx, view, one, {
      joinedMs: HEARD_GAP_MS, dash: HEARD_DASH, cap: 'butt', width: 2, haloWidth: 5, colour: 'ink',
    });
    const there = positionOnTrackAt(one, state.currentMs);
    if (there) paintHeardSign(ctx, one.identity, view.width, ...view.at(there.lat, there.lon));
    else paintIdentity(ctx, `heard: ${one.identity}`, view.width, ...view.at(one.lat[0], one.lon[0]));
  }
}

function paintHeardSign(ctx, identity, width, x, y) {
  paintLetterInShape(ctx, DIAMOND, x, y, { letter: 'H', size: 10, fill: 'ink', ink: 'paper' });
  paintIdentity(ctx, identity, width, x, y);
}

// Right of the sign, or above it as far left as the map has room for the words.
function paintIdentity(ctx, words, width, x, y) {
  ctx.save();
  ctx.font = '11px "Liberation Sans", Arial, sans-serif';
  const away = HALF_SIGN + 4;
  const farthest = width - ctx.measureText(words).width - 6;
  const hasRoom = x + away <= farthest;
  const [at, level] = hasRoom ? [x + away, y + 4] : [farthest, y - HALF_SIGN - 4];
  ctx.lineWidth = 3;
  ctx.strokeStyle = themeColour('halo');
  ctx.strokeText(words, at, level);
  ctx.fillStyle = themeColour('ink');
  ctx.fillText(words, at, level);
  ctx.restore();
}

export function heardAircraftIcon() {
  const mark = svgElement('text', { x: 17, y: 3.5, 'font-size': 9, 'font-weight': 'bold', 'text-anchor': 'middle', fill: cssColour('paper') });
  mark.textContent = 'H';
  return svgElement('svg', { viewBox: '0 -8 34 16', 'aria-hidden': 'true' },
    svgElement('path', { d: 'M1 0H33', stroke: cssColour('ink'), 'stroke-width': 2, 'stroke-dasharray': HEARD_DASH.join(' '), fill: 'none' }),
    svgElement('path', { d: 'M17 -7.5L25 0L17 7.5L9 0Z', fill: cssColour('ink') }), mark);
}
