// The table of events and findings: one row is in the tab order, arrows move on.

const bodyRows = [];
let current = [];

function buildTable() {
  const made = rows.map(tableRow);
  byId('event_table').tBodies[0].replaceChildren(...made);
  bodyRows.push(...made);
  roving(made);
  applyFilters();
}

function tableRow(row) {
  const tr = el('tr', null, `${row.group} ${row.group === 'finding' ? row.outcome : ''}`.trim());
  const time = el('td', row.start === null ? 'not given' : clockOf(row.start), 'time');
  if (row.start !== null) time.append(el('span', localOf(row.start), 'sub'));
  if (row.end !== null && row.end > row.start) time.append(el('span', `for ${lastingOf(row.end - row.start)}`, 'sub'));
  const group = flight.groups.find(([name]) => name === row.group);
  const what = el('td', null, 'what');
  const kind = el('span', `${group ? group[1] : row.group} · ${row.kind}`, 'sub');
  if (row.outcome) kind.append(el('span', `${row.outcome.replace('_', ' ')}, severity ${row.severity}`, `chip ${row.outcome}`));
  else if (row.severity && row.severity !== 'info') kind.append(el('span', row.severity, `chip ${row.severity === 'notice' ? '' : 'warned'}`));
  what.append(iconOf(row), row.what, kind);
  const source = el('td', row.grade, 'source');
  if (flight.files.length > 1 && row.toldBy !== null) source.append(el('span', flight.files[row.toldBy], 'sub'));
  if (row.record) source.append(el('span', row.record, 'sub'));
  if (row.offset !== null) source.append(el('span', `byte ${row.offset.toLocaleString('en-GB')}`, 'sub'));
  tr.append(time, what, source);
  pickable(tr, () => selectRow(row, true), row.start !== null);
  return tr;
}

// The sign that stands for the row on the map.
function iconOf(row) {
  if (row.group === 'finding') return findingIcon(row);
  if (row.group !== 'recording') return signIcon(row.group);
  if (row.kind.startsWith('photo')) return signIcon('photo');
  const sensor = SENSORS.find((one) => row.kind === `video ${one.name}`);
  return sensor ? lineIcon(sensor) : signIcon('setting');
}

function pickable(item, act, live) {
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
function roving(items) {
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

function selectRow(row, pan) {
  if (row.start === null) return;
  if (counting) {
    markRows(row.start, 'index' in row ? row : null);
    return;
  }
  choose(row.start, row.end);
  for (const sheet of sheets) sheet.refresh();
  go(row.start, { pan, keep: true, row });
}

function buildFilters() {
  const counts = {};
  for (const row of rows) counts[row.group] = (counts[row.group] || 0) + 1;
  for (const [name, words] of flight.groups) {
    if (!counts[name]) continue;
    const label = el('label');
    const box = el('input');
    box.type = 'checkbox';
    box.value = name;
    box.checked = groupShown[name];
    box.addEventListener('change', () => {
      groupShown[name] = box.checked;
      applyFilters();
      for (const sheet of sheets) sheet.refresh();
    });
    label.append(box, ` ${words} `, el('span', counts[name], 'count'));
    byId('filters').append(label);
  }
  const find = el('input', null, 'find');
  find.type = 'search';
  find.placeholder = 'Find in the table';
  find.setAttribute('aria-label', 'Find in the table');
  find.addEventListener('input', () => applyFilters(find.value.toLowerCase()));
  byId('filters').append(find);
}

let wanted = '';
function applyFilters(words = wanted) {
  wanted = words;
  let count = 0;
  rows.forEach((row, index) => {
    const said = `${row.kind} ${row.what} ${row.record} ${row.grade} ${flight.files[row.toldBy] || ''}`.toLowerCase();
    const open = groupShown[row.group] && (!wanted || said.includes(wanted));
    bodyRows[index].hidden = !open;
    if (!open) bodyRows[index].tabIndex = -1;
    count += open ? 1 : 0;
  });
  byId('event_count').textContent = count;
  byId('shown_note').textContent = count === rows.length ? '' : `${count} of ${rows.length} rows are shown; the others are filtered out.`;
  const first = bodyRows.find((item) => !item.hidden);
  if (first && !bodyRows.some((item) => item.tabIndex === 0)) first.tabIndex = 0;
}

// The rows of the moment: the last that began, and all that still go on.
function markRows(ms, picked) {
  let latest = picked ? picked.index : -1;
  const lit = [];
  rows.forEach((row, index) => {
    if (row.start === null || bodyRows[index].hidden || row.start > ms + 50) return;
    if (!picked) latest = index;
    if (row.end !== null && row.end > ms) lit.push(index);
  });
  if (latest >= 0 && !lit.includes(latest)) lit.push(latest);
  for (const index of current) if (!lit.includes(index)) bodyRows[index].classList.remove('now');
  for (const index of lit) bodyRows[index].classList.add('now');
  for (const index of current) bodyRows[index].removeAttribute('aria-current');
  if (latest >= 0) bodyRows[latest].setAttribute('aria-current', 'true');
  current = lit;
  return latest;
}

// Keep the row of the moment in sight, without moving what the reader holds.
function revealRow(index) {
  const item = bodyRows[index];
  const page = byId('events');
  if (index < 0 || item.hidden || item.contains(document.activeElement)) return;
  if (page.hidden || page.scrollHeight <= page.clientHeight) return;
  const box = page.getBoundingClientRect();
  const place = item.getBoundingClientRect();
  const head = byId('event_table').tHead.getBoundingClientRect().height;
  if (place.top < box.top + head || place.bottom > box.bottom - 8) {
    page.scrollTop += place.top - box.top - box.height * 0.45;
  }
}
