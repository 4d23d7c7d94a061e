// The moment: the slider, playing, and going from event to event.

import { canvasLayers } from '../map/canvas_layer.js';
import { localText } from '../data/local_time_text.js';
import { clockText, dateText } from '../data/time_text.js';
import {
  AXIS_END,
  AXIS_START,
  axisCountsFixes,
  lastFixAt,
  fixes,
  positionAt,
  rows,
  track,
} from '../data/page_data.js';
import { byId, htmlElement } from '../dom.js';
import { markCurrentRows, scrollToRow, selectRow, tableRows } from '../panel/event_table.js';
import { showReadout } from '../panel/side_panel.js';
import { addFragmentPart, writeFragmentSoon } from '../data/address_fragment.js';
import { onMomentChange, goToInstant, state } from '../data/page_state.js';
import { AXIS, movePlayhead } from './timeline_lanes.js';

let playing = false;
const playWatchers = [];
export const isPlaying = () => playing;

/** Call a function when the page begins or ends to play. @param {(on: boolean) => void} act */
export function onPlayingChange(act) {
  playWatchers.push(act);
}
let lastAnnounced = '';

function momentClockWords(ms, tenths) {
  if (axisCountsFixes) return `Fix ${(lastFixAt(ms) + 1).toLocaleString('en-GB')} of ${fixes.toLocaleString('en-GB')}`;
  return `${clockText(ms, tenths)} UTC`;
}

// Of a row that lies beyond the time line: the page can only go to its end.
function outsideFlightWords(ms) {
  if (axisCountsFixes || (ms >= AXIS_START && ms <= AXIS_END)) return '';
  return `The chosen row is of ${clockText(ms)} UTC, ${ms < AXIS_START ? 'before the time line begins' : 'after the time line ends'}.`;
}

// Show the selected moment on the map, in the readout, the lanes and the table.
function showSelectedMoment({ pan, keep, row }) {
  if (!keep && state.highlightedRuns) {
    state.highlightedRuns = null;
    for (const sheet of canvasLayers) sheet.refresh();
  }
  const fix = lastFixAt(state.currentMs);
  const position = positionAt(state.currentMs);
  showReadout(state.currentMs, fix, position);
  if (state.footprintLayer) state.footprintLayer.refresh();
  if (state.aircraft && position) {
    state.aircraft.show(position, fix);
    if (pan && !state.leafletMap.getBounds().pad(-0.03).contains([position.lat, position.lon])) {
      state.leafletMap.panTo([position.lat, position.lon], { animate: false });
    }
  }
  const slider = byId('slider');
  slider.value = state.currentMs - AXIS_START;
  slider.setAttribute('aria-valuetext', axisCountsFixes ? momentClockWords(state.currentMs) : `${momentClockWords(state.currentMs)}, ${localText(state.currentMs)}`);
  byId('clock').replaceChildren(htmlElement('b', momentClockWords(state.currentMs, true)), htmlElement('span', axisCountsFixes ? 'no times in UTC' : `${localText(state.currentMs)}, ${dateText(state.currentMs)}`));
  const outside = row ? outsideFlightWords(row.start) : '';
  if (outside) byId('clock').append(htmlElement('span', outside, 'outside'));
  movePlayhead(state.currentMs);
  const latest = axisCountsFixes ? -1 : markCurrentRows(state.currentMs, row && 'index' in row ? row : null);
  scrollToRow(latest);
  if (latest >= 0 && !playing && rows[latest].text !== lastAnnounced) {
    lastAnnounced = rows[latest].text;
    byId('announcement').textContent = `Latest event: ${lastAnnounced}`;
  }
}

export function setPlaying(on) {
  playing = on && AXIS > 0;
  for (const act of playWatchers) act(playing);
  byId('play').textContent = playing ? 'Pause' : 'Play';
  byId('play').setAttribute('aria-pressed', String(playing));
  if (!playing) {
    writeFragmentSoon();
    return;
  }
  if (state.currentMs >= AXIS_END) goToInstant(AXIS_START, { pan: true });
  let last = null;
  const tick = (stamp) => {
    if (!playing) return;
    if (last !== null) goToInstant(state.currentMs + (stamp - last) * Number(byId('rate').value), { pan: true });
    last = stamp;
    if (state.currentMs >= AXIS_END) setPlaying(false);
    else requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

// What the buttons step to, of the rows that the table shows.
const STEP_KINDS = {
  event: () => true,
  finding: (row) => row.group === 'finding',
  recording: (row) => row.group === 'recording',
};

function stepToEvent(direction) {
  const wanted = STEP_KINDS[byId('step').value];
  const visibleRows = rows.filter((row, index) => row.start !== null && wanted(row) && (byId('step').value !== 'event' || !tableRows[index].hidden));
  const before = visibleRows.filter((row) => row.start < state.currentMs - 60);
  const target = direction < 0 ? before[before.length - 1] : visibleRows.find((row) => row.start > state.currentMs + 60);
  if (target) selectRow(target, true);
}

// A moment in an address: an instant in UTC, or the number of a fix.
function momentText() {
  if (axisCountsFixes) return `fix${lastFixAt(state.currentMs) + 1}`;
  return new Date(Math.round(state.currentMs)).toISOString();
}

const momentWords = () => (axisCountsFixes ? `fix ${lastFixAt(state.currentMs) + 1}` : `the moment ${clockText(state.currentMs, true)} UTC`);

function goToTypedMoment(text) {
  const ms = axisCountsFixes ? track.ms[Number(text.replace(/^fix/, '')) - 1] : Date.parse(text);
  if (Number.isFinite(ms)) goToInstant(ms, { pan: true });
}

export function buildPlaybackControls() {
  onMomentChange(showSelectedMoment);
  onMomentChange(() => {
    if (!playing) writeFragmentSoon();
  });
  addFragmentPart({ name: 't', read: momentText, words: momentWords, apply: goToTypedMoment });
  const slider = byId('slider');
  slider.max = Math.max(AXIS, 1);
  slider.addEventListener('input', () => goToInstant(AXIS_START + Number(slider.value), { pan: true }));
  slider.addEventListener('keydown', (event) => {
    const small = event.shiftKey || axisCountsFixes ? 100 : 1000;
    const by = { ArrowRight: small, ArrowUp: small, ArrowLeft: -small, ArrowDown: -small, PageUp: 10000, PageDown: -10000 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    goToInstant(state.currentMs + (axisCountsFixes ? Math.sign(by) * Math.max(1000, Math.abs(by)) : by), { pan: true });
  });
  for (const option of byId('step').options) {
    if (rows.some((row) => row.start !== null && STEP_KINDS[option.value](row))) continue;
    option.disabled = true;
    option.textContent += ' (none with a time)';
  }
  byId('play').addEventListener('click', () => setPlaying(!playing));
  byId('previous').addEventListener('click', () => stepToEvent(-1));
  byId('next').addEventListener('click', () => stepToEvent(1));
  const idle = !(AXIS > 0);
  for (const id of ['slider', 'play', 'previous', 'next', 'rate', 'step']) byId(id).disabled = idle;
}
