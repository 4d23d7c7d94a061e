// What lies under the pointer on the map.

import { canvasViewOf } from './canvas_layer.js';
import { track } from '../data/page_data.js';
import { gridReference } from '../data/grid_references.js';
import { positionText } from '../data/mercator.js';
import { byId } from '../dom.js';
import { selectRow } from '../panel/event_table.js';
import { gridOverlay } from './grid_layer.js';
import { goToInstant, viewQuery } from '../data/page_state.js';
import { describeSymbol, symbolAt } from './event_symbols.js';
import { nearestFix } from './track_layer.js';
import { findWhenPlaceWasInView } from '../panel/place_in_view_query.js';
import { describeZone, zoneAt } from './zone_layer.js';

// Pointing shows what is there; a click goes to its moment.
export function watchPointer(map) {
  const tooltip = L.tooltip({ className: 'map_tip', direction: 'top', offset: [0, -12] });
  const cursor = byId('cursor');
  let current = null;
  map.on('mousemove', (event) => {
    const { lat, lng } = event.latlng;
    const reference = gridReference(lat, lng);
    cursor.textContent = [positionText(lat, lng), reference].filter(Boolean).join('  ·  ');
    const symbol = symbolAt(canvasViewOf(map, map.getSize()), event.containerPoint.x, event.containerPoint.y);
    map.getContainer().classList.toggle('pointing', Boolean(symbol));
    const zone = symbol ? null : zoneAt(lat, lng);
    if ((symbol || zone) === current) {
      if (zone) tooltip.setLatLng(event.latlng);
      return;
    }
    current = symbol || zone;
    if (symbol) tooltip.setLatLng([symbol.lat, symbol.lon]).setContent(describeSymbol(symbol)).addTo(map);
    else if (zone) tooltip.setLatLng(event.latlng).setContent(describeZone(zone)).addTo(map);
    else tooltip.remove();
  });
  map.on('mouseout', () => {
    cursor.textContent = gridOverlay.label;
    current = null;
    tooltip.remove();
  });
  map.on('click', (event) => {
    if (viewQuery.picking) {
      findWhenPlaceWasInView(event.latlng.lat, event.latlng.lng);
      return;
    }
    const view = canvasViewOf(map, map.getSize());
    const { x, y } = event.containerPoint;
    const symbol = symbolAt(view, x, y);
    if (symbol && symbol.row && symbol.row.start !== null) selectRow(symbol.row, false);
    else {
      const fix = nearestFix(view, x, y, 24);
      if (fix >= 0) goToInstant(track.ms[fix]);
    }
  });
}
