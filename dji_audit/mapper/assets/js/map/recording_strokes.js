// How a recording is painted, the same on the path, in the lanes and in the key: a sensor has its
// colour and the pattern over it; sensors at work at once take turns along the line, like a
// barber's pole; sound on its own runs as two rails beside it.

import { sensorsOfBits } from '../data/sensor_classes.js';
import { cssColour, themeColour } from '../theme.js';
import { svgElement } from '../dom.js';

/** How long a stretch of one sensor is where several take turns, in pixels. */
const TURN = 11;
export const RAILS_WIDTH = 21;
const RAIL = 2.2;

/**
 * The strokes of a video, from below to above.
 * @param {number} bits of the sensors
 * @param {number} width
 * @returns {{ colour: string, width: number, dash: number[], offset: number, cap: 'butt' | 'round' }[]}
 */
export function videoStrokes(bits, width) {
  const sensors = sensorsOfBits(bits);
  if (sensors.length === 1) {
    const [{ colour, dash }] = sensors;
    const line = { colour, width, dash: [], offset: 0, cap: /** @type {'round'} */ ('round') };
    return dash ? [line, { colour: 'halo', width: Math.max(1.6, width * 0.38), dash, offset: 0, cap: 'round' }] : [line];
  }
  return sensors.map(({ colour }, n) => ({
    colour, width, dash: [TURN, TURN * (sensors.length - 1)], offset: -TURN * n, cap: /** @type {'butt'} */ ('butt'),
  }));
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Path2D} path
 * @param {number} bits
 * @param {number} width
 */
export function strokeVideo(ctx, path, bits, width) {
  for (const { colour, width: wide, dash, offset, cap } of videoStrokes(bits, width)) {
    ctx.strokeStyle = themeColour(colour);
    ctx.lineWidth = wide;
    ctx.lineCap = cap;
    ctx.setLineDash(dash);
    ctx.lineDashOffset = offset;
    ctx.stroke(path);
  }
  ctx.setLineDash([]);
  ctx.lineDashOffset = 0;
}

/**
 * Two rails along a path.  They must be painted first: what lies between them is wiped out.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Path2D} path
 */
export function strokeSound(ctx, path) {
  ctx.lineCap = 'butt';
  ctx.strokeStyle = themeColour('sound');
  ctx.lineWidth = RAILS_WIDTH;
  ctx.stroke(path);
  ctx.globalCompositeOperation = 'destination-out';
  ctx.lineWidth = RAILS_WIDTH - 2 * RAIL;
  ctx.stroke(path);
  ctx.globalCompositeOperation = 'source-over';
}

const iconFrame = (...children) => svgElement('svg', { viewBox: '0 -8 34 16', 'aria-hidden': 'true' }, ...children);

/** A piece of a video's line, for the key and for tables. */
export function videoIcon(bits) {
  const line = (attributes) => svgElement('path', { d: 'M2 0H32', ...attributes });
  return iconFrame(...videoStrokes(bits, 7).map(({ colour, width, dash, offset, cap }) => line({
    stroke: cssColour(colour), 'stroke-width': width, 'stroke-linecap': cap, 'stroke-dasharray': dash.join(' ') || 'none', 'stroke-dashoffset': offset,
  })));
}

export function soundIcon() {
  return iconFrame(svgElement('path', { d: 'M2-5.5H32M2 5.5H32', stroke: cssColour('sound'), 'stroke-width': RAIL }));
}
