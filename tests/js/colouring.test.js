import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLIGHT } from './page.js';

FLIGHT.captures = [[0, 2000, 'video', 'thermal'], [1000, 3000, 'video', 'visible']];
FLIGHT.series = [['height', 'Height above take-off', 'm', 1, false], ['speed', 'Ground speed', 'm/s', 1, false]];
FLIGHT.record_series = [{
  record: 'OFDM', file: '', ms: { per: 1, delta: [500, 3000, 500] }, count: 3,
  fields: [{ name: 'signal_pct', unit: '%', digits: 0, column: { per: 1, delta: [90, -60, null] } }],
}];
FLIGHT.link = { is_stated: true, series: 'OFDM.signal_pct', full: 100 };
FLIGHT.sources = [
  { name: 'a.txt', start: 0, end: 34000, media: false }, { name: 'b.dat', start: 2500, end: 5000, media: false },
  { name: 'c.mp4', start: 0, end: 9000, media: true },
];
FLIGHT.rows.push([24000, 30000, 'warning', 'link.lost', '', 't', 'measured', 'r', 1, null, '', 0, false]);
const { colourings } = await import('../../dji_audit/mapper/assets/js/map/path_colouring.js');
const { plotSeriesByName, seriesValueAt, seriesValuesAtFixes } = await import('../../dji_audit/mapper/assets/js/data/plot_series.js');

const colouringOf = (name) => colourings.find((one) => one.name === name);
const keysAndClasses = (name) => {
  const colouring = colouringOf(name);
  const keys = [...colouring.keys()];
  const classes = colouring.classes(new Set(keys));
  return keys.map((key) => classes.find((one) => one.key === key).words);
};

test('sensors at once are a class of their own', () => {
  assert.deepEqual(keysAndClasses('recording'), [
    'Video, thermal', 'Video, visible light and thermal at once',
    ...Array(4).fill('No video shown by the logs'),
  ]);
});

test('a class of numbers states its limits and its unit, and the greater is the wider', () => {
  const words = keysAndClasses('height');
  assert.deepEqual([words[0], words[5]], ['50 to 52 m', '60 to 62 m']);
  const colouring = colouringOf('height');
  const [low, high] = colouring.classes(new Set(colouring.keys()));
  assert.ok(low.width < high.width);
});

test('a path is coloured by the logs that cover it, media apart', () => {
  assert.deepEqual(keysAndClasses('source'), ['a.txt', 'a.txt', 'a.txt and b.dat', 'a.txt and b.dat', 'a.txt', 'a.txt']);
});

test('the link is lost, weak, good or not stated', () => {
  assert.deepEqual(keysAndClasses('link'), [
    'No loss of the link stated', 'Signal 70 % or more', 'Signal 70 % or more', 'No loss of the link stated',
    'Link lost, as the log states', 'No loss of the link stated',
  ]);
});

test('a value of a record holds until the next, and not beyond the gap', () => {
  const signal = plotSeriesByName('OFDM.signal_pct');
  assert.deepEqual([400, 500, 3499, 3500, 4000].map((ms) => seriesValueAt(signal, ms)), [NaN, 90, 90, 30, NaN]);
  assert.deepEqual([...seriesValuesAtFixes(signal)], [NaN, 90, 90, NaN, NaN, NaN]);
});

test('a recording and every state differ in pattern, not only in colour', () => {
  for (const name of ['source', 'link']) {
    const colouring = colouringOf(name);
    const classes = colouring.classes(new Set(colouring.keys()));
    const looks = classes.map(({ dash, width }) => `${dash} ${width}`);
    assert.equal(new Set(looks).size, looks.length);
  }
});
