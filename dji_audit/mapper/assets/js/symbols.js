// The signs that stand on the map, and what lies under the pointer.

const groupShown = {};
for (const [name, , on] of flight.groups) groupShown[name] = on;

// Photos come from the captures; the rows of recordings would repeat them.
const symbols = [];
for (const row of rows) {
  const photo = row.group === 'recording' && row.kind.startsWith('photo');
  const sign = row.group === 'finding' ? 'finding' : photo ? 'photo' : row.group;
  if (sign === 'recording') continue;
  const place = placeOf(row);
  if (place) symbols.push({ sign, row, lat: place.lat, lon: place.lon });
}
// What matters most is painted last, and so is the gravest of the findings at one place.
const ORDER = ['setting', 'tip', 'photo', 'flight', 'network', 'warning', 'limit', 'geofence', 'finding'];
const GRAVITY = ['info', 'low', 'medium', 'high'];
symbols.sort((a, b) => ORDER.indexOf(a.sign) - ORDER.indexOf(b.sign)
  || GRAVITY.indexOf(a.row.severity) - GRAVITY.indexOf(b.row.severity));
for (const kind of ['home', 'pilot']) {
  const place = flight[kind];
  if (place) symbols.push({ sign: kind, row: null, lat: place.lat, lon: place.lon });
}

function symbolShown(symbol) {
  if (!symbol.row) return shownLayers[symbol.sign];
  if (!groupShown[symbol.row.group]) return false;
  return shownLayers[symbol.sign === 'photo' ? 'photos' : 'events'];
}

function paintSymbols(g, view) {
  for (const symbol of symbols) {
    if (!symbolShown(symbol)) continue;
    const [x, y] = view.at(symbol.lat, symbol.lon);
    if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
    if (symbol.sign === 'finding') paintFinding(g, symbol.row, x, y);
    else paintSign(g, symbol.sign, x, y);
  }
}

function symbolAt(view, px, py) {
  for (let i = symbols.length - 1; i >= 0; i -= 1) {
    const symbol = symbols[i];
    if (!symbolShown(symbol)) continue;
    const [x, y] = view.at(symbol.lat, symbol.lon);
    if (Math.abs(x - px) < 13 && Math.abs(y - py) < 13) return symbol;
  }
  return null;
}

function describe(symbol) {
  const box = el('div');
  if (!symbol.row) {
    const place = flight[symbol.sign];
    box.append(el('strong', SIGNS[symbol.sign].words), el('div', position(place.lat, place.lon)));
    if (place.accuracy !== null) box.append(el('div', `within ${place.accuracy} m as stated`));
    box.append(el('div', `${place.record}, byte ${place.offset.toLocaleString('en-GB')}`, 'note'));
    return box;
  }
  box.append(el('strong', symbol.row.what));
  if (symbol.row.start !== null) box.append(el('div', `${clockOf(symbol.row.start)} UTC, ${localOf(symbol.row.start)}`));
  box.append(el('div', [symbol.row.kind, symbol.row.severity, symbol.row.grade].filter(Boolean).join(' · '), 'note'));
  return box;
}

// Pointing shows what is there; a click goes to its moment.
function watchPointer(map) {
  const tooltip = L.tooltip({ className: 'told', direction: 'top', offset: [0, -12] });
  const cursor = byId('cursor');
  let current = null;
  map.on('mousemove', (event) => {
    const { lat, lng } = event.latlng;
    const reference = gridReference(lat, lng);
    cursor.textContent = [position(lat, lng), reference].filter(Boolean).join('  ·  ');
    const found = symbolAt(viewOf(map, map.getSize()), event.containerPoint.x, event.containerPoint.y);
    map.getContainer().classList.toggle('pointing', Boolean(found));
    const zone = found ? null : zoneAt(lat, lng);
    if ((found || zone) === current) {
      if (zone) tooltip.setLatLng(event.latlng);
      return;
    }
    current = found || zone;
    if (found) tooltip.setLatLng([found.lat, found.lon]).setContent(describe(found)).addTo(map);
    else if (zone) tooltip.setLatLng(event.latlng).setContent(describeZone(zone)).addTo(map);
    else tooltip.remove();
  });
  map.on('mouseout', () => {
    cursor.textContent = grid.label;
    current = null;
    tooltip.remove();
  });
  map.on('click', (event) => {
    if (asked.picking) {
      ask(event.latlng.lat, event.latlng.lng);
      return;
    }
    const view = viewOf(map, map.getSize());
    const { x, y } = event.containerPoint;
    const found = symbolAt(view, x, y);
    if (found && found.row && found.row.start !== null) selectRow(found.row, false);
    else {
      const fix = nearestFix(view, x, y, 24);
      if (fix >= 0) go(track.ms[fix]);
    }
  });
}
