// Files hashed here, on this computer, and compared with a list of the files that were audited: the
// same in the page of a flight and in the index.

import { byId, htmlElement } from '../dom.js';
import { hashFile } from './file_hash.js';

const byteText = (bytes) => `${bytes.toLocaleString('en-GB')} byte${bytes === 1 ? '' : 's'}`;

/** @typedef {{ name: string, base: string, role: string, size: number | null, sha256: string }} InputFile */

/**
 * What a file is, by its hash and by what the list holds, as a sentence.
 * @param {{ name: string, size: number, sha256: string }} file
 * @param {InputFile[]} inputs
 * @param {string} unlisted what it means that the list does not hold it
 * @returns {{ verdict: 'same' | 'other' | 'unlisted', text: string }}
 */
export function compareWithInputs(file, inputs, unlisted) {
  const same = inputs.find((input) => input.sha256 === file.sha256);
  if (same) {
    const name = same.base === file.name ? '' : ` It is listed as ${same.name}.`;
    return { verdict: 'same', text: `Unchanged: the list holds the same bytes (${same.role}).${name}` };
  }
  // On one card several files may have one name, so another content is not yet a change.
  const named = inputs.filter((input) => input.base.toLowerCase() === file.name.toLowerCase());
  if (named.length) {
    const sizes = named.slice(0, 3).map((input) => (input.size === null ? input.role : `${input.role}, ${byteText(input.size)}`));
    const count = named.length === 1 ? 'one file of this name' : `${named.length} files of this name`;
    return { verdict: 'other', text: `Not a file of the list. The list holds ${count}, with another content (${sizes.join('; ')}).` };
  }
  return { verdict: 'unlisted', text: `Not in the list: ${unlisted}` };
}

const VERDICT_WORDS = { same: 'same', other: 'other content', unlisted: 'not listed' };
const VERDICT_LOOKS = { same: 'pass', other: 'fail', unlisted: 'not_assessable' };

/**
 * Hash files one after another and show in `verify_list` what each is.
 * @param {Iterable<File>} files
 * @param {InputFile[]} inputs
 * @param {string} unlisted
 * @param {(input: any) => HTMLElement[]} [linksOf] links to the flights that a file of the list belongs to
 */
export const verifyFiles = async (files, inputs, unlisted, linksOf = () => []) => {
  for (const file of files) {
    const item = htmlElement('li', null, 'card verified');
    const [heading, result, hash] = [htmlElement('h3', file.name), htmlElement('p', 'is being hashed …'), htmlElement('p', null, 'note hash')];
    item.append(heading, result, hash);
    byId('verify_list').prepend(item);
    const began = performance.now();
    try {
      const sha256 = await hashFile(file, (share) => { result.textContent = `is being hashed: ${Math.floor(share * 100)} %`; });
      const { verdict, text } = compareWithInputs({ name: file.name, size: file.size, sha256 }, inputs, unlisted);
      heading.append(' ', htmlElement('span', VERDICT_WORDS[verdict], `chip ${VERDICT_LOOKS[verdict]}`));
      item.dataset.verdict = verdict;
      result.textContent = text;
      const same = inputs.find((input) => input.sha256 === sha256);
      const links = same ? linksOf(same) : [];
      if (links.length) result.append(' It belongs to: ', ...links.flatMap((link, at) => (at ? ['; ', link] : [link])), '.');
      const seconds = (performance.now() - began) / 1000;
      hash.textContent = `SHA-256 ${sha256}, ${byteText(file.size)}${seconds > 1 ? `, in ${seconds.toFixed(1)} s` : ''}`;
      byId('verify_status').textContent = `${file.name}: ${text}`;
    } catch (error) {
      result.textContent = `This browser cannot read the file (${error.name}).`;
    }
  }
};

/**
 * Compare the files that are chosen with the field of the box.
 * @param {(files: File[]) => void} compare
 */
export function watchVerifyField(compare) {
  const field = byId('verify_files');
  field.addEventListener('change', () => {
    compare([...field.files]);
    field.value = '';
  });
}
