import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.js';

const { fromNationalGrid, gridReference, toNationalGrid } =
  await import('../../dji_audit/mapper/assets/js/data/coordinates.js');
const { mercatorX, mercatorY, positionText, wrapLongitude } =
  await import('../../dji_audit/mapper/assets/js/data/mercator.js');

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
