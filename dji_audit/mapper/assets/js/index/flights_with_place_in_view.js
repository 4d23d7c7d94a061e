// "When was this place in view?", of every flight that the filters leave.

import { positionFromText, positionText } from '../data/mercator.js';
import { clockText, dateText, durationText } from '../data/time_text.js';
import { byId, htmlElement } from '../dom.js';
import { CameraSightings } from '../map/camera_sightings.js';
import { flightCount, localTimeOfFlight, mapTracks, trackOfFlight, filterWordsOfFlight } from './index_data.js';
import { chooseFlight, indexState, onIndexChange } from './index_state.js';
import { moveCommonClock } from './common_clock.js';
import { decodeDeltaColumn } from '../data/delta_columns.js';
import { kilometresApart } from './flight_selection.js';
import { posesEachSecond } from './track_instants.js';
import { addTargetPin } from '../map/target_pin.js';

const MOST_ROWS = 300;
const CERTAINTY_TEXTS = { inside: 'in the picture', edge: 'at its edge, within the error', bearing: 'in its direction only' };
/** @type {{ position: [number, number] | null, picking: boolean, marker: any }} */
const query = { position: null, picking: false, marker: null };
/** @type {Map<number, CameraSightings>} */
const cameras = new Map();

function cameraOfTrack(track) {
  if (!cameras.has(track.flight)) {
    const photos = track.camera.photos.flatMap(({ sensor, half, count, ms, ground }) => {
      const below = decodeDeltaColumn(ground, count);
      return Array.from(decodeDeltaColumn(ms, count), (at, n) => [at, at, 'photo', sensor, half, Number.isNaN(below[n]) ? null : below[n], []]);
    });
    const captures = [...track.camera.captures, ...photos].sort((a, b) => a[0] - b[0]);
    cameras.set(track.flight, new CameraSightings({ ...track.camera, captures }, posesEachSecond(track)));
  }
  return cameras.get(track.flight);
}

// The distance of a place from the box of a track, in km.
function kilometresFromBox(track, [lat, lon]) {
  const [south, west, north, east] = track.bounds;
  return kilometresApart([lat, lon], [Math.max(south, Math.min(north, lat)), Math.max(west, Math.min(east, lon))]);
}

/**
 * When a place was in view: of each flight that is shown its sightings, and of how many it is not known.
 * @param {[number, number]} position
 */
export function sightingsOfFlights(position) {
  const found = [];
  const unknown = new Map();
  let checked = 0;
  const count = (why) => unknown.set(why, (unknown.get(why) || 0) + 1);
  for (let flight = 0; flight < flightCount; flight += 1) {
    if (!indexState.shown[flight]) continue;
    const track = trackOfFlight[flight];
    if (!track) count('no track of it is on this page');
    else if (!track.timed) count('its fixes have no times in UTC');
    else if (track.camera.why_not) count(track.camera.why_not.replace(/\.$/, ''));
    else {
      checked += 1;
      const turn = 360 * Math.round((track.lon[0] - position[1]) / 360);
      /** @type {[number, number]} */
      const here = [position[0], position[1] + turn];
      // The box is a little rounder on the ellipsoid than here.
      if (kilometresFromBox(track, here) * 1000 > track.camera.farthest_m * 1.02) continue;
      for (const one of cameraOfTrack(track).findSightings(here[0], here[1])) found.push({ flight, ...one });
    }
  }
  // What gives only a direction comes after what gives a place.
  found.sort((a, b) => Number(a.certainty === 'bearing') - Number(b.certainty === 'bearing') || a.start - b.start || a.flight - b.flight);
  return { found, unknown, checked };
}

function showSightingsOfPlace() {
  byId('view_result').hidden = !query.position;
  if (query.marker) query.marker.remove();
  query.marker = null;
  if (!query.position) return;
  const { found, unknown, checked } = sightingsOfFlights(query.position);
  const flights = new Set(found.filter((one) => one.certainty !== 'bearing').map((one) => one.flight));
  const plural = (n, word) => `${n.toLocaleString('en-GB')} ${word}${n === 1 ? '' : 's'}`;
  const notKnown = [...unknown.values()].reduce((sum, n) => sum + n, 0);
  byId('view_answer').textContent = `${positionText(...query.position)} was in view in ${flights.size.toLocaleString('en-GB')} of ${plural(checked, 'flight')}`
    + `${notKnown ? `; of ${plural(notKnown, 'more flight')} it is not known` : ''}.`;
  byId('view_unknown').replaceChildren(...[...unknown].map(([why, n]) => htmlElement('li', `Not known of ${plural(n, 'flight')}: ${why}.`)));
  const body = byId('view_table').tBodies[0];
  body.replaceChildren(...found.slice(0, MOST_ROWS).map(sightingRow));
  byId('view_table').hidden = !found.length;
  byId('view_more').textContent = found.length > MOST_ROWS ? `${(found.length - MOST_ROWS).toLocaleString('en-GB')} more are not listed: choose fewer flights.` : '';
  byId('view_text').value = positionText(...query.position);
  if (!indexState.map) return;
  query.marker = addTargetPin(indexState.map, query.position);
}

function sightingRow(one) {
  const tr = htmlElement('tr', null, one.certainty);
  const flight = htmlElement('td', null, 'time');
  const go = htmlElement('button', `Flight ${one.flight + 1}`, 'link');
  go.type = 'button';
  go.addEventListener('click', () => {
    chooseFlight(one.flight);
    moveCommonClock(one.start);
  });
  go.title = filterWordsOfFlight('aircraft', one.flight)[0];
  const lasted = one.end > one.start ? [htmlElement('span', `for ${durationText(one.end - one.start)}`, 'sub')] : [];
  flight.append(go, htmlElement('span', `${dateText(one.start)} ${clockText(one.start)}`), htmlElement('span', localTimeOfFlight(one.flight, one.start), 'sub'), ...lasted);
  const recorded = one.recorded === 'photo' ? 'Photo' : one.recorded ? 'Video' : 'No recording shown';
  const sensor = { visible: 'visible light', unknown: 'sensor not stated' }[one.sensor] || one.sensor;
  const what = htmlElement('td', `${recorded}, ${sensor}`);
  what.append(htmlElement('span', CERTAINTY_TEXTS[one.certainty], 'sub'));
  const sure = htmlElement('td', one.error === null ? 'no position' : `± ${one.error.toFixed(0)} m`);
  sure.append(htmlElement('span', `${one.range.toFixed(0)} m away`, 'sub'));
  tr.append(flight, what, sure);
  return tr;
}

function setPickingOnMap(on) {
  query.picking = on && Boolean(indexState.map);
  byId('pick').setAttribute('aria-pressed', String(query.picking));
  byId('pick').textContent = query.picking ? 'Now click a place on the map' : 'When was a place in view?';
  if (indexState.map) indexState.map.getContainer().classList.toggle('picking', query.picking);
}

export function findFlightsWithPlaceInView(position) {
  query.position = position;
  setPickingOnMap(false);
  showSightingsOfPlace();
}

// Whether a click on the map names the place, so that it chooses no flight.
export function takesMapClick(latlng) {
  if (!query.picking) return false;
  findFlightsWithPlaceInView([latlng.lat, latlng.lng]);
  return true;
}

export function buildPlaceInView() {
  byId('pick').addEventListener('click', () => setPickingOnMap(!query.picking));
  const find = () => {
    const position = positionFromText(byId('view_text').value);
    byId('view_text').setAttribute('aria-invalid', String(!position));
    byId('view_wrong').textContent = position ? '' : 'Write latitude, longitude in degrees, such as 54.6412, -2.2275.';
    if (position) findFlightsWithPlaceInView(position);
    if (position && indexState.map) indexState.map.panInside(position, { padding: [60, 60], animate: false });
  };
  byId('view_form').addEventListener('submit', (event) => {
    event.preventDefault();
    find();
  });
  byId('view_find').addEventListener('click', find);
  byId('view_clear').addEventListener('click', () => findFlightsWithPlaceInView(null));
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && query.picking) setPickingOnMap(false);
  });
  onIndexChange('selection', () => query.position && showSightingsOfPlace());
  byId('pick').disabled = !mapTracks.length;
}
