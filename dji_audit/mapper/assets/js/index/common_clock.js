// One clock for flights that were in the air together: the slider, playing, and who was where.

import { clockText, dateText } from '../data/time_text.js';
import { byId, htmlElement, signedText } from '../dom.js';
import { writeSelectionToAddress } from './filter_form.js';
import { localTimeOfFlight, mapTracks, trackOfFlight, filterWordsOfFlight } from './index_data.js';
import { announceIndexChange, indexState, onIndexChange } from './index_state.js';
import { flightsTogether, positionOfTrack } from './track_instants.js';
import { classColour, paintNumberedDot } from './tracks_layer.js';

const TRAIL_MS = 30000;
let groups = [];
let group = null;
let isPlaying = false;

const flightsWord = (n) => `${n.toLocaleString('en-GB')} flight${n === 1 ? '' : 's'}`;
const labelOfFlightGroup = (one) => `${dateText(one.start)}, ${clockText(one.start)} to ${clockText(one.end)}: ${flightsWord(one.flights.length)}`
  + `${one.together > 1 ? `, up to ${one.together} at once` : ''}`;

function listFlightGroups() {
  const spans = mapTracks.filter((track) => track.timed && indexState.shown[track.flight])
    .map(({ flight, start, end }) => ({ flight, start, end }));
  groups = flightsTogether(spans);
  const option = (one) => {
    const made = htmlElement('option', labelOfFlightGroup(one));
    made.value = String(groups.indexOf(one));
    return made;
  };
  const part = (label, members) => {
    if (!members.length) return [];
    const made = htmlElement('optgroup');
    made.label = label;
    made.append(...members.map(option));
    return [made];
  };
  byId('group').replaceChildren(
    ...part('In the air together', groups.filter((one) => one.together > 1)),
    ...part('One at a time', groups.filter((one) => one.together === 1)),
  );
  for (const id of ['group', 'play', 'slider', 'rate', 'previous_group', 'next_group']) byId(id).disabled = !groups.length;
  const untimed = mapTracks.filter((track) => !track.timed && indexState.shown[track.flight]).length;
  byId('untimed').textContent = untimed ? `${flightsWord(untimed)} of these ${untimed === 1 ? 'has' : 'have'} no times in UTC and ${untimed === 1 ? 'is' : 'are'} not played.` : '';
  const chosen = groups.find((one) => indexState.ms !== null && one.start <= indexState.ms && indexState.ms <= one.end);
  showFlightGroup(chosen || groups.find((one) => one.together === Math.max(...groups.map((each) => each.together))) || null, chosen ? indexState.ms : null);
}

function showFlightGroup(wanted, ms = null) {
  group = wanted;
  if (!group) {
    setPlaying(false);
    indexState.ms = null;
    showMoment();
    return;
  }
  byId('group').value = String(groups.indexOf(group));
  byId('slider').max = String(Math.max(group.end - group.start, 1));
  goToCommonMoment(ms === null ? group.start : ms);
}

function goToCommonMoment(ms) {
  indexState.ms = Math.max(group.start, Math.min(group.end, ms));
  showMoment();
}

// A browser refuses addresses that change too often: the moment follows when the clock has come to rest.
const SETTLE_MS = 400;
let settling = 0;
function keepMomentInAddress() {
  clearTimeout(settling);
  settling = window.setTimeout(() => {
    const isStart = !group || indexState.ms === group.start;
    indexState.selection.at = isStart ? '' : new Date(indexState.ms).toISOString();
    writeSelectionToAddress();
  }, SETTLE_MS);
}

/** Go to the moment that the address names. */
export function restoreMomentOfAddress() {
  const ms = Date.parse(indexState.selection.at);
  if (Number.isFinite(ms)) moveCommonClock(ms);
}

// The moment on the clock; another group of flights if it lies there.
export function moveCommonClock(ms) {
  const wanted = groups.find((one) => one.start <= ms && ms <= one.end);
  if (wanted) showFlightGroup(wanted, ms);
}

function showMoment() {
  if (!isPlaying) keepMomentInAddress();
  announceIndexChange('moment');
}

function showCommonClock() {
  const ms = indexState.ms;
  const list = byId('aloft');
  if (ms === null) {
    byId('clock').replaceChildren();
    list.replaceChildren();
    return;
  }
  const utc = `${dateText(ms)}, ${clockText(ms)} UTC`;
  const local = [...new Set(group.flights.map((flight) => localTimeOfFlight(flight, ms)))].join(', ');
  byId('slider').value = String(ms - group.start);
  byId('slider').setAttribute('aria-valuetext', `${utc}, ${local}`);
  byId('clock').replaceChildren(htmlElement('b', utc), htmlElement('span', local));
  const aloft = aircraftAloft(ms);
  list.replaceChildren(...aloft.map(({ flight, position }) => {
    const number = indexState.classes.of[flight];
    const item = htmlElement('li');
    if (!indexState.showsRecording) item.append(htmlElement('b', `${number + 1}`));
    item.append(` Flight ${flight + 1}, ${filterWordsOfFlight('aircraft', flight)[0]}: `
      + `${position.isGap ? 'no position recorded' : Number.isNaN(position.height) ? 'height not known' : `${signedText(position.height, 0)} m above take-off`}`);
    return item;
  }));
}

const aircraftAloft = (ms) => (group ? group.flights : [])
  .map((flight) => ({ flight, position: positionOfTrack(trackOfFlight[flight], ms) }))
  .filter(({ position }) => position);

export function paintAircraft(ctx, view) {
  if (indexState.ms === null) return;
  ctx.font = '700 12px "Liberation Sans", Arial, sans-serif';
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  for (const { flight, position } of aircraftAloft(indexState.ms)) {
    const number = indexState.classes.of[flight];
    const colour = classColour(indexState.classes.classes[number]);
    paintTrail(ctx, view, trackOfFlight[flight], colour);
    const [x, y] = view.at(position.lat, position.lon);
    ctx.globalAlpha = position.isGap ? 0.45 : 1;
    ctx.beginPath();
    ctx.moveTo(x, y - 15);
    ctx.lineTo(x + 15, y);
    ctx.lineTo(x, y + 15);
    ctx.lineTo(x - 15, y);
    ctx.closePath();
    ctx.lineWidth = 3;
    ctx.strokeStyle = '#14181d';
    ctx.stroke();
    ctx.lineWidth = 1;
    paintNumberedDot(ctx, x, y, colour, indexState.showsRecording ? null : number + 1, flight === indexState.chosen);
    ctx.globalAlpha = 1;
  }
  ctx.textBaseline = 'alphabetic';
  ctx.textAlign = 'left';
}

// The last half minute of its way, so that the direction shows.
function paintTrail(ctx, view, track, colour) {
  ctx.beginPath();
  let isDown = false;
  for (let ms = Math.max(track.start, indexState.ms - TRAIL_MS); ms <= indexState.ms; ms += 1000) {
    const position = positionOfTrack(track, ms);
    if (!position || position.isGap) {
      isDown = false;
      continue;
    }
    const [x, y] = view.at(position.lat, position.lon);
    if (isDown) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
    isDown = true;
  }
  ctx.lineWidth = 5;
  ctx.strokeStyle = colour;
  ctx.stroke();
}

function setPlaying(on) {
  isPlaying = on && Boolean(group) && group.end > group.start;
  if (!isPlaying) keepMomentInAddress();
  byId('play').textContent = isPlaying ? 'Pause' : 'Play';
  byId('play').setAttribute('aria-pressed', String(isPlaying));
  if (!isPlaying) return;
  if (indexState.ms >= group.end) goToCommonMoment(group.start);
  let last = null;
  const tick = (stamp) => {
    if (!isPlaying) return;
    if (last !== null) goToCommonMoment(indexState.ms + (stamp - last) * Number(byId('rate').value));
    last = stamp;
    if (indexState.ms >= group.end) setPlaying(false);
    else requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

export function buildCommonClock() {
  byId('play').addEventListener('click', () => setPlaying(!isPlaying));
  byId('group').addEventListener('change', () => showFlightGroup(groups[Number(byId('group').value)]));
  const step = (by) => showFlightGroup(groups[Math.max(0, Math.min(groups.length - 1, groups.indexOf(group) + by))]);
  byId('previous_group').addEventListener('click', () => step(-1));
  byId('next_group').addEventListener('click', () => step(1));
  const slider = byId('slider');
  slider.addEventListener('input', () => goToCommonMoment(group.start + Number(slider.value)));
  slider.addEventListener('keydown', (event) => {
    const by = { ArrowRight: 1000, ArrowUp: 1000, ArrowLeft: -1000, ArrowDown: -1000, PageUp: 10000, PageDown: -10000 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    goToCommonMoment(indexState.ms + by);
  });
  onIndexChange('moment', showCommonClock);
  onIndexChange('selection', listFlightGroups);
  onIndexChange('chosen', () => {
    const track = trackOfFlight[indexState.chosen];
    if (track && track.timed && !(group && group.flights.includes(track.flight))) moveCommonClock(track.start);
  });
}
