// Tracks beside the path of the flight: where each was at a moment, and its dashed line with a halo.

import { lastAtOrBefore } from '../data/delta_columns.js';
import { themeColour } from '../theme.js';

// Farther from a fix than this a device was not heard of, and is not drawn, milliseconds.
export const KNOWN_MS = 60000;

/** @typedef {{ ms: ArrayLike<number>, lat: ArrayLike<number>, lon: ArrayLike<number> }} TimedTrack */

/**
 * Where what a track follows was at a moment; `null`: no fix is near it.
 * @param {TimedTrack} one
 * @param {number} ms
 */
export function positionOnTrackAt(one, ms) {
  const last = one.ms.length - 1;
  const before = lastAtOrBefore(one.ms, ms);
  const after = Math.min(before + 1, last);
  const nearest = before < 0 || one.ms[after] - ms < ms - one.ms[before] ? Math.max(after, 0) : before;
  if (Math.abs(one.ms[nearest] - ms) > KNOWN_MS) return null;
  if (before < 0 || before === after || one.ms[after] <= ms) return { lat: one.lat[nearest], lon: one.lon[nearest] };
  const share = (ms - one.ms[before]) / (one.ms[after] - one.ms[before]);
  return { lat: one.lat[before] + (one.lat[after] - one.lat[before]) * share, lon: one.lon[before] + (one.lon[after] - one.lon[before]) * share };
}

/**
 * Draws the line of a track; two fixes are joined where they are at most `joinedMs` apart.
 * @param {CanvasRenderingContext2D} ctx
 * @param {TimedTrack} track
 * @param {{ joinedMs: number, dash: number[], cap: CanvasLineCap, width: number, haloWidth: number,
 *   colour: string }} look
 */
export function paintDashedTrack(ctx, view, track, look) {
  const path = new Path2D();
  for (let i = 0; i < track.ms.length; i += 1) {
    const [x, y] = view.at(track.lat[i], track.lon[i]);
    if (i && track.ms[i] - track.ms[i - 1] <= look.joinedMs) path.lineTo(x, y);
    else path.moveTo(x, y);
  }
  ctx.save();
  ctx.lineCap = look.cap;
  ctx.lineJoin = 'round';
  ctx.lineWidth = look.haloWidth;
  ctx.strokeStyle = themeColour('halo');
  ctx.stroke(path);
  ctx.setLineDash(look.dash);
  ctx.lineWidth = look.width;
  ctx.strokeStyle = themeColour(look.colour);
  ctx.stroke(path);
  ctx.restore();
}
