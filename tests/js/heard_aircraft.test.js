import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.js';

const { heardWords } = await import('../../dji_audit/mapper/assets/js/map/heard_aircraft.js');

test('each way of hearing is named once', () => {
  assert.equal(heardWords([{ means: 'Remote ID' }, { means: 'ADS-B' }, { means: 'Remote ID' }]), 'ADS-B or Remote ID');
  assert.equal(heardWords([]), '');
});
