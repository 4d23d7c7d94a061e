// The flight over time, in lanes under the slider.  Painted once for a size; only
// the hand moves with the slider.

const GUTTER = 78;
const THUMB = 8;
const AXIS = AXIS_END - AXIS_START;

// A contact is drawn for what it shows, and never for more: a ring is a contact, a half
// disc a probable upload, a disc a confirmed one, a cross an attempt, a dot a mere name.
const CLAIM_SIGNS = { indicator: 'dot', attempted: 'cross', contact: 'ring', probable_upload: 'half', confirmed_upload: 'disc' };
const CLAIM_INK = '#5b2a6e';

function laneRows() {
  // Instants cannot be put on an axis that counts fixes.
  const videos = counting ? [] : captures.filter((c) => c.kind === 'video' && c.end !== null);
  const bars = (list) => list.map((c) => ({ start: c.start, end: c.end, sensor: SENSORS.find((s) => s.bit === (SENSOR_BIT[c.sensor] || 1)) }));
  const thermal = videos.filter((c) => c.sensor === 'thermal');
  const other = videos.filter((c) => c.sensor !== 'thermal');
  const unsure = other.some((c) => SENSOR_BIT[c.sensor] !== 2 && SENSOR_BIT[c.sensor] !== 8);
  const of = (...groups) => rows.filter((row) => !counting && groups.includes(row.group) && row.start !== null);
  const photos = counting ? [] : captures.filter((c) => c.kind === 'photo');
  const where = flight.unread ? 'in the part that could be read' : flight.files.length > 1 ? 'in these logs' : 'in this log';
  const none = (words) => (counting ? 'the fixes have no times: see the tables' : `${words} ${where}`);
  const others = thermal.length ? 'none but thermal' : none('none');
  const untold = (words) => (flight.mute ? 'this kind of log does not tell' : words);
  return [
    { name: 'Video', bars: bars(other), none: untold(others) },
    { name: 'Thermal', bars: bars(thermal), ticks: photos.filter((c) => c.sensor === 'thermal').map((c) => c.start), none: untold(unsure ? 'not stated by this log' : none('none')) },
    { name: 'Photos', ticks: photos.map((c) => c.start), none: untold(none('none')) },
    { name: 'Boundaries', marks: [...of('geofence', 'limit'), ...of('finding').filter((row) => row.ofZone)], none: none('no event') },
    { name: 'Network', contacts: of('network').filter((row) => row.kind in CLAIM_SIGNS), none: none('none') },
    { name: 'Findings', marks: of('finding'), none: none('none with a time') },
  ];
}
const lanes = laneRows();
const LANE = 15;
const PROFILE = 46;

function drawLanes() {
  const canvas = byId('lanes');
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  // Not laid out, as in print.
  if (w < GUTTER + 40) return;
  canvas.width = Math.round(w * ratio);
  canvas.height = Math.round(h * ratio);
  const g = canvas.getContext('2d');
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  const from = GUTTER + THUMB;
  const wide = w - from - THUMB;
  const X = (ms) => from + Math.max(0, Math.min(1, (ms - AXIS_START) / (AXIS || 1))) * wide;
  g.font = '12px "Liberation Sans", Arial, sans-serif';
  drawProfile(g, from, wide);
  lanes.forEach((lane, number) => {
    const y = PROFILE + 4 + number * LANE;
    g.fillStyle = '#eef1f4';
    g.fillRect(from, y, wide, LANE - 3);
    g.fillStyle = '#14181d';
    g.textAlign = 'left';
    g.fillText(lane.name, 2, y + 10);
    drawLane(g, lane, X, y);
  });
  drawAsked(g, X);
  drawTicks(g, X, PROFILE + 4 + lanes.length * LANE, wide);
}

// What was watched is shaded, so that an empty stretch can be told from a blind one.
function drawContacts(g, lane, X, y) {
  const high = LANE - 3;
  const watched = flight.network ? flight.network.watched.filter(([a, b]) => b > AXIS_START && a < AXIS_END) : [];
  g.fillStyle = '#cfe0d6';
  for (const [start, end] of watched) g.fillRect(X(start), y, Math.max(X(end) - X(start), 1), high);
  const inside = lane.contacts.filter((row) => row.start <= AXIS_END && (row.end || row.start) >= AXIS_START);
  const before = lane.contacts.filter((row) => row.start < AXIS_START).length;
  const after = lane.contacts.filter((row) => row.start > AXIS_END).length;
  for (const row of inside) drawClaim(g, row, X, y, high);
  const words = [watched.length ? '' : 'not watched: silence means nothing', before ? `${before} before` : '', after ? `${after} after` : ''];
  const text = words.filter(Boolean).join(', ');
  if (!text) return;
  g.font = '11px "Liberation Sans", Arial, sans-serif';
  g.textAlign = 'right';
  const wide = g.measureText(text).width + 10;
  g.fillStyle = 'rgba(255, 255, 255, .8)';
  g.fillRect(X(AXIS_END) - wide, y, wide, high);
  g.fillStyle = '#4a5561';
  g.fillText(text, X(AXIS_END) - 4, y + 10);
  g.textAlign = 'left';
  g.font = '12px "Liberation Sans", Arial, sans-serif';
}

function drawClaim(g, row, X, y, high) {
  const [x, middle] = [X(row.start), y + high / 2];
  const sign = CLAIM_SIGNS[row.kind];
  g.strokeStyle = CLAIM_INK;
  g.fillStyle = CLAIM_INK;
  g.lineWidth = 1.7;
  if (row.end !== null) g.fillRect(x, middle - 1, Math.max(X(row.end) - x, 1), 2);
  g.beginPath();
  if (sign === 'cross') {
    g.moveTo(x - 4, middle - 4);
    g.lineTo(x + 4, middle + 4);
    g.moveTo(x - 4, middle + 4);
    g.lineTo(x + 4, middle - 4);
    g.stroke();
    return;
  }
  g.arc(x, middle, sign === 'dot' ? 1.8 : 4.4, 0, 7);
  g.fillStyle = sign === 'disc' || sign === 'dot' ? CLAIM_INK : '#fff';
  g.fill();
  g.stroke();
  if (sign !== 'half') return;
  g.fillStyle = CLAIM_INK;
  g.beginPath();
  g.arc(x, middle, 4.4, Math.PI / 2, -Math.PI / 2);
  g.fill();
}

function drawLane(g, lane, X, y) {
  const high = LANE - 3;
  if (lane.contacts && (lane.contacts.length || flight.network)) {
    drawContacts(g, lane, X, y);
    return;
  }
  if (![lane.bars, lane.ticks, lane.marks, lane.contacts].some((list) => list && list.length)) {
    g.fillStyle = '#4a5561';
    g.fillText(lane.none, X(AXIS_START) + 4, y + 10);
    return;
  }
  for (const { start, end, sensor } of lane.bars || []) {
    const [a, b] = [X(start), Math.max(X(end), X(start) + 2)];
    g.fillStyle = sensor.colour;
    g.fillRect(a, y, b - a, high);
    if (sensor.dash) {
      g.strokeStyle = '#fff';
      g.lineWidth = 2;
      g.lineCap = 'round';
      g.setLineDash(sensor.dash);
      g.beginPath();
      g.moveTo(a + 3, y + high / 2);
      g.lineTo(b - 2, y + high / 2);
      g.stroke();
      g.setLineDash([]);
    }
  }
  g.fillStyle = '#14181d';
  for (const ms of lane.ticks || []) g.fillRect(X(ms) - 1, y + 1, 2, high - 2);
  for (const row of lane.marks || []) {
    const ink = row.group === 'finding' ? RING[row.severity] || RING.info : SIGNS[row.group].fill;
    g.fillStyle = ink;
    const a = X(row.start);
    if (row.end !== null) g.fillRect(a, y + 3, Math.max(X(row.end) - a, 2), high - 6);
    g.beginPath();
    if (row.group === 'finding') g.arc(a, y + high / 2, 5, 0, 7);
    else {
      g.moveTo(a, y);
      g.lineTo(a + 6, y + high);
      g.lineTo(a - 6, y + high);
    }
    g.fill();
    g.strokeStyle = '#fff';
    g.lineWidth = 1;
    g.stroke();
  }
}

// When the place that was asked for was in view: bands over all lanes.
function drawAsked(g, X) {
  const deep = PROFILE + 2 + lanes.length * LANE;
  for (const { start, end, certainty } of asked.sightings) {
    const [a, b] = [X(start), Math.max(X(end), X(start) + 2)];
    g.globalAlpha = certainty === 'bearing' ? 0.16 : 0.42;
    g.fillStyle = '#ffd400';
    g.fillRect(a, 0, b - a, deep);
    g.globalAlpha = certainty === 'bearing' ? 0.35 : 1;
    g.fillStyle = '#8a6d00';
    g.fillRect(a, 0, b - a, 3);
  }
  g.globalAlpha = 1;
}

// Height, or what there is of it: the lowest and the highest of each pixel, so
// that no peak is lost.
function drawProfile(g, from, wide) {
  const name = ['height', 'amsl', 'agl'].find((column) => has[column]);
  g.fillStyle = '#14181d';
  g.textAlign = 'left';
  g.fillText('Height', 2, 20);
  g.fillStyle = '#4a5561';
  if (!name || !(AXIS > 0)) {
    g.fillText(flight.unread ? 'not in the part that could be read' : 'not in this log', from + 4, 20);
    return;
  }
  const values = track[name];
  let [low, high] = [name === 'height' ? 0 : Infinity, -Infinity];
  for (const value of values) if (value === value) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const span = high - low || 1;
  const Y = (value) => PROFILE - 2 - (value - low) / span * (PROFILE - 8);
  g.fillText(`${signed(low, 0)} to ${signed(high, 0)} m`, 2, 34);
  if (name !== 'height') g.fillText(name === 'amsl' ? 'above sea' : 'above ground', 2, 46);
  const tops = new Float64Array(Math.ceil(wide) + 1).fill(NaN);
  const lows = new Float64Array(tops.length).fill(NaN);
  for (let i = 0; i < fixes; i += 1) {
    const value = values[i];
    if (value !== value) continue;
    const x = Math.max(0, Math.min(tops.length - 1, Math.floor((track.ms[i] - AXIS_START) / AXIS * wide)));
    if (!(tops[x] >= value)) tops[x] = value;
    if (!(lows[x] <= value)) lows[x] = value;
  }
  g.strokeStyle = '#d5dbe1';
  g.lineWidth = 1;
  g.beginPath();
  g.moveTo(from, Y(Math.max(low, 0)) + 0.5);
  g.lineTo(from + wide, Y(Math.max(low, 0)) + 0.5);
  g.stroke();
  const reach = flight.gap_ms / AXIS * wide + 2;
  g.strokeStyle = '#14181d';
  g.lineWidth = 1.4;
  // So that a fix with none near is a dot.
  g.lineCap = 'round';
  g.beginPath();
  let last = -Infinity;
  for (let x = 0; x < tops.length; x += 1) {
    if (tops[x] !== tops[x]) continue;
    if (x - last > reach) g.moveTo(from + x, Y(lows[x]));
    else g.lineTo(from + x, Y(lows[x]));
    g.lineTo(from + x, Y(tops[x]) - 0.01);
    last = x;
  }
  g.stroke();
}

function drawTicks(g, X, y, wide) {
  if (!(AXIS > 0) || counting) return;
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
  const step = 1000 * (steps.find((s) => AXIS / 1000 / s * 90 < wide) || 864000);
  g.fillStyle = '#4a5561';
  g.strokeStyle = '#9aa6b2';
  g.lineWidth = 1;
  g.textAlign = 'center';
  g.fillText('UTC', GUTTER - 16, y + 12);
  for (let ms = Math.ceil(AXIS_START / step) * step; ms <= AXIS_END; ms += step) {
    const x = Math.round(X(ms)) + 0.5;
    g.beginPath();
    g.moveTo(x, y - 2);
    g.lineTo(x, y + 2);
    g.stroke();
    if (x > GUTTER + 26 && x < GUTTER + wide - 10) g.fillText(clockOf(ms), x, y + 12);
  }
}

function moveHand(ms) {
  const wide = byId('lanes').clientWidth - GUTTER - 2 * THUMB;
  const share = AXIS > 0 ? (ms - AXIS_START) / AXIS : 0;
  byId('hand').style.transform = `translateX(${(GUTTER + THUMB + share * wide).toFixed(1)}px)`;
}

function watchLanes() {
  const canvas = byId('lanes');
  const seek = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = (event.clientX - box.left - GUTTER - THUMB) / (box.width - GUTTER - 2 * THUMB);
    go(AXIS_START + Math.max(0, Math.min(1, share)) * AXIS, { pan: true });
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    seek(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) seek(event);
  });
  new ResizeObserver(() => {
    drawLanes();
    moveHand(now);
  }).observe(canvas);
}
