// The map of the index: the tracks of all flights that the filters leave, and the flight that was chosen.

import { CanvasLayer, canvasLayers } from '../map/canvas_layer.js';
import { paintGraticule, prepareGridLines } from '../map/graticule.js';
import { basemapCredit, basemapPainter } from '../map/basemap_layer.js';
import { videoIcon } from '../map/recording_strokes.js';
import { videoSensorWords } from '../data/sensor_classes.js';
import { byId, htmlElement, svgElement } from '../dom.js';
import { onThemeChange } from '../theme.js';
import { paintAircraft } from './common_clock.js';
import { changeSelection, writeSelectionToAddress } from './filter_form.js';
import { indexData, mapTracks, trackOfFlight, filterWordsOfFlight } from './index_data.js';
import { announceIndexChange, chooseFlight, indexState, onIndexChange } from './index_state.js';
import { trackColourClasses } from './track_colour_classes.js';
import { takesMapClick } from './flights_with_place_in_view.js';
import { classColour, flightsNearPoint, paintTracks, recordingsShown } from './tracks_layer.js';

const REACH = 9;
const MOST_LISTED = 12;

export function setColouring(by) {
  indexState.showsRecording = by === 'recording';
  indexState.classes = trackColourClasses(by, indexData);
  showLegend();
}

// The classes that occur, each with its colour, dash and number; a click filters by it.
function showLegend() {
  const { title, classes } = indexState.classes;
  byId('legend_title').textContent = title;
  const items = [];
  classes.forEach((one, number) => {
    const count = one.flights.reduce((sum, flight) => sum + indexState.shown[flight], 0);
    if (!count) return;
    const item = htmlElement('li');
    const colour = classColour(one);
    const sign = svgElement('svg', { width: 46, height: 18, 'aria-hidden': 'true' },
      svgElement('line', { x1: 17, x2: 46, y1: 9, y2: 9, stroke: colour, 'stroke-width': 3, 'stroke-dasharray': one.dash.join(' ') || 'none' }),
      svgElement('circle', { cx: 9, cy: 9, r: 8, fill: colour }));
    if (indexState.showsRecording) sign.lastElementChild.remove();
    const name = svgElement('text', { x: 9, y: 13, 'text-anchor': 'middle', class: 'legend_number' });
    name.textContent = indexState.showsRecording ? '' : String(number + 1);
    sign.append(name);
    const words = indexState.showsRecording ? one.label : `${one.label} (${count.toLocaleString('en-GB')})`;
    const label = htmlElement(one.filter ? 'button' : 'span', words, one.filter ? 'link' : null);
    if (one.filter) {
      const [field, word] = one.filter;
      label.type = 'button';
      label.addEventListener('click', () => changeSelection(field === 'date' ? { date: word } : { lists: { [field]: word } }));
    }
    item.append(sign, label);
    items.push(item);
  });
  byId('legend_list').replaceChildren(...(indexState.showsRecording ? recordingItems() : []), ...items);
}

// What was recorded, by which sensors, on how many of the flights that are shown.
function recordingItems() {
  return recordingsShown().map(([bits, flights]) => {
    const item = htmlElement('li');
    item.append(videoIcon(bits), htmlElement('span', `${videoSensorWords(bits)} (${flights.size.toLocaleString('en-GB')})`));
    return item;
  });
}

export function repaintMap() {
  for (const sheet of canvasLayers) sheet.refresh();
}

// A track smaller than this many pixels says nothing: the map comes nearer.
const SMALL_PX = 60;

// Bring the chosen flight into sight.
function showChosenOnMap() {
  const track = trackOfFlight[indexState.chosen];
  const start = indexData.starts[indexState.chosen];
  if (!indexState.map || indexState.isChosenOnMap || !(track || start)) return;
  const bounds = track ? L.latLngBounds([[track.bounds[0], track.bounds[1]], [track.bounds[2], track.bounds[3]]]) : L.latLngBounds([start]);
  const [low, high] = [bounds.getSouthWest(), bounds.getNorthEast()].map((corner) => indexState.map.latLngToContainerPoint(corner));
  const isSmall = Math.max(high.x - low.x, low.y - high.y) < SMALL_PX;
  if (indexState.map.getBounds().contains(bounds) && !(track && isSmall)) return;
  indexState.map.fitBounds(bounds, { paddingTopLeft: [60, 74], paddingBottomRight: [50, 50], maxZoom: track ? 18 : indexState.map.getZoom(), animate: false });
}

// A lower map leaves the words about its lines out, as the style sheet does.
const ROOM_FOR_WORDS_PX = 300;

// Which flights the map was last fitted to; a part of the map that was chosen stays as it is.
let isFittedTo = '';
const shownFlights = () => (indexState.selection.box ? isFittedTo : indexState.shown.join(''));

// Show every flight that is shown in the table.
function fitMapToShownFlights() {
  if (!indexState.map) return;
  /** @type {[number, number][]} */
  const corners = [];
  for (const track of mapTracks) {
    if (indexState.shown[track.flight]) corners.push([track.bounds[0], track.bounds[1]], [track.bounds[2], track.bounds[3]]);
  }
  indexData.starts.forEach((start, flight) => {
    if (start && indexState.shown[flight] && !trackOfFlight[flight]) corners.push(start);
  });
  isFittedTo = shownFlights();
  if (!corners.length) return;
  indexState.map.invalidateSize({ animate: false });
  // Leave free what the controls and the words about the lines cover.
  const bottom = indexState.map.getSize().y > ROOM_FOR_WORDS_PX ? 76 : 44;
  indexState.map.fitBounds(L.latLngBounds(corners), { paddingTopLeft: [56, 74], paddingBottomRight: [34, bottom], maxZoom: 18, animate: false });
}

function showFlightCard() {
  const flight = indexState.chosen;
  byId('card').hidden = flight < 0;
  if (flight >= 0) byId('card_list').replaceChildren(cardOfFlight(flight));
  repaintMap();
}

// What there is to know of a flight before it is opened, from its row of the table.
function cardOfFlight(flight) {
  const row = indexState.rows[flight];
  const item = htmlElement('li');
  const page = row.querySelector('td.file a');
  const name = htmlElement(page ? 'a' : 'b', `Flight ${flight + 1}: ${row.querySelector('td.file').firstChild.textContent}`);
  if (page) name.href = page.getAttribute('href');
  const facts = [filterWordsOfFlight('aircraft', flight)[0], row.querySelector('td.time').firstChild.textContent, filterWordsOfFlight('verdict', flight)[0]];
  item.append(name, htmlElement('span', facts.join(' · '), 'sub'));
  return item;
}

function listFlightsAtPoint(flights) {
  byId('card').hidden = false;
  byId('card_list').replaceChildren(...flights.slice(0, MOST_LISTED).map((flight) => {
    const item = cardOfFlight(flight);
    const choose = htmlElement('button', 'Choose', 'link');
    choose.type = 'button';
    choose.addEventListener('click', () => chooseFlight(flight, true));
    item.append(choose);
    return item;
  }));
  if (flights.length > MOST_LISTED) byId('card_list').append(htmlElement('li', `${flights.length - MOST_LISTED} more pass here: zoom in.`));
}

function watchPointer(map) {
  map.on('click', (event) => {
    if (takesMapClick(event.latlng)) return;
    const near = flightsNearPoint(event.containerPoint, REACH);
    if (near.length > 1) listFlightsAtPoint(near);
    else chooseFlight(near.length ? near[0] : -1, true);
  });
  let waiting = null;
  map.on('mousemove', (event) => {
    if (!waiting) {
      requestAnimationFrame(() => {
        map.getContainer().classList.toggle('pointing', flightsNearPoint(waiting, REACH).length > 0);
        waiting = null;
      });
    }
    waiting = event.containerPoint;
  });
}

/** @param {any} map Leaflet's; null: no flight has a position */
export function buildFlightsMap(map) {
  const colour = byId('colour');
  if (indexState.selection.colour) colour.value = indexState.selection.colour;
  // A word that is no choice leaves the list without one.
  if (!colour.value) colour.selectedIndex = 0;
  setColouring(colour.value);
  onIndexChange('selection', () => {
    showLegend();
    if (isFittedTo !== shownFlights()) fitMapToShownFlights();
    repaintMap();
  });
  onIndexChange('chosen', () => {
    showChosenOnMap();
    showFlightCard();
  });
  onIndexChange('moment', repaintMap);
  colour.addEventListener('change', () => {
    setColouring(colour.value);
    indexState.selection.colour = colour.selectedIndex ? colour.value : '';
    writeSelectionToAddress();
    // Those in the air are listed by the numbers of the classes.
    announceIndexChange('moment');
  });
  byId('card_close').addEventListener('click', () => chooseFlight(-1));
  byId('fit').addEventListener('click', fitMapToShownFlights);
  if (!map) return;
  indexState.map = map;
  L.control.attribution({ prefix: 'Leaflet 1.9.4' }).addTo(map);
  if (indexData.basemap) map.attributionControl.addAttribution(basemapCredit(indexData.basemap));
  L.control.scale({ imperial: true, maxWidth: 140 }).addTo(map);
  map.getContainer().setAttribute('aria-label', 'Map of all flights. Arrow keys move it, plus and minus zoom. The table holds the same flights.');
  if (indexData.basemap) new CanvasLayer(map, basemapPainter(indexData.basemap, repaintMap));
  new CanvasLayer(map, (ctx, view) => {
    prepareGridLines(ctx);
    byId('cursor').textContent = paintGraticule(ctx, view);
  });
  new CanvasLayer(map, paintTracks);
  new CanvasLayer(map, paintAircraft);
  onThemeChange(() => {
    showLegend();
    repaintMap();
  });
  watchPointer(map);
  fitMapToShownFlights();
}
