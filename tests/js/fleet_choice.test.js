// Which flights and contacts the numbers of the dashboard count.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectionFromFragment, selectionDescription, selectedContacts, selectedFlights } from '../../dji_audit/mapper/assets/js/fleet/flight_selection.js';

const data = {
  count: 4,
  flights: {
    flight: ['a-1', 'b-1', 'c-1', 'declared-1'],
    month: [0, 1, -1, 0],
    aircraft: [0, 0, -1, -1],
    serial: [0, 1, -1, 0],
    verdict: [0, 1, 1, -1],
    region: [0, -1, -1, -1],
    entry: [0, 0, 0, 1],
    app: [-1, -1, -1, -1],
    battery: [1, 0, -1, -1],
    firmware: [0, -1, -1, -1],
    video_s: [60, 0, null, null],
    thermal_s: [30, 0, null, null],
    audio_s: [0, 0, null, null],
    network_share: [1, 0.2, null, null],
    not_assessable: [0, 3, 0, 0],
    findings: [0, 2, 0, 0],
    signs: [1, 0, 4, 0],
  },
  words: {
    month: ['2026-05', '2026-06'],
    aircraft: ['M30T'],
    serial: ['S1', 'S2'],
    verdict: ['clean', 'needs_look'],
    region: ['Kent'],
    entry: ['log', 'declared'],
    app: [],
    battery: ['B1', 'B1; B2'],
    firmware: ['camera 1.0; gimbal 2.0'],
  },
  outcomes: { height: 'pfu-' },
  letters: { pass: 'p', fail: 'f', fail_acknowledged: 'k', fail_authorised: 'a', not_assessable: 'u', not_applicable: 'n' },
  signs: { motor: [1, 'motor or propeller'], fault: [4, 'other fault'] },
  contacts: {
    flight: [0, 1, -1],
    host: ['up.example', 'up.example', 'late.example'],
    claim: ['confirmed_upload', 'contact', 'contact'],
    first: ['2026-05-01T10:00:00.000Z', '2026-06-01T10:00:00.000Z', '2026-07-01T10:00:00.000Z'],
    local_data_mode: ['fail', 'remark', null],
  },
  contacts_left_out: 0,
  claims: ['contact', 'confirmed_upload'],
};

/** @param {Record<string, string>} choice */
const flights = (choice) => selectedFlights(/** @type {any} */ (data), choice);
/** @param {Record<string, string>} choice */
const contacts = (choice) => selectedContacts(/** @type {any} */ (data), choice);

test('the address of a part of the page is no choice', () => {
  assert.equal(selectionFromFragment('#sync'), null);
  assert.deepEqual(selectionFromFragment('#month=2026-05&verdict=clean'), { month: '2026-05', verdict: 'clean' });
});

test('without a choice every flight and contact is listed', () => {
  assert.deepEqual(flights({}), [0, 1, 2, 3]);
  assert.deepEqual(contacts({}), [0, 1, 2]);
});

test('words, months and years choose flights; a dash is what is not known', () => {
  assert.deepEqual(flights({ serial: 'S1' }), [0, 3]);
  assert.deepEqual(flights({ serial: '-' }), [2]);
  assert.deepEqual(flights({ serial: 'none' }), []);
  assert.deepEqual(flights({ month: '2026' }), [0, 1, 3]);
  assert.deepEqual(flights({ month: '-' }), [2]);
  assert.deepEqual(flights({ entry: 'declared', serial: 'S1' }), [3]);
  assert.deepEqual(flights({ battery: 'B1' }), [0, 1]);
  assert.deepEqual(flights({ battery: 'B2' }), [0]);
  assert.deepEqual(flights({ firmware: 'gimbal 2.0' }), [0]);
});

test('outcomes, troubles, recordings and coverage choose flights', () => {
  assert.deepEqual(flights({ rule: 'height', outcome: 'fail' }), [1]);
  assert.deepEqual(flights({ rule: 'height' }), [0, 1, 2]);
  assert.deepEqual(flights({ rule: 'none', outcome: 'fail' }), []);
  assert.deepEqual(flights({ sign: 'fault' }), [2]);
  assert.deepEqual(flights({ recorded: 'thermal' }), [0]);
  assert.deepEqual(flights({ recorded: '-' }), [2]);
  assert.deepEqual(flights({ network: 'some' }), [0, 1]);
  assert.deepEqual(flights({ network: 'full' }), [0]);
  assert.deepEqual(flights({ checked: 'whole' }), [0]);
  assert.deepEqual(flights({ findings: 'some' }), [1]);
  assert.deepEqual(flights({ findings: 'some', serial: 'S1' }), []);
});

test('contacts are chosen by host, grade, month and flight, and choose flights', () => {
  assert.deepEqual(contacts({ host: 'up.example' }), [0, 1]);
  assert.deepEqual(contacts({ host: 'up.example', serial: 'S2' }), [1]);
  assert.deepEqual(contacts({ claim: 'contact', month: '2026-07' }), [2]);
  assert.deepEqual(contacts({ host: 'late.example', serial: '-' }), [2]);
  assert.deepEqual(contacts({ ldm: 'against' }), [0]);
  assert.deepEqual(contacts({ verdict: 'clean' }), [0]);
  assert.deepEqual(flights({ claim: 'contact' }), [1]);
});

test('a choice is said in words', () => {
  assert.equal(selectionDescription(/** @type {any} */ (data), { verdict: 'needs_look', sign: 'motor', serial: '-', list: 'flights' }), 'verdict needs look, trouble motor or propeller, aircraft not known');
});
