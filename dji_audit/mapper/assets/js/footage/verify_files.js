// The verify box of a flight: any file is compared with the files that the flight was audited from.

import { flight } from '../data/page_data.js';
import { byId } from '../dom.js';
import { openTab } from '../panel/tabs.js';
import { verifyFiles, watchVerifyField } from './file_comparison.js';

const UNLISTED = 'this flight was not audited from these bytes. It may belong to another flight of the case.';
const compareFiles = (files) => void verifyFiles(files, flight.inputs, UNLISTED);

export function buildVerifyBox() {
  watchVerifyField(compareFiles);
}

/** Show what was dropped. @param {File[]} files */
export function verifyDroppedFiles(files) {
  openTab('file');
  byId('verify').scrollIntoView({ block: 'nearest' });
  compareFiles(files);
}
