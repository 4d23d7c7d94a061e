// The flight over time, in lanes under the slider.  Painted once for a size; only
// the hand moves with the slider.

import { clockText } from '../data/times.js';
import {
  AXIS_END,
  AXIS_START,
  SENSORS,
  SENSOR_BIT,
  axisCountsFixes,
  captures,
  fixes,
  flight,
  has,
  rows,
  track,
} from '../data/columns.js';
import { byId, signedText } from '../dom.js';
import { SEVERITY_COLOURS, SIGNS } from '../map/signs.js';
import { seekTo, state, viewQuery } from '../data/state.js';

const GUTTER = 78;
const THUMB = 8;
export const AXIS = AXIS_END - AXIS_START;

// A contact is drawn for what it shows, and never for more: a ring is a contact, a half
// disc a probable upload, a disc a confirmed one, a cross an attempt, a dot a mere name.
const CLAIM_SIGNS = { indicator: 'dot', attempted: 'cross', contact: 'ring', probable_upload: 'half', confirmed_upload: 'disc' };
const CLAIM_COLOUR = '#5b2a6e';

function buildLanes() {
  // Instants cannot be put on an axis that counts fixes.
  const videos = axisCountsFixes ? [] : captures.filter((c) => c.kind === 'video' && c.end !== null);
  const bars = (list) => list.map((c) => ({ start: c.start, end: c.end, sensor: SENSORS.find((s) => s.bit === (SENSOR_BIT[c.sensor] || 1)) }));
  const thermal = videos.filter((c) => c.sensor === 'thermal');
  const other = videos.filter((c) => c.sensor !== 'thermal');
  const unsure = other.some((c) => SENSOR_BIT[c.sensor] !== 2 && SENSOR_BIT[c.sensor] !== 8);
  const of = (...groups) => rows.filter((row) => !axisCountsFixes && groups.includes(row.group) && row.start !== null);
  const photos = axisCountsFixes ? [] : captures.filter((c) => c.kind === 'photo');
  const where = flight.partly_read ? 'in the part that could be read' : flight.files.length > 1 ? 'in these logs' : 'in this log';
  const none = (words) => (axisCountsFixes ? 'the fixes have no times: see the tables' : `${words} ${where}`);
  const others = thermal.length ? 'none but thermal' : none('none');
  const orNotRecorded = (words) => (flight.captures_unknown ? 'these logs do not record it' : words);
  return [
    { name: 'Video', bars: bars(other), none: orNotRecorded(others) },
    { name: 'Thermal', bars: bars(thermal), ticks: photos.filter((c) => c.sensor === 'thermal').map((c) => c.start), none: orNotRecorded(unsure ? 'not stated by this log' : none('none')) },
    { name: 'Photos', ticks: photos.map((c) => c.start), none: orNotRecorded(none('none')) },
    { name: 'Boundaries', marks: [...of('geofence', 'limit'), ...of('finding').filter((row) => row.aboutZone)], none: none('no event') },
    { name: 'Network', contacts: of('network').filter((row) => row.kind in CLAIM_SIGNS), none: none('none') },
    { name: 'Findings', marks: of('finding'), none: none('none with a time') },
  ];
}
const lanes = buildLanes();
const LANE = 15;
const PROFILE = 46;

export function drawLanes() {
  const canvas = byId('lanes');
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  // Not laid out, as in print.
  if (w < GUTTER + 40) return;
  canvas.width = Math.round(w * ratio);
  canvas.height = Math.round(h * ratio);
  const ctx = canvas.getContext('2d');
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  const from = GUTTER + THUMB;
  const wide = w - from - THUMB;
  const X = (ms) => from + Math.max(0, Math.min(1, (ms - AXIS_START) / (AXIS || 1))) * wide;
  ctx.font = '12px "Liberation Sans", Arial, sans-serif';
  drawProfile(ctx, from, wide);
  lanes.forEach((lane, number) => {
    const y = PROFILE + 4 + number * LANE;
    ctx.fillStyle = '#eef1f4';
    ctx.fillRect(from, y, wide, LANE - 3);
    ctx.fillStyle = '#14181d';
    ctx.textAlign = 'left';
    ctx.fillText(lane.name, 2, y + 10);
    drawLane(ctx, lane, X, y);
  });
  drawSightings(ctx, X);
  drawTicks(ctx, X, PROFILE + 4 + lanes.length * LANE, wide);
}

// What was recorded is shaded, so that an empty stretch differs from one without a recording.
function drawContacts(ctx, lane, X, y) {
  const high = LANE - 3;
  const watched = flight.network ? flight.network.capture_windows.filter(([a, b]) => b > AXIS_START && a < AXIS_END) : [];
  ctx.fillStyle = '#cfe0d6';
  for (const [start, end] of watched) ctx.fillRect(X(start), y, Math.max(X(end) - X(start), 1), high);
  const inside = lane.contacts.filter((row) => row.start <= AXIS_END && (row.end || row.start) >= AXIS_START);
  const before = lane.contacts.filter((row) => row.start < AXIS_START).length;
  const after = lane.contacts.filter((row) => row.start > AXIS_END).length;
  for (const row of inside) drawClaim(ctx, row, X, y, high);
  const words = [watched.length ? '' : 'network not recorded: no contact proves nothing', before ? `${before} before` : '', after ? `${after} after` : ''];
  const text = words.filter(Boolean).join(', ');
  if (!text) return;
  ctx.font = '11px "Liberation Sans", Arial, sans-serif';
  ctx.textAlign = 'right';
  const wide = ctx.measureText(text).width + 10;
  ctx.fillStyle = 'rgba(255, 255, 255, .8)';
  ctx.fillRect(X(AXIS_END) - wide, y, wide, high);
  ctx.fillStyle = '#4a5561';
  ctx.fillText(text, X(AXIS_END) - 4, y + 10);
  ctx.textAlign = 'left';
  ctx.font = '12px "Liberation Sans", Arial, sans-serif';
}

function drawClaim(ctx, row, X, y, high) {
  const [x, middle] = [X(row.start), y + high / 2];
  const sign = CLAIM_SIGNS[row.kind];
  ctx.strokeStyle = CLAIM_COLOUR;
  ctx.fillStyle = CLAIM_COLOUR;
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
  ctx.fillStyle = sign === 'disc' || sign === 'dot' ? CLAIM_COLOUR : '#fff';
  ctx.fill();
  ctx.stroke();
  if (sign !== 'half') return;
  ctx.fillStyle = CLAIM_COLOUR;
  ctx.beginPath();
  ctx.arc(x, middle, 4.4, Math.PI / 2, -Math.PI / 2);
  ctx.fill();
}

function drawLane(ctx, lane, X, y) {
  const high = LANE - 3;
  if (lane.contacts && (lane.contacts.length || flight.network)) {
    drawContacts(ctx, lane, X, y);
    return;
  }
  if (![lane.bars, lane.ticks, lane.marks, lane.contacts].some((list) => list && list.length)) {
    ctx.fillStyle = '#4a5561';
    ctx.fillText(lane.none, X(AXIS_START) + 4, y + 10);
    return;
  }
  for (const { start, end, sensor } of lane.bars || []) {
    const [a, b] = [X(start), Math.max(X(end), X(start) + 2)];
    ctx.fillStyle = sensor.colour;
    ctx.fillRect(a, y, b - a, high);
    if (sensor.dash) {
      ctx.strokeStyle = '#fff';
      ctx.lineWidth = 2;
      ctx.lineCap = 'round';
      ctx.setLineDash(sensor.dash);
      ctx.beginPath();
      ctx.moveTo(a + 3, y + high / 2);
      ctx.lineTo(b - 2, y + high / 2);
      ctx.stroke();
      ctx.setLineDash([]);
    }
  }
  ctx.fillStyle = '#14181d';
  for (const ms of lane.ticks || []) ctx.fillRect(X(ms) - 1, y + 1, 2, high - 2);
  for (const row of lane.marks || []) {
    const ink = row.group === 'finding' ? SEVERITY_COLOURS[row.severity] || SEVERITY_COLOURS.remark : SIGNS[row.group].fill;
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
    ctx.strokeStyle = '#fff';
    ctx.lineWidth = 1;
    ctx.stroke();
  }
}

// When the target position was in view: bands over all lanes.
function drawSightings(ctx, X) {
  const deep = PROFILE + 2 + lanes.length * LANE;
  for (const { start, end, certainty } of viewQuery.sightings) {
    const [a, b] = [X(start), Math.max(X(end), X(start) + 2)];
    ctx.globalAlpha = certainty === 'bearing' ? 0.16 : 0.42;
    ctx.fillStyle = '#ffd400';
    ctx.fillRect(a, 0, b - a, deep);
    ctx.globalAlpha = certainty === 'bearing' ? 0.35 : 1;
    ctx.fillStyle = '#8a6d00';
    ctx.fillRect(a, 0, b - a, 3);
  }
  ctx.globalAlpha = 1;
}

// Height, or what there is of it: the lowest and the highest of each pixel, so
// that no peak is lost.
function drawProfile(ctx, from, wide) {
  const name = ['height', 'amsl', 'agl'].find((column) => has[column]);
  ctx.fillStyle = '#14181d';
  ctx.textAlign = 'left';
  ctx.fillText('Height', 2, 20);
  ctx.fillStyle = '#4a5561';
  if (!name || !(AXIS > 0)) {
    ctx.fillText(flight.partly_read ? 'not in the part that could be read' : 'not in this log', from + 4, 20);
    return;
  }
  const values = track[name];
  let [low, high] = [name === 'height' ? 0 : Infinity, -Infinity];
  for (const value of values) if (value === value) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const span = high - low || 1;
  const Y = (value) => PROFILE - 2 - (value - low) / span * (PROFILE - 8);
  ctx.fillText(`${signedText(low, 0)} to ${signedText(high, 0)} m`, 2, 34);
  if (name !== 'height') ctx.fillText(name === 'amsl' ? 'above sea' : 'above ground', 2, 46);
  const tops = new Float64Array(Math.ceil(wide) + 1).fill(NaN);
  const lows = new Float64Array(tops.length).fill(NaN);
  for (let i = 0; i < fixes; i += 1) {
    const value = values[i];
    if (value !== value) continue;
    const x = Math.max(0, Math.min(tops.length - 1, Math.floor((track.ms[i] - AXIS_START) / AXIS * wide)));
    if (!(tops[x] >= value)) tops[x] = value;
    if (!(lows[x] <= value)) lows[x] = value;
  }
  ctx.strokeStyle = '#d5dbe1';
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(from, Y(Math.max(low, 0)) + 0.5);
  ctx.lineTo(from + wide, Y(Math.max(low, 0)) + 0.5);
  ctx.stroke();
  const reach = flight.gap_ms / AXIS * wide + 2;
  ctx.strokeStyle = '#14181d';
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
  ctx.fillStyle = '#4a5561';
  ctx.strokeStyle = '#9aa6b2';
  ctx.lineWidth = 1;
  ctx.textAlign = 'center';
  ctx.fillText('UTC', GUTTER - 16, y + 12);
  for (let ms = Math.ceil(AXIS_START / step) * step; ms <= AXIS_END; ms += step) {
    const x = Math.round(X(ms)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(x, y - 2);
    ctx.lineTo(x, y + 2);
    ctx.stroke();
    if (x > GUTTER + 26 && x < GUTTER + wide - 10) ctx.fillText(clockText(ms), x, y + 12);
  }
}

export function movePlayhead(ms) {
  const wide = byId('lanes').clientWidth - GUTTER - 2 * THUMB;
  const share = AXIS > 0 ? (ms - AXIS_START) / AXIS : 0;
  byId('playhead').style.transform = `translateX(${(GUTTER + THUMB + share * wide).toFixed(1)}px)`;
}

export function watchLanes() {
  const canvas = byId('lanes');
  const seek = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = (event.clientX - box.left - GUTTER - THUMB) / (box.width - GUTTER - 2 * THUMB);
    seekTo(AXIS_START + Math.max(0, Math.min(1, share)) * AXIS, { pan: true });
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    seek(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) seek(event);
  });
  new ResizeObserver(() => {
    drawLanes();
    movePlayhead(state.currentMs);
  }).observe(canvas);
}
