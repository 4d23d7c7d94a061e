import assert from 'node:assert/strict';
import { test } from 'node:test';

const { flightsTogether, posesEachSecond, positionOfTrack } =
  await import('../../dji_audit/mapper/assets/js/index/track_instants.js');

const constant = (value, count) => ({ per: 1, runs: [value, count] });
const TRACK = {
  timed: true,
  ms: [0, 10000, 20000, 60000],
  lat: [50, 50.001, 50.001, 50.002],
  lon: [0, 0, 0, 0],
  height: [0, 100, 100, 50],
  breaks: new Set([2]),
  start: 0,
  end: 60000,
  camera: {
    kept: 3,
    ms: { per: 1, delta: [0, 10000, 10000] },
    height: { per: 1, delta: [0, 100, 0] },
    yaw: { per: 1, delta: [350, 20, 0] },
    pitch: constant(-90, 3),
    roll: constant(0, 3),
    half_across: { per: 10, runs: [7, 3] },
    half_up: { per: 10, runs: [5, 3] },
  },
};

test('between two kept fixes an aircraft is on the straight line in time', () => {
  const { lat, height, isGap } = positionOfTrack(TRACK, 5000);
  assert.ok(Math.abs(lat - 50.0005) < 1e-9);
  assert.equal(height, 50);
  assert.equal(isGap, false);
});

test('before and after a flight there is no position, and in a gap none is made up', () => {
  assert.equal(positionOfTrack(TRACK, -1), null);
  assert.equal(positionOfTrack(TRACK, 60001), null);
  assert.equal(positionOfTrack(TRACK, 40000).isGap, true);
  assert.equal(positionOfTrack(TRACK, 40000).lat, 50.001);
  assert.equal(positionOfTrack({ ...TRACK, timed: false }, 5000), null);
});

test('a camera turns evenly between kept directions, also through north', () => {
  const poses = posesEachSecond(TRACK);
  const at = (ms) => [...poses.ms].indexOf(ms);
  assert.equal(poses.yaw[at(5000)], 360);
  assert.equal(poses.height[at(5000)], 50);
  assert.equal(poses.half[0][at(15000)], 0.7);
  // Through the gap there is no instant.
  assert.ok(![...poses.ms].some((ms) => ms > 20000 && ms < 60000));
  assert.ok(Math.abs(poses.speed[at(2000)] - 11.12) < 0.01);
});

test('flights are together while their times overlap', () => {
  const spans = [[0, 0, 100], [1, 50, 60], [2, 100, 150], [3, 200, 300], [4, 55, 58]].map(([flight, start, end]) => ({ flight, start, end }));
  const groups = flightsTogether(spans);
  assert.deepEqual(groups.map((one) => one.flights), [[0, 1, 4, 2], [3]]);
  assert.deepEqual(groups.map(({ start, end, together }) => [start, end, together]), [[0, 150, 3], [200, 300, 1]]);
});
