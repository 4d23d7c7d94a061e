// The verify box: any file is hashed here, on this computer, and compared with the list of files that
// the flight was audited from.

import { flight } from '../data/columns.js';
import { byId, htmlElement } from '../dom.js';
import { openTab } from '../panel/tabs.js';
import { hashFile } from './file_hash.js';

const byteText = (bytes) => `${bytes.toLocaleString('en-GB')} byte${bytes === 1 ? '' : 's'}`;

/** @typedef {{ name: string, base: string, role: string, size: number | null, sha256: string }} InputFile */

/**
 * What a file is, by its hash and by what the list holds, as a sentence.
 * @param {{ name: string, size: number, sha256: string }} file
 * @param {InputFile[]} inputs
 * @returns {{ verdict: 'same' | 'other' | 'unlisted', text: string }}
 */
export function compareWithInputs(file, inputs) {
  const same = inputs.find((input) => input.sha256 === file.sha256);
  if (same) {
    const name = same.base === file.name ? '' : ` It is listed as ${same.name}.`;
    return { verdict: 'same', text: `Unchanged: these are the bytes that were audited (${same.role}).${name}` };
  }
  const named = inputs.find((input) => input.base.toLowerCase() === file.name.toLowerCase());
  if (named) {
    const size = named.size === null ? '' : named.size === file.size ? ' It is as long.' : ` It is ${byteText(file.size)} long, the audited file ${byteText(named.size)}.`;
    return { verdict: 'other', text: `Not the file that was audited: it has the name of one (${named.role}), but another content.${size}` };
  }
  return { verdict: 'unlisted', text: 'Not in the list: this flight was not audited from these bytes. It may belong to another flight of the case.' };
}

const VERDICT_WORDS = { same: 'same', other: 'changed', unlisted: 'not listed' };
const VERDICT_LOOKS = { same: 'pass', other: 'fail', unlisted: 'not_assessable' };

/** @param {Iterable<File>} files */
export const verifyFiles = async (files) => {
  for (const file of files) {
    const item = htmlElement('li', null, 'card verified');
    const [heading, result, hash] = [htmlElement('h3', file.name), htmlElement('p', 'is being hashed …'), htmlElement('p', null, 'note hash')];
    item.append(heading, result, hash);
    byId('verify_list').prepend(item);
    const began = performance.now();
    try {
      const sha256 = await hashFile(file, (share) => { result.textContent = `is being hashed: ${Math.floor(share * 100)} %`; });
      const { verdict, text } = compareWithInputs({ name: file.name, size: file.size, sha256 }, flight.inputs);
      heading.append(' ', htmlElement('span', VERDICT_WORDS[verdict], `chip ${VERDICT_LOOKS[verdict]}`));
      item.dataset.verdict = verdict;
      result.textContent = text;
      const seconds = (performance.now() - began) / 1000;
      hash.textContent = `SHA-256 ${sha256}, ${byteText(file.size)}${seconds > 1 ? `, in ${seconds.toFixed(1)} s` : ''}`;
      byId('verify_status').textContent = `${file.name}: ${text}`;
    } catch (error) {
      result.textContent = `This browser cannot read the file (${error.name}).`;
    }
  }
};

export function buildVerifyBox() {
  const field = byId('verify_files');
  field.addEventListener('change', () => {
    void verifyFiles([...field.files]);
    field.value = '';
  });
}

/** Show what was dropped. @param {File[]} files */
export function verifyDroppedFiles(files) {
  openTab('file');
  byId('verify').scrollIntoView({ block: 'nearest' });
  void verifyFiles(files);
}
