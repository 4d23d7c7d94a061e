import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.js';

const js = '../../dji_audit/mapper/assets/js';
const { unmatchedVideoWords, startOfVideo, timeOfMovieHeader } = await import(`${js}/footage/unmatched_video.js`);
const { fileOfAddress, flightsOfFile } = await import(`${js}/index/flights_of_file.js`);

const HOUR = 3600000;
const NINE = Date.UTC(2026, 4, 14, 9);

test('a video says when it was begun by its name, else by its header', () => {
  assert.deepEqual(startOfVideo('DJI_20260514100443_0001_D.MP4', 5), { ms: Date.UTC(2026, 4, 14, 10, 4, 43), words: 'Its name says that it was begun on' });
  assert.equal(startOfVideo('VID_20260514_100443.mp4', null).ms, Date.UTC(2026, 4, 14, 10, 4, 43));
  assert.deepEqual(startOfVideo('DJI_0001.MP4', NINE), { ms: NINE, words: 'Its header says that it was begun on' });
  for (const name of ['DJI_20261314100443_0001.MP4', '120260514100443.MP4', 'x.mp4']) assert.equal(startOfVideo(name, null), null);
});

test('the header counts from 1904, and nought is no time', () => {
  assert.equal(timeOfMovieHeader(2082844800 + 60), 60000);
  for (const none of [0, 2082844800]) assert.equal(timeOfMovieHeader(none), null);
});

test('a clock without a zone tells flights of other days apart, not of the same one', () => {
  const span = [NINE, NINE + HOUR];
  assert.match(unmatchedVideoWords('DJI_20260514230000_0001.MP4', null, span), /23:00:00.*cannot tell whether that is this flight/);
  assert.match(unmatchedVideoWords('DJI_20260520100000_0001.MP4', null, span), /That is 6 days after this flight: look for the flight of that day/);
  assert.match(unmatchedVideoWords('DJI_20260513080000_0001.MP4', null, span), /before this flight/);
  assert.match(unmatchedVideoWords('a.mp4', NINE, null), /14 May 2026 at 09:00:00, by the clock of the camera\.$/);
  assert.equal(unmatchedVideoWords('a.mp4', null, span), 'It does not say when it was recorded.');
});

test('an address asks for a file by what is known of it', () => {
  assert.deepEqual(fileOfAddress('#file=a%20b.MP4&size=12&lasts=60.5'), { name: 'a b.MP4', size: 12, sha256: null, lastsMs: 60500 });
  assert.deepEqual(fileOfAddress('file=x&size=many&sha256=ab'), { name: 'x', size: null, sha256: 'ab', lastsMs: null });
  for (const other of ['', '#place=Kent', '#file=']) assert.equal(fileOfAddress(other), null);
});

const INPUTS = [
  { base: 'DJI_0001.MP4', size: 10, sha256: 'aa', flights: [0] },
  { base: 'DJI_0001.MP4', size: 20, sha256: 'bb', flights: [2] },
];
const RECORDINGS = [[0, 'DJI_0001.MP4', NINE, 60000], [1, 'DJI_0007.MP4', NINE + HOUR, 60200], [3, null, null, 99000]];
const found = (change) => flightsOfFile({ name: 'DJI_0001.MP4', size: 10, sha256: null, lastsMs: null, ...change }, INPUTS, RECORDINGS)
  .map(({ flight, startMs, by }) => [flight, startMs, by]);

test('bytes decide, then name and size, then the name, then the length alone', () => {
  assert.deepEqual(found({ name: 'x.mov', sha256: 'aa' }), [[0, null, 'SHA-256']]);
  assert.deepEqual(found({}), [[0, NINE, 'name and size']]);
  assert.deepEqual(found({ size: 11 }), [[0, NINE, 'name'], [2, null, 'name']]);
  assert.deepEqual(found({ name: 'dji_0007.mov' }), [[1, NINE + HOUR, 'name']]);
  assert.deepEqual(found({ name: 'x.mov', lastsMs: 61000 }), [[0, NINE, 'length'], [1, NINE + HOUR, 'length']]);
  assert.deepEqual(found({ name: 'x.mov', lastsMs: 30000 }), []);
});

test('a length that many recordings have tells nothing', () => {
  const many = Array.from({ length: 9 }, (_, flight) => [flight, null, NINE, 60000]);
  assert.deepEqual(flightsOfFile({ name: 'x', size: 1, sha256: null, lastsMs: 60000 }, [], many), []);
});
