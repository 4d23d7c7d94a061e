// A list of which only one page of rows is made: twenty thousand flights cost nothing.

import { htmlElement } from '../dom.js';

export class PagedRowList {
  /**
   * @param {any} table
   * @param {any} pager the element that holds the buttons
   * @param {number} pageSize
   */
  constructor(table, pager, pageSize) {
    this.table = table;
    this.pager = pager;
    this.pageSize = pageSize;
    this.page = 0;
    /** @type {number[]} */
    this.rows = [];
    /** @type {string[]} */
    this.heads = [];
    /** @type {(row: number) => HTMLElement} */
    this.makeRow = () => htmlElement('tr');
    const button = (words, by) => {
      const made = htmlElement('button', words);
      made.type = 'button';
      made.addEventListener('click', () => this.showPage(this.page + by));
      return made;
    };
    this.back = button('Previous rows', -1);
    this.where = htmlElement('span');
    this.on = button('Next rows', 1);
    pager.append(this.back, this.where, this.on);
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
    const last = Math.max(0, Math.ceil(this.rows.length / this.pageSize) - 1);
    this.page = Math.max(0, Math.min(last, page));
    const first = this.page * this.pageSize;
    const onPage = this.rows.slice(first, first + this.pageSize);
    const made = onPage.map((row) => this.makeRow(row));
    // On a narrow screen each cell stands on a line of its own, behind its head.
    for (const row of made) [...row.children].forEach((one, at) => one.setAttribute('data-head', this.heads[at]));
    this.table.tBodies[0].replaceChildren(...made);
    const number = (n) => n.toLocaleString('en-GB');
    this.where.textContent = `Rows ${number(Math.min(first + 1, this.rows.length))} to ${number(first + onPage.length)} of ${number(this.rows.length)}`;
    this.back.disabled = !this.page;
    this.on.disabled = this.page === last;
    this.pager.hidden = this.rows.length <= this.pageSize;
  }
}
