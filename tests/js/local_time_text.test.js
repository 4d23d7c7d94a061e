import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.js';

const { localText, utcText } = await import('../../dji_audit/mapper/assets/js/data/local_time_text.js');
const { clockText, dateText, durationText } = await import('../../dji_audit/mapper/assets/js/data/time_text.js');

test('an instant is shown in UTC, on every computer', () => {
  assert.equal(clockText(Date.UTC(2026, 4, 14, 9, 5, 7, 986)), '09:05:07');
  assert.equal(clockText(Date.UTC(2026, 4, 14, 9, 5, 7, 986), true), '09:05:07.9');
  assert.equal(dateText(Date.UTC(2026, 0, 1)), '1 Jan 2026');
});

test('local time follows the offsets of the page', () => {
  assert.equal(localText(19999), '01:00:19 BST');
  assert.equal(localText(20000), '00:00:20 GMT');
});

test('a duration has the form that the tables and the report give it', () => {
  const words = [[9949, '9.9 s'], [9950, '10 s'], [119499, '119 s'], [119500, '2 min'], [125000, '2 min 5 s'],
    [605000, '10 min 5 s'], [3599500, '1 h'], [3780000, '1 h 3 min'], [14400000, '4 h'],
    [172740000, '47 h 59 min'], [63072000000, '730 days'], [272055672000, '3,149 days']];
  for (const [ms, text] of words) assert.equal(durationText(ms), text);
});

test('what was on another day than the flight has its date', () => {
  assert.equal(utcText(3600_000), '01:00:00');
  assert.equal(utcText(86_400_000), '2 Jan 1970 00:00:00');
  assert.equal(utcText(-1000), '31 Dec 1969 23:59:59');
});
