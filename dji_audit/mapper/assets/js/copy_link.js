// The link to what is shown, for the clipboard: a moment, a finding or a choice of flights can be sent.
// Where a browser gives no access to the clipboard the link stands in a field, chosen, to be copied by hand.

import { byId, htmlElement } from './dom.js';

/** @param {string} fragment without its `#` @returns {string} the whole address of this page with it */
export function addressWithFragment(fragment) {
  const address = new URL(document.URL);
  address.hash = fragment;
  return address.href;
}

/** Whether the clipboard holds a text now. @param {string} text */
const putOnClipboard = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without permission, or in a browser that has no clipboard for files.
    return copyWithExecCommand(text);
  }
};

function copyWithExecCommand(text) {
  const before = /** @type {HTMLElement} */ (document.activeElement);
  const field = htmlElement('textarea', text, 'hidden');
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  before?.focus({ preventScroll: true });
  return isCopied;
}

/**
 * Copy a link and say on the page what it leads to.
 * @param {string} fragment without its `#`
 * @param {string} words what the link leads to, such as `the moment 09:04:43.0 UTC`
 */
export const copyLink = async (fragment, words) => {
  const link = addressWithFragment(fragment);
  const isCopied = await putOnClipboard(link);
  const field = byId('copied_link');
  byId('copied').hidden = false;
  byId('copied_words').textContent = isCopied ? `Copied: the link to ${words}.` : `This browser lets no page copy. Copy the link to ${words} from the field below.`;
  byId('copied_note').textContent = document.URL.startsWith('file:')
    ? 'It names the folder of this page on this computer. In another copy of this page, put what follows # at the end of its address.' : '';
  field.value = link;
  if (isCopied) return;
  field.focus();
  field.select();
};

/** Make the box close, with its button and with Escape. */
export function makeCopiedBoxClosable() {
  let opener = null;
  const close = () => {
    if (byId('copied').hidden) return;
    const hadFocus = byId('copied').contains(document.activeElement);
    byId('copied').hidden = true;
    if (hadFocus) opener?.focus();
  };
  document.addEventListener('click', (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest('.copy_link');
    if (button) opener = button;
  });
  byId('copied_close').addEventListener('click', close);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
  });
}
