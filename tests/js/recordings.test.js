import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLIGHT } from './page.js';

// Thermal and visible at once for a second; sound on its own; a series of two photos.
FLIGHT.captures = [
  [0, 2000, 'video', 'thermal'], [1000, 3000, 'video', 'visible'], [0, 1000, 'audio', 'unknown'],
  [3000, 3000, 'photo', 'infrared?'], [4000, 4000, 'photo', 'infrared?'], [34000, 34000, 'photo', 'infrared?'],
];
const { recording, recordingAt, sensorsAtFixes } = await import('../../dji_audit/mapper/assets/js/data/recordings.js');
const { videoSensorWords } = await import('../../dji_audit/mapper/assets/js/data/sensor_classes.js');

test('what was recorded is known at each fix, also by two sensors at once', () => {
  assert.deepEqual([...recording], [4 | 16, 4 | 2, 0, 0, 0, 0]);
});

test('what was recorded is said in words', () => {
  assert.equal(recordingAt(500), 'Video, thermal; Sound');
  assert.equal(recordingAt(1999), 'Video, visible light and thermal at once');
  assert.equal(recordingAt(3000), 'none shown by the logs');
  assert.equal(videoSensorWords(1), 'Video, sensor not stated');
});

test('photos close together are a series, and a sensor that is not known is its own class', () => {
  assert.deepEqual([...sensorsAtFixes()], [4, 6, 1, 1, 0, 1]);
});
