// Lines of the National Grid, or of latitude and longitude, with their numbers.

import { flight } from '../data/columns.js';
import {
  fromNationalGrid,
  mercatorX,
  mercatorY,
  toNationalGrid,
  wrapLongitude,
} from '../data/coordinates.js';

export const gridOverlay = { kind: flight.grid ? 'national' : 'degrees', label: '' };
const LINE = '#c3ccd5';
const STRONG = '#9aa6b2';

export function paintGrid(ctx, view) {
  gridOverlay.label = '';
  if (gridOverlay.kind === 'none') return;
  ctx.font = '12px "Liberation Sans", Arial, sans-serif';
  ctx.lineWidth = 1;
  if (gridOverlay.kind === 'national' && paintNational(ctx, view)) return;
  paintDegrees(ctx, view);
}

function niceStep(least, steps) {
  for (const step of steps) if (step >= least) return step;
  return null;
}

function paintNational(ctx, view) {
  const corners = [[0, 0], [view.width, 0], [0, view.height], [view.width, view.height]].map(([x, y]) => {
    const position = view.map.containerPointToLatLng([x, y]);
    return toNationalGrid(position.lat, position.lng, 12);
  });
  if (corners.includes(null)) return false;
  const [west, east] = [Math.min, Math.max].map((f) => f(...corners.map((c) => c[0])));
  const [south, north] = [Math.min, Math.max].map((f) => f(...corners.map((c) => c[1])));
  const step = niceStep((east - west) / view.width * 55, [1, 5, 10, 50, 100, 500, 1000, 5000, 10000]);
  if (!step) return false;
  const unit = 10 ** Math.floor(Math.log10(step));
  const digits = (metres) => String(Math.round(metres % 100000 / unit)).padStart(5 - Math.log10(unit), '0');
  const draw = (from, to, metres, label) => {
    const ends = [from, to].map(([e, n]) => view.at(...fromNationalGrid(e, n)));
    drawGridLine(ctx, view, ends, metres % (step * 10) === 0 || (step >= 5 && metres % (step * (String(step)[0] === '5' ? 2 : 5)) === 0), label);
  };
  for (let e = Math.ceil(west / step) * step; e <= east; e += step) draw([e, south], [e, north], e, digits(e));
  for (let n = Math.ceil(south / step) * step; n <= north; n += step) draw([west, n], [east, n], n, digits(n));
  gridOverlay.label = `National Grid, lines every ${step >= 1000 ? `${step / 1000} km` : `${step} m`}`;
  return true;
}

function paintDegrees(ctx, view) {
  const size = view.map.getPixelBounds();
  const least = 360 / view.world * 85;
  const steps = [];
  for (let power = -6; power <= 1; power += 1) for (const f of [1, 2, 5]) steps.push(f * 10 ** power);
  const step = niceStep(least, steps) || 45;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const box = view.map.getBounds();
  const word = (value) => `${value.toFixed(digits).replace('-', '−')}°`;
  for (let n = Math.ceil(box.getWest() / step); n * step <= box.getEast(); n += 1) {
    const x = mercatorX(n * step) * view.world - size.min.x;
    drawGridLine(ctx, view, [[x, view.height], [x, 0]], n % 5 === 0, word(wrapLongitude(n * step)));
  }
  for (let n = Math.ceil(Math.max(box.getSouth(), -85) / step); n * step <= Math.min(box.getNorth(), 85); n += 1) {
    const y = mercatorY(n * step) * view.world - size.min.y;
    drawGridLine(ctx, view, [[0, y], [view.width, y]], n % 5 === 0, word(n * step));
  }
  gridOverlay.label = `Latitude and longitude, lines every ${step.toFixed(digits)}°`;
}

// One line with its number where it leaves the map: below for a line that goes
// up, on the left for a line that goes across.
/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {any} view how the world lies on the screen
 * @param {number[][]} ends
 * @param {boolean} strong
 * @param {string} label
 */
function drawGridLine(ctx, view, [a, b], strong, label) {
  ctx.strokeStyle = strong ? STRONG : LINE;
  ctx.beginPath();
  ctx.moveTo(a[0], a[1]);
  ctx.lineTo(b[0], b[1]);
  ctx.stroke();
  const upright = Math.abs(b[1] - a[1]) > Math.abs(b[0] - a[0]);
  const share = upright ? (view.height - 5 - a[1]) / (b[1] - a[1]) : (4 - a[0]) / (b[0] - a[0]);
  const x = a[0] + (b[0] - a[0]) * share;
  const y = a[1] + (b[1] - a[1]) * share;
  ctx.fillStyle = '#5b6672';
  ctx.textAlign = 'left';
  if (upright && x > 190 && x < view.width - 110) ctx.fillText(label, x + 4, y);
  if (!upright && y > 90 && y < view.height - 60) ctx.fillText(label, x, y - 4);
}
