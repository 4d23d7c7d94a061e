// Lines of the National Grid or of UTM, or of latitude and longitude, with their numbers.

import { flight } from '../data/page_data.js';
import { fromNationalGrid, toNationalGrid } from '../data/grid_references.js';
import { drawGridLine, roundGridStep, paintGraticule, prepareGridLines } from './graticule.js';

/** The grid of the page: `metres` is the National Grid in Great Britain, UTM elsewhere. */
export const gridOverlay = { kind: flight.grid ? 'metres' : 'degrees', label: '' };

export function paintGrid(ctx, view) {
  gridOverlay.label = '';
  if (gridOverlay.kind === 'none') return;
  prepareGridLines(ctx);
  if (gridOverlay.kind === 'metres' && paintMetreGrid(ctx, view)) return;
  gridOverlay.label = paintGraticule(ctx, view);
}

function paintMetreGrid(ctx, view) {
  const corners = [[0, 0], [view.width, 0], [0, view.height], [view.width, view.height]].map(([x, y]) => {
    const position = view.map.containerPointToLatLng([x, y]);
    return toNationalGrid(position.lat, position.lng, 12);
  });
  if (corners.includes(null)) return false;
  const [west, east] = [Math.min, Math.max].map((f) => f(...corners.map((c) => c[0])));
  const [south, north] = [Math.min, Math.max].map((f) => f(...corners.map((c) => c[1])));
  const step = roundGridStep((east - west) / view.width * 55, [1, 5, 10, 50, 100, 500, 1000, 5000, 10000]);
  if (!step) return false;
  const unit = 10 ** Math.floor(Math.log10(step));
  const digits = (metres) => String(Math.round(metres % 100000 / unit)).padStart(5 - Math.log10(unit), '0');
  const draw = (from, to, metres, label) => {
    const ends = [from, to].map(([e, n]) => view.at(...fromNationalGrid(e, n)));
    drawGridLine(ctx, view, ends, metres % (step * 10) === 0 || (step >= 5 && metres % (step * (String(step)[0] === '5' ? 2 : 5)) === 0), label);
  };
  for (let e = Math.ceil(west / step) * step; e <= east; e += step) draw([e, south], [e, north], e, digits(e));
  for (let n = Math.ceil(south / step) * step; n <= north; n += step) draw([west, n], [east, n], n, digits(n));
  gridOverlay.label = `${gridName()}, lines every ${step >= 1000 ? `${step / 1000} km` : `${step} m`}`;
  return true;
}

/** What the grid of the page is called. */
export const gridName = () => (flight.grid.system === 'utm' ? `UTM zone ${flight.grid.zone}` : 'National Grid');
