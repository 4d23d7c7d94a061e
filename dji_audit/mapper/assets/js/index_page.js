// The index: sort by a column, show some of the rows.  The text is in the table
// already; rows are only moved and hidden.

/** @type {any} the table of the template */
const table = document.getElementById('flights');
const tableBody = table.tBodies[0];
const flightRows = [...tableBody.rows];
const rowTexts = flightRows.map((row) => row.textContent.toLowerCase());

function sortValue(row, column) {
  const cell = row.cells[column];
  if (cell.dataset.key !== undefined) return Number(cell.dataset.key);
  const text = cell.textContent;
  if (column === 0) return Number(text);
  return cell.classList.contains('number') || cell.classList.contains('time') ? null : text;
}

// Rows that do not know come last, whichever way the others are sorted.
function sortBy(column, up) {
  const keyed = flightRows.map((row, index) => ({ row, index, value: sortValue(row, column) }));
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null) || a.index - b.index;
    const order = typeof a.value === 'number' && typeof b.value === 'number'
      ? a.value - b.value
      : String(a.value) < String(b.value) ? -1 : String(a.value) > String(b.value) ? 1 : 0;
    return (up ? order : -order) || a.index - b.index;
  });
  tableBody.append(...keyed.map(({ row }) => row));
}

[...table.tHead.rows[0].cells].forEach((head, column) => {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = head.textContent;
  head.replaceChildren(button);
  button.addEventListener('click', () => {
    const up = head.getAttribute('aria-sort') !== 'ascending';
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    sortBy(column, up);
  });
});

function applyFilter() {
  const which = /** @type {any} */ (document.getElementById('which')).value;
  const words = /** @type {any} */ (document.getElementById('find')).value.toLowerCase();
  let count = 0;
  flightRows.forEach((row, index) => {
    const visible = (!which || row.dataset.has.split(' ').includes(which)) && rowTexts[index].includes(words);
    row.hidden = !visible;
    count += visible ? 1 : 0;
  });
  document.getElementById('shown').textContent = count === flightRows.length ? '' : `${count} shown`;
}
document.getElementById('which').addEventListener('change', applyFilter);
document.getElementById('find').addEventListener('input', applyFilter);
window.addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true;
});
document.documentElement.classList.add('js');
document.documentElement.dataset.ready = '1';
