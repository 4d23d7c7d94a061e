// Zones: outlines with hatching, so that the ground below stays readable; those that a
// finding is about stand out.  Names are drawn as text, never as markup.

import { canvasLayers } from './canvas_layer.js';
import { addArrowKeys, makeClickable } from '../panel/clickable_rows.js';
import { flight } from '../data/page_data.js';
import { decodeDeltaColumn } from '../data/delta_columns.js';
import { mercatorX, mercatorY } from '../data/mercator.js';
import { byId, htmlElement, svgElement } from '../dom.js';
import { state } from '../data/page_state.js';
import { isSymbolShown, symbols } from './event_symbols.js';
import { visibleLayers } from './track_layer.js';
import { cssColour, themeColour } from '../theme.js';

// Colours of the style sheet.
export const ZONE_COLOURS = {
  prohibited: 'fail', authorisation: 'fail', conditional: 'unsure', advisory: 'unsure', fence: 'ink',
};
export const OTHER_ZONE_COLOUR = 'idle';

export const zones = flight.zones.map((zone, index) => {
  const points = ([count, lat, lon]) => {
    const [lats, lons] = [decodeDeltaColumn(lat, count), decodeDeltaColumn(lon, count)];
    return Array.from(lats, (value, i) => ({ lat: value, lon: lons[i], x: mercatorX(lons[i]), y: mercatorY(value) }));
  };
  return {
    ...zone,
    index,
    ink: ZONE_COLOURS[zone.effect] || OTHER_ZONE_COLOUR,
    rings: zone.rings.map(points),
    lines: zone.lines.map(([count, lat, lon, half]) => ({ points: points([count, lat, lon]), half })),
  };
});

function traceRings(ctx, view, zone) {
  ctx.beginPath();
  for (const ring of zone.rings) {
    ring.forEach((p, i) => {
      const [x, y] = [p.x * view.world - view.left, p.y * view.world - view.top];
      if (i) ctx.lineTo(x, y);
      else ctx.moveTo(x, y);
    });
    ctx.closePath();
  }
}

function hatchPattern(ctx, ink, alpha) {
  const tile = document.createElement('canvas');
  tile.width = 12;
  tile.height = 12;
  const t = tile.getContext('2d');
  t.strokeStyle = themeColour(ink);
  t.globalAlpha = alpha;
  t.lineWidth = 1.1;
  t.beginPath();
  for (const shift of [-12, 0, 12]) {
    t.moveTo(shift, 12);
    t.lineTo(shift + 12, 0);
  }
  t.stroke();
  return ctx.createPattern(tile, 'repeat');
}

export function paintZones(ctx, view) {
  if (!visibleLayers.zones) return;
  // Quiet ones first: what a finding is about lies on top.
  for (const zone of [...zones].reverse()) paintZone(ctx, view, zone);
}

// Names above the path, the crossed zones' first; one that would cover another is left out.
export function paintZoneNames(ctx, view) {
  if (!visibleLayers.zones) return;
  const taken = [];
  const controls = byId('controls');
  const roof = controls.offsetTop + controls.offsetHeight + 4;
  const signs = symbols.filter(isSymbolShown).map((symbol) => [...view.at(symbol.lat, symbol.lon), symbol.sign === 'finding' ? 20 : 12]);
  for (const highlighted of [true, false]) {
    for (const zone of zones) if (isHighlighted(zone) === highlighted) labelZone(ctx, view, zone, taken, signs, roof);
  }
}

const isHighlighted = (zone) => zone.in_finding || state.selectedZone === zone.index;

function paintZone(ctx, view, zone) {
  const highlighted = isHighlighted(zone);
  ctx.lineJoin = 'round';
  for (const { points, half } of zone.lines) {
    const metre = view.world / 40075017 / Math.cos(points[0].lat * Math.PI / 180);
    ctx.beginPath();
    points.forEach((p, i) => ctx[i ? 'lineTo' : 'moveTo'](p.x * view.world - view.left, p.y * view.world - view.top));
    ctx.lineCap = 'round';
    ctx.globalAlpha = highlighted ? 0.3 : 0.16;
    ctx.strokeStyle = themeColour(zone.ink);
    ctx.lineWidth = Math.max(2 * half * metre, 3);
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.lineWidth = 1.2;
    ctx.setLineDash([8, 5]);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  if (!zone.rings.length) return;
  if (zone.inclusion) hatchOutside(ctx, view, zone, highlighted);
  else hatchInside(ctx, view, zone, highlighted);
  traceRings(ctx, view, zone);
  ctx.lineWidth = highlighted ? 5.5 : 3.4;
  ctx.strokeStyle = themeColour('halo');
  ctx.stroke();
  ctx.lineWidth = highlighted ? 3 : 1.6;
  ctx.strokeStyle = themeColour(zone.ink);
  ctx.setLineDash(zone.inclusion ? [10, 5] : []);
  ctx.stroke();
  ctx.setLineDash([]);
}

// A band within the edge is hatched, so that a large zone does not cover the ground; all
// of it, if a finding is about it.
function hatchInside(ctx, view, zone, highlighted) {
  ctx.save();
  traceRings(ctx, view, zone);
  ctx.clip('evenodd');
  const style = hatchPattern(ctx, zone.ink, highlighted ? 0.45 : 0.3);
  if (highlighted) {
    ctx.fillStyle = style;
    ctx.fill('evenodd');
  } else {
    ctx.lineWidth = 44;
    ctx.strokeStyle = style;
    ctx.stroke();
  }
  ctx.restore();
}

// An inclusion zone: a narrow band outside its edge is hatched.
function hatchOutside(ctx, view, zone, highlighted) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, 0, view.width, view.height);
  for (const ring of zone.rings) {
    ring.forEach((p, i) => ctx[i ? 'lineTo' : 'moveTo'](p.x * view.world - view.left, p.y * view.world - view.top));
    ctx.closePath();
  }
  ctx.clip('evenodd');
  traceRings(ctx, view, zone);
  ctx.lineWidth = 26;
  ctx.strokeStyle = hatchPattern(ctx, zone.ink, highlighted ? 0.7 : 0.4);
  ctx.stroke();
  ctx.restore();
}

// The name and the limits, by the top or bottom of the part that is in sight: beyond the edge,
// within it or beside it, where they lie under the fewest signs.
function labelZone(ctx, view, zone, taken, signs, roof) {
  const spots = [null, null];
  let [left, right, high, low] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const p of [...zone.rings.flat(), ...zone.lines.flatMap((line) => line.points)]) {
    const [x, y] = [p.x * view.world - view.left, p.y * view.world - view.top];
    [left, right, high, low] = [Math.min(left, x), Math.max(right, x), Math.min(high, y), Math.max(low, y)];
    if (x < 60 || x > view.width - 60 || y < 20 || y > view.height - 60) continue;
    if (!spots[0] || y < spots[0][1]) spots[0] = [x, y];
    if (!spots[1] || y > spots[1][1]) spots[1] = [x, y];
  }
  const highlighted = isHighlighted(zone);
  if (!spots[0] || (!highlighted && (right - left < 90 || low - high < 40))) return;
  const words = [zone.name || zone.id, zone.limits];
  const bold = `${highlighted ? 'bold ' : ''}12px "Liberation Sans", Arial, sans-serif`;
  ctx.font = bold;
  const wide = Math.min(Math.max(...words.map((word) => ctx.measureText(word).width)), 230) + 14;
  const [[topX, topY], [footX, footY]] = spots;
  const middle = (x) => Math.max(8, Math.min(view.width - wide - 8, x - wide / 2));
  const boxes = [
    [middle(topX), topY - 38], [middle(footX), footY + 4],
    [right + 6, topY], [left - wide - 6, topY], [right + 6, footY - 34], [left - wide - 6, footY - 34],
    [middle((left + right) / 2), topY + 6], [middle((left + right) / 2), footY - 40],
  ].filter(([x, y]) => x >= 8 && x + wide <= view.width - 8 && y >= roof && y <= view.height - 44);
  const free = (/** @type {number[]} */ [x, y]) => taken.every(([ox, oy, ow]) => x + wide < ox || ox + ow < x || y + 36 < oy || oy + 36 < y);
  const under = (/** @type {number[]} */ [x, y]) => signs.filter(([sx, sy, r]) => sx > x - r && sx < x + wide + r && sy > y - r && sy < y + 34 + r).length;
  const ranked = boxes.map((at) => ({ at, signs: under(at) })).sort((one, other) => one.signs - other.signs).map(({ at }) => at);
  const box = ranked.find(free) || (highlighted ? ranked[0] || [middle(topX), Math.max(roof, topY - 38)] : null);
  if (!box) return;
  const [x, y] = box;
  taken.push([x, y, wide]);
  ctx.fillStyle = themeColour('ground-veil');
  ctx.fillRect(x, y, wide, 34);
  ctx.fillStyle = themeColour(zone.ink);
  ctx.fillRect(x, y, 3, 34);
  ctx.textAlign = 'left';
  ctx.fillText(words[0], x + 8, y + 14, wide - 12);
  ctx.font = '11.5px "Liberation Sans", Arial, sans-serif';
  ctx.fillStyle = themeColour('ink');
  ctx.fillText(words[1], x + 8, y + 28, wide - 12);
}

// Whether a point of the map lies in a ring, holes counted out.
function zoneContains(zone, x, y) {
  let inside = false;
  for (const ring of zone.rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [a, b] = [ring[i], ring[j]];
      if ((a.y > y) !== (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x) inside = !inside;
    }
  }
  return inside;
}

export function zoneAt(lat, lon) {
  if (!visibleLayers.zones) return null;
  const [x, y] = [mercatorX(lon), mercatorY(lat)];
  return zones.find((zone) => !zone.inclusion && zoneContains(zone, x, y)) || null;
}

export function describeZone(zone) {
  const box = htmlElement('div');
  box.append(htmlElement('strong', zone.name || zone.id), htmlElement('div', zone.limits), htmlElement('div', [zone.kind, zone.effect_text].filter(Boolean).join(' · ')));
  box.append(htmlElement('div', zone.active, 'note'), htmlElement('div', zone.source, 'note'));
  if (zone.in_finding) box.append(htmlElement('div', 'A finding is about this zone.', 'note'));
  return box;
}

export function buildZones() {
  const table = byId('zone_table');
  if (!table) return;
  const items = [...table.tBodies[0].rows];
  for (const item of items) {
    const zone = zones[Number(item.dataset.zone)];
    const corners = [...zone.rings.flat(), ...zone.lines.flatMap((line) => line.points)];
    makeClickable(item, () => {
      state.selectedZone = state.selectedZone === zone.index ? null : zone.index;
      for (const other of items) other.classList.toggle('now', Number(other.dataset.zone) === state.selectedZone);
      for (const sheet of canvasLayers) sheet.refresh();
      if (state.selectedZone !== null) state.leafletMap.fitBounds(L.latLngBounds(corners.map((p) => [p.lat, p.lon])), { padding: [60, 60], animate: false, maxZoom: state.leafletMap.getZoom() });
    }, Boolean(state.leafletMap) && corners.length > 0);
  }
  addArrowKeys(items);
}

export function zoneIcon(ink, inclusion) {
  const area = { x: 7, y: -6, width: 20, height: 12, fill: 'none', stroke: cssColour(ink), 'stroke-width': 2 };
  if (inclusion) area['stroke-dasharray'] = '5 3';
  const lines = svgElement('path', { d: 'M8 5L18 -5M14 5L24 -5M20 5L26 -1', stroke: cssColour(ink), 'stroke-width': 0.9, 'stroke-opacity': 0.6 });
  return svgElement('svg', { viewBox: '0 -8 34 16', 'aria-hidden': 'true' }, ...(inclusion ? [] : [lines]), svgElement('rect', area));
}
