// Lines on the map with their numbers, and those of latitude and longitude.

import { mercatorX, mercatorY, wrapLongitude } from '../data/mercator.js';
import { themeColour } from '../theme.js';

export function prepareGridLines(ctx) {
  ctx.font = '12px "Liberation Sans", Arial, sans-serif';
  ctx.lineWidth = 1;
}

export function roundGridStep(least, steps) {
  for (const step of steps) if (step >= least) return step;
  return null;
}

/**
 * Lines of latitude and longitude.
 * @param {CanvasRenderingContext2D} ctx
 * @param {any} view how the world lies on the screen
 * @returns {string} how far apart the lines are
 */
export function paintGraticule(ctx, view) {
  const size = view.map.getPixelBounds();
  const least = 360 / view.world * 85;
  const steps = [];
  for (let power = -6; power <= 1; power += 1) for (const f of [1, 2, 5]) steps.push(f * 10 ** power);
  const step = roundGridStep(least, steps) || 45;
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
  return `Latitude and longitude, lines every ${step.toFixed(digits)}°`;
}

/**
 * One line with its number where it leaves the map: below for a line that goes up, on the left
 * for a line that goes across.
 * @param {CanvasRenderingContext2D} ctx
 * @param {any} view how the world lies on the screen
 * @param {number[][]} ends
 * @param {boolean} strong
 * @param {string} label
 */
export function drawGridLine(ctx, view, [a, b], strong, label) {
  ctx.strokeStyle = themeColour(strong ? 'grid-strong' : 'grid');
  ctx.beginPath();
  ctx.moveTo(a[0], a[1]);
  ctx.lineTo(b[0], b[1]);
  ctx.stroke();
  const upright = Math.abs(b[1] - a[1]) > Math.abs(b[0] - a[0]);
  const share = upright ? (view.height - 5 - a[1]) / (b[1] - a[1]) : (4 - a[0]) / (b[0] - a[0]);
  const x = a[0] + (b[0] - a[0]) * share;
  const y = a[1] + (b[1] - a[1]) * share;
  ctx.fillStyle = themeColour('grid-text');
  ctx.textAlign = 'left';
  if (upright && x > 190 && x < view.width - 110) ctx.fillText(label, x + 4, y);
  if (!upright && y > 90 && y < view.height - 60) ctx.fillText(label, x, y - 4);
}
