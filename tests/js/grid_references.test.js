import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.js';

const { fromNationalGrid, gridReference, mgrsReference, toNationalGrid } =
  await import('../../dji_audit/mapper/assets/js/data/grid_references.js');
const { mercatorX, mercatorY, positionText, wrapLongitude } =
  await import('../../dji_audit/mapper/assets/js/data/mercator.js');

const { flight } = await import('../../dji_audit/mapper/assets/js/data/page_data.js');

test('Mercator puts Greenwich and the equator in the middle', () => {
  assert.deepEqual([mercatorX(0), mercatorY(0)], [0.5, 0.5]);
  assert.ok(Math.abs(mercatorY(85.0511)) < 1e-6);
  assert.equal(mercatorY(89), mercatorY(85.0511));
});

test('longitude and its text stay within 180 degrees', () => {
  assert.equal(wrapLongitude(181), -179);
  assert.equal(wrapLongitude(-541), 179);
  assert.equal(positionText(-1.5, 359), '−1.500000, −1.000000');
});

test('the National Grid is interpolated and goes back', () => {
  const [east, north] = toNationalGrid(54.625, -2.275);
  assert.ok(Math.abs(east - 381600) < 1e-6 && Math.abs(north - 522780) < 1e-6);
  const [lat, lon] = fromNationalGrid(east, north);
  assert.ok(Math.abs(lat - 54.625) < 1e-9 && Math.abs(lon + 2.275) < 1e-9);
  assert.equal(toNationalGrid(54.59, -2.3), null);
  assert.ok(toNationalGrid(54.59, -2.3, 1));
});

test('a grid reference names its square', () => {
  assert.equal(gridReference(54.626, -2.2731), 'NY 81721 22891');
  assert.equal(gridReference(10, 10), null);
});

test('outside Great Britain the grid of the page is that of UTM, with the letters of MGRS', () => {
  Object.assign(flight.grid, { system: 'utm', zone: 31 });
  assert.equal(mgrsReference(48.8584, [448252, 5411954]), '31U DQ 48252 11954');
  Object.assign(flight.grid, { zone: 58 });
  assert.equal(mgrsReference(-22.26, [650437, 7537668]), '58K FA 50437 37668');
  assert.equal(mgrsReference(-22.26, [50, 7537668]), null);
  Object.assign(flight.grid, { system: 'national' });
});
