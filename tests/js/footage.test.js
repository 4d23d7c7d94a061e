import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import './page.js';

const base = '../../dji_audit/mapper/assets/js/footage';
const { Sha256, hashFile } = await import(`${base}/file_hash.js`);
const { matchParts, matchRecording, matchDescription, paceWarning } = await import(`${base}/recording_match.js`);
const { readVideoHeaders } = await import(`${base}/video_headers.js`);
const video = new URL('../../sample_logs/DJI_20260514100443_0001_D.MP4', import.meta.url);

function hex(bytes, ...cuts) {
  const hash = new Sha256();
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    hash.updateHash(bytes.subarray(from, cut));
    from = cut;
  }
  return hash.digestAsHex();
}
const reference = (bytes) => createHash('sha256').update(bytes).digest('hex');

test('the hash is that of another implementation, at every length around a block', () => {
  const bytes = Uint8Array.from({ length: 260 }, (_, n) => (n * 167 + 13) % 256);
  for (let length = 0; length <= 260; length += 1) {
    const part = bytes.subarray(0, length);
    assert.equal(hex(part), reference(part), `length ${length}`);
  }
});

test('the hash does not depend on where the bytes are cut', () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, n) => (n * n) % 251);
  for (const cuts of [[0], [1], [63], [64], [65], [1, 2, 3, 64, 64, 129, 4999], [4096]]) {
    assert.equal(hex(bytes, ...cuts), reference(bytes), String(cuts));
  }
});

test('the length of 512 MB and more is written in 64 bits', () => {
  const hash = new Sha256();
  let padding = null;
  hash.length = 3 * 2 ** 29 + 5;
  hash.updateHash = (bytes) => { padding = bytes; };
  hash.digestAsHex();
  const view = new DataView(padding.buffer);
  assert.equal(view.getBigUint64(padding.length - 8), 8n * BigInt(3 * 2 ** 29 + 5));
});

test('a file is hashed in slices, and its progress is told', async () => {
  const shares = [];
  const bytes = new Uint8Array(9 * 1024 * 1024 + 17).map((_, n) => n % 253);
  assert.equal(await hashFile(new Blob([bytes]), (share) => shares.push(share)), reference(bytes));
  assert.equal(shares.length, 3);
  assert.equal(shares[2], 1);
  assert.equal(await hashFile(new Blob([])), reference(new Uint8Array()));
  assert.equal(await hashFile(new Blob([bytes]), () => {}, () => true), null);
});

test('codec, length and start are read from the headers of an MP4', async () => {
  assert.deepEqual(await readVideoHeaders(new Blob([readFileSync(video)])), { codec: 'H.264', durationS: 234.7, startMs: Date.UTC(2026, 4, 14, 9, 4, 43) });
});

test('what is no MP4, or a broken one, gives none of them', async () => {
  const whole = readFileSync(video);
  const nothing = { codec: null, durationS: null, startMs: null };
  for (const bytes of [new Uint8Array(), new Uint8Array(7), new Uint8Array(4096), Buffer.from('<svg onload=alert(1)>'.repeat(9)), whole.subarray(0, 5000)]) {
    assert.deepEqual(await readVideoHeaders(new Blob([bytes])), nothing);
  }
  // Every length in the index broken in turn: an answer, or none, and an end.
  const at = whole.indexOf('moov') - 4;
  for (let n = at; n < at + 600; n += 4) {
    const broken = Buffer.from(whole);
    broken.writeUInt32BE(0xffffffff, n);
    await readVideoHeaders(new Blob([broken]));
  }
});

const known = (change) => ({ recording: 0, sensor: 'visible', start: 1000, end: 61000, error: 100, clock: 'a.SRT: x', name: 'DJI_0001_D.MP4', size: 500, sha256: 'aa', recorded: 60000, ...change });
const file = (change) => ({ name: 'DJI_0001_D.MP4', size: 500, sha256: null, durationS: 60, ...change });
const logged = (change) => known({ name: null, size: null, sha256: null, ...change });

test('the hash decides, whatever the name is', () => {
  const other = known({ recording: 1, name: 'other.MP4', sha256: 'bb', start: 5 });
  const match = matchRecording(file({ sha256: 'bb', name: 'renamed.mov', durationS: null }), [known(), other]);
  assert.deepEqual([match.by, match.video, match.startMs], ['hash', other, 5]);
  assert.match(matchDescription(match).text, /SHA-256 is the same/);
  assert.equal(matchDescription(match).isWarning, false);
});

test('a file of the same name and another content is not the file that was audited', () => {
  const match = matchRecording(file({ sha256: 'cc' }), [known()]);
  assert.deepEqual([match.by, match.agrees, match.differs], ['name', ['name', 'size', 'length'], ['SHA-256']]);
  const words = matchDescription(match);
  assert.match(words.text, /not the file that was audited: its name is the same, its SHA-256 is not/);
  assert.ok(words.isWarning);
  const cut = matchDescription(matchRecording(file({ sha256: 'cc', size: 400, durationS: 50 }), [known()]));
  assert.match(cut.text, /its size, length and SHA-256 are not/);
  const unhashed = matchDescription(matchRecording(file({ size: 400 }), [known()]));
  assert.match(unhashed.text, /not the file that was audited: its name is the same, its size is not/);
});

test('until the hash is there the name decides, and the page says so', () => {
  const words = matchDescription(matchRecording(file(), [known()]));
  assert.match(words.text, /Matched by name, size and length\. Its SHA-256 is not compared yet/);
  assert.equal(words.isWarning, false);
});

test('a file beside the video gives its name; letters and ending do not matter', () => {
  const match = matchRecording(file({ name: 'dji_0001_d.mov' }), [logged({ name: 'DJI_0001_D.SRT' })]);
  assert.equal(match.by, 'name');
  assert.match(matchDescription(match).text, /The audit did not have this file/);
  assert.equal(matchRecording(file({ name: 'DJI_0001_D.LRF' }), [known(), known({ name: 'DJI_0001_D.LRF', sha256: 'lrf' })]).video.sha256, 'lrf');
});

test('by its length alone a file is matched only where one recording is as long', () => {
  const one = logged();
  const match = matchRecording(file({ name: 'x.mp4', durationS: 61.4 }), [one, logged({ recording: 1, end: 91000 })]);
  assert.deepEqual([match.by, match.video], ['length', one]);
  assert.ok(matchDescription(match).isWarning);
  assert.equal(matchRecording(file({ name: 'x.mp4', durationS: 61.6 }), [one]), null);
  assert.equal(matchRecording(file({ name: 'x.mp4' }), [one, logged({ recording: 1 })]), null, 'two are as long');
  const copy = matchRecording(file({ name: 'x.mp4', size: 77 }), [known()]);
  assert.match(matchDescription(copy).text, /by length only\. It is not the file that was audited: its content is another/);
  assert.match(matchDescription(matchRecording(file({ name: 'x.mp4' }), [known()])).text, /SHA-256 is not compared yet/);
  assert.match(matchDescription(matchRecording(file({ name: 'x.mp4', sha256: 'cc' }), [known()])).text, /not the file that was audited/);
  assert.equal(matchRecording(file({ name: 'x.mp4', durationS: null }), [one]), null);
  assert.equal(matchRecording(file({ name: 'x.mp4' }), [logged({ end: null })]), null);
});

test('files that are together as long as a recording are its parts, in the order of their names', () => {
  const [a, b, c] = [file({ name: 'b.mp4', durationS: 25 }), file({ name: 'a.mp4', durationS: 35 }), file({ name: 'z.mp4', durationS: 7 })];
  const parts = matchParts([a, b, c], [logged()]);
  assert.deepEqual([...parts.keys()].map((each) => each.name), ['a.mp4', 'b.mp4']);
  assert.deepEqual([parts.get(b).startMs, parts.get(a).startMs], [1000, 36000]);
  assert.match(matchDescription(parts.get(a)).text, /length of 2 parts together only/);
  assert.equal(matchParts([a, c], [logged()]).size, 0);
  assert.equal(matchParts([a, b], [known()]).size, 0);
});

test('a video that is much shorter than its recording is said not to keep step', () => {
  const match = { video: known({ recorded: 300000 }), by: 'hash' };
  assert.match(paceWarning(match, 30), /recording of 5 min, the video lasts 30 s: it may be a time-lapse/);
  assert.equal(paceWarning(match, 294.1), '');
  assert.equal(paceWarning(match, 293.9) === '', false);
  assert.equal(paceWarning({ video: known(), by: 'hash' }, 57), '');
  assert.equal(paceWarning({ video: known({ recorded: null }), by: 'hash' }, 5), '');
  assert.equal(paceWarning(match, null), '');
});

test('a file is compared with the list by its bytes, and then by its name', async () => {
  const { compareWithInputs } = await import(`${base}/file_comparison.js`);
  const inputs = [
    { name: 'DCIM/A/DJI_0001.JPG', base: 'DJI_0001.JPG', role: 'source', size: 5, sha256: 'aa' },
    { name: 'DCIM/B/DJI_0001.JPG', base: 'DJI_0001.JPG', role: 'source', size: 1, sha256: 'bb' },
    { name: 'log.txt', base: 'log.txt', role: 'supplied', size: null, sha256: 'cc' },
  ];
  const compare = (name, sha256) => compareWithInputs({ name, size: 5, sha256 }, inputs, 'no file has these bytes.');
  assert.deepEqual(compare('DJI_0001.JPG', 'bb'), { verdict: 'same', text: 'Unchanged: the list holds the same bytes (source).' });
  assert.match(compare('copy.jpg', 'aa').text, /the same bytes \(source\)\. It is listed as DCIM\/A\/DJI_0001\.JPG/);
  assert.deepEqual(compare('dji_0001.jpg', 'dd').verdict, 'other');
  assert.match(compare('dji_0001.jpg', 'dd').text, /holds 2 files of this name, with another content \(source, 5 bytes; source, 1 byte\)/);
  assert.match(compare('log.txt', 'dd').text, /one file of this name, with another content \(supplied\)/);
  assert.deepEqual(compare('z', 'dd'), { verdict: 'unlisted', text: 'Not in the list: no file has these bytes.' });
});
