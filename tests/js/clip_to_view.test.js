import assert from 'node:assert/strict';
import { test } from 'node:test';

const { clipLine, clipRing } = await import('../../dji_audit/mapper/assets/js/map/clip_to_view.js');
const BOX = [0, 0, 10, 10];
const area = (ring) => Math.abs(ring.reduce((sum, [x, y], i) => {
  const [nx, ny] = ring[(i + 1) % ring.length];
  return sum + x * ny - nx * y;
}, 0)) / 2;

test('a ring is cut to what lies in the box', () => {
  assert.equal(area(clipRing([[-5, -5], [5, -5], [5, 5], [-5, 5]], BOX)), 25);
  assert.equal(area(clipRing([[-1e6, -1e6], [1e6, -1e6], [1e6, 1e6], [-1e6, 1e6]], BOX)), 100);
  assert.deepEqual(clipRing([[20, 20], [30, 20], [30, 30]], BOX), []);
  assert.equal(area(clipRing([[2, 2], [4, 2], [4, 4], [2, 4]], BOX)), 4);
});

test('a line is cut to the parts that lie in the box', () => {
  assert.deepEqual(clipLine([[-10, 5], [20, 5]], BOX), [[[0, 5], [10, 5]]]);
  assert.deepEqual(clipLine([[1, 1], [2, 2], [3, 1]], BOX), [[[1, 1], [2, 2], [3, 1]]]);
  assert.deepEqual(clipLine([[5, 5], [5, 20], [8, 20], [8, 5]], BOX), [[[5, 5], [5, 10]], [[8, 10], [8, 5]]]);
  assert.deepEqual(clipLine([[-5, 4], [-5, 8]], BOX), []);
});
