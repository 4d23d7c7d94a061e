// What the colours of the path mean.  Each colouring sorts the fixes into classes; each class has
// its words, its colour, and a second cue: a pattern for states, a width for numbers.

import { axisCountsFixes, fixes, flight, has, rows, track } from '../data/page_data.js';
import { recording, sensorsAtFixes } from '../data/recordings.js';
import { SOUND_BIT, sensorsOfBits, videoSensorWords } from '../data/sensor_classes.js';
import { allSeries, finiteRange, plotSeriesByName, seriesValuesAtFixes } from '../data/plot_series.js';
import { signedText } from '../dom.js';

/** @import { Series } from '../data/plot_series.js' */

/**
 * A class of fixes.  `colour` is one of the style sheet or a literal; `sensors` are bits, for
 * recordings only.
 * @typedef {{ key: number, words: string, colour: string, dash?: number[] | null, width: number, sensors?: number }} ColourClass
 * @typedef {{ name: string, words: string, group: string, keys: () => Int16Array | Int32Array, classes: (used: Set<number>) => ColourClass[] }} Colouring
 */

const SCALE = ['#440154', '#46327e', '#365c8d', '#277f8e', '#1fa187', '#4ac16d', '#a0da39', '#fde725'];
const STATE_COLOURS = ['#0072b2', '#d55e00', '#00735c', '#cc79a7', '#332288', '#8a6d00', '#56b4e9', '#5f6b76'];
// Patterns over the line, one for each colour of a state.
const STATE_DASHES = [null, [1, 7], [9, 7], [16, 6], [9, 5, 1, 5], [3, 5], [16, 4, 1, 4], [1, 14]];
const UNKNOWN = -1;
const MOST_CLASSES = 8;

const unknownColourClass = (words) => ({ key: UNKNOWN, words, colour: 'halo', dash: null, width: 3 });

/** @param {(fix: number) => number} keyOf */
function keyOfEachFix(keyOf) {
  const keys = new Int32Array(fixes);
  for (let i = 0; i < fixes; i += 1) keys[i] = keyOf(i);
  return keys;
}

function recordingClasses(words, idle) {
  return (used) => [...used].sort((a, b) => a - b).map((key) => (key
    ? { key, words: words(key), colour: sensorsOfBits(key)[0].colour, width: 6, sensors: key }
    : { key, words: idle, colour: 'idle', dash: null, width: 2.2 }));
}

/** @type {Colouring} */
const byRecording = {
  name: 'recording',
  words: 'Recording',
  group: '',
  keys: () => keyOfEachFix((i) => recording[i] & ~SOUND_BIT),
  classes: recordingClasses(videoSensorWords, axisCountsFixes ? 'Whether video ran is not known: no times in UTC' : 'No video shown by the logs'),
};

/** @type {Colouring} */
const bySensor = {
  name: 'sensor',
  words: 'Sensor at work',
  group: '',
  keys: () => Int32Array.from(sensorsAtFixes()),
  classes: recordingClasses(
    (bits) => `${sensorsOfBits(bits).map((sensor) => sensor.short).join(' and ').replace(/^./, (first) => first.toUpperCase())}: video or a series of photos`,
    'No video or series of photos shown',
  ),
};

/**
 * Classes of states that have names, the most frequent first; the last colour is for all others.
 * @param {string[]} names
 * @param {string} others
 * @param {string} unknown
 */
function stateClasses(names, others, unknown) {
  const last = MOST_CLASSES - 1;
  return (used) => {
    const classes = names.slice(0, last).map((words, key) => ({ key, words, colour: STATE_COLOURS[key], dash: STATE_DASHES[key], width: 5 }));
    if (names.length > last) classes.push({ key: last, words: others, colour: STATE_COLOURS[last], dash: STATE_DASHES[last], width: 5 });
    return [...classes, unknownColourClass(unknown)].filter(({ key }) => used.has(key));
  };
}

/** @type {Colouring} */
const byMode = {
  name: 'mode',
  words: 'Flight mode',
  group: '',
  keys: () => keyOfEachFix((i) => (Number.isNaN(track.mode[i]) ? UNKNOWN : Math.min(track.mode[i], MOST_CLASSES - 1))),
  classes: stateClasses(flight.modes.map(([words]) => words), 'Other modes', 'Mode not stated'),
};

// The logs that cover each fix: where a path rests on one log only, no other can contradict it.
function sourceColouring() {
  const logs = (flight.sources || []).filter(({ start, media }) => start !== null && !media);
  if (logs.length < 1 || axisCountsFixes) return null;
  const sets = new Map();
  const codes = keyOfEachFix((i) => {
    const names = logs.filter(({ start, end }) => start <= track.ms[i] && track.ms[i] <= end).map(({ name }) => name).join(' and ');
    if (!sets.has(names)) sets.set(names, { code: sets.size, count: 0 });
    const set = sets.get(names);
    set.count += 1;
    return set.code;
  });
  const ranked = [...sets].sort(([, a], [, b]) => b.count - a.count);
  const rank = [];
  ranked.forEach(([, { code }], place) => { rank[code] = Math.min(place, MOST_CLASSES - 1); });
  const words = ranked.map(([names]) => names || 'No log states that it covers this');
  return {
    name: 'source', words: 'Source files', group: '', keys: () => codes.map((code) => rank[code]),
    classes: stateClasses(words, 'Other combinations', ''),
  };
}

const LINK_CLASSES = [
  { key: 0, words: 'Link lost, as the log states', colour: 'fail', dash: [1, 7], width: 6 },
  { key: 1, words: 'No loss of the link stated', colour: 'idle', dash: null, width: 3 },
  { key: 2, words: 'Signal below 40 %', colour: '#d55e00', dash: [9, 7], width: 6 },
  { key: 3, words: 'Signal 40 to 70 %', colour: '#8a6d00', dash: [3, 5], width: 5 },
  { key: 4, words: 'Signal 70 % or more', colour: '#0072b2', dash: null, width: 4 },
];

function linkColouring() {
  const lost = rows.filter((row) => row.kind === 'link.lost' && row.start !== null);
  const signal = flight.link && flight.link.series && plotSeriesByName(flight.link.series);
  if (axisCountsFixes || !(lost.length || signal || (flight.link && flight.link.is_stated))) return null;
  const keys = () => {
    const quality = signal ? seriesValuesAtFixes(signal) : null;
    const full = flight.link.full || 100;
    const codes = keyOfEachFix((i) => {
      const share = quality ? quality[i] / full : NaN;
      if (Number.isNaN(share)) return flight.link.is_stated ? 1 : UNKNOWN;
      return share < 0.4 ? 2 : share < 0.7 ? 3 : 4;
    });
    for (const { start, end } of lost) {
      const until = end === null ? start + 1000 : end;
      for (let i = 0; i < fixes; i += 1) if (track.ms[i] >= start && track.ms[i] <= until) codes[i] = 0;
    }
    return codes;
  };
  return {
    name: 'link', words: 'Control link', group: '', keys,
    classes: (used) => [...LINK_CLASSES, unknownColourClass('Not recorded by these logs')].filter(({ key }) => used.has(key)),
  };
}

function roundClassWidth(span) {
  const power = 10 ** Math.floor(Math.log10(span || 1));
  return [1, 2, 2.5, 5, 10].map((f) => f * power).find((step) => step >= span);
}

/** @param {Series} series */
function seriesColouring(series) {
  const range = () => finiteRange(seriesValuesAtFixes(series)) || [0, 0];
  const scale = () => {
    const [low, high] = range();
    const step = roundClassWidth((high - low) / 7.5) || 1;
    return { step, low: Math.floor(low / step) * step };
  };
  return {
    name: series.id,
    words: series.words,
    group: series.group === 'Track' ? 'Columns of the track' : series.group,
    keys: () => {
      const values = seriesValuesAtFixes(series);
      const { step, low } = scale();
      return keyOfEachFix((i) => (Number.isNaN(values[i]) ? UNKNOWN : Math.max(0, Math.min(7, Math.floor((values[i] - low) / step)))));
    },
    classes: (used) => {
      const { step, low } = scale();
      const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (String(step).includes('25') ? 1 : 0));
      const classes = SCALE.map((colour, key) => ({
        key,
        words: `${signedText(low + key * step, digits)} to ${signedText(low + (key + 1) * step, digits)} ${series.unit}`.trim(),
        colour,
        dash: null,
        // The greater, the wider.
        width: 2.6 + key * 0.85,
      }));
      return [...classes, unknownColourClass('Not known')].filter(({ key }) => used.has(key));
    },
  };
}

const FIRST_SERIES = ['height', 'speed'];
const firstColourings = FIRST_SERIES.map(plotSeriesByName).filter(Boolean).map((series) => ({ ...seriesColouring(series), group: '' }));
const otherColourings = allSeries.filter(({ id }) => !FIRST_SERIES.includes(id)).map(seriesColouring);

/** @type {Colouring[]} */
export const colourings = [byRecording, bySensor, ...firstColourings, has.mode ? byMode : null, sourceColouring(), linkColouring(), ...otherColourings]
  .filter(Boolean);

// The bands that are drawn under other colours, by the sensors at work.
export const recordingKeys = byRecording.keys();
export const soundKeys = keyOfEachFix((i) => (recording[i] & SOUND_BIT ? 1 : 0));
