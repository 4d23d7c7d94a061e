// Many tracks on one map: straight to a canvas, no object for a fix.

import { canvasViewOf } from '../map/canvas_layer.js';
import { strokeVideo } from '../map/recording_strokes.js';
import { themeColour } from '../theme.js';
import { indexData, mapTracks, trackOfFlight } from './index_data.js';
import { indexState } from './index_state.js';

// More starts than this in sight are dots without the number of their class.
const MOST_NUMBERS = 150;
const darkScreen = window.matchMedia('screen and (prefers-color-scheme: dark)');
export const isDark = () => darkScreen.matches;
export const classColour = (one) => (isDark() ? one.dark : one.colour);

function isInSight(track, view) {
  const [west, north, east, south] = track.box;
  return east * view.world >= view.left && west * view.world <= view.left + view.width
    && south * view.world >= view.top && north * view.world <= view.top + view.height;
}

function traceTrack(ctx, view, track, last = track.x.length - 1) {
  let [x, y] = [track.x[0] * view.world - view.left, track.y[0] * view.world - view.top];
  ctx.moveTo(x, y);
  if (!last) ctx.lineTo(x + 0.1, y);
  for (let k = 1; k <= last; k += 1) {
    const nx = track.x[k] * view.world - view.left;
    const ny = track.y[k] * view.world - view.top;
    // Across a gap of the log there is no line.
    if (track.breaks.has(k - 1)) ctx.moveTo(nx, ny);
    // Steps of less than a pixel are left out of the drawing.
    else if (k === last || (nx - x) ** 2 + (ny - y) ** 2 > 0.8) ctx.lineTo(nx, ny);
    else continue;
    [x, y] = [nx, ny];
  }
}

export function paintTracks(ctx, view) {
  const { classes, of } = indexState.classes;
  const inSight = mapTracks.filter((track) => indexState.shown[track.flight] && isInSight(track, view));
  ctx.lineJoin = 'round';
  ctx.lineCap = 'butt';
  // White below every colour, so that it reads on any map.
  ctx.beginPath();
  for (const track of inSight) traceTrack(ctx, view, track);
  ctx.globalAlpha = 0.75;
  ctx.strokeStyle = themeColour('halo');
  ctx.lineWidth = 4.8;
  ctx.stroke();
  const faint = indexState.chosen >= 0 && indexState.shown[indexState.chosen];
  classes.forEach((one, number) => {
    const own = inSight.filter((track) => of[track.flight] === number);
    if (!own.length) return;
    ctx.beginPath();
    for (const track of own) traceTrack(ctx, view, track);
    ctx.globalAlpha = faint ? 0.45 : 0.9;
    ctx.strokeStyle = classColour(one);
    ctx.lineWidth = 2.2;
    ctx.setLineDash(one.dash);
    ctx.stroke();
  });
  ctx.globalAlpha = 1;
  ctx.setLineDash([]);
  if (indexState.showsRecording) paintRecordings(ctx, view, inSight);
  paintChosen(ctx, view);
  paintStarts(ctx, view, inSight);
}

// Where video was recorded, each set of sensors as on the page of a flight.
function paintRecordings(ctx, view, inSight) {
  /** @type {Map<number, Path2D>} */
  const paths = new Map();
  for (const track of inSight) {
    for (let k = 0; k + 1 < track.x.length; k += 1) {
      const bits = track.recording[k];
      if (!bits || track.breaks.has(k)) continue;
      if (!paths.has(bits)) paths.set(bits, new Path2D());
      const path = paths.get(bits);
      if (!k || track.recording[k - 1] !== bits || track.breaks.has(k - 1)) path.moveTo(track.x[k] * view.world - view.left, track.y[k] * view.world - view.top);
      path.lineTo(track.x[k + 1] * view.world - view.left, track.y[k + 1] * view.world - view.top);
    }
  }
  for (const bits of [...paths.keys()].sort((a, b) => a - b)) strokeVideo(ctx, paths.get(bits), bits, 5);
}

/** The sets of sensors that recorded video on the flights that are shown, each with its flights. */
export function recordingsShown() {
  /** @type {Map<number, Set<number>>} */
  const found = new Map();
  for (const track of mapTracks) {
    if (!indexState.shown[track.flight]) continue;
    for (const bits of track.recording) {
      if (!bits) continue;
      if (!found.has(bits)) found.set(bits, new Set());
      found.get(bits).add(track.flight);
    }
  }
  return [...found].sort(([a], [b]) => a - b);
}

function paintChosen(ctx, view) {
  const track = trackOfFlight[indexState.chosen];
  if (!track || !indexState.shown[track.flight]) return;
  for (const [style, width] of [[themeColour('mark'), 9], [themeColour('ink'), 4.6], [classColour(indexState.classes.classes[indexState.classes.of[track.flight]]), 2.8]].slice(0, indexState.showsRecording ? 1 : 3)) {
    ctx.beginPath();
    traceTrack(ctx, view, track);
    ctx.strokeStyle = style;
    ctx.lineWidth = width;
    ctx.stroke();
  }
  if (indexState.showsRecording) paintRecordings(ctx, view, [track]);
}

// Where each flight began; those without a track on the page have only this.
function startsInSight(view, inSight) {
  const found = inSight.map((track) => [track.flight, track.x[0] * view.world - view.left, track.y[0] * view.world - view.top]);
  indexData.starts.forEach((start, flight) => {
    if (!start || trackOfFlight[flight] || !indexState.shown[flight]) return;
    const [x, y] = view.at(...start);
    if (x > -9 && y > -9 && x < view.width + 9 && y < view.height + 9) found.push([flight, x, y]);
  });
  return found;
}

function paintStarts(ctx, view, inSight) {
  const starts = startsInSight(view, inSight);
  const isNumbered = starts.length <= MOST_NUMBERS && !indexState.showsRecording;
  ctx.font = '600 11px "Liberation Sans", Arial, sans-serif';
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.lineWidth = 1.5;
  for (const [flight, x, y] of starts) {
    const number = indexState.classes.of[flight];
    paintNumberedDot(ctx, x, y, classColour(indexState.classes.classes[number]), isNumbered ? number + 1 : null, flight === indexState.chosen);
  }
  ctx.textBaseline = 'alphabetic';
  ctx.textAlign = 'left';
}

export function paintNumberedDot(ctx, x, y, colour, number, isMarked) {
  ctx.beginPath();
  ctx.arc(x, y, number === null ? 3 : 8, 0, 7);
  ctx.fillStyle = colour;
  ctx.fill();
  ctx.strokeStyle = isMarked ? themeColour('mark') : themeColour('halo');
  ctx.lineWidth = isMarked ? 3 : 1.5;
  ctx.stroke();
  if (number === null) return;
  ctx.fillStyle = isDark() ? '#000' : '#fff';
  ctx.fillText(String(number), x, y + 0.5);
}

/**
 * The flights that are drawn within reach of a point of the map, the nearest first.
 * @param {{ x: number, y: number }} point
 * @param {number} reach in pixels
 * @returns {number[]}
 */
export function flightsNearPoint(point, reach) {
  const view = canvasViewOf(indexState.map, indexState.map.getSize());
  const [px, py] = [(point.x + view.left) / view.world, (point.y + view.top) / view.world];
  const far = reach / view.world;
  const found = [];
  for (const track of mapTracks) {
    const [west, north, east, south] = track.box;
    if (!indexState.shown[track.flight] || px < west - far || px > east + far || py < north - far || py > south + far) continue;
    const distance = distanceToTrack(track, px, py);
    if (distance <= far) found.push([distance, track.flight]);
  }
  indexData.starts.forEach((start, flight) => {
    if (!start || trackOfFlight[flight] || !indexState.shown[flight]) return;
    const [x, y] = view.at(...start);
    const distance = Math.hypot(x - point.x, y - point.y) / view.world;
    if (distance <= far) found.push([distance, flight]);
  });
  return found.sort((a, b) => a[0] - b[0]).map(([, flight]) => flight);
}

function distanceToTrack(track, px, py) {
  let least = Math.hypot(track.x[0] - px, track.y[0] - py);
  for (let k = 1; k < track.x.length; k += 1) {
    const [ax, ay] = [track.x[k - 1], track.y[k - 1]];
    const [dx, dy] = [track.x[k] - ax, track.y[k] - ay];
    const square = dx * dx + dy * dy;
    const along = square && !track.breaks.has(k - 1) ? Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / square)) : 1;
    least = Math.min(least, Math.hypot(ax + along * dx - px, ay + along * dy - py));
  }
  return least;
}
