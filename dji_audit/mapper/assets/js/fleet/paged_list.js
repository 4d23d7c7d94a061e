// A list of which only one page of rows is made: twenty thousand flights cost nothing.

import { htmlElement } from '../dom.js';
import { PageButtons } from '../page_buttons.js';

export class PagedRowList {
  /**
   * @param {any} table
   * @param {any} pager the element that holds the buttons
   * @param {number} pageSize
   */
  constructor(table, pager, pageSize) {
    this.table = table;
    this.buttons = new PageButtons(pager, pageSize, (page) => this.showPage(page));
    /** @type {number[]} */
    this.rows = [];
    /** @type {string[]} */
    this.heads = [];
    /** @type {(row: number) => HTMLElement} */
    this.makeRow = () => htmlElement('tr');
  }

  /**
   * @param {string[]} heads
   * @param {number[]} rows
   * @param {(row: number) => HTMLElement} makeRow
   */
  setRows(heads, rows, makeRow) {
    this.rows = rows;
    this.heads = heads.map((words) => words.replace(/^#/, ''));
    this.makeRow = makeRow;
    this.table.tHead.rows[0].replaceChildren(...heads.map((words) => {
      const head = htmlElement('th', words.replace(/^#/, ''), words.startsWith('#') ? 'number' : null);
      head.scope = 'col';
      return head;
    }));
    this.showPage(0);
  }

  showPage(page) {
    const made = this.buttons.turnTo(this.rows, page).map((row) => this.makeRow(row));
    // On a narrow screen each cell stands on a line of its own, behind its head.
    for (const row of made) [...row.children].forEach((one, at) => one.setAttribute('data-head', this.heads[at]));
    this.table.tBodies[0].replaceChildren(...made);
  }
}
