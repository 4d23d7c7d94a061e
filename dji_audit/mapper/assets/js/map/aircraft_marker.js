// The aircraft at the selected moment: its position, its nose, and where its camera pointed.

import { positionedFixes, track } from '../data/page_data.js';
import { svgElement } from '../dom.js';
import { state } from '../data/page_state.js';
import { visibleLayers } from './track_layer.js';

export function aircraftMarker(map) {
  const beam = svgElement('g', { class: 'beam' },
    svgElement('path', { d: 'M0-12V-74', stroke: '#fff', 'stroke-width': 4.5 }),
    svgElement('path', { d: 'M0-12V-74', stroke: '#14181d', 'stroke-width': 1.8, 'stroke-dasharray': '5 3' }),
    svgElement('path', { d: 'M0-80L5-70H-5Z', fill: '#14181d', stroke: '#fff', 'stroke-width': 1.2 }));
  const nose = svgElement('path', { d: 'M0-21L7-8H-7Z', fill: '#14181d', stroke: '#fff', 'stroke-width': 1.4 });
  const body = svgElement('circle', { r: 9.5, fill: '#fff', stroke: '#14181d', 'stroke-width': 3 });
  const dot = svgElement('circle', { r: 3.4, fill: '#b00020' });
  const drawing = svgElement('svg', { width: 170, height: 170, viewBox: '-85 -85 170 170', 'aria-hidden': 'true' }, beam, nose, body, dot);
  const icon = L.divIcon({ className: 'aircraft', iconSize: [170, 170], html: drawing });
  const first = positionedFixes[0];
  const marker = L.marker([track.lat[first], track.lon[first]],
    { icon, keyboard: false, interactive: false, zIndexOffset: 1000 }).addTo(map);
  const turn = (part, degrees) => {
    const known = !Number.isNaN(degrees);
    part.setAttribute('visibility', known ? 'visible' : 'hidden');
    if (known) part.setAttribute('transform', `rotate(${degrees})`);
  };
  return {
    show(position, fix) {
      marker.setLatLng([position.lat, position.lon]);
      drawing.classList.toggle('stale', position.stale);
      turn(nose, fix < 0 ? NaN : track.heading[fix]);
      turn(beam, fix < 0 || position.stale || (state.currentPose && visibleLayers.view) ? NaN : track.gimbal_yaw[fix]);
    },
  };
}
