import assert from 'node:assert/strict';
import { test } from 'node:test';

const address = { url: 'file:///flight.html#tab=rules&bad=%E0%A4%A&colour=speed' };
const listeners = [];
globalThis.document = { get URL() { return address.url; } };
globalThis.history = { replaceState: (_, __, url) => { address.url = `file:///flight.html${url}`; } };
globalThis.window = { addEventListener: (_, act) => listeners.push(act) };
const { addFragmentPart, followFragment, formatFragment, writeFragmentSoon, writeFragment } =
  await import('../../dji_audit/mapper/assets/js/data/address_fragment.js');

const shown = { tab: 'events', colour: '' };
for (const name of ['tab', 'colour']) {
  addFragmentPart({
    name,
    read: () => shown[name],
    apply: (text) => {
      shown[name] = text;
      writeFragmentSoon();
    },
  });
}

test('what the address asks for is applied, and what it does not name is passed over', () => {
  followFragment();
  assert.deepEqual(shown, { tab: 'rules', colour: 'speed' });
});

test('what is shown is written into the address, without parts that have nothing to say', () => {
  Object.assign(shown, { tab: 'a&b=c', colour: '' });
  writeFragment();
  assert.equal(address.url, 'file:///flight.html#tab=a%26b%3Dc');
  assert.equal(formatFragment(), 'tab=a%26b%3Dc');
});

test('a change of the address is followed', () => {
  address.url = 'file:///flight.html#colour=OSD.height%20x';
  listeners[0]({ newURL: address.url });
  assert.equal(shown.colour, 'OSD.height x');
});

test('what was shown before does not take the place of what is asked for now', async () => {
  followFragment();
  Object.assign(shown, { tab: 'events', colour: 'height' });
  writeFragmentSoon();
  address.url = 'file:///flight.html#tab=rules';
  listeners[0]({ newURL: address.url });
  await new Promise((done) => { setTimeout(done, 500); });
  assert.equal(shown.tab, 'rules');
  assert.equal(address.url, 'file:///flight.html#tab=rules');
});

test('a link that was left by a change is no longer in the address, so that it can be followed again', async () => {
  const link = 'file:///flight.html#tab=rules';
  shown.tab = 'map';
  writeFragmentSoon();
  assert.notEqual(address.url, link);
  // The next changes are written together, when the page has come to rest.
  shown.tab = 'plots';
  writeFragmentSoon();
  assert.match(address.url, /tab=map/);
  await new Promise((done) => { setTimeout(done, 500); });
  assert.match(address.url, /tab=plots/);
});
