// What lies behind the paths: land and sea, county lines, places, and the unit's own map if
// there is one.  Everything is in the page; nothing is asked for.

import { mercatorX, mercatorY } from '../data/mercator.js';
import { themeColour } from '../theme.js';
import { clipLine, clipRing } from './clip_to_view.js';
import { EARTH_CIRCUMFERENCE_M, unitMapPainter } from './unit_map_layer.js';

/**
 * What Python's `basemap_as_json_data` gives: lines are longitudes and latitudes in units of
 * `1 / per_degree`, each the difference from the one before.
 * @typedef {object} Basemap
 * @property {number} per_degree
 * @property {[number[], number[]][]} land closed rings, filled by the even-odd rule
 * @property {[number[], number[]][]} lines
 * @property {[string, number, number][]} counties name, latitude, longitude
 * @property {[string, number, number, number][]} places and how many digits their population has
 * @property {number} accuracy_m
 * @property {string} attribution
 * @property {UnitMap | null} [unit]
 */

/**
 * The unit's own map, as Python's `unit_map_for_viewer` gives it: edges in a world of one by one.
 * @typedef {object} UnitMap
 * @property {string} name
 * @property {string} credit
 * @property {[number | null, number, number, number, number, string | null][]} pictures zoom, edges,
 *   and the picture; null if it stands in the still picture of the page
 * @property {{ step: number, left: number, top: number, lines: [string, boolean, number[][]][], names: [string, number, number, number][] } | null} vectors
 */

/** @typedef {{ x: Float64Array, y: Float64Array, box: number[] }} WorldLine in a world of one by one */

const MOST_NAMES = 40;
// Pixels from which on the error of a line shows.
const SHOWN_ERROR = 12;

/**
 * Whose data are drawn, in few words, as HTML for Leaflet: what a file states is text in it.
 * @param {Basemap} basemap
 * @returns {string}
 */
export function basemapCredit(basemap) {
  const words = ['Natural Earth', 'GeoNames (CC BY 4.0)'];
  if (basemap.unit) words.unshift(basemap.unit.credit);
  return words.join(', ').replace(/[^\w ,.()]/gu, (letter) => `&#${letter.codePointAt(0)};`);
}

/** @type {(differences: number[], per: number, place: (degrees: number) => number) => Float64Array} */
function worldAxis(differences, per, place) {
  let sum = 0;
  return Float64Array.from(differences, (step) => {
    sum += step;
    return place(sum / per);
  });
}

/** @type {(line: [number[], number[]], per: number) => WorldLine} */
function worldLine([longitudes, latitudes], per) {
  const x = worldAxis(longitudes, per, mercatorX);
  const y = worldAxis(latitudes, per, mercatorY);
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < x.length; i += 1) {
    box[0] = Math.min(box[0], x[i]);
    box[1] = Math.min(box[1], y[i]);
    box[2] = Math.max(box[2], x[i]);
    box[3] = Math.max(box[3], y[i]);
  }
  return { x, y, box };
}

/**
 * What paints a base map behind everything else.
 * @param {Basemap} basemap
 * @param {() => void} [repaint] called when a picture of the unit's map is ready to be drawn
 * @returns {(ctx: CanvasRenderingContext2D, view: any) => void}
 */
export function basemapPainter(basemap, repaint = () => {}) {
  const unitMap = basemap.unit ? unitMapPainter(basemap.unit, repaint) : null;
  const land = basemap.land.map((line) => worldLine(line, basemap.per_degree));
  const lines = basemap.lines.map((line) => worldLine(line, basemap.per_degree));
  return (ctx, view) => {
    ctx.fillStyle = themeColour('sea');
    ctx.fillRect(0, 0, view.width, view.height);
    const middle = view.map.getCenter().lat * Math.PI / 180;
    const pixelsOfError = basemap.accuracy_m * view.world / (EARTH_CIRCUMFERENCE_M * Math.max(Math.cos(middle), 0.01));
    traceLines(ctx, view, land, true, pixelsOfError);
    ctx.fillStyle = themeColour('land');
    ctx.fill('evenodd');
    if (pixelsOfError > SHOWN_ERROR) {
      // Between land and sea lies where it is not known which it is.
      ctx.strokeStyle = themeColour('ground');
      ctx.lineWidth = 2 * pixelsOfError;
      ctx.stroke();
    }
    strokeUncertain(ctx, themeColour('coast'), pixelsOfError, []);
    traceLines(ctx, view, lines, false, 0);
    strokeUncertain(ctx, themeColour('boundary'), pixelsOfError, [5, 3]);
    if (unitMap) unitMap.paint(ctx, view);
    // Where the unit's map lies, its own names are read.
    paintNames(ctx, view, basemap, (lat, lon) => unitMap !== null && unitMap.covers(mercatorX(lon), mercatorY(lat)));
  };
}

/** @type {(ctx: CanvasRenderingContext2D, view: any, lines: WorldLine[], closed: boolean, margin: number) => void} */
function traceLines(ctx, view, lines, closed, margin) {
  const [west, north] = [(view.left - margin) / view.world, (view.top - margin) / view.world];
  const [east, south] = [(view.left + view.width + margin) / view.world, (view.top + view.height + margin) / view.world];
  // Wider than any line is thick, so that no edge of the box shows.
  const away = 2 * margin + 60;
  const sight = [-away, -away, view.width + away, view.height + away];
  ctx.beginPath();
  for (const { x, y, box } of lines) {
    if (box[2] < west || box[0] > east || box[3] < north || box[1] > south) continue;
    const corners = Array.from(x, (each, i) => [each * view.world - view.left, y[i] * view.world - view.top]);
    for (const part of closed ? [clipRing(corners, sight)] : clipLine(corners, sight)) {
      part.forEach(([left, top], i) => (i ? ctx.lineTo(left, top) : ctx.moveTo(left, top)));
      if (closed) ctx.closePath();
    }
  }
}

// Seen so close that its error is large on the screen, a line is dotted.
/** @type {(ctx: CanvasRenderingContext2D, colour: string, pixelsOfError: number, dash: number[]) => void} */
function strokeUncertain(ctx, colour, pixelsOfError, dash) {
  ctx.strokeStyle = colour;
  ctx.setLineDash(pixelsOfError > SHOWN_ERROR ? [2, 6] : dash);
  ctx.lineWidth = 1.2;
  ctx.stroke();
  ctx.setLineDash([]);
}

/** @type {(ctx: CanvasRenderingContext2D, view: any, basemap: Basemap, isCovered: (lat: number, lon: number) => boolean) => void} */
function paintNames(ctx, view, basemap, isCovered) {
  /** @type {number[][]} */
  const taken = [];
  const write = (name, x, y, half, font, colour, align) => {
    const left = align === 'center' ? x - half : x - 3;
    const box = [left, y - 9, left + 2 * half, y + 7];
    if (box[2] < 0 || box[0] > view.width || box[3] < 0 || box[1] > view.height) return false;
    if (taken.length >= MOST_NAMES || taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return false;
    taken.push(box);
    ctx.font = font;
    ctx.textAlign = align;
    ctx.lineWidth = 3;
    ctx.strokeStyle = themeColour('name_halo');
    ctx.strokeText(name, align === 'center' ? x : x + 5, y + 4);
    ctx.fillStyle = colour;
    ctx.fillText(name, align === 'center' ? x : x + 5, y + 4);
    return true;
  };
  ctx.lineJoin = 'round';
  for (const [name, lat, lon, digits] of basemap.places) {
    if (isCovered(lat, lon)) continue;
    const [x, y] = view.at(lat, lon);
    const font = `${digits > 5 ? 14 : 12.5}px "Liberation Sans", Arial, sans-serif`;
    if (!write(name, x, y, 4 + name.length * (digits > 5 ? 3.9 : 3.4), font, themeColour('place'), 'left')) continue;
    ctx.beginPath();
    ctx.arc(x, y, 2.4, 0, 2 * Math.PI);
    ctx.fill();
  }
  for (const [name, lat, lon] of basemap.counties) {
    const [x, y] = view.at(lat, lon);
    write(name, x, y, name.length * 3.9, 'italic 13px "Liberation Sans", Arial, sans-serif', themeColour('county'), 'center');
  }
}
