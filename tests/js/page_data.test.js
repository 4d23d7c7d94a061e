import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.js';

const { lastFixAt, joinedToNext, positionAt, positionedFixes, positionOfTimelineRow, rows } =
  await import('../../dji_audit/mapper/assets/js/data/page_data.js');
const { decodeDeltaColumn } = await import('../../dji_audit/mapper/assets/js/data/delta_columns.js');

test('a column is read from differences and from runs', () => {
  assert.deepEqual([...decodeDeltaColumn({ per: 10, delta: [12, null, -2] }, 3)], [1.2, NaN, 1]);
  assert.deepEqual([...decodeDeltaColumn({ per: 1, runs: [3, 2, null, 1] }, 3)], [3, 3, NaN]);
  assert.ok([...decodeDeltaColumn(null, 2)].every(Number.isNaN));
});

test('the fix of an instant is the last at or before it', () => {
  assert.deepEqual([-1, 0, 999, 1000, 33999, 34000, 1e9].map(lastFixAt), [-1, 0, 0, 1, 4, 5, 5]);
});

test('fixes are joined unless the gap is too long', () => {
  assert.deepEqual(positionedFixes, [0, 1, 3, 4, 5]);
  assert.deepEqual([...joinedToNext], [1, 1, 0, 0]);
});

test('the aircraft moves in a straight line between fixes, and waits in a gap', () => {
  const close = (one, other) => assert.ok(Math.abs(one - other) < 1e-9);
  close(positionAt(500).lat, 54.64125);
  // Across the fix without a position.
  close(positionAt(2500).lat, 54.64135);
  assert.deepEqual([positionAt(9000).stale, positionAt(9001).stale], [false, true]);
  assert.equal(positionAt(9001).age, 5001);
  assert.equal(positionAt(-10).age, -10);
});

test('a row without a position stands where the aircraft was', () => {
  assert.equal(rows.length, 1);
  assert.equal(positionOfTimelineRow(rows[0]).lat.toFixed(4), '54.6413');
});
