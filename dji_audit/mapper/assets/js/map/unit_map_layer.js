// The unit's own map: tiles that are in the page, or roads, water and buildings as lines.

import { themeColour } from '../theme.js';

const TILE_PIXELS = 256;
export const EARTH_CIRCUMFERENCE_M = 40075016;
const MOST_UNIT_NAMES = 40;
// How wide a class of line is on the ground in metres, and in pixels at least and at most.
const WIDTHS = {
  boundary: [0, 1, 1],
  stream: [3, 1, 3],
  path: [1.5, 0.8, 2.5],
  minor_road: [6, 1.2, 12],
  road: [9, 1.8, 16],
  main_road: [13, 2.4, 22],
  rail: [4, 1.2, 4],
};

/**
 * @param {import('./basemap_layer.js').UnitMap} unit
 * @param {() => void} repaint called when a picture is ready to be drawn
 * @returns {{ paint: (ctx: CanvasRenderingContext2D, view: any) => void, covers: (x: number, y: number) => boolean }}
 */
export function unitMapPainter(unit, repaint) {
  const pictures = unit.pictures.map(([zoom, left, top, right, bottom, address], index) => {
    const image = new Image();
    image.onload = repaint;
    // A picture of the still map is not in the page twice.
    image.src = address || document.getElementById(`map_tile_${index}`)?.getAttribute('href') || '';
    return { zoom, left, top, right, bottom, image };
  });
  const zooms = [...new Set(pictures.map((picture) => picture.zoom).filter((zoom) => zoom !== null))].sort((a, b) => a - b);
  const classes = unit.vectors ? unit.vectors.lines.map(([name, closed, lines]) => ({ name, closed, lines: lines.map((flat) => unitMapLine(flat, unit.vectors)) })) : [];
  const boxes = [...pictures.map(({ left, top, right, bottom }) => [left, top, right, bottom]), ...classes.flatMap(({ lines }) => lines.map((line) => line.box))];
  const whole = [0, 1].map((k) => boxes.reduce((least, box) => Math.min(least, box[k]), Infinity)).concat([2, 3].map((k) => boxes.reduce((most, box) => Math.max(most, box[k]), -Infinity)));
  const covers = (x, y) => x >= whole[0] && y >= whole[1] && x <= whole[2] && y <= whole[3];
  const paint = (ctx, view) => {
    const wanted = zooms.find((zoom) => TILE_PIXELS * 2 ** zoom >= view.world * 0.71) ?? zooms.at(-1);
    for (const picture of pictures) if (picture.zoom === null || picture.zoom <= wanted) drawTilePicture(ctx, view, picture);
    if (classes.length) {
      // What is no water on it is land.
      ctx.fillStyle = themeColour('map_land');
      ctx.fillRect(whole[0] * view.world - view.left, whole[1] * view.world - view.top, (whole[2] - whole[0]) * view.world, (whole[3] - whole[1]) * view.world);
      for (const { name, closed, lines } of classes) paintFeatureClass(ctx, view, name, closed, lines);
      paintUnitNames(ctx, view, unit.vectors);
    }
  };
  return { paint, covers };
}

function drawTilePicture(ctx, view, { left, top, right, bottom, image }) {
  if (!image.complete || !image.naturalWidth) return;
  const x = left * view.world - view.left;
  const y = top * view.world - view.top;
  const wide = (right - left) * view.world;
  const high = (bottom - top) * view.world;
  if (x > view.width || y > view.height || x + wide < 0 || y + high < 0) return;
  // A little larger, so that no seam shows.
  ctx.drawImage(image, x, y, wide + 0.5, high + 0.5);
}

/** @type {(flat: number[], vectors: { step: number, left: number, top: number }) => { points: Float64Array, box: number[] }} */
function unitMapLine(flat, { step, left, top }) {
  const points = new Float64Array(flat.length);
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  let [x, y] = [left, top];
  for (let i = 0; i < flat.length; i += 2) {
    x += flat[i];
    y += flat[i + 1];
    points[i] = x * step;
    points[i + 1] = y * step;
    box[0] = Math.min(box[0], points[i]);
    box[1] = Math.min(box[1], points[i + 1]);
    box[2] = Math.max(box[2], points[i]);
    box[3] = Math.max(box[3], points[i + 1]);
  }
  return { points, box };
}

function paintFeatureClass(ctx, view, name, closed, lines) {
  const [west, north] = [view.left / view.world, view.top / view.world];
  const [east, south] = [west + view.width / view.world, north + view.height / view.world];
  ctx.beginPath();
  for (const { points, box } of lines) {
    if (box[2] < west || box[0] > east || box[3] < north || box[1] > south) continue;
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = [points[i] * view.world - view.left, points[i + 1] * view.world - view.top];
      if (i) ctx.lineTo(x, y);
      else ctx.moveTo(x, y);
    }
    if (closed) ctx.closePath();
  }
  if (closed) {
    ctx.fillStyle = themeColour(`map_${name}`);
    ctx.fill('evenodd');
    return;
  }
  const [metres, least, most] = WIDTHS[name] || [0, 1, 1];
  const middle = view.map.getCenter().lat * Math.PI / 180;
  const pixels = metres * view.world / (EARTH_CIRCUMFERENCE_M * Math.max(Math.cos(middle), 0.01));
  ctx.strokeStyle = themeColour(`map_${name}`);
  ctx.lineWidth = Math.min(Math.max(pixels, least), most);
  ctx.lineCap = 'round';
  ctx.setLineDash(name === 'rail' ? [6, 3] : name === 'boundary' ? [5, 3] : []);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.lineCap = 'butt';
}

function paintUnitNames(ctx, view, vectors) {
  /** @type {number[][]} */
  const taken = [];
  ctx.textAlign = 'center';
  ctx.lineJoin = 'round';
  for (const [name, right, down, weight] of vectors.names) {
    const x = (vectors.left + right) * vectors.step * view.world - view.left;
    const y = (vectors.top + down) * vectors.step * view.world - view.top;
    if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
    const size = weight < 2 ? 15 : weight < 4 ? 13 : 11.5;
    const half = name.length * size * 0.28;
    const box = [x - half, y - size, x + half, y + 4];
    if (taken.length >= MOST_UNIT_NAMES || taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
    taken.push(box);
    ctx.font = `${size}px "Liberation Sans", Arial, sans-serif`;
    ctx.lineWidth = 3;
    ctx.strokeStyle = themeColour('name_halo');
    ctx.strokeText(name, x, y);
    ctx.fillStyle = themeColour('place');
    ctx.fillText(name, x, y);
  }
}
