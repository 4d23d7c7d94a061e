// The signs that stand on the map, and what lies under the pointer.

import { localText, utcText } from '../data/local_time_text.js';
import { flight, positionOfTimelineRow, rows } from '../data/page_data.js';
import { positionText } from '../data/mercator.js';
import { htmlElement } from '../dom.js';
import { placedFigures, thumbnailOfSymbol } from '../footage/thumbnail_images.js';
import { SIGNS, paintFinding, paintSign, photoSign } from './symbol_shapes.js';
import { visibleLayers } from './track_layer.js';

export const shownGroups = {};
for (const [name, , on] of flight.groups) shownGroups[name] = on;

// Photos come from the captures; the rows of recordings would repeat them.
export const symbols = [];
for (const row of rows) {
  const sign = signOfRow(row);
  const position = sign && positionOfTimelineRow(row);
  if (position) symbols.push({ sign, row, lat: position.lat, lon: position.lon, dx: 0 });
}
for (const figure of placedFigures) {
  const [text, position] = [`${figure.querySelector('img').alt}; time not stated`, { lat: Number(figure.dataset.lat), lon: Number(figure.dataset.lon) }];
  const row = { start: null, end: null, group: 'recording', kind: 'photo unknown', severity: '', grade: 'reported', text };
  symbols.push({ sign: photoSign('unknown'), row, ...position, dx: 0, figure });
}
// What matters most is painted last, and so is the gravest of the findings at one position.
const PAINT_ORDER = ['setting', 'tip', 'photo', 'photo_unknown', 'photo_multispectral', 'photo_thermal', 'open_video', 'flight', 'network', 'warning', 'limit', 'geofence', 'finding'];
const SEVERITIES = ['remark', 'low', 'medium', 'high'];
symbols.sort((a, b) => PAINT_ORDER.indexOf(a.sign) - PAINT_ORDER.indexOf(b.sign)
  || SEVERITIES.indexOf(a.row.severity) - SEVERITIES.indexOf(b.row.severity));
for (const kind of ['home', 'pilot']) {
  const position = flight[kind];
  if (position) symbols.push({ sign: kind, row: null, lat: position.lat, lon: position.lon, dx: 0 });
}

// Photos of one moment, by two sensors, stand side by side.
const photoCounts = new Map();
for (const symbol of symbols) {
  if (!isPhoto(symbol) || symbol.row.start === null) continue;
  const count = photoCounts.get(symbol.row.start) || 0;
  photoCounts.set(symbol.row.start, count + 1);
  symbol.dx = 13 * Math.min(count, 3);
}

export function isPhoto(symbol) {
  return symbol.sign.startsWith('photo');
}

// The sign of a row; empty for a recording that the path shows.
function signOfRow(row) {
  if (row.group !== 'recording') return row.group;
  const [kind, sensor] = row.kind.split(' ');
  if (kind === 'photo') return photoSign(sensor);
  return kind === 'video' && row.end === null ? 'open_video' : '';
}

function pixelOfSymbol(view, symbol) {
  const [x, y] = view.at(symbol.lat, symbol.lon);
  return [x + symbol.dx, y];
}

export function isSymbolShown(symbol) {
  if (!symbol.row) return visibleLayers[symbol.sign];
  if (!shownGroups[symbol.row.group]) return false;
  return visibleLayers[isPhoto(symbol) ? 'photos' : 'events'];
}

export function paintSymbols(ctx, view) {
  for (const symbol of symbols) {
    if (!isSymbolShown(symbol)) continue;
    const [x, y] = pixelOfSymbol(view, symbol);
    if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
    if (symbol.sign === 'finding') paintFinding(ctx, symbol.row, x, y);
    else paintSign(ctx, symbol.sign, x, y);
  }
}

export function symbolAt(view, px, py) {
  for (let i = symbols.length - 1; i >= 0; i -= 1) {
    const symbol = symbols[i];
    if (!isSymbolShown(symbol)) continue;
    const [x, y] = pixelOfSymbol(view, symbol);
    if (Math.abs(x - px) < 13 && Math.abs(y - py) < 13) return symbol;
  }
  return null;
}

export function describeSymbol(symbol) {
  const box = htmlElement('div');
  if (!symbol.row) {
    const position = flight[symbol.sign];
    box.append(htmlElement('strong', SIGNS[symbol.sign].words), htmlElement('div', positionText(position.lat, position.lon)));
    if (position.accuracy !== null) box.append(htmlElement('div', `within ${position.accuracy} m as stated`));
    box.append(htmlElement('div', `${position.record}, byte ${position.offset.toLocaleString('en-GB')}`, 'note'));
    return box;
  }
  const thumbnail = isPhoto(symbol) && thumbnailOfSymbol(symbol);
  if (thumbnail) box.append(thumbnail);
  box.append(htmlElement('strong', symbol.row.text));
  if (symbol.row.start !== null) box.append(htmlElement('div', `${utcText(symbol.row.start)} UTC, ${localText(symbol.row.start)}`));
  box.append(htmlElement('div', [symbol.row.kind, symbol.row.severity, symbol.row.grade].filter(Boolean).join(' · '), 'note'));
  return box;
}

