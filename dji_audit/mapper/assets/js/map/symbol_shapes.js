// The signs on the map and in the key: each kind has its own shape and colour.

import { svgElement } from '../dom.js';
import { canvasColour, cssColour, svgColour, themeColour } from '../theme.js';
import { FOOTPRINT_COLOUR } from './camera_footprint.js';

export const SIGNS = {
  geofence: { words: 'Geofence', fill: 'fail', path: 'M0-10L10 8H-10Z', mark: 'M0-4V2M0 4.2V6', ink: 'on-ink' },
  limit: { words: 'Limit', fill: 'unsure', path: 'M-10-9H10V-6H4L10 8H-10L-4-6H-10Z', mark: 'M0 5V-2M-3 1L0-2.4 3 1', ink: 'on-ink' },
  warning: { words: 'Warning, fault', fill: '#fff4c2', path: 'M0-9L9.5 7.5H-9.5Z', mark: 'M0-3.5V2M0 4V5.6', ink: '#14181d', edge: '#14181d' },
  tip: { words: 'Tip', fill: '#fff', path: 'M-5-5H5V5H-5Z', mark: 'M0-3V0M0 1.6V3', ink: '#14181d', edge: '#5f6b76' },
  network: { words: 'Contact, data sync', fill: 'contact', path: 'M-8-5H8V5H-8Z', mark: 'M-4 0H4M1.5-2.5L4 0 1.5 2.5', ink: 'on-ink' },
  flight: { words: 'Mode, take-off, landing', fill: '#fff', path: 'M0-6L6 0 0 6-6 0Z', mark: '', ink: '#14181d', edge: '#14181d' },
  setting: { words: 'Part or setting', fill: '#cdd5dd', path: 'M-4-4H4V4H-4Z', mark: '', ink: '#14181d', edge: '#5f6b76' },
  photo: { words: 'Photo, visible light', fill: 'ink', path: 'M-4.5-4.5H4.5V4.5H-4.5Z', mark: '', ink: 'paper' },
  photo_thermal: { words: 'Photo, thermal', fill: 'thermal', path: 'M0-7L7 0 0 7-7 0Z', mark: 'M-.6 0H.6', ink: 'paper' },
  photo_multispectral: { words: 'Photo, multispectral', fill: 'multispectral', path: 'M-4.5-4.5H4.5V4.5H-4.5Z', mark: 'M-4.5-4.5L4.5 4.5', ink: 'paper' },
  photo_unknown: { words: 'Photo, sensor not stated', fill: 'paper', path: 'M-4.5-4.5H4.5V4.5H-4.5Z', mark: '', ink: 'ink', edge: 'ink' },
  open_video: { words: 'Recording began, its end is not shown', fill: 'paper', path: 'M-5-6L7 0-5 6Z', mark: '', ink: 'ink', edge: 'ink' },
  home: { words: 'Home point', fill: '#fff', path: 'M-10 0L0-9 10 0H7V9H-7V0Z', mark: 'M-2 9V3H2V9', ink: '#14181d', edge: '#14181d' },
  pilot: { words: 'Pilot’s device (sensitive)', fill: '#fff', path: 'M-8 9C-8 2-4 1-3 0A5 5 0 1 1 3 0C4 1 8 2 8 9Z', mark: '', ink: '#14181d', edge: '#14181d' },
};
// Colours of the style sheet.
export const SEVERITY_COLOURS = { high: 'fail', medium: 'fail', low: 'unsure', remark: 'ink' };
const signPaths = {};

/** The sign of a photo by the sensor that took it. */
export const photoSign = (sensor) => ({ visible: 'photo', thermal: 'photo_thermal', multispectral: 'photo_multispectral' })[sensor] || 'photo_unknown';

// Paths are made once: a picture of many hundred signs repeats a few shapes.
function signPath(name) {
  if (!signPaths[name]) {
    const { path, mark } = SIGNS[name];
    signPaths[name] = { body: new Path2D(path), mark: new Path2D(mark) };
  }
  return signPaths[name];
}

export function paintSign(ctx, name, x, y) {
  const sign = SIGNS[name];
  const { body, mark } = signPath(name);
  ctx.save();
  ctx.translate(x, y);
  ctx.lineJoin = 'round';
  ctx.strokeStyle = themeColour('halo');
  ctx.lineWidth = sign.edge ? 4.5 : 3;
  ctx.stroke(body);
  ctx.fillStyle = canvasColour(sign.fill);
  ctx.fill(body);
  if (sign.edge) {
    ctx.strokeStyle = canvasColour(sign.edge);
    ctx.lineWidth = 1.7;
    ctx.stroke(body);
  }
  ctx.strokeStyle = canvasColour(sign.ink);
  ctx.lineWidth = 1.9;
  ctx.stroke(mark);
  ctx.restore();
}

/**
 * Draws a shape round a letter: where another device was than the aircraft of the flight.
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} outline path of the shape round 0, 0
 * @param {number} x
 * @param {number} y
 * @param {{ letter: string, size: number, fill: string, ink: string }} look
 */
export function paintLetterInShape(ctx, outline, x, y, { letter, size, fill, ink }) {
  const shape = new Path2D(outline);
  ctx.save();
  ctx.translate(x, y);
  ctx.lineWidth = 4;
  ctx.strokeStyle = themeColour('halo');
  ctx.stroke(shape);
  ctx.fillStyle = themeColour(fill);
  ctx.fill(shape);
  ctx.fillStyle = themeColour(ink);
  ctx.font = `bold ${size}px "Liberation Sans", Arial, sans-serif`;
  ctx.textAlign = 'center';
  ctx.fillText(letter, 0, size / 2 - 1.5);
  ctx.restore();
}

// A finding: a ring round the position, with the first letter of its severity.
export function paintFinding(ctx, { severity, outcome }, x, y) {
  const ink = themeColour(SEVERITY_COLOURS[severity] || SEVERITY_COLOURS.remark);
  ctx.save();
  ctx.lineWidth = 6;
  ctx.strokeStyle = themeColour('halo');
  ctx.beginPath();
  ctx.arc(x, y, 14, 0, 7);
  ctx.stroke();
  ctx.lineWidth = 3;
  ctx.strokeStyle = ink;
  if (outcome !== 'fail') ctx.setLineDash([5, 3]);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = ink;
  ctx.beginPath();
  ctx.arc(x + 11, y - 11, 7.5, 0, 7);
  ctx.fill();
  ctx.fillStyle = themeColour('on-ink');
  ctx.font = 'bold 11px "Liberation Sans", Arial, sans-serif';
  ctx.textAlign = 'center';
  ctx.fillText((severity[0] || 'i').toUpperCase(), x + 11, y - 7);
  ctx.restore();
}

export function signIcon(name) {
  const sign = SIGNS[name];
  const outline = { d: sign.path, fill: svgColour(sign.fill), stroke: svgColour(sign.edge || 'halo'), 'stroke-width': 1.5 };
  return svgElement('svg', { viewBox: '-17 -11 34 22', 'aria-hidden': 'true' },
    svgElement('path', outline), svgElement('path', { d: sign.mark, fill: 'none', stroke: svgColour(sign.ink), 'stroke-width': 1.9 }));
}

export function findingIcon({ severity, outcome }) {
  const ring = { r: 8, fill: 'none', stroke: cssColour(SEVERITY_COLOURS[severity] || SEVERITY_COLOURS.remark), 'stroke-width': 2.5 };
  if (outcome !== 'fail') ring['stroke-dasharray'] = '4 2.5';
  return svgElement('svg', { viewBox: '-17 -11 34 22', 'aria-hidden': 'true' }, svgElement('circle', ring));
}

// A piece of a plain line, with the pattern over it.
/**
 * @param {{ colour: string, dash?: number[] | null, width?: number, casing?: string }} line
 */
export function lineLegendIcon({ colour, dash, width = 3, casing }) {
  const line = (attributes) => svgElement('path', { d: 'M3 0H31', 'stroke-linecap': 'round', ...attributes });
  const made = svgElement('svg', { viewBox: '0 -8 34 16', 'aria-hidden': 'true' });
  if (casing) made.append(line({ stroke: svgColour(casing), 'stroke-width': width + 2.6 }));
  made.append(line({ stroke: svgColour(colour), 'stroke-width': width }));
  if (dash) made.append(line({ stroke: cssColour('halo'), 'stroke-width': Math.max(1.6, width * 0.4), 'stroke-dasharray': dash.join(' ') }));
  return made;
}

// The picture on the ground, as it is on the map.
export function areaLegendIcon(dash) {
  const area = { x: 8, y: -6, width: 18, height: 12, fill: cssColour(FOOTPRINT_COLOUR), 'fill-opacity': 0.16, stroke: cssColour(FOOTPRINT_COLOUR), 'stroke-width': 1.8 };
  if (dash.length) area['stroke-dasharray'] = dash.join(' ');
  return svgElement('svg', { viewBox: '0 -8 34 16', 'aria-hidden': 'true' }, svgElement('rect', area));
}

// Where the axis meets the ground, and its error.
export function aimPointIcon() {
  const ink = { fill: 'none', stroke: cssColour('ink') };
  return svgElement('svg', { viewBox: '0 -8 34 16', 'aria-hidden': 'true' },
    svgElement('circle', { ...ink, cx: 17, r: 6.5, 'stroke-width': 1.6, 'stroke-dasharray': '1.5 2.5' }),
    svgElement('path', { ...ink, d: 'M13.5 0H20.5M17-3.5V3.5', 'stroke-width': 1.6 }));
}
