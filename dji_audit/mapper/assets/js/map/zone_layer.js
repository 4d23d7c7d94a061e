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
import { NAME_HEIGHT, placesOfNames } from './zone_name_places.js';
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

// Names above the path, the crossed zones' first; none covers another.
export function paintZoneNames(ctx, view) {
  if (!visibleLayers.zones) return;
  // On a narrow screen the controls stand above the map and cover nothing of it.
  const covered = byId('controls').getBoundingClientRect().bottom - ctx.canvas.getBoundingClientRect().top;
  const signs = symbols.filter(isSymbolShown).map((symbol) => [...view.at(symbol.lat, symbol.lon), symbol.sign === 'finding' ? 20 : 12]);
  const inOrder = [...zones.filter(isHighlighted), ...zones.filter((zone) => !isHighlighted(zone))];
  const wanted = inOrder.map((zone) => wantedName(ctx, view, zone)).filter(Boolean);
  const places = placesOfNames(wanted, { width: view.width, roof: Math.max(covered, 0) + 4, floor: view.height - 44 }, signs);
  wanted.forEach((name, at) => places[at] && paintName(ctx, name, places[at]));
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

const nameFont = (zone) => `${isHighlighted(zone) ? 'bold ' : ''}12px "Liberation Sans", Arial, sans-serif`;

// Where a zone is in sight and how wide its name is; null: too little of it is in sight.
function wantedName(ctx, view, zone) {
  const seen = [];
  let [left, right, high, low] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const p of [...zone.rings.flat(), ...zone.lines.flatMap((line) => line.points)]) {
    const [x, y] = [p.x * view.world - view.left, p.y * view.world - view.top];
    [left, right, high, low] = [Math.min(left, x), Math.max(right, x), Math.min(high, y), Math.max(low, y)];
    if (x >= 20 && x <= view.width - 20 && y >= 10 && y <= view.height - 40) seen.push([x, y]);
  }
  const highlighted = isHighlighted(zone);
  if (!seen.length || (!highlighted && (right - left < 90 || low - high < 40))) return null;
  ctx.font = nameFont(zone);
  const words = [zone.name || zone.id, zone.limits];
  const width = Math.min(Math.max(...words.map((word) => ctx.measureText(word).width)), 230) + 14;
  const top = seen.reduce((best, p) => (p[1] < best[1] ? p : best));
  const foot = seen.reduce((best, p) => (p[1] > best[1] ? p : best));
  return { zone, words, width, top, foot, left, right, high, low, isNeeded: highlighted };
}

function paintName(ctx, { zone, words, width }, { x, y, leader }) {
  if (leader) {
    ctx.beginPath();
    ctx.moveTo(...leader[0]);
    ctx.lineTo(...leader[1]);
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = themeColour(zone.ink);
    ctx.stroke();
  }
  ctx.fillStyle = themeColour('ground-veil');
  ctx.fillRect(x, y, width, NAME_HEIGHT);
  ctx.fillStyle = themeColour(zone.ink);
  ctx.fillRect(x, y, 3, NAME_HEIGHT);
  ctx.textAlign = 'left';
  ctx.font = nameFont(zone);
  ctx.fillText(words[0], x + 8, y + 14, width - 12);
  ctx.font = '11.5px "Liberation Sans", Arial, sans-serif';
  ctx.fillStyle = themeColour('ink');
  ctx.fillText(words[1], x + 8, y + 28, width - 12);
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
