// What the page of the work says about files, a run and its results.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pickedFiles } from '../../dji_audit/mapper/assets/js/work/dropped_files.js';
import { deliveredWords, jobWords, progressWords, resultWords, sizeWords } from '../../dji_audit/mapper/assets/js/work/work_texts.js';

test('sizes have two or three digits and no step between units', () => {
  assert.deepEqual([0, 1, 999, 1000, 9949, 12_345, 999_499, 999_500, 2.5e6, 7e12].map(sizeWords), ['0 bytes', '1 byte', '999 bytes', '1.0 kB', '9.9 kB', '12 kB', '999 kB', '1.0 MB', '2.5 MB', '7.0 TB']);
});

test('files that no run has read are said', () => {
  assert.equal(deliveredWords({ files: 0, size: 0, new: 0 }), 'No file was added yet.');
  assert.equal(deliveredWords({ files: 1, size: 10, new: 0 }), '1 file added, 10 bytes.');
  assert.equal(deliveredWords({ files: 1200, size: 10, new: 3 }), '1,200 files added, 10 bytes; 3 not audited yet.');
});

test('a run that failed or was stopped is never said to be done', () => {
  assert.equal(jobWords(null), '');
  assert.equal(jobWords({ kind: 'audit', state: 'running', message: '' }), 'Audit: running');
  assert.equal(jobWords({ kind: 'dossier', state: 'failed', message: 'no room' }), 'Dossier failed: no room');
  assert.equal(jobWords({ kind: 'judge', state: 'stopped', message: 'stopped; what was found out is kept' }), 'Judging again ended: stopped; what was found out is kept');
  assert.equal(progressWords({ done: 3, total: 1500, name: 'a.txt' }), '3 of 1,500: a.txt');
  assert.equal(progressWords({ done: 0, total: 0, name: '' }), 'Looking at what is here…');
});

test('what was not checked or not read stands beside what was found', () => {
  assert.equal(resultWords(null), 'Nothing was audited yet.');
  const results = { flights: 2, verdicts: { clean: 1, not_checked: 1 }, files: { read: 2, encrypted: 1, unread: 2 }, open_count: 0 };
  assert.equal(resultWords(results), '2 flights, 0 to look at; 0 findings; 1 flight not checked in full; 1 file needs a key; 2 files not read.');
});

test('a file of a chosen folder keeps the folders that it lies in', () => {
  const files = /** @type {any} */ ([{ name: 'a.txt', webkitRelativePath: 'card/DCIM/a.txt' }, { name: 'b.txt', webkitRelativePath: '' }]);
  assert.deepEqual(pickedFiles(files).map((it) => it.name), ['card/DCIM/a.txt', 'b.txt']);
});
