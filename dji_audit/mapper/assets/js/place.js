// "When was this in view?": a place is chosen on the map or written down; the answer is a
// table, bands over the lanes, and the stretches of the path.

const asked = { place: null, sightings: [], picking: false, marker: null };
const CERTAIN = { inside: 'in the picture', edge: 'at its edge, within the error', bearing: 'in its direction only' };
const SENSOR_SAID = { visible: 'visible light', thermal: 'thermal', multispectral: 'multispectral', unknown: 'sensor not stated' };

// A latitude and longitude, or a grid reference, or null.
function placeOfText(text) {
  const said = text.trim().replace(/−/g, '-');
  const degrees = said.match(/^([-+]?\d+(?:\.\d+)?)\s*°?\s*([NS])?[\s,;]+([-+]?\d+(?:\.\d+)?)\s*°?\s*([EW])?$/i);
  if (degrees) {
    const [, lat, ns, lon, ew] = degrees;
    const place = [Number(lat) * (/s/i.test(ns || '') ? -1 : 1), Number(lon) * (/w/i.test(ew || '') ? -1 : 1)];
    return Math.abs(place[0]) <= 90 && Math.abs(place[1]) <= 180 ? place : null;
  }
  const reference = said.toUpperCase().match(/^([A-HJ-Z]{2})\s*(\d[\d\s]*)$/);
  if (!reference || !flight.grid) return null;
  const digits = reference[2].replace(/\s/g, '');
  if (digits.length % 2 || digits.length > 10) return null;
  const half = digits.length / 2;
  const unit = 10 ** (5 - half);
  const [large, small] = [...reference[1]].map((letter) => SQUARES.indexOf(letter));
  // The middle of the square that is named.
  const metres = (part) => Number(part || 0) * unit + unit / 2;
  const east = (large % 5 - 2) * 500000 + small % 5 * 100000 + metres(digits.slice(0, half));
  const north = (Math.floor(large / 5) - 1) * 500000 + Math.floor(small / 5) * 100000 + metres(digits.slice(half));
  const found = fromNational(east, north);
  return found && found.every(Number.isFinite) ? found : null;
}

function ask(lat, lon) {
  const turn = placed.length ? 360 * Math.round((track.lon[placed[0]] - lon) / 360) : 0;
  asked.place = [lat, lon + turn];
  asked.sightings = inView(...asked.place);
  pick(false);
  showAnswer();
}

function forget() {
  asked.place = null;
  asked.sightings = [];
  if (asked.marker) asked.marker.remove();
  asked.marker = null;
  showAnswer();
}

function pick(on) {
  asked.picking = on && Boolean(chart) && !look.why_not;
  byId('pick').setAttribute('aria-pressed', String(asked.picking));
  byId('pick').textContent = asked.picking ? 'Now click a place on the map' : 'When was this in view?';
  if (chart) chart.getContainer().classList.toggle('picking', asked.picking);
}

function showAnswer() {
  const [lat, lon] = asked.place || [];
  const body = byId('view_table').tBodies[0];
  byId('view_table').hidden = !asked.sightings.length;
  byId('view_clear').hidden = !asked.place;
  byId('view_count').textContent = asked.place ? asked.sightings.length : '';
  if (!asked.place) byId('view_answer').replaceChildren();
  else {
    const reference = gridReference(lat, lon);
    byId('view_answer').replaceChildren(el('p', answerWords(asked.sightings), 'answer'), el('p', [position(lat, lon), reference].filter(Boolean).join('  ·  '), 'note'));
    byId('view_text').value = position(lat, lon);
  }
  const items = asked.sightings.map(answerRow);
  body.replaceChildren(...items);
  roving(items);
  markPlace();
  drawLanes();
  for (const sheet of sheets) sheet.refresh();
}

// The whole of it in a sentence: what was recorded goes first.
function answerWords(sightings) {
  if (!sightings.length) return 'This place was never in the picture, by the angles and positions that the log gives.';
  const sure = sightings.filter((one) => one.certainty !== 'bearing');
  const lasted = (list) => lastingOf(unionOf(list).reduce((sum, [a, b]) => sum + b - a, 0));
  const films = sure.filter((one) => one.recorded === 'video');
  const photos = sure.filter((one) => one.recorded === 'photo');
  const live = sure.filter((one) => !one.recorded);
  const times = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;
  const parts = [];
  if (films.length) parts.push(`in view while video was recorded, for ${lasted(films)}`);
  if (photos.length) parts.push(`in ${times(photos.length, 'photo')}`);
  if (live.length) parts.push(`in view without a recording that the log shows, for ${lasted(live)}`);
  if (!parts.length) return 'This place was only in the direction of the picture: the look was too flat to say more.';
  return `This place was ${parts.join('; ')}.`;
}

function unionOf(list) {
  const out = [];
  for (const { start, end } of list) {
    const last = out[out.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else out.push([start, end]);
  }
  return out;
}

function answerRow(one) {
  const tr = el('tr', null, one.certainty);
  const time = el('td', clockOf(one.start), 'time');
  time.append(el('span', localOf(one.start), 'sub'));
  if (one.end > one.start) time.append(el('span', `for ${lastingOf(one.end - one.start)}`, 'sub'));
  const what = el('td', null, 'what');
  const ink = { visible: 2, thermal: 4, multispectral: 8 }[one.sensor] || 1;
  const icon = one.recorded === 'photo' ? signIcon('photo')
    : one.recorded ? lineIcon(SENSORS.find((sensor) => sensor.bit === ink)) : lineIcon({ colour: IDLE, band: false, width: 2 });
  const said = one.recorded === 'photo' ? 'Photo' : one.recorded ? 'Video' : 'No recording shown';
  what.append(icon, `${said}, ${SENSOR_SAID[one.sensor] || one.sensor}`, el('span', CERTAIN[one.certainty], 'sub'));
  const sure = el('td', one.error === null ? 'no place' : `± ${one.error.toFixed(0)} m`, 'source');
  sure.append(el('span', `${one.range.toFixed(0)} m away, ${one.depression.toFixed(0)}° below the horizon`, 'sub'));
  tr.append(time, what, sure);
  pickable(tr, () => {
    for (const other of tr.parentElement.rows) other.classList.toggle('now', other === tr);
    choose(one.start, one.end);
    for (const sheet of sheets) sheet.refresh();
    go(one.start, { pan: true, keep: true });
  }, true);
  return tr;
}

function markPlace() {
  if (!chart) return;
  if (asked.marker) asked.marker.remove();
  asked.marker = null;
  if (!asked.place) return;
  const pin = { d: 'M0 0C-3-9-11-13-11-22A11 11 0 1 1 11-22C11-13 3-9 0 0Z', fill: '#ffd400', stroke: '#14181d', 'stroke-width': 2 };
  const drawing = svg('svg', { width: 30, height: 38, viewBox: '-15 -36 30 38', 'aria-hidden': 'true' },
    svg('path', pin), svg('circle', { cy: -22, r: 4.2, fill: '#14181d' }));
  asked.marker = L.marker(asked.place, {
    icon: L.divIcon({ className: 'asked', iconSize: [30, 38], iconAnchor: [15, 36], html: drawing }),
    keyboard: false,
    interactive: false,
    zIndexOffset: 900,
  }).addTo(chart);
}

// Where a place was in view, under the path.
function paintAsked(g, view) {
  if (!asked.place) return;
  const runs = asked.sightings.filter((one) => one.certainty !== 'bearing' && one.end > one.start)
    .map((one) => ({ from: rankOf[Math.max(firstFrom(one.start), 0)], to: rankOf[Math.max(fixAt(one.end), 0)] }))
    .filter((run) => run.from >= 0 && run.to > run.from);
  if (runs.length) stroke(g, view, runs, '#ffd400', 20, 0.55);
}

function buildPlace() {
  byId('view_why').textContent = look.why_not;
  byId('view_form').hidden = Boolean(look.why_not);
  byId('pick').hidden = Boolean(look.why_not) || !chart;
  byId('view_middle').hidden = !chart;
  byId('pick').addEventListener('click', () => {
    byId('tab_view').click();
    pick(!asked.picking);
  });
  byId('view_form').addEventListener('submit', (event) => event.preventDefault());
  const find = () => {
    const place = placeOfText(byId('view_text').value);
    byId('view_text').setAttribute('aria-invalid', String(!place));
    byId('view_wrong').textContent = place ? '' : 'Write latitude, longitude in degrees, such as 54.6412, -2.2275'
      + `${flight.grid ? ', or a grid reference such as NY 85361 27364' : ''}.`;
    if (!place) return;
    ask(...place);
    if (chart) chart.panInside(asked.place, { padding: [60, 60], animate: false });
  };
  byId('view_find').addEventListener('click', find);
  byId('view_text').addEventListener('keydown', (event) => {
    if (event.key === 'Enter') find();
  });
  byId('view_middle').addEventListener('click', () => {
    const middle = chart.getCenter();
    ask(middle.lat, middle.lng);
  });
  byId('view_clear').addEventListener('click', forget);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && asked.picking) pick(false);
  });
  if (!flight.place) return;
  byId('tab_view').click();
  if (!look.why_not) ask(...flight.place);
}
