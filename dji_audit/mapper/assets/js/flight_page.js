// Start: everything above is put together once the map is there.

import { aircraftMarker } from './map/aircraft_marker.js';
import { metresEastNorthTo } from './map/camera_geometry.js';
import { basemapCredit, basemapPainter } from './map/basemap_layer.js';
import { findSightings } from './map/camera_view.js';
import { declaredTracks, paintDeclaredTracks } from './map/declared_tracks.js';
import { heardAircraft, paintHeardAircraft } from './map/heard_aircraft.js';
import { CanvasLayer, canvasLayers } from './map/canvas_layer.js';
import { AXIS_END, AXIS_START, fixes, flight, positionedFixes, track } from './data/page_data.js';
import { copyLink, makeCopiedBoxClosable } from './copy_link.js';
import { addFragmentPart, followFragment, formatFragment, parseFragment, writeFragmentSoon } from './data/address_fragment.js';
import { byId } from './dom.js';
import { buildFilters, buildTable } from './panel/event_table.js';
import { footprintOutlineAt, paintFootprint } from './map/camera_footprint.js';
import { gridOverlay, paintGrid } from './map/grid_layer.js';
import { buildClockErrorBand, paintClockError, watchClockError } from './footage/clock_error_band.js';
import { watchDroppedFiles } from './footage/file_drop.js';
import { buildFootagePanel } from './footage/footage_panel.js';
import { watchOpenedVideos } from './footage/opened_videos_lane.js';
import { buildPhotoThumbnails } from './footage/photo_thumbnails.js';
import { followMoment, watchPlaying } from './footage/opened_videos.js';
import { buildVerifyBox } from './footage/verify_files.js';
import { buildPlaybackControls } from './timeline/playback.js';
import { watchPointer } from './map/pointer_tooltip.js';
import { buildColourChoice, buildMapLegend, buildLayerChoices } from './panel/legend.js';
import { buildFindings } from './panel/findings_list.js';
import { buildReadout, makeStaticRowsClickable } from './panel/side_panel.js';
import { buildTabs } from './panel/tabs.js';
import { onMomentChange, goToInstant, state } from './data/page_state.js';
import { paintSymbols, symbols } from './map/event_symbols.js';
import { buildPlots } from './timeline/plots.js';
import { drawLanes, watchLanes } from './timeline/timeline_lanes.js';
import { colouring, paintPath, setColouring, untimed } from './map/track_layer.js';
import { onThemeChange, watchTheme } from './theme.js';
import { buildPlaceInViewQuery, paintSightings, findWhenPlaceWasInView } from './panel/place_in_view_query.js';
import { buildZones, paintZoneNames, paintZones } from './map/zone_layer.js';

function startMapView(map) {
  L.control.attribution({ prefix: 'Leaflet 1.9.4' }).addTo(map);
  L.control.scale({ imperial: true, maxWidth: 140 }).addTo(map);
  map.getContainer().setAttribute('aria-label', 'Map. Arrow keys move it, plus and minus zoom.');
  setColouring('recording');
  // A page whose positions were moved has nothing behind them.
  if (flight.basemap) {
    map.attributionControl.addAttribution(basemapCredit(flight.basemap));
    const behind = new CanvasLayer(map, basemapPainter(flight.basemap, () => behind.refresh()));
  }
  const ground = new CanvasLayer(map, paintGrid);
  new CanvasLayer(map, paintZones);
  new CanvasLayer(map, paintSightings);
  state.footprintLayer = new CanvasLayer(map, paintFootprint);
  watchClockError(new CanvasLayer(map, paintClockError));
  new CanvasLayer(map, paintPath);
  if (declaredTracks.length) {
    const people = new CanvasLayer(map, paintDeclaredTracks);
    onMomentChange(() => people.refresh());
  }
  if (heardAircraft.length) {
    const heard = new CanvasLayer(map, paintHeardAircraft);
    onMomentChange(() => heard.refresh());
  }
  new CanvasLayer(map, paintZoneNames);
  new CanvasLayer(map, paintSymbols);
  const repaint = () => {
    for (const sheet of canvasLayers) sheet.draw();
    byId('cursor').textContent = gridOverlay.label;
  };
  if (positionedFixes.length) state.aircraft = aircraftMarker(map);
  watchPointer(map);
  buildLayerChoices(repaint);
  buildMapLegend();
  const chooseColour = (name) => {
    setColouring(name);
    byId('colour').value = colouring.by.name;
    buildMapLegend();
    repaint();
    writeFragmentSoon();
  };
  buildColourChoice(chooseColour);
  addFragmentPart({
    name: 'colour', read: () => (colouring.by.name === 'recording' ? '' : colouring.by.name),
    words: () => `with the path coloured by ${colouring.by.words.toLowerCase()}`, apply: chooseColour,
  });
  onThemeChange(() => {
    buildMapLegend();
    repaint();
  });
  byId('fit').addEventListener('click', () => fitMapToPath(map));
  byId('filters').addEventListener('change', buildMapLegend);
  map.on('moveend', () => {
    // The sheets are painted in the next frame: the label must be that of this view.
    ground.draw();
    byId('cursor').textContent = gridOverlay.label;
  });
  map.invalidateSize({ animate: false });
  if (map.getSize().x < 720 || map.getSize().y < 480 || isNarrow()) byId('key').open = false;
  keepOneOpenOnSmallMap();
  const where = byId('where');
  if (where && (byId('stage').offsetWidth < 620 || byId('stage').offsetHeight < 400)) where.open = false;
  fitMapToPath(map);
  repaint();
  new ResizeObserver(() => {
    map.invalidateSize({ animate: false });
    for (const sheet of canvasLayers) sheet.refresh();
  }).observe(map.getContainer());
}

// A map narrower than this has no room for the path beside both the key and the inset.
const ROOM_FOR_BOTH_PX = 760;

function keepOneOpenOnSmallMap() {
  const boxes = [byId('key'), byId('where')].filter(Boolean);
  boxes.forEach((box, number) => box.addEventListener('toggle', () => {
    const other = boxes[1 - number];
    if (box.open && other?.open && !isNarrow() && byId('stage').offsetWidth < ROOM_FOR_BOTH_PX) other.open = false;
  }));
}

// Whether the controls stand above the map and not on it.
const isNarrow = () => matchMedia('(max-width: 900px)').matches;

function fitMapToPath(map) {
  /** @type {[number, number][]} */
  const corners = positionedFixes.map((fix) => [track.lat[fix], track.lon[fix]]);
  untimed[0].forEach((lat, i) => corners.push([lat, untimed[1][i]]));
  // A home point on another continent is a fault of the log: do not show it first.
  const home = symbols.find((symbol) => symbol.sign === 'home');
  if (home && Math.hypot(...metresEastNorthTo(home.lat, home.lon, ...corners[0])) < 20000) corners.push([home.lat, home.lon]);
  map.invalidateSize({ animate: false });
  const side = map.getSize().x > 620 ? 50 : 26;
  const top = isNarrow() ? 30 : byId('controls').offsetHeight + 34;
  const { left, right, bottom } = mapPaddingForPath(map, corners, side, top);
  map.fitBounds(L.latLngBounds(corners), {
    paddingTopLeft: [left, top], paddingBottomRight: [right, bottom], maxZoom: 20, animate: false,
  });
}

/**
 * The margins that show the path as large as may be, without a fix under the key or the inset.
 * @param {any} map
 * @param {[number, number][]} corners
 * @param {number} side least margin on the left and right
 * @param {number} top margin at the top
 */
function mapPaddingForPath(map, corners, side, top) {
  const size = map.getSize();
  const frame = map.getContainer().getBoundingClientRect();
  const covers = isNarrow() ? [] : [byId('key'), byId('where')].filter(Boolean).map((one) => one.getBoundingClientRect());
  const key = byId('key').open && !isNarrow() ? byId('key').offsetWidth : 0;
  const inset = byId('where')?.open && size.x > 760 ? byId('where') : null;
  const some = corners.filter((_, i) => i % Math.ceil(corners.length / 400) === 0);
  const bounds = L.latLngBounds(corners);
  let best = null;
  for (const left of inset ? [side, side + inset.offsetWidth] : [side]) {
    for (const right of key ? [side, side + key] : [side]) {
      for (const bottom of inset ? [56, 74 + inset.offsetHeight] : [isNarrow() ? 96 : 56]) {
        const zoom = Math.min(20, map.getBoundsZoom(bounds, false, L.point(left + right, top + bottom)));
        const middle = map.project(bounds.getSouthWest(), zoom).add(map.project(bounds.getNorthEast(), zoom)).divideBy(2);
        const shift = L.point((left + size.x - right) / 2, (top + size.y - bottom) / 2).subtract(middle);
        const hidden = some.filter((corner) => {
          const { x, y } = map.project(corner, zoom).add(shift);
          return covers.some((box) => x > box.left - frame.left - 16 && x < box.right - frame.left + 16
            && y > box.top - frame.top - 16 && y < box.bottom - frame.top + 16);
        }).length;
        if (!best || hidden < best.hidden || (hidden === best.hidden && zoom > best.zoom)) best = { left, right, bottom, zoom, hidden };
      }
    }
  }
  return best;
}

function buildFootage() {
  buildFootagePanel();
  buildVerifyBox();
  buildPhotoThumbnails();
  onMomentChange(followMoment);
  buildClockErrorBand();
  watchOpenedVideos();
  watchPlaying();
  watchDroppedFiles();
}

export function showFlight(map) {
  const began = performance.now();
  try {
    state.leafletMap = map;
    byId('facts').open = !isNarrow();
    buildFilters();
    buildTable();
    buildReadout();
    // In this order an address is followed: the finding opens its tab, the moment comes last.
    buildFindings();
    buildTabs();
    buildPlaybackControls();
    makeStaticRowsClickable();
    // Before the map is measured: the lanes take their room.
    drawLanes();
    if (map) startMapView(map);
    else document.documentElement.classList.add('mapless');
    buildPlaceInViewQuery();
    buildZones();
    buildFootage();
    buildPlots();
    watchLanes();
    // Open where there is something to read.
    goToInstant(fixes ? track.ms[0] : AXIS_START);
    // From its top: what has no time stands there.
    byId('events').scrollTop = 0;
    watchTheme();
    followFragment();
    byId('copy_link').addEventListener('click', () => void copyLink(formatFragment(), parseFragment()));
    makeCopiedBoxClosable();
  } catch (error) {
    // The tables and the still picture are in the page without us.
    document.documentElement.classList.remove('js');
    throw error;
  }
  window.addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('#facts, #panel details')) /** @type {any} */ (details).open = true;
  });
  // For tests, and for whoever checks the page.
  /** @type {any} */ (window).__flightPage = { seekTo: (ms) => goToInstant(ms, { pan: true }), map, layers: canvasLayers, redraw: () => canvasLayers.forEach((sheet) => sheet.draw()), findSightings, findWhenPlaceWasInView, footprintOutlineAt, start: AXIS_START, end: AXIS_END, ready: performance.now() - began };
  document.documentElement.dataset.ready = '1';
}

// The script could be read: lay the page out for it before the map is measured.
document.documentElement.classList.add('js');
