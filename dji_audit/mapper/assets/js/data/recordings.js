// What was recorded when.  Each class has a colour and a second cue, the same on the path, in the
// lanes and in the key, so that it is told apart without colour too.

import { axisCountsFixes, captures, fixAt, fixes, track } from './columns.js';

/**
 * A sensor of a camera: its bit, its colour in the style sheet, and the pattern over its line.
 * @typedef {{ name: string, bit: number, words: string, short: string, colour: string, dash: number[] | null }} Sensor
 */

// Bits of the sensors, as in the static picture: two can record at once.
export const SENSOR_BIT = { unknown: 1, visible: 2, thermal: 4, multispectral: 8 };
export const SOUND_BIT = 16;

/** @type {Sensor[]} */
export const SENSORS = [
  { name: 'visible', bit: 2, words: 'Video, visible light', short: 'visible light', colour: 'visible', dash: null },
  { name: 'unknown', bit: 1, words: 'Video, sensor not stated', short: 'sensor not stated', colour: 'unstated', dash: [9, 7] },
  { name: 'multispectral', bit: 8, words: 'Video, multispectral', short: 'multispectral', colour: 'multispectral', dash: [9, 5, 1, 5] },
  { name: 'thermal', bit: 4, words: 'Video, thermal', short: 'thermal', colour: 'thermal', dash: [1, 7] },
];

/** @param {string} name */
export const sensorBit = (name) => SENSOR_BIT[name] || SENSOR_BIT.unknown;

/** @param {number} bits */
export const sensorsOf = (bits) => SENSORS.filter((sensor) => bits & sensor.bit);

/**
 * What the video of some sensors is called, such as `Video, visible light and thermal at once`.
 * @param {number} bits
 */
export function videoWords(bits) {
  const sensors = sensorsOf(bits);
  if (sensors.length < 2) return sensors.map((sensor) => sensor.words).join('');
  return `Video, ${sensors.map((sensor) => sensor.short).join(' and ')} at once`;
}

/**
 * Mark the fixes of an interval with a bit.
 * @param {Uint8Array} bits
 * @param {number} start
 * @param {number} end
 * @param {number} bit
 */
function markInterval(bits, start, end, bit) {
  for (let i = fixAt(start - 1) + 1; i < fixes && track.ms[i] < end; i += 1) bits[i] |= bit;
}

// The sensors that recorded video at each fix, and whether sound was recorded on its own.
export const recording = new Uint8Array(fixes);
for (const { kind, start, end, sensor } of captures) {
  if (axisCountsFixes || end === null || kind === 'photo') continue;
  markInterval(recording, start, end, kind === 'audio' ? SOUND_BIT : sensorBit(sensor));
}

// Photos this close together are a series, in which the sensor was at work.
export const PHOTO_SERIES_MS = 10000;

/** The sensors that recorded video, or a series of photos, at each fix. */
export function sensorsAtFixes() {
  const bits = recording.map((each) => each & ~SOUND_BIT);
  if (axisCountsFixes) return bits;
  const last = {};
  for (const { start, sensor } of captures.filter((each) => each.kind === 'photo').sort((a, b) => a.start - b.start)) {
    const bit = sensorBit(sensor);
    const before = last[bit];
    markInterval(bits, before !== undefined && start - before <= PHOTO_SERIES_MS ? before : start, start + 1, bit);
    last[bit] = start;
  }
  return bits;
}

/**
 * What was being recorded at an instant, in words.
 * @param {number} ms
 */
export function recordingAt(ms) {
  const on = captures.filter((each) => each.end !== null && each.start <= ms && ms < each.end);
  const bits = on.filter((each) => each.kind === 'video').reduce((sum, each) => sum | sensorBit(each.sensor), 0);
  const sound = on.some((each) => each.kind === 'audio') ? 'Sound' : '';
  return [videoWords(bits), sound].filter(Boolean).join('; ') || 'none shown by the logs';
}
