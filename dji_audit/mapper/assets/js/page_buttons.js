// The buttons below a table of which one page of rows is shown at a time.

import { htmlElement } from './dom.js';

export class PageButtons {
  /**
   * @param {any} pager the element that holds the buttons
   * @param {number} pageSize
   * @param {(page: number) => void} showPage
   */
  constructor(pager, pageSize, showPage) {
    this.pager = pager;
    this.pageSize = pageSize;
    this.page = 0;
    const button = (words, by) => {
      const made = htmlElement('button', words);
      made.type = 'button';
      made.addEventListener('click', () => showPage(this.page + by));
      return made;
    };
    this.back = button('Previous rows', -1);
    this.where = htmlElement('span');
    this.on = button('Next rows', 1);
    pager.append(this.back, this.where, this.on);
  }

  /**
   * Turn to a page, or to the nearest that there is, and return its rows.
   * @template Row
   * @param {Row[]} rows every row
   * @param {number} page
   * @returns {Row[]}
   */
  turnTo(rows, page) {
    const last = Math.max(0, Math.ceil(rows.length / this.pageSize) - 1);
    this.page = Math.max(0, Math.min(last, page));
    const first = this.page * this.pageSize;
    const onPage = rows.slice(first, first + this.pageSize);
    const number = (n) => n.toLocaleString('en-GB');
    this.where.textContent = `Rows ${number(Math.min(first + 1, rows.length))} to ${number(first + onPage.length)} of ${number(rows.length)}`;
    this.back.disabled = !this.page;
    this.on.disabled = this.page === last;
    this.pager.hidden = rows.length <= this.pageSize;
    return onPage;
  }
}
