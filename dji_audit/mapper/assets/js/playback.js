// The moment: the slider, playing, and going from event to event.

let currentMs = AXIS_START;
let playing = false;
let aircraft = null;
let leafletMap = null;
let lastAnnounced = '';

function clockWords(ms, tenths) {
  if (axisCountsFixes) return `Fix ${(fixAt(ms) + 1).toLocaleString('en-GB')} of ${fixes.toLocaleString('en-GB')}`;
  return `${clockText(ms, tenths)} UTC`;
}

// Go to a moment.  `pan` brings the aircraft into sight, `keep` leaves the marked
// part of the path, `row` is the row that was chosen, if one was.
function seekTo(ms, { pan = false, keep = false, row = null } = {}) {
  currentMs = Math.max(AXIS_START, Math.min(AXIS_END, ms));
  if (!keep && highlightedRuns) {
    highlightedRuns = null;
    for (const sheet of canvasLayers) sheet.refresh();
  }
  const fix = fixAt(currentMs);
  const position = positionAt(currentMs);
  showReadout(currentMs, fix, position);
  if (footprintLayer) footprintLayer.refresh();
  if (aircraft && position) {
    aircraft.show(position, fix);
    if (pan && !leafletMap.getBounds().pad(-0.03).contains([position.lat, position.lon])) {
      leafletMap.panTo([position.lat, position.lon], { animate: false });
    }
  }
  const slider = byId('slider');
  slider.value = currentMs - AXIS_START;
  slider.setAttribute('aria-valuetext', axisCountsFixes ? clockWords(currentMs) : `${clockWords(currentMs)}, ${localText(currentMs)}`);
  byId('clock').replaceChildren(htmlElement('b', clockWords(currentMs, true)), htmlElement('span', axisCountsFixes ? 'no times in this log' : `${localText(currentMs)}, ${dateText(currentMs)}`));
  movePlayhead(currentMs);
  const latest = axisCountsFixes ? -1 : markCurrentRows(currentMs, row && 'index' in row ? row : null);
  scrollToRow(latest);
  if (latest >= 0 && !playing && rows[latest].text !== lastAnnounced) {
    lastAnnounced = rows[latest].text;
    byId('announcement').textContent = `Latest event: ${lastAnnounced}`;
  }
}

function setPlaying(on) {
  playing = on && AXIS > 0;
  byId('play').textContent = playing ? 'Pause' : 'Play';
  byId('play').setAttribute('aria-pressed', String(playing));
  if (!playing) return;
  if (currentMs >= AXIS_END) seekTo(AXIS_START, { pan: true });
  let last = null;
  const tick = (stamp) => {
    if (!playing) return;
    if (last !== null) seekTo(currentMs + (stamp - last) * Number(byId('rate').value), { pan: true });
    last = stamp;
    if (currentMs >= AXIS_END) setPlaying(false);
    else requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

function stepToEvent(direction) {
  const visibleRows = rows.filter((row, index) => row.start !== null && !tableRows[index].hidden);
  const before = visibleRows.filter((row) => row.start < currentMs - 60);
  const target = direction < 0 ? before[before.length - 1] : visibleRows.find((row) => row.start > currentMs + 60);
  if (target) selectRow(target, true);
}

function buildClock() {
  const slider = byId('slider');
  slider.max = Math.max(AXIS, 1);
  slider.addEventListener('input', () => seekTo(AXIS_START + Number(slider.value), { pan: true }));
  slider.addEventListener('keydown', (event) => {
    const small = event.shiftKey || axisCountsFixes ? 100 : 1000;
    const by = { ArrowRight: small, ArrowUp: small, ArrowLeft: -small, ArrowDown: -small, PageUp: 10000, PageDown: -10000 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    seekTo(currentMs + (axisCountsFixes ? Math.sign(by) * Math.max(1000, Math.abs(by)) : by), { pan: true });
  });
  byId('play').addEventListener('click', () => setPlaying(!playing));
  byId('previous').addEventListener('click', () => stepToEvent(-1));
  byId('next').addEventListener('click', () => stepToEvent(1));
  const idle = !(AXIS > 0);
  for (const id of ['slider', 'play', 'previous', 'next', 'rate']) byId(id).disabled = idle;
}
