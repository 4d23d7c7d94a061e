// A table of which only one page of rows is in the document: ten thousand rows cost nothing.

import { PageButtons } from '../page_buttons.js';

export class PagedTable {
  /**
   * @param {any} table
   * @param {any} pager the element that holds the buttons
   * @param {number} pageSize
   */
  constructor(table, pager, pageSize) {
    this.body = table.tBodies[0];
    /** @type {any[]} every row, also of other pages */
    this.rows = [...this.body.rows];
    // Before anything is measured: the rows of ten thousand flights take seconds to lay out.
    this.body.replaceChildren();
    this.buttons = new PageButtons(pager, pageSize, (page) => this.showPage(page));
    this.body.addEventListener('keydown', (event) => this.moveFocusByKey(event));
    this.body.addEventListener('focusin', (event) => this.makeRowFocusable(event.target));
  }

  /** @param {any[]} rows every row that is to be shown, in order */
  setRows(rows) {
    this.rows = rows;
    this.showPage(0);
  }

  showPage(page) {
    const onPage = this.buttons.turnTo(this.rows, page);
    this.body.replaceChildren(...onPage);
    for (const row of onPage) row.tabIndex = -1;
    if (onPage.length) onPage[0].tabIndex = 0;
  }

  /** Bring the page with a row into the document. @param {any} row */
  showRow(row) {
    const at = this.rows.indexOf(row);
    if (at >= 0 && row.parentElement !== this.body) this.showPage(Math.floor(at / this.buttons.pageSize));
    return at >= 0;
  }

  // Every row is printed.
  showAll() {
    this.body.replaceChildren(...this.rows);
  }

  makeRowFocusable(target) {
    if (target.parentElement !== this.body) return;
    for (const row of this.body.rows) row.tabIndex = -1;
    target.tabIndex = 0;
  }

  moveFocusByKey(event) {
    if (event.target.parentElement !== this.body) return;
    const at = this.rows.indexOf(event.target);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: this.rows.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const row = this.rows[Math.max(0, Math.min(this.rows.length - 1, to))];
    this.showRow(row);
    row.focus();
  }
}

/**
 * Print every row, and open what is closed.
 * @param {PagedTable[]} tables
 */
export function showAllInPrint(tables) {
  window.addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details')) details.open = true;
    for (const one of tables) one.showAll();
  });
  window.addEventListener('afterprint', () => {
    for (const one of tables) one.showPage(one.buttons.page);
  });
}
