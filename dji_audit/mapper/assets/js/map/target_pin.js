// The pin at the place of which the page says when it was in view.

import { svgElement } from '../dom.js';

/** Put a pin on a map. @param {any} map @param {[number, number]} position latitude and longitude */
export function addTargetPin(map, position) {
  const pin = { d: 'M0 0C-3-9-11-13-11-22A11 11 0 1 1 11-22C11-13 3-9 0 0Z', fill: '#ffd400', stroke: '#14181d', 'stroke-width': 2 };
  const drawing = svgElement('svg', { width: 30, height: 38, viewBox: '-15 -36 30 38', 'aria-hidden': 'true' },
    svgElement('path', pin), svgElement('circle', { cy: -22, r: 4.2, fill: '#14181d' }));
  return L.marker(position, {
    icon: L.divIcon({ className: 'target_pin', iconSize: [30, 38], iconAnchor: [15, 36], html: drawing }),
    keyboard: false,
    interactive: false,
    // Above all marks but the aircraft.
    zIndexOffset: 900,
  }).addTo(map);
}
