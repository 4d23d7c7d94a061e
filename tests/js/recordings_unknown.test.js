import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLIGHT } from './page.js';

// The camera's records are encrypted, so that nobody knows whether it recorded.
Object.assign(FLIGHT, { captures: [], captures_unknown: true, partly_read: true });
const { recordingAt, recordingsUnknown } = await import('../../dji_audit/mapper/assets/js/data/recordings.js');

test('a record that was not read is not said to hold no recording', () => {
  assert.equal(recordingsUnknown, 'not known: a part of the log was not read');
  assert.equal(recordingAt(500), recordingsUnknown);
});
