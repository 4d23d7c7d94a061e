import assert from 'node:assert/strict';
import { test } from 'node:test';

const { parseDayMatcher, isoDay, monthName } = await import('../../dji_audit/mapper/assets/js/index/written_dates.js');

const DAYS = [20250531, 20250601, 20250614, 20250630, 20250701, 20260614];
const meant = (text) => DAYS.filter(parseDayMatcher(text));

test('a day, a month and a year are meant as ISO dates and as the page shows them', () => {
  for (const text of ['2025-06-14', '14 Jun 2025', '14th June 2025', 'June 14, 2025']) assert.deepEqual(meant(text), [20250614], text);
  for (const text of ['2025-06', '2025-6', 'Jun 2025', 'june 2025']) assert.deepEqual(meant(text), [20250601, 20250614, 20250630], text);
  assert.deepEqual(meant('2026'), [20260614]);
});

test('a month without a year is that of any year', () => {
  assert.deepEqual(meant('June'), [20250601, 20250614, 20250630, 20260614]);
});

test('two dates with “to” between them are a range that holds both', () => {
  assert.deepEqual(meant('2025-05-31 to 2025-06-14'), [20250531, 20250601, 20250614]);
  assert.deepEqual(meant('May 2025 .. June 2025'), [20250531, 20250601, 20250614, 20250630]);
  assert.deepEqual(meant('30 Jun 2025 - 2026'), [20250630, 20250701, 20260614]);
});

test('what is no date is refused', () => {
  for (const text of ['', 'soon', '2025-13', '2025-06-32', '14', '14 Jun', '2025 to 2024', 'ju', 'May to June', '1 to 2 to 3', '14 15 Jun 2025']) {
    assert.equal(parseDayMatcher(text), null, text);
  }
});

test('a day is written as an ISO date, its month by name', () => {
  assert.equal(isoDay(20250604), '2025-06-04');
  assert.equal(monthName(20250604), 'june');
});
