// The tabs of the panel: one is in the tab order, arrows move on.

import { addFragmentPart, writeFragmentSoon } from '../data/address_fragment.js';
import { byId } from '../dom.js';

/** @type {HTMLElement[]} */
let tabs = [];
const openWatchers = [];

/** Call a function with the name of a tab when it is opened. @param {(name: string) => void} act */
export function onTabOpened(act) {
  openWatchers.push(act);
}

export const openTabName = () => tabs.find((tab) => tab.getAttribute('aria-selected') === 'true')?.getAttribute('aria-controls') || '';

/** @param {string} name of its section @param {boolean} [focus] */
export function openTab(name, focus = false) {
  const chosen = tabs.find((tab) => tab.getAttribute('aria-controls') === name);
  if (!chosen) return;
  for (const tab of tabs) {
    const mine = tab === chosen;
    tab.setAttribute('aria-selected', String(mine));
    tab.tabIndex = mine ? 0 : -1;
    byId(tab.getAttribute('aria-controls')).hidden = !mine;
  }
  if (focus) chosen.focus();
  for (const act of openWatchers) act(name);
  writeFragmentSoon();
}

export function buildTabs() {
  tabs = [...byId('tabs').querySelectorAll('[role=tab]')];
  tabs.forEach((tab, number) => {
    const section = byId(tab.getAttribute('aria-controls'));
    section.setAttribute('role', 'tabpanel');
    tab.addEventListener('click', () => openTab(section.id));
    tab.addEventListener('keydown', (event) => {
      const to = { ArrowRight: number + 1, ArrowLeft: number - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      openTab(tabs[(to + tabs.length) % tabs.length].getAttribute('aria-controls'), true);
    });
  });
  openTab(tabs[0].getAttribute('aria-controls'));
  addFragmentPart({ name: 'tab', read: openTabName, words: () => `with the tab “${tabs.find((tab) => tab.getAttribute('aria-selected') === 'true')?.firstChild.textContent.trim()}” open`, apply: (name) => openTab(name) });
}
