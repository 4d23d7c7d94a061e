// The flight over time, in lanes under the slider.  Painted once for a size; only
// the hand moves with the slider.

import { AXIS_END, AXIS_START, axisCountsFixes, captures, fixes, flight, has, rows, track } from '../data/page_data.js';
import { recordingsUnknown } from '../data/recordings.js';
import { SENSORS, sensorBit } from '../data/sensor_classes.js';
import { finiteRange } from '../data/plot_series.js';
import { clockText } from '../data/time_text.js';
import { byId, signedText } from '../dom.js';
import { strokeVideo } from '../map/recording_strokes.js';
import { SEVERITY_COLOURS, SIGNS, paintSign, photoSign } from '../map/symbol_shapes.js';
import { goToInstant, state, viewQuery } from '../data/page_state.js';
import { canvasColour, onThemeChange, themeColour } from '../theme.js';

const THUMB = 8;
export const AXIS = AXIS_END - AXIS_START;
const LANE_FONT = '12px "Liberation Sans", Arial, sans-serif';
const SMALL_FONT = '11px "Liberation Sans", Arial, sans-serif';

// A contact is drawn for what it shows, and never for more: a ring is a contact, a half
// disc a probable upload, a disc a confirmed one, a cross an attempt, a dot a mere name or what is not shown to be of this aircraft.
const CLAIM_SIGNS = { indicator: 'dot', other_aircraft: 'dot', attempted: 'cross', contact: 'ring', probable_upload: 'half', confirmed_upload: 'disc' };

/**
 * A lane: bars of video, open ends, photos, sound, marks of events, or contacts of the network.
 * @typedef {{ name: string, none?: string, bars?: { start: number, end: number, bits: number }[], opens?: number[],
 *   photos?: { start: number, sensor: string }[], sounds?: { start: number, end: number | null }[], marks?: any[],
 *   contacts?: any[], paint?: (ctx: CanvasRenderingContext2D, X: (ms: number) => number, y: number, high: number) => void }} Lane
 */

function buildLanes() {
  // Instants cannot be put on an axis that counts fixes.
  const timed = axisCountsFixes ? [] : captures;
  const videos = timed.filter((each) => each.kind === 'video');
  const photos = timed.filter((each) => each.kind === 'photo');
  const sounds = timed.filter((each) => each.kind === 'audio');
  const of = (...groups) => rows.filter((row) => !axisCountsFixes && groups.includes(row.group) && row.start !== null);
  const where = flight.partly_read ? 'in the part that could be read' : flight.files.length > 1 ? 'in these logs' : 'in this log';
  const none = (words) => (axisCountsFixes ? 'the fixes have no times in UTC: see the tables' : `${words} ${where}`);
  const unstated = videos.some((each) => sensorBit(each.sensor) === 1);
  const ofSensor = (name) => {
    const mine = videos.filter((each) => sensorBit(each.sensor) === sensorBit(name));
    return {
      bars: mine.filter((each) => each.end !== null).map(({ start, end }) => ({ start, end, bits: sensorBit(name) })),
      opens: mine.filter((each) => each.end === null).map(({ start }) => start),
    };
  };
  const absent = recordingsUnknown || (unstated ? 'none that is stated to be of this sensor' : none('none'));
  /** @type {Lane[]} */
  const made = [
    { name: 'Video', ...ofSensor('visible'), none: absent },
    { name: 'Thermal', ...ofSensor('thermal'), photos: photos.filter((each) => each.sensor === 'thermal'), none: absent },
  ];
  for (const { name, short } of SENSORS.filter((sensor) => ['multispectral', 'unknown'].includes(sensor.name))) {
    const lane = ofSensor(name);
    if (lane.bars.length || lane.opens.length) made.push({ name: name === 'unknown' ? 'Sensor not stated' : short.replace(/^./, (first) => first.toUpperCase()), ...lane });
  }
  made.push({ name: 'Photos', photos: photos.filter((each) => each.sensor !== 'thermal'), none: recordingsUnknown || none('none') });
  if (sounds.length) made.push({ name: 'Sound', sounds });
  return [
    ...made,
    { name: 'Boundaries', marks: [...of('geofence', 'limit'), ...of('finding').filter((row) => row.aboutZone)], none: none('no event') },
    { name: 'Network', contacts: of('network').filter((row) => row.kind in CLAIM_SIGNS), none: none('none') },
    { name: 'Findings', marks: of('finding'), none: none('none with a time') },
  ];
}
const lanes = buildLanes();
const LANE = 15;
const PROFILE = 46;

/** Add a lane above that of the boundaries. @param {Lane} lane */
export function addLane(lane) {
  lanes.splice(lanes.findIndex((one) => one.name === 'Boundaries'), 0, lane);
}

// As wide as the longest name, so that none runs into its lane.
let gutter = 78;
function measureGutter(ctx) {
  ctx.font = LANE_FONT;
  gutter = Math.ceil(Math.max(70, ...lanes.map((lane) => ctx.measureText(lane.name).width), ...heightProfileWords().map((words) => ctx.measureText(words).width))) + 8;
  byId('slider').style.marginLeft = `${gutter}px`;
  byId('slider').style.width = `calc(100% - ${gutter}px)`;
}

export function drawLanes() {
  const canvas = byId('lanes');
  const ratio = window.devicePixelRatio || 1;
  const deep = PROFILE + 4 + lanes.length * LANE + 18;
  canvas.style.height = `${deep}px`;
  byId('playhead').style.height = `${deep - 2}px`;
  const [w, h] = [canvas.clientWidth, deep];
  const ctx = canvas.getContext('2d');
  measureGutter(ctx);
  // Not laid out, as in print.
  if (w < gutter + 40) return;
  canvas.width = Math.round(w * ratio);
  canvas.height = Math.round(h * ratio);
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  const from = gutter + THUMB;
  const wide = w - from - THUMB;
  const X = (ms) => from + Math.max(0, Math.min(1, (ms - AXIS_START) / (AXIS || 1))) * wide;
  ctx.font = LANE_FONT;
  drawHeightProfile(ctx, from, wide);
  lanes.forEach((lane, number) => {
    const y = PROFILE + 4 + number * LANE;
    ctx.fillStyle = themeColour('lane');
    ctx.fillRect(from, y, wide, LANE - 3);
    ctx.fillStyle = themeColour('ink');
    ctx.textAlign = 'left';
    ctx.fillText(lane.name, 2, y + 10);
    drawLane(ctx, lane, X, y, wide);
  });
  drawSightings(ctx, X);
  drawTicks(ctx, X, PROFILE + 4 + lanes.length * LANE, wide);
}

// What was recorded is shaded, so that an empty stretch differs from one without a recording.
function drawContacts(ctx, lane, X, y) {
  const high = LANE - 3;
  const watched = flight.network ? flight.network.capture_windows.filter(([a, b]) => b > AXIS_START && a < AXIS_END) : [];
  ctx.fillStyle = themeColour('watched');
  for (const [start, end] of watched) ctx.fillRect(X(start), y, Math.max(X(end) - X(start), 1), high);
  const inside = lane.contacts.filter((row) => row.start <= AXIS_END && (row.end || row.start) >= AXIS_START);
  const before = lane.contacts.filter((row) => row.start < AXIS_START).length;
  const after = lane.contacts.filter((row) => row.start > AXIS_END).length;
  for (const row of inside) drawContactClaim(ctx, row, X, y, high);
  const words = [watched.length ? '' : 'network not recorded: no contact proves nothing', before ? `${before} before` : '', after ? `${after} after` : ''];
  const text = words.filter(Boolean).join(', ');
  if (!text) return;
  ctx.font = SMALL_FONT;
  ctx.textAlign = 'right';
  const room = X(AXIS_END) - X(AXIS_START);
  const wide = Math.min(ctx.measureText(text).width + 10, room);
  ctx.fillStyle = themeColour('ground-veil');
  ctx.fillRect(X(AXIS_END) - wide, y, wide, high);
  ctx.fillStyle = themeColour('soft');
  ctx.fillText(text, X(AXIS_END) - 4, y + 10, room - 8);
  ctx.textAlign = 'left';
  ctx.font = LANE_FONT;
}

function drawContactClaim(ctx, row, X, y, high) {
  const [x, middle] = [X(row.start), y + high / 2];
  const sign = CLAIM_SIGNS[row.kind];
  const ink = themeColour('contact');
  ctx.strokeStyle = ink;
  ctx.fillStyle = ink;
  ctx.lineWidth = 1.7;
  if (row.end !== null) ctx.fillRect(x, middle - 1, Math.max(X(row.end) - x, 1), 2);
  ctx.beginPath();
  if (sign === 'cross') {
    ctx.moveTo(x - 4, middle - 4);
    ctx.lineTo(x + 4, middle + 4);
    ctx.moveTo(x - 4, middle + 4);
    ctx.lineTo(x + 4, middle - 4);
    ctx.stroke();
    return;
  }
  ctx.arc(x, middle, sign === 'dot' ? 1.8 : 4.4, 0, 7);
  ctx.fillStyle = sign === 'disc' || sign === 'dot' ? ink : themeColour('paper');
  ctx.fill();
  ctx.stroke();
  if (sign !== 'half') return;
  ctx.fillStyle = ink;
  ctx.beginPath();
  ctx.arc(x, middle, 4.4, Math.PI / 2, -Math.PI / 2);
  ctx.fill();
}

function drawLane(ctx, lane, X, y, wide) {
  const high = LANE - 3;
  if (lane.paint) {
    lane.paint(ctx, X, y, high);
    return;
  }
  if (lane.contacts && (lane.contacts.length || flight.network)) {
    drawContacts(ctx, lane, X, y);
    return;
  }
  if (![lane.bars, lane.opens, lane.photos, lane.sounds, lane.marks, lane.contacts].some((list) => list && list.length)) {
    ctx.fillStyle = themeColour('soft');
    ctx.fillText(lane.none || '', X(AXIS_START) + 4, y + 10, wide - 8);
    return;
  }
  for (const { start, end, bits } of lane.bars || []) {
    const path = new Path2D();
    // Within the bar, whose ends are round where the pattern lets them be.
    const [a, b] = [X(start), Math.max(X(end), X(start) + 2)];
    path.moveTo(a, y + high / 2);
    path.lineTo(b, y + high / 2);
    ctx.save();
    ctx.beginPath();
    ctx.rect(a, y, b - a, high);
    ctx.clip();
    strokeVideo(ctx, path, bits, high);
    ctx.restore();
  }
  for (const start of lane.opens || []) paintSmallSymbol(ctx, 'open_video', X(start) + 4, y + high / 2);
  for (const { start, sensor } of lane.photos || []) {
    if (sensor === 'visible') {
      ctx.fillStyle = themeColour('ink');
      ctx.fillRect(X(start) - 1, y + 1, 2, high - 2);
    } else paintSmallSymbol(ctx, photoSign(sensor), X(start), y + high / 2);
  }
  for (const { start, end } of lane.sounds || []) {
    const [a, b] = [X(start), Math.max(X(end === null ? start : end), X(start) + 3)];
    ctx.fillStyle = themeColour('sound');
    for (const rail of [1, high - 3]) ctx.fillRect(a, y + rail, b - a, 2);
    ctx.fillRect(a, y + 1, 1.5, high - 2);
    ctx.fillRect(b - 1.5, y + 1, 1.5, high - 2);
  }
  for (const row of lane.marks || []) {
    const ink = canvasColour(row.group === 'finding' ? SEVERITY_COLOURS[row.severity] || SEVERITY_COLOURS.remark : SIGNS[row.group].fill);
    ctx.fillStyle = ink;
    const a = X(row.start);
    if (row.end !== null) ctx.fillRect(a, y + 3, Math.max(X(row.end) - a, 2), high - 6);
    ctx.beginPath();
    if (row.group === 'finding') ctx.arc(a, y + high / 2, 5, 0, 7);
    else {
      ctx.moveTo(a, y);
      ctx.lineTo(a + 6, y + high);
      ctx.lineTo(a - 6, y + high);
    }
    ctx.fill();
    ctx.strokeStyle = themeColour('halo');
    ctx.lineWidth = 1;
    ctx.stroke();
  }
}

function paintSmallSymbol(ctx, sign, x, y) {
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(0.75, 0.75);
  paintSign(ctx, sign, 0, 0);
  ctx.restore();
}

// When the target position was in view: bands over all lanes.
function drawSightings(ctx, X) {
  const deep = PROFILE + 2 + lanes.length * LANE;
  for (const { start, end, certainty } of viewQuery.sightings) {
    const [a, b] = [X(start), Math.max(X(end), X(start) + 2)];
    ctx.globalAlpha = certainty === 'bearing' ? 0.16 : 0.42;
    ctx.fillStyle = themeColour('mark');
    ctx.fillRect(a, 0, b - a, deep);
    ctx.globalAlpha = certainty === 'bearing' ? 0.35 : 1;
    ctx.fillStyle = themeColour('now-edge');
    ctx.fillRect(a, 0, b - a, 3);
  }
  ctx.globalAlpha = 1;
}

const profileName = ['height', 'amsl', 'agl'].find((column) => has[column]);
const profileDatum = { height: 'above take-off', amsl: 'above sea', agl: 'above ground' };
const profileRange = profileName ? finiteRange(track[profileName]) : null;
if (profileRange && profileName === 'height') profileRange[0] = Math.min(0, profileRange[0]);

// The name of the profile, its range and its datum.
function heightProfileWords() {
  if (!profileRange) return ['Height'];
  return ['Height', `${signedText(profileRange[0], 0)} to ${signedText(profileRange[1], 0)} m`, profileDatum[profileName]];
}

// Height, or what there is of it: the lowest and the highest of each pixel, so
// that no peak is lost.
function drawHeightProfile(ctx, from, wide) {
  ctx.textAlign = 'left';
  heightProfileWords().forEach((words, n) => {
    ctx.fillStyle = themeColour(n ? 'soft' : 'ink');
    ctx.fillText(words, 2, 14 + 14 * n);
  });
  if (!profileRange || !(AXIS > 0)) {
    ctx.fillStyle = themeColour('soft');
    ctx.fillText(flight.partly_read ? 'not in the part that could be read' : 'not in this log', from + 4, 20);
    return;
  }
  const values = track[profileName];
  const [low, high] = profileRange;
  const span = high - low || 1;
  const Y = (value) => PROFILE - 2 - (value - low) / span * (PROFILE - 8);
  const tops = new Float64Array(Math.ceil(wide) + 1).fill(NaN);
  const lows = new Float64Array(tops.length).fill(NaN);
  for (let i = 0; i < fixes; i += 1) {
    const value = values[i];
    if (value !== value) continue;
    const x = Math.max(0, Math.min(tops.length - 1, Math.floor((track.ms[i] - AXIS_START) / AXIS * wide)));
    if (!(tops[x] >= value)) tops[x] = value;
    if (!(lows[x] <= value)) lows[x] = value;
  }
  ctx.strokeStyle = themeColour('line');
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(from, Y(Math.max(low, 0)) + 0.5);
  ctx.lineTo(from + wide, Y(Math.max(low, 0)) + 0.5);
  ctx.stroke();
  const reach = flight.gap_ms / AXIS * wide + 2;
  ctx.strokeStyle = themeColour('ink');
  ctx.lineWidth = 1.4;
  // So that a fix with none near is a dot.
  ctx.lineCap = 'round';
  ctx.beginPath();
  let last = -Infinity;
  for (let x = 0; x < tops.length; x += 1) {
    if (tops[x] !== tops[x]) continue;
    if (x - last > reach) ctx.moveTo(from + x, Y(lows[x]));
    else ctx.lineTo(from + x, Y(lows[x]));
    ctx.lineTo(from + x, Y(tops[x]) - 0.01);
    last = x;
  }
  ctx.stroke();
}

function drawTicks(ctx, X, y, wide) {
  if (!(AXIS > 0) || axisCountsFixes) return;
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
  const step = 1000 * (steps.find((s) => AXIS / 1000 / s * 90 < wide) || 864000);
  ctx.fillStyle = themeColour('soft');
  ctx.strokeStyle = themeColour('grid-strong');
  ctx.lineWidth = 1;
  ctx.textAlign = 'center';
  ctx.fillText('UTC', gutter - 16, y + 12);
  for (let ms = Math.ceil(AXIS_START / step) * step; ms <= AXIS_END; ms += step) {
    const x = Math.round(X(ms)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(x, y - 2);
    ctx.lineTo(x, y + 2);
    ctx.stroke();
    if (x > gutter + 26 && x < gutter + wide - 10) ctx.fillText(clockText(ms), x, y + 12);
  }
}

/** Where a moment lies on the lanes, in pixels from their left. @param {number} ms */
export function lanePixel(ms) {
  const wide = byId('lanes').clientWidth - gutter - 2 * THUMB;
  const share = AXIS > 0 ? (ms - AXIS_START) / AXIS : 0;
  return gutter + THUMB + share * wide;
}

export function movePlayhead(ms) {
  byId('playhead').style.transform = `translateX(${lanePixel(ms).toFixed(1)}px)`;
}

export function watchLanes() {
  const canvas = byId('lanes');
  const seek = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = (event.clientX - box.left - gutter - THUMB) / (box.width - gutter - 2 * THUMB);
    goToInstant(AXIS_START + Math.max(0, Math.min(1, share)) * AXIS, { pan: true });
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    seek(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) seek(event);
  });
  onThemeChange(drawLanes);
  new ResizeObserver(() => {
    drawLanes();
    movePlayhead(state.currentMs);
  }).observe(canvas);
}
