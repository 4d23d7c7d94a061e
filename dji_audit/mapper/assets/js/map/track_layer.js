// The path at full rate: typed arrays straight to a canvas, no object for a fix.

import { lastFixAt, flight, joinedToNext, positionedFixes, track, trackIndexOf } from '../data/page_data.js';
import { decodeDeltaColumn } from '../data/delta_columns.js';
import { mercatorX, mercatorY } from '../data/mercator.js';
import { state } from '../data/page_state.js';
import { canvasColour, themeColour } from '../theme.js';
import { colourings, recordingKeys, soundKeys } from './path_colouring.js';
import { strokeSound, strokeVideo } from './recording_strokes.js';

/** @import { Colouring, ColourClass } from './path_colouring.js' */

export const visibleLayers = { zones: true, view: true, recording: true, photos: true, events: true, home: true, people: true, heard: true, pilot: false };

const pathX = new Float64Array(positionedFixes.length);
const pathY = new Float64Array(positionedFixes.length);
positionedFixes.forEach((fix, k) => {
  pathX[k] = mercatorX(track.lon[fix]);
  pathY[k] = mercatorY(track.lat[fix]);
});

/** @typedef {{ key: number, from: number, to: number }} Run fixes that are drawn alike; it reaches to the fix after it */

/**
 * @param {ArrayLike<number>} keys one for each fix
 * @returns {Run[]}
 */
function runsOfFixes(keys) {
  const runs = [];
  for (let k = 0; k < positionedFixes.length;) {
    const key = keys[positionedFixes[k]];
    let end = k;
    while (end + 1 < positionedFixes.length && joinedToNext[end] && keys[positionedFixes[end + 1]] === key) end += 1;
    const to = end < joinedToNext.length && joinedToNext[end] ? end + 1 : end;
    runs.push({ key, from: k, to });
    k = end + 1;
  }
  return runs;
}

/** Runs of each key but 0. */
function runsGroupedByKey(keys) {
  const groups = new Map();
  for (const run of runsOfFixes(keys)) {
    if (!run.key) continue;
    if (!groups.has(run.key)) groups.set(run.key, []);
    groups.get(run.key).push(run);
  }
  return groups;
}

/** The runs of each set of sensors that recorded video at once, and those of sound on its own. */
export const videoRuns = runsGroupedByKey(recordingKeys);
export const soundRuns = runsGroupedByKey(soundKeys).get(1) || [];
export const gaps = [];
for (let k = 0; k < joinedToNext.length; k += 1) if (!joinedToNext[k]) gaps.push({ from: k, to: k + 1 });

/** @type {{ by: Colouring, classes: (ColourClass & { runs: Run[] })[] }} */
export const colouring = { by: colourings[0], classes: [] };

/** @param {string} name of a colouring */
export function setColouring(name) {
  colouring.by = colourings.find((one) => one.name === name) || colourings[0];
  const runs = runsOfFixes(colouring.by.keys());
  const used = new Set(runs.map((run) => run.key));
  colouring.classes = colouring.by.classes(used).map((one) => ({ ...one, runs: runs.filter((run) => run.key === one.key) }));
}

function traceRun(path, view, { from, to }) {
  let x = pathX[from] * view.world - view.left;
  let y = pathY[from] * view.world - view.top;
  path.moveTo(x, y);
  if (from === to) path.lineTo(x + 0.1, y);
  for (let k = from + 1; k <= to; k += 1) {
    const nx = pathX[k] * view.world - view.left;
    const ny = pathY[k] * view.world - view.top;
    // Steps of less than a pixel are left out of the drawing, never of the data.
    if (k === to || (nx - x) ** 2 + (ny - y) ** 2 > 0.6) {
      path.lineTo(nx, ny);
      [x, y] = [nx, ny];
    }
  }
}

export function strokeRuns(ctx, view, runs, colour, width, alpha) {
  strokePath(ctx, pathOfRuns(view, runs), colour, width, alpha);
}

function pathOfRuns(view, runs) {
  const path = new Path2D();
  for (const run of runs) traceRun(path, view, run);
  return path;
}

function strokePath(ctx, path, colour, width, alpha = 1, dash = []) {
  ctx.strokeStyle = canvasColour(colour);
  ctx.lineWidth = width;
  ctx.globalAlpha = alpha;
  ctx.setLineDash(dash);
  ctx.stroke(path);
  ctx.globalAlpha = 1;
  ctx.setLineDash([]);
}

export function paintPath(ctx, view) {
  ctx.lineJoin = 'round';
  const isVideo = (one) => Boolean(one.sensors);
  // Rails first: what lies between them is wiped out.
  if (visibleLayers.recording && soundRuns.length) strokeSound(ctx, pathOfRuns(view, soundRuns));
  ctx.lineCap = 'round';
  if (state.highlightedRuns) strokePath(ctx, pathOfRuns(view, state.highlightedRuns), 'mark', 22, 0.85);
  strokePath(ctx, pathOfRuns(view, gaps), 'idle', 1.2, 0.9, [2, 6]);
  const paths = colouring.classes.map((one) => ({ ...one, path: pathOfRuns(view, one.runs) }));
  if (visibleLayers.recording && !colouring.classes.some(isVideo)) {
    // A band under other colours.
    for (const [bits, runs] of videoRuns) {
      const path = pathOfRuns(view, runs);
      ctx.globalAlpha = 0.55;
      strokeVideo(ctx, path, bits, 15);
      ctx.globalAlpha = 1;
    }
  }
  ctx.lineCap = 'round';
  const cased = colouring.by.name !== 'recording' && colouring.by.name !== 'sensor';
  for (const { path, width } of paths) strokePath(ctx, path, cased ? 'ink' : 'halo', width + 2.6, cased ? 1 : 0.85);
  for (const one of paths) {
    if (isVideo(one)) strokeVideo(ctx, one.path, one.sensors, one.width);
    else {
      ctx.lineCap = 'round';
      strokePath(ctx, one.path, one.colour, one.width);
      if (one.dash) strokePath(ctx, one.path, 'halo', Math.max(1.6, one.width * 0.4), 1, one.dash);
    }
  }
  paintFixesWithoutTime(ctx, view);
  paintDirectionArrows(ctx, view);
}

export const untimed = flight.untimed.map((column) => decodeDeltaColumn(column, column ? (column.delta || []).length || column.runs.reduce((sum, n, i) => (i % 2 ? sum + n : sum), 0) : 0));
function paintFixesWithoutTime(ctx, view) {
  ctx.fillStyle = themeColour('idle');
  for (let i = 0; i < untimed[0].length; i += 1) {
    const [x, y] = view.at(untimed[0][i], untimed[1][i]);
    ctx.fillRect(x - 1.5, y - 1.5, 3, 3);
  }
}

// Arrowheads along the line, so that a still picture shows the direction.
const ARROW_EVERY = 170;
function paintDirectionArrows(ctx, view) {
  ctx.strokeStyle = themeColour('ink');
  ctx.lineWidth = 1.6;
  ctx.lineCap = 'butt';
  ctx.beginPath();
  let left = ARROW_EVERY / 2;
  for (let k = 0; k + 1 < positionedFixes.length; k += 1) {
    const dx = (pathX[k + 1] - pathX[k]) * view.world;
    const dy = (pathY[k + 1] - pathY[k]) * view.world;
    const length = Math.hypot(dx, dy);
    if (!joinedToNext[k]) continue;
    left -= length;
    if (left > 0 || length < 0.01) continue;
    left = ARROW_EVERY;
    const x = pathX[k + 1] * view.world - view.left;
    const y = pathY[k + 1] * view.world - view.top;
    if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
    const [ux, uy] = [dx / length, dy / length];
    ctx.moveTo(x - 6 * ux - 5 * uy, y - 6 * uy + 5 * ux);
    ctx.lineTo(x + 2 * ux, y + 2 * uy);
    ctx.lineTo(x - 6 * ux + 5 * uy, y - 6 * uy - 5 * ux);
  }
  ctx.stroke();
}

// The part of the path between two instants, to be marked.
export function highlightInterval(start, end) {
  state.highlightedRuns = null;
  if (start === null || end === null || !(end > start)) return;
  const first = trackIndexOf[Math.max(lastFixAt(start), 0)];
  const last = trackIndexOf[Math.max(lastFixAt(end), 0)];
  if (first >= 0 && last > first) {
    state.highlightedRuns = [];
    for (let k = first, from = first; k <= last; k += 1) {
      if (k === last || !joinedToNext[k]) {
        state.highlightedRuns.push({ from, to: k });
        from = k + 1;
      }
    }
  }
}

// The fix drawn nearest to a point of the screen, within reach.
export function nearestFix(view, px, py, reach) {
  let best = -1;
  let least = reach * reach;
  for (let k = 0; k < positionedFixes.length; k += 1) {
    const dx = pathX[k] * view.world - view.left - px;
    const dy = pathY[k] * view.world - view.top - py;
    if (dx * dx + dy * dy < least) {
      least = dx * dx + dy * dy;
      best = positionedFixes[k];
    }
  }
  return best;
}
