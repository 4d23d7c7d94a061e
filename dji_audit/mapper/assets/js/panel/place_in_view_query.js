// "When was this in view?": a position is chosen on the map or written down; the answer is a
// table, bands over the lanes, and the stretches of the path.

import { cameraView, findSightings, firstFixFrom } from '../map/camera_view.js';
import { canvasLayers } from '../map/canvas_layer.js';
import { addArrowKeys, makeClickable } from './clickable_rows.js';
import { localText } from '../data/local_time_text.js';
import { clockText, durationText } from '../data/time_text.js';
import { lastFixAt, flight, positionedFixes, track, trackIndexOf } from '../data/page_data.js';
import { addFragmentPart, writeFragmentSoon } from '../data/address_fragment.js';
import { SQUARES, fromNationalGrid, gridReference, hasNationalGrid } from '../data/grid_references.js';
import { positionFromText, positionText } from '../data/mercator.js';
import { byId, htmlElement } from '../dom.js';
import { sensorBit } from '../data/sensor_classes.js';
import { videoIcon } from '../map/recording_strokes.js';
import { lineLegendIcon, photoSign, signIcon } from '../map/symbol_shapes.js';
import { goToInstant, state, viewQuery } from '../data/page_state.js';
import { drawLanes } from '../timeline/timeline_lanes.js';
import { highlightInterval, strokeRuns } from '../map/track_layer.js';
import { addTargetPin } from '../map/target_pin.js';

const CERTAINTY_WORDS = { inside: 'in the picture', edge: 'at its edge, within the error', bearing: 'in its direction only' };
const SENSOR_WORDS = { visible: 'visible light', thermal: 'thermal', multispectral: 'multispectral', unknown: 'sensor not stated' };

// A latitude and longitude, or a grid reference, or null.
function parsePosition(text) {
  const cleaned = text.trim().replace(/−/g, '-');
  const inDegrees = positionFromText(cleaned);
  if (inDegrees) return inDegrees;
  const reference = cleaned.toUpperCase().match(/^([A-HJ-Z]{2})\s*(\d[\d\s]*)$/);
  if (!reference || !hasNationalGrid) return null;
  const digits = reference[2].replace(/\s/g, '');
  if (digits.length % 2 || digits.length > 10) return null;
  const half = digits.length / 2;
  const unit = 10 ** (5 - half);
  const [large, small] = [...reference[1]].map((letter) => SQUARES.indexOf(letter));
  // The middle of the square that is named.
  const metres = (part) => Number(part || 0) * unit + unit / 2;
  const east = (large % 5 - 2) * 500000 + small % 5 * 100000 + metres(digits.slice(0, half));
  const north = (Math.floor(large / 5) - 1) * 500000 + Math.floor(small / 5) * 100000 + metres(digits.slice(half));
  const found = fromNationalGrid(east, north);
  return found && found.every(Number.isFinite) ? found : null;
}

export function findWhenPlaceWasInView(lat, lon) {
  const turn = positionedFixes.length ? 360 * Math.round((track.lon[positionedFixes[0]] - lon) / 360) : 0;
  viewQuery.position = [lat, lon + turn];
  viewQuery.sightings = findSightings(...viewQuery.position);
  setPickingOnMap(false);
  showSightings();
}

function clearPlaceInViewQuery() {
  viewQuery.position = null;
  viewQuery.sightings = [];
  if (viewQuery.marker) viewQuery.marker.remove();
  viewQuery.marker = null;
  showSightings();
}

function setPickingOnMap(on) {
  viewQuery.picking = on && Boolean(state.leafletMap) && !cameraView.why_not;
  byId('pick').setAttribute('aria-pressed', String(viewQuery.picking));
  byId('pick').textContent = viewQuery.picking ? 'Now click a position on the map' : 'When was this in view?';
  if (state.leafletMap) state.leafletMap.getContainer().classList.toggle('picking', viewQuery.picking);
}

function showSightings() {
  const [lat, lon] = viewQuery.position || [];
  const body = byId('view_table').tBodies[0];
  byId('view_table').hidden = !viewQuery.sightings.length;
  byId('view_clear').hidden = !viewQuery.position;
  byId('view_count').textContent = viewQuery.position ? viewQuery.sightings.length : '';
  if (!viewQuery.position) byId('view_answer').replaceChildren();
  else {
    const reference = gridReference(lat, lon);
    byId('view_answer').replaceChildren(htmlElement('p', answerWords(viewQuery.sightings), 'answer'), htmlElement('p', [positionText(lat, lon), reference].filter(Boolean).join('  ·  '), 'note'));
    byId('view_text').value = positionText(lat, lon);
  }
  const items = viewQuery.sightings.map(sightingRow);
  body.replaceChildren(...items);
  addArrowKeys(items);
  writeFragmentSoon();
  markQueriedPlace();
  drawLanes();
  for (const sheet of canvasLayers) sheet.refresh();
}

// The whole of it in a sentence: what was recorded goes first.
function answerWords(sightings) {
  if (!sightings.length) return 'By the logged angles and positions, this position was never in the picture.';
  const sure = sightings.filter((sighting) => sighting.certainty !== 'bearing');
  const lasted = (list) => durationText(mergedIntervals(list).reduce((sum, [a, b]) => sum + b - a, 0));
  const films = sure.filter((sighting) => sighting.recorded === 'video');
  const photos = sure.filter((sighting) => sighting.recorded === 'photo');
  const live = sure.filter((sighting) => !sighting.recorded);
  const times = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;
  const parts = [];
  if (films.length) parts.push(`in view while video was recorded, for ${lasted(films)}`);
  if (photos.length) parts.push(`in ${times(photos.length, 'photo')}`);
  if (live.length) parts.push(`in view without a logged recording, for ${lasted(live)}`);
  if (!parts.length) return 'This position was only in the direction of the picture: the camera was too level to say more.';
  return `This position was ${parts.join('; ')}.`;
}

function mergedIntervals(list) {
  const out = [];
  for (const { start, end } of list) {
    const last = out[out.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else out.push([start, end]);
  }
  return out;
}

function sightingRow(sighting) {
  const tr = htmlElement('tr', null, sighting.certainty);
  const time = htmlElement('td', clockText(sighting.start), 'time');
  time.append(htmlElement('span', localText(sighting.start), 'sub'));
  if (sighting.end > sighting.start) time.append(htmlElement('span', `for ${durationText(sighting.end - sighting.start)}`, 'sub'));
  const what = htmlElement('td', null, 'what');
  const icon = sighting.recorded === 'photo' ? signIcon(photoSign(sighting.sensor))
    : sighting.recorded ? videoIcon(sensorBit(sighting.sensor)) : lineLegendIcon({ colour: 'idle', width: 2 });
  const cleaned = sighting.recorded === 'photo' ? 'Photo' : sighting.recorded ? 'Video' : 'No recording shown';
  what.append(icon, `${cleaned}, ${SENSOR_WORDS[sighting.sensor] || sighting.sensor}`, htmlElement('span', CERTAINTY_WORDS[sighting.certainty], 'sub'));
  const sure = htmlElement('td', sighting.error === null ? 'no position' : `± ${sighting.error.toFixed(0)} m`, 'source');
  sure.append(htmlElement('span', `${sighting.range.toFixed(0)} m away, ${sighting.depression.toFixed(0)}° below the horizon`, 'sub'));
  tr.append(time, what, sure);
  makeClickable(tr, () => {
    for (const other of tr.parentElement.rows) other.classList.toggle('now', other === tr);
    highlightInterval(sighting.start, sighting.end);
    for (const sheet of canvasLayers) sheet.refresh();
    goToInstant(sighting.start, { pan: true, keep: true });
  }, true);
  return tr;
}

function markQueriedPlace() {
  if (!state.leafletMap) return;
  if (viewQuery.marker) viewQuery.marker.remove();
  viewQuery.marker = null;
  if (!viewQuery.position) return;
  viewQuery.marker = addTargetPin(state.leafletMap, viewQuery.position);
}

// Where the target was in view, under the path.
export function paintSightings(ctx, view) {
  if (!viewQuery.position) return;
  const runs = viewQuery.sightings.filter((sighting) => sighting.certainty !== 'bearing' && sighting.end > sighting.start)
    .map((sighting) => ({ from: trackIndexOf[Math.max(firstFixFrom(sighting.start), 0)], to: trackIndexOf[Math.max(lastFixAt(sighting.end), 0)] }))
    .filter((run) => run.from >= 0 && run.to > run.from);
  if (runs.length) strokeRuns(ctx, view, runs, 'mark', 20, 0.55);
}

export function buildPlaceInViewQuery() {
  byId('view_why').textContent = cameraView.why_not;
  byId('view_form').hidden = Boolean(cameraView.why_not);
  byId('pick').hidden = Boolean(cameraView.why_not) || !state.leafletMap;
  byId('view_middle').hidden = !state.leafletMap;
  byId('pick').addEventListener('click', () => {
    byId('tab_view').click();
    setPickingOnMap(!viewQuery.picking);
  });
  byId('view_form').addEventListener('submit', (event) => event.preventDefault());
  const find = () => {
    const position = parsePosition(byId('view_text').value);
    byId('view_text').setAttribute('aria-invalid', String(!position));
    byId('view_wrong').textContent = position ? '' : 'Write latitude, longitude in degrees, such as 54.6412, -2.2275'
      + `${hasNationalGrid ? ', or a grid reference such as NY 85361 27364' : ''}.`;
    if (!position) return;
    findWhenPlaceWasInView(...position);
    if (state.leafletMap) state.leafletMap.panInside(viewQuery.position, { padding: [60, 60], animate: false });
  };
  byId('view_find').addEventListener('click', find);
  byId('view_text').addEventListener('keydown', (event) => {
    if (event.key === 'Enter') find();
  });
  byId('view_middle').addEventListener('click', () => {
    const middle = state.leafletMap.getCenter();
    findWhenPlaceWasInView(middle.lat, middle.lng);
  });
  byId('view_clear').addEventListener('click', clearPlaceInViewQuery);
  addFragmentPart({
    name: 'place',
    read: () => (viewQuery.position ? viewQuery.position.map((degrees) => degrees.toFixed(6)).join(',') : ''),
    words: () => `with when ${positionText(viewQuery.position[0], viewQuery.position[1])} was in view`,
    apply: (text) => {
      const position = cameraView.why_not ? null : positionFromText(text);
      if (position) findWhenPlaceWasInView(...position);
    },
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && viewQuery.picking) setPickingOnMap(false);
  });
  if (!flight.target) return;
  byId('tab_view').click();
  if (!cameraView.why_not) findWhenPlaceWasInView(...flight.target);
}
