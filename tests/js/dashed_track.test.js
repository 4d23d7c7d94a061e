import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.js';

const { positionOnTrackAt } = await import('../../dji_audit/mapper/assets/js/map/dashed_track.js');

const walk = { ms: [0, 10000, 20000, 400000], lat: [51, 52, 53, 60], lon: [0, 1, 2, 9] };

test('between two fixes the owner walks in a straight line', () => {
  assert.deepEqual(positionOnTrackAt(walk, 5000), { lat: 51.5, lon: 0.5 });
  assert.deepEqual(positionOnTrackAt(walk, 10000), { lat: 52, lon: 1 });
});

test('before the first and behind the last fix the nearest counts, for a minute', () => {
  assert.deepEqual(positionOnTrackAt(walk, -30000), { lat: 51, lon: 0 });
  assert.deepEqual(positionOnTrackAt(walk, 430000), { lat: 60, lon: 9 });
  assert.equal(positionOnTrackAt(walk, -61000), null);
  assert.equal(positionOnTrackAt(walk, 461000), null);
});

test('in a long pause nobody knows where the owner was', () => {
  assert.equal(positionOnTrackAt(walk, 200000), null);
});
