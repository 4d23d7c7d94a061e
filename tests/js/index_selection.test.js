import assert from 'node:assert/strict';
import { test } from 'node:test';

const { dayWords, fragmentOfSelection, kilometresApart, placesNear, searchWords, selectedFlights, selectionFromFragment } =
  await import('../../dji_audit/mapper/assets/js/index/flight_selection.js');
const { trackColourClasses, MOST_CLASSES } = await import('../../dji_audit/mapper/assets/js/index/track_colour_classes.js');

const UNSURE = {
  recorded: [['recorded', 'not known', ['photo', 'thermal']], ['recorded', 'sensor not stated', ['thermal']], ['logs', 'read in part', ['photo', 'thermal']]],
  aircraft: [['aircraft', 'not named', null]],
};
const DATA = {
  unsure: {},
  filters: {
    aircraft: { words: ['A, 1', 'B, 2'], of: [[0], [0], [1], [1]] },
    recorded: { words: ['photo', 'thermal'], of: [[0], [0, 1], [1], [0]] },
    place: { words: ['Minster, Kent', 'Sheerness, Kent'], of: [[1], [1], [0], [0]] },
    verdict: { words: ['Needs a look', 'Clean'], of: [[1], [0], [0], [1]] },
  },
  points: { 'Sheerness, Kent': [51.44, 0.76], 'Minster, Kent': [51.42, 0.81] },
  near_km: 5,
  starts: [[51.44, 0.76], [51.45, 0.77], [51.42, 0.82], [52.9, 0.8]],
  rules: [['height', 'Height'], ['zones', 'Zones']],
  outcomes: ['fpn-', 'ppfp'],
  days: [[20250614], [20250601], [20250731, 20250801], []],
};
const LISTS = Object.keys(DATA.filters);
const NOTHING = selectionFromFragment('', LISTS);
const flights = (change) => {
  const selection = { ...NOTHING, ...change, lists: { ...NOTHING.lists, ...(change.lists || {}) } };
  const { shown } = selectedFlights(selection, DATA, (flight) => ['sheerness m30t', 'sheerness mini', 'minster "x"', 'far'][flight], (flight, box) => flight < box[0]);
  return [...shown].flatMap((one, flight) => (one ? [flight] : []));
};

test('nothing chosen shows every flight', () => assert.deepEqual(flights({}), [0, 1, 2, 3]));

test('each list chooses the flights that have its word, and lists add up', () => {
  assert.deepEqual(flights({ lists: { recorded: 'thermal' } }), [1, 2]);
  assert.deepEqual(flights({ lists: { recorded: 'thermal', aircraft: 'A, 1' } }), [1]);
  assert.deepEqual(flights({ lists: { aircraft: 'nobody' } }), []);
});

test('near a place are the flights named by it and those that began within reach', () => {
  // Flight 2 is named by Minster and began 4.6 km from Sheerness; flight 3 is named by Minster only.
  assert.deepEqual(flights({ lists: { place: 'Sheerness, Kent' } }), [0, 1, 2]);
  assert.deepEqual(flights({ lists: { place: 'Minster, Kent' } }), [0, 1, 2, 3]);
});

test('a search finds a flight by the places within reach of its start', () => {
  assert.deepEqual(placesNear(DATA.starts[2], DATA.points, 5), ['Sheerness, Kent', 'Minster, Kent']);
  assert.deepEqual(placesNear(DATA.starts[2], DATA.points, 1), ['Minster, Kent']);
  assert.deepEqual(placesNear(null, DATA.points, 5), []);
});

test('an outcome is that of the rule that is chosen, else of any', () => {
  assert.deepEqual(flights({ outcome: 'f' }), [0, 2]);
  assert.deepEqual(flights({ outcome: 'f', rule: 'zones' }), [2]);
  // A rule alone: where it was applied.
  assert.deepEqual(flights({ rule: 'height' }), [0, 1, 2]);
});

test('days count in UTC and by local time; what is no date chooses nothing', () => {
  assert.deepEqual(flights({ date: 'June' }), [0, 1]);
  assert.deepEqual(flights({ date: '2025-08' }), [2]);
  assert.deepEqual(flights({ date: 'nonsense' }), [0, 1, 2, 3]);
});

test('every word of a search must occur, and a quoted part is one word', () => {
  assert.deepEqual(searchWords('Sheerness "30 Jun"  x'), ['sheerness', '30 jun', 'x']);
  assert.deepEqual(flights({ find: 'sheerness mini' }), [1]);
  assert.deepEqual(flights({ find: 'SHEERNESS' }), [0, 1]);
  assert.equal(dayWords([20250614]), '2025-06-14 june 2025');
});

test('a part of the map leaves out what does not pass it', () => assert.deepEqual(flights({ box: [2, 0, 0, 0] }), [0, 1]));

const UNANSWERED = {
  ...DATA,
  unsure: UNSURE,
  filters: {
    aircraft: { words: ['A, 1', 'not named'], of: [[0], [0], [1], [0]] },
    recorded: { words: ['not known', 'photo', 'sensor not stated', 'thermal', 'video'], of: [[3, 4], [0], [2, 4], [1]] },
    logs: { words: ['read in part', 'read whole'], of: [[1], [1], [1], [0]] },
  },
};

test('flights whose logs do not tell are counted with the reason, and shown on demand', () => {
  const ask = (change) => {
    const lists = { aircraft: '', recorded: '', logs: '', ...change.lists };
    const { shown, unsure, unanswered } = selectedFlights(/** @type {any} */ ({ ...NOTHING, ...change, lists }), UNANSWERED, () => '', (flight) => (flight === 3 ? null : flight === 0));
    return [[...shown].flatMap((one, flight) => (one ? [flight] : [])), unsure, unanswered];
  };
  assert.deepEqual(ask({ lists: { recorded: 'thermal' } }), [[0], 3, ['recorded']]);
  assert.deepEqual(ask({ lists: { recorded: 'thermal' }, unsure: 'shown' }), [[0, 1, 2, 3], 3, ['recorded']]);
  // A photo is no video of an unnamed sensor.
  assert.deepEqual(ask({ lists: { recorded: 'photo' } }), [[3], 1, ['recorded']]);
  assert.deepEqual(ask({ lists: { recorded: 'not known' } }), [[1], 0, []]);
  assert.deepEqual(ask({ lists: { recorded: 'thermal', aircraft: 'A, 1' } }), [[0], 3, ['aircraft', 'recorded']]);
  assert.deepEqual(ask({ lists: { aircraft: 'not named' } }), [[2], 0, []]);
  // What surely does not fit another filter is not counted.
  assert.deepEqual(ask({ lists: { recorded: 'thermal' }, date: '2025-06' }), [[0], 2, ['recorded', 'date']]);
  assert.deepEqual(ask({ box: [0, 0, 0, 0] }), [[0], 1, ['box']]);
});

test('a selection goes into the address and comes back', () => {
  const selection = { ...NOTHING, lists: { ...NOTHING.lists, place: 'Sheerness, Kent', aircraft: 'A, 1' }, rule: 'height', outcome: 'f', date: '1 Jun 2025', find: 'a&b=c', box: [51, -1, 52, 1], sort: '-duration', colour: 'day', flight: 'x-1', at: '', unsure: 'shown' };
  const fragment = fragmentOfSelection(selection);
  assert.ok(!fragment.includes(' '));
  assert.deepEqual(selectionFromFragment(`#${fragment}`, LISTS), selection);
  assert.equal(fragmentOfSelection(NOTHING), '');
  assert.equal(selectionFromFragment('box=1,2,three,4', LISTS).box, null);
});

test('a degree of longitude is shorter in the north, and the date line is no distance', () => {
  assert.ok(Math.abs(kilometresApart([0, 0], [0, 1]) - 111.2) < 0.1);
  assert.ok(Math.abs(kilometresApart([60, 0], [60, 1]) - 55.6) < 0.1);
  assert.ok(kilometresApart([0, 179.9], [0, -179.9]) < 23);
});

test('tracks are classed by aircraft, outcome and day, each class with its own look', () => {
  const byAircraft = trackColourClasses('aircraft', DATA);
  assert.deepEqual(byAircraft.classes.map(({ label, flights: own, filter }) => [label, own, filter]), [['A, 1', [0, 1], ['aircraft', 'A, 1']], ['B, 2', [2, 3], ['aircraft', 'B, 2']]]);
  assert.deepEqual([...byAircraft.of], [0, 0, 1, 1]);
  assert.deepEqual(trackColourClasses('verdict', DATA).classes.map((one) => one.label), ['Needs a look', 'Clean']);
  assert.deepEqual(trackColourClasses('day', DATA).classes.map((one) => one.label), ['1 Jun 2025', '14 Jun 2025', '31 Jul 2025', 'day not known']);
});

test('no two classes look alike, and those without a look of their own share one', () => {
  const count = MOST_CLASSES + 5;
  const many = { filters: { aircraft: { words: Array.from({ length: count }, (_, n) => String(n).padStart(3, '0')), of: Array.from({ length: count }, (_, n) => [n]) } }, days: Array.from({ length: count }, () => []) };
  const { classes, of } = trackColourClasses('aircraft', many);
  assert.equal(classes.length, MOST_CLASSES);
  assert.equal(new Set(classes.map((one) => one.colour + one.dash)).size, MOST_CLASSES);
  assert.equal(classes[MOST_CLASSES - 1].label, 'all others');
  assert.equal(classes[MOST_CLASSES - 1].flights.length, 6);
  assert.equal(of[count - 1], MOST_CLASSES - 1);
});

test('to tell recordings apart, all tracks are of one class', () => {
  const { classes, of } = trackColourClasses('recording', DATA);
  assert.deepEqual(classes.map((one) => one.flights), [[0, 1, 2, 3]]);
  assert.deepEqual([...of], [0, 0, 0, 0]);
});

test('more days than looks are shown by month, and the key says so', () => {
  const days = Array.from({ length: 40 }, (_, n) => [20250101 + n % 20 + 100 * Math.floor(n / 20)]);
  const { title, classes } = trackColourClasses('day', { filters: {}, days });
  assert.match(title, /^Month/);
  assert.deepEqual(classes.map((one) => one.label), ['Jan 2025', 'Feb 2025']);
});
