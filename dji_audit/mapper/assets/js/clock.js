// The moment: the slider, playing, and going from event to event.

let now = AXIS_START;
let playing = false;
let aircraft = null;
let chart = null;
let lastSaid = '';

function clockWords(ms, tenths) {
  if (counting) return `Fix ${(fixAt(ms) + 1).toLocaleString('en-GB')} of ${fixes.toLocaleString('en-GB')}`;
  return `${clockOf(ms, tenths)} UTC`;
}

// Go to a moment.  `pan` brings the aircraft into sight, `keep` leaves the marked
// part of the path, `row` is the row that was chosen, if one was.
function go(ms, { pan = false, keep = false, row = null } = {}) {
  now = Math.max(AXIS_START, Math.min(AXIS_END, ms));
  if (!keep && chosen) {
    chosen = null;
    for (const sheet of sheets) sheet.refresh();
  }
  const fix = fixAt(now);
  const place = whereAt(now);
  tell(now, fix, place);
  if (footprintSheet) footprintSheet.refresh();
  if (aircraft && place) {
    aircraft.show(place, fix);
    if (pan && !chart.getBounds().pad(-0.03).contains([place.lat, place.lon])) {
      chart.panTo([place.lat, place.lon], { animate: false });
    }
  }
  const slider = byId('slider');
  slider.value = now - AXIS_START;
  slider.setAttribute('aria-valuetext', counting ? clockWords(now) : `${clockWords(now)}, ${localOf(now)}`);
  byId('clock').replaceChildren(el('b', clockWords(now, true)), el('span', counting ? 'no times in this log' : `${localOf(now)}, ${dayOf(now)}`));
  moveHand(now);
  const latest = counting ? -1 : markRows(now, row && 'index' in row ? row : null);
  revealRow(latest);
  if (latest >= 0 && !playing && rows[latest].what !== lastSaid) {
    lastSaid = rows[latest].what;
    byId('say').textContent = `Latest event: ${lastSaid}`;
  }
}

function play(on) {
  playing = on && AXIS > 0;
  byId('play').textContent = playing ? 'Pause' : 'Play';
  byId('play').setAttribute('aria-pressed', String(playing));
  if (!playing) return;
  if (now >= AXIS_END) go(AXIS_START, { pan: true });
  let last = null;
  const tick = (stamp) => {
    if (!playing) return;
    if (last !== null) go(now + (stamp - last) * Number(byId('rate').value), { pan: true });
    last = stamp;
    if (now >= AXIS_END) play(false);
    else requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

function step(direction) {
  const open = rows.filter((row, index) => row.start !== null && !bodyRows[index].hidden);
  const before = open.filter((row) => row.start < now - 60);
  const found = direction < 0 ? before[before.length - 1] : open.find((row) => row.start > now + 60);
  if (found) selectRow(found, true);
}

function buildClock() {
  const slider = byId('slider');
  slider.max = Math.max(AXIS, 1);
  slider.addEventListener('input', () => go(AXIS_START + Number(slider.value), { pan: true }));
  slider.addEventListener('keydown', (event) => {
    const small = event.shiftKey || counting ? 100 : 1000;
    const by = { ArrowRight: small, ArrowUp: small, ArrowLeft: -small, ArrowDown: -small, PageUp: 10000, PageDown: -10000 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    go(now + (counting ? Math.sign(by) * Math.max(1000, Math.abs(by)) : by), { pan: true });
  });
  byId('play').addEventListener('click', () => play(!playing));
  byId('previous').addEventListener('click', () => step(-1));
  byId('next').addEventListener('click', () => step(1));
  const idle = !(AXIS > 0);
  for (const id of ['slider', 'play', 'previous', 'next', 'rate']) byId(id).disabled = idle;
}
