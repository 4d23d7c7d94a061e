// The findings one after the other, whether or not they have a moment.

import { copyLink } from '../copy_link.js';
import { addFragmentPart, fragmentOfPart, writeFragmentSoon } from '../data/address_fragment.js';
import { byId } from '../dom.js';
import { makeClickable } from './clickable_rows.js';
import { selectRow } from './event_table.js';
import { openTab } from './tabs.js';

/** @type {HTMLElement[]} */
let findingCards = [];
let chosenFinding = -1;

function selectFinding(number) {
  chosenFinding = number;
  findingCards.forEach((card, n) => {
    card.classList.toggle('now', n === number);
    if (n === number) card.setAttribute('aria-current', 'true');
    else card.removeAttribute('aria-current');
  });
  const card = findingCards[number];
  byId('finding_number').textContent = `${number + 1} of ${findingCards.length}`;
  byId('copy_finding').disabled = !card.dataset.finding;
  if (card.dataset.at) selectRow({ start: Number(card.dataset.at), end: card.dataset.end ? Number(card.dataset.end) : null }, true);
  writeFragmentSoon();
}

const findingWords = () => `the finding “${findingCards[chosenFinding].querySelector('h3').textContent.trim().replace(/\.$/, '')}”`;

function showFinding(number) {
  openTab('rules');
  selectFinding(number);
  findingCards[number].scrollIntoView({ block: 'nearest' });
}

/** Go to the next finding, or to the one before: round the end to the other. @param {1 | -1} by */
export function goToNeighbouringFinding(by) {
  if (findingCards.length) showFinding(chosenFinding < 0 ? (by > 0 ? 0 : findingCards.length - 1) : (chosenFinding + by + findingCards.length) % findingCards.length);
}

export function buildFindings() {
  findingCards = [...byId('cards').querySelectorAll('.card')];
  findingCards.forEach((card, number) => {
    makeClickable(card, () => selectFinding(number), true);
    card.tabIndex = 0;
  });
  byId('finding_steps').hidden = findingCards.length === 0;
  byId('previous_finding').addEventListener('click', () => goToNeighbouringFinding(-1));
  byId('next_finding').addEventListener('click', () => goToNeighbouringFinding(1));
  byId('copy_finding').addEventListener('click', () => void copyLink(fragmentOfPart('finding'), findingWords()));
  addFragmentPart({
    name: 'finding',
    read: () => (chosenFinding < 0 ? '' : findingCards[chosenFinding].dataset.finding || ''),
    words: () => `at ${findingWords()}`,
    apply: (name) => {
      const number = findingCards.findIndex((card) => card.dataset.finding === name);
      if (number >= 0) showFinding(number);
    },
  });
}
