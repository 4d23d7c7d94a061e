// The path at full rate: typed arrays straight to a canvas, no object for a fix.

import {
  SENSORS,
  fixAt,
  flight,
  joinedToNext,
  positionedFixes,
  recording,
  track,
  trackIndexOf,
} from '../data/columns.js';
import { decode } from '../data/delta_columns.js';
import { mercatorX, mercatorY } from '../data/mercator.js';
import { state } from '../data/state.js';

export const COLOUR_SCALE = ['#440154', '#46327e', '#365c8d', '#277f8e', '#1fa187', '#4ac16d', '#a0da39', '#fde725'];
export const MODE_COLOURS = ['#0072b2', '#d55e00', '#00735c', '#cc79a7', '#332288', '#8a6d00', '#56b4e9', '#5f6b76'];
export const NO_VIDEO_COLOUR = '#5f6b76';
export const colouring = { by: 'recording', low: 0, step: 1, runs: [] };
export const visibleLayers = { zones: true, view: true, video: true, thermal: true, photos: true, events: true, home: true, pilot: false };

const pathX = new Float64Array(positionedFixes.length);
const pathY = new Float64Array(positionedFixes.length);
positionedFixes.forEach((fix, k) => {
  pathX[k] = mercatorX(track.lon[fix]);
  pathY[k] = mercatorY(track.lat[fix]);
});

// Runs of fixes that are drawn alike; a run reaches to the fix after it.
function runsOf(keyOf) {
  const runs = [];
  for (let k = 0; k < positionedFixes.length;) {
    const key = keyOf(positionedFixes[k]);
    let end = k;
    while (end + 1 < positionedFixes.length && joinedToNext[end] && keyOf(positionedFixes[end + 1]) === key) end += 1;
    const to = end < joinedToNext.length && joinedToNext[end] ? end + 1 : end;
    runs.push({ key, from: k, to });
    k = end + 1;
  }
  return runs;
}

export const bands = SENSORS.map((sensor) => ({
  sensor,
  runs: runsOf((fix) => (recording[fix] & sensor.bit ? 1 : 0)).filter((run) => run.key),
}));
export const gaps = [];
for (let k = 0; k < joinedToNext.length; k += 1) if (!joinedToNext[k]) gaps.push({ from: k, to: k + 1 });
const allRuns = runsOf(() => 0);

function niceClassWidth(span) {
  const power = 10 ** Math.floor(Math.log10(span || 1));
  return [1, 2, 2.5, 5, 10].map((f) => f * power).find((step) => step >= span);
}

// The colour of a fix: a class of its number, or of its state.
export function setColouring(name) {
  colouring.by = name;
  if (name === 'recording') {
    const top = (bits) => [4, 8, 2, 1].find((bit) => bits & bit) || 0;
    colouring.runs = runsOf((fix) => top(recording[fix]));
    return;
  }
  const values = track[name];
  if (name === 'mode') {
    colouring.runs = runsOf((fix) => (Number.isNaN(values[fix]) ? -1 : Math.min(values[fix], 7)));
    return;
  }
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) if (value === value) [low, high] = [Math.min(low, value), Math.max(high, value)];
  colouring.step = niceClassWidth((high - low) / 7.5) || 1;
  colouring.low = Math.floor(low / colouring.step) * colouring.step;
  const klass = (value) => Math.max(0, Math.min(7, Math.floor((value - colouring.low) / colouring.step)));
  colouring.runs = runsOf((fix) => (Number.isNaN(values[fix]) ? -1 : klass(values[fix])));
}

function colourOfRun(key) {
  if (key < 0) return '#ffffff';
  if (colouring.by === 'recording') return (SENSORS.find((s) => s.bit === key) || { colour: NO_VIDEO_COLOUR }).colour;
  return colouring.by === 'mode' ? MODE_COLOURS[key] : COLOUR_SCALE[key];
}

function traceRun(ctx, view, { from, to }) {
  let x = pathX[from] * view.world - view.left;
  let y = pathY[from] * view.world - view.top;
  ctx.moveTo(x, y);
  if (from === to) ctx.lineTo(x + 0.1, y);
  for (let k = from + 1; k <= to; k += 1) {
    const nx = pathX[k] * view.world - view.left;
    const ny = pathY[k] * view.world - view.top;
    // Steps of less than a pixel are left out of the drawing, never of the data.
    if (k === to || (nx - x) ** 2 + (ny - y) ** 2 > 0.6) {
      ctx.lineTo(nx, ny);
      [x, y] = [nx, ny];
    }
  }
}

export function strokeRuns(ctx, view, runs, style, width, alpha = 1, dash = []) {
  ctx.strokeStyle = style;
  ctx.lineWidth = width;
  ctx.globalAlpha = alpha;
  ctx.setLineDash(dash);
  ctx.beginPath();
  for (const run of runs) traceRun(ctx, view, run);
  ctx.stroke();
  ctx.globalAlpha = 1;
  ctx.setLineDash([]);
}

const bandShown = (sensor) => visibleLayers[sensor.name === 'thermal' ? 'thermal' : 'video'];

export function paintPath(ctx, view) {
  ctx.lineJoin = 'round';
  ctx.lineCap = 'round';
  if (state.highlightedRuns) strokeRuns(ctx, view, state.highlightedRuns, '#ffd400', 22, 0.85);
  for (const { sensor, runs } of bands) {
    if (bandShown(sensor) && runs.length) strokeRuns(ctx, view, runs, sensor.colour, 13, 0.27);
  }
  strokeRuns(ctx, view, gaps, NO_VIDEO_COLOUR, 1.2, 0.9, [2, 6]);
  const value = colouring.by !== 'recording';
  strokeRuns(ctx, view, allRuns, value ? '#14181d' : '#ffffff', value ? 5.6 : 4.6, value ? 1 : 0.85);
  const keys = [...new Set(colouring.runs.map((run) => run.key))].sort((a, b) => a - b);
  for (const key of keys) {
    const mine = colouring.runs.filter((run) => run.key === key);
    const idle = colouring.by === 'recording' && key === 0;
    strokeRuns(ctx, view, mine, colourOfRun(key), idle ? 2 : 3.2);
  }
  if (!value) {
    for (const { sensor, runs } of bands) {
      if (sensor.dash && bandShown(sensor) && runs.length) strokeRuns(ctx, view, runs, '#ffffff', 1.8, 0.95, sensor.dash);
    }
  }
  paintUntimed(ctx, view);
  paintArrows(ctx, view);
}

export const untimed = flight.untimed.map((column) => decode(column, column ? (column.delta || []).length || column.runs.reduce((sum, n, i) => (i % 2 ? sum + n : sum), 0) : 0));
function paintUntimed(ctx, view) {
  ctx.fillStyle = NO_VIDEO_COLOUR;
  for (let i = 0; i < untimed[0].length; i += 1) {
    const [x, y] = view.at(untimed[0][i], untimed[1][i]);
    ctx.fillRect(x - 1.5, y - 1.5, 3, 3);
  }
}

// Arrowheads along the line, so that a still picture shows the direction.
const ARROW_EVERY = 170;
function paintArrows(ctx, view) {
  ctx.strokeStyle = '#14181d';
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
  const first = trackIndexOf[Math.max(fixAt(start), 0)];
  const last = trackIndexOf[Math.max(fixAt(end), 0)];
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
