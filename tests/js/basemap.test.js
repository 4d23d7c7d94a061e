import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.js';

globalThis.getComputedStyle = /** @type {any} */ (() => ({ getPropertyValue: (name) => name }));
globalThis.document.documentElement = /** @type {any} */ ({});

const { basemapCredit, basemapPainter } =
  await import('../../dji_audit/mapper/assets/js/map/basemap_layer.js');
const { unitMapPainter } = await import('../../dji_audit/mapper/assets/js/map/unit_map_layer.js');
const { mercatorX, mercatorY } = await import('../../dji_audit/mapper/assets/js/data/mercator.js');

/** A canvas that notes what is drawn on it, with the colour of the time. */
function notingCanvas() {
  const drawn = [];
  const note = (name) => (...values) => drawn.push([name, ctx.fillStyle ?? '', ...values]);
  /** @type {any} */
  const ctx = { drawn };
  for (const name of ['beginPath', 'moveTo', 'lineTo', 'closePath', 'setLineDash', 'arc']) ctx[name] = () => {};
  for (const name of ['fillRect', 'fill', 'stroke', 'fillText', 'strokeText', 'drawImage']) ctx[name] = note(name);
  return ctx;
}

function viewAt(lat, lon, zoom) {
  const world = 256 * 2 ** zoom;
  const [left, top] = [mercatorX(lon) * world - 400, mercatorY(lat) * world - 300];
  return {
    map: { getCenter: () => ({ lat, lng: lon }) },
    world,
    left,
    top,
    width: 800,
    height: 600,
    at: (a, o) => [mercatorX(o) * world - left, mercatorY(a) * world - top],
  };
}

const SQUARE = {
  per_degree: 100,
  land: [[[0, 200, 0, -200, 0], [5000, 0, 200, 0, -200]]],
  lines: [],
  counties: [['Kent', 51.2, 0.7]],
  places: [['Sheerness', 51.4411, 0.7644, 5], ['Minster', 51.4411, 0.7645, 4]],
  accuracy_m: 1000,
  attribution: '',
};

test('land is painted over the sea, and of two names in one place the first is written', () => {
  const ctx = notingCanvas();
  basemapPainter(SQUARE)(ctx, viewAt(51.4, 0.75, 11));
  const fills = ctx.drawn.filter(([name]) => name === 'fillRect' || name === 'fill').map(([, colour]) => colour);
  assert.deepEqual(fills.slice(0, 2), ['--sea', '--land']);
  const names = ctx.drawn.filter(([name]) => name === 'fillText').map(([, , text]) => text);
  assert.ok(names.includes('Sheerness') && !names.includes('Minster'));
});

test('what a file states as its attribution is text in the credit', () => {
  const credit = basemapCredit({ ...SQUARE, unit: { name: 'a', credit: '<b>"x"&</b> © Us', pictures: [], vectors: null } });
  assert.ok(!/[<>"]/.test(credit));
  assert.ok(credit.startsWith('&#60;b&#62;'));
  assert.ok(credit.endsWith('Natural Earth, GeoNames (CC BY 4.0)'));
});

test('lines of the unit are painted where they lie, and its names only there', () => {
  const step = 1 / 2 ** 25;
  const [left, top] = [Math.round(mercatorX(0.75) / step), Math.round(mercatorY(51.4) / step)];
  const vectors = { step, left, top, lines: [['water', true, [[0, 0, 500, 0, 0, 500]]], ['main_road', false, [[0, 0, 400, 400]]]], names: [['Town', 100, 100, 1]] };
  const unit = /** @type {any} */ ({ name: 'a', credit: 'a', pictures: [], vectors });
  const { paint, covers } = unitMapPainter(unit, () => {});
  const ctx = notingCanvas();
  paint(ctx, viewAt(51.4, 0.75, 15));
  assert.deepEqual(ctx.drawn.filter(([name]) => name === 'fill').map(([, colour]) => colour), ['--map_water']);
  assert.equal(ctx.drawn.filter(([name]) => name === 'stroke').length, 1);
  assert.deepEqual(ctx.drawn.filter(([name]) => name === 'fillText').map(([, , text]) => text), ['Town']);
  assert.ok(covers((left + 250) * step, (top + 250) * step));
  assert.ok(!covers((left + 600) * step, top * step));
});
