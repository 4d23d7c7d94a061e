// The findings one after the other, whether or not they have a moment.

import { addFragmentPart, noteChange } from '../data/fragment.js';
import { byId } from '../dom.js';
import { makeClickable } from './clickable_rows.js';
import { selectRow } from './event_table.js';
import { openTab } from './tabs.js';

/** @type {HTMLElement[]} */
let cards = [];
let chosen = -1;

function chooseFinding(number) {
  chosen = number;
  cards.forEach((card, n) => {
    card.classList.toggle('now', n === number);
    if (n === number) card.setAttribute('aria-current', 'true');
    else card.removeAttribute('aria-current');
  });
  const card = cards[number];
  byId('finding_number').textContent = `${number + 1} of ${cards.length}`;
  if (card.dataset.at) selectRow({ start: Number(card.dataset.at), end: card.dataset.end ? Number(card.dataset.end) : null }, true);
  noteChange();
}

function showFinding(number) {
  openTab('rules');
  chooseFinding(number);
  cards[number].scrollIntoView({ block: 'nearest' });
}

/** Go to the next finding, or to the one before: round the end to the other. @param {1 | -1} by */
export function stepToFinding(by) {
  if (cards.length) showFinding(chosen < 0 ? (by > 0 ? 0 : cards.length - 1) : (chosen + by + cards.length) % cards.length);
}

export function buildFindings() {
  cards = [...byId('cards').querySelectorAll('.card')];
  cards.forEach((card, number) => {
    makeClickable(card, () => chooseFinding(number), true);
    card.tabIndex = 0;
  });
  byId('finding_steps').hidden = cards.length === 0;
  byId('previous_finding').addEventListener('click', () => stepToFinding(-1));
  byId('next_finding').addEventListener('click', () => stepToFinding(1));
  addFragmentPart({
    name: 'finding',
    read: () => (chosen < 0 ? '' : cards[chosen].dataset.finding || ''),
    apply: (name) => {
      const number = cards.findIndex((card) => card.dataset.finding === name);
      if (number >= 0) showFinding(number);
    },
  });
}
