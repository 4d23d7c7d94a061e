// The classes of what is recorded.  Each has a colour and a second cue, the same on the path, in the
// lanes and in the key, so that it is told apart without colour too.

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
export const sensorsOfBits = (bits) => SENSORS.filter((sensor) => bits & sensor.bit);

/**
 * What the video of some sensors is called, such as `Video, visible light and thermal at once`.
 * @param {number} bits
 */
export function videoSensorWords(bits) {
  const sensors = sensorsOfBits(bits);
  if (sensors.length < 2) return sensors.map((sensor) => sensor.words).join('');
  return `Video, ${sensors.map((sensor) => sensor.short).join(' and ')} at once`;
}
