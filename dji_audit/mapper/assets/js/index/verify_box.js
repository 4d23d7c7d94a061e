// The verify box of the index: any file is compared with all files of the run.

import { byId } from '../dom.js';
import { recordingLink } from './file_from_flight_page.js';
import { verifyFiles, watchVerifyField } from '../footage/file_comparison.js';

const UNLISTED = 'no file of this run that this page lists has these bytes.';

/** The files of the run; their hashes are decoded when the first file is compared. @type {any[] | null} */
let runFiles = null;

export function filesOfRun() {
  if (!byId('inputs')) return [];
  if (!runFiles) {
    runFiles = JSON.parse(byId('inputs').textContent).map(([name, size, sha256, role, flights]) => (
      { flights, name, base: name.split(/[/!#]+/).pop(), size, sha256, role }));
  }
  return runFiles;
}

const linksOfInput = (input) => input.flights.map((flight) => recordingLink(flight, null));
const compareWithRun = (files) => void verifyFiles(files, filesOfRun(), UNLISTED, linksOfInput);

export function buildIndexVerifyBox() {
  if (!byId('verify')) return;
  watchVerifyField(compareWithRun);
  const holdsFiles = (event) => [...event.dataTransfer.types].includes('Files');
  document.addEventListener('dragover', (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  document.addEventListener('drop', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    byId('verify').scrollIntoView({ block: 'nearest' });
    compareWithRun([...event.dataTransfer.files]);
  });
}
