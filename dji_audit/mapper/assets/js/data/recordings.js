// What was recorded when.

import { axisCountsFixes, captures, flight, lastFixAt, fixes, track } from './page_data.js';
import { SOUND_BIT, sensorBit, videoSensorWords } from './sensor_classes.js';

// Why nothing is known of recordings; empty: the logs would have shown them.
export const recordingsUnknown = !flight.captures_unknown ? ''
  : flight.partly_read ? 'not known: a part of the log was not read' : 'not known: these logs do not record it';

/**
 * Mark the fixes of an interval with a bit.
 * @param {Uint8Array} bits
 * @param {number} start
 * @param {number} end
 * @param {number} bit
 */
function markRecordingInterval(bits, start, end, bit) {
  for (let i = lastFixAt(start - 1) + 1; i < fixes && track.ms[i] < end; i += 1) bits[i] |= bit;
}

// The sensors that recorded video at each fix, and whether sound was recorded on its own.
export const recording = new Uint8Array(fixes);
for (const { kind, start, end, sensor } of captures) {
  if (axisCountsFixes || end === null || kind === 'photo') continue;
  markRecordingInterval(recording, start, end, kind === 'audio' ? SOUND_BIT : sensorBit(sensor));
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
    markRecordingInterval(bits, before !== undefined && start - before <= PHOTO_SERIES_MS ? before : start, start + 1, bit);
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
  return [videoSensorWords(bits), sound].filter(Boolean).join('; ') || recordingsUnknown || 'none shown by the logs';
}
