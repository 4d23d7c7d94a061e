// Rows that are chosen with a click or Enter, and walked with the arrow keys.

export function makeClickable(item, act, live) {
  item.tabIndex = -1;
  if (!live) return;
  item.classList.add('pick');
  item.addEventListener('click', act);
  item.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    if (event.target !== item) return;
    event.preventDefault();
    act();
  });
}

// Arrow keys, Home, End and Page keys move among the items that are shown.
export function addArrowKeys(items) {
  if (!items.length) return;
  items[0].tabIndex = 0;
  const list = items[0].parentElement;
  const hold = (item) => {
    for (const other of items) other.tabIndex = -1;
    item.tabIndex = 0;
  };
  list.addEventListener('focusin', (event) => {
    const item = items.find((one) => one === event.target);
    if (item) hold(item);
  });
  list.addEventListener('keydown', (event) => {
    const open = items.filter((item) => !item.hidden);
    const at = open.indexOf(event.target);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: open.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    open[Math.max(0, Math.min(open.length - 1, to))].focus();
  });
}
