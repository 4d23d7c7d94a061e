// What is beside the map: the readout, the tabs, the key, and what is shown.

import { cameraView } from '../map/camera_view.js';
import { addArrowKeys, makeClickable } from './clickable_rows.js';
import { durationText } from '../data/times.js';
import {
  axisCountsFixes,
  captures,
  fixes,
  flight,
  has,
  positionedFixes,
  recordingAt,
  track,
} from '../data/columns.js';
import { gridReference } from '../data/coordinates.js';
import { positionText } from '../data/mercator.js';
import { byId, htmlElement, signedText, svgElement } from '../dom.js';
import { selectRow } from './event_table.js';
import { footprintWords } from '../map/footprint.js';
import { gridOverlay } from '../map/grid_layer.js';
import { SIGNS, aimIcon, areaIcon, findingIcon, lineIcon, signIcon } from '../map/signs.js';
import { symbolShown, symbols } from '../map/symbols.js';
import {
  COLOUR_SCALE,
  MODE_COLOURS,
  NO_VIDEO_COLOUR,
  bands,
  colouring,
  gaps,
  visibleLayers,
} from '../map/track_layer.js';
import { OTHER_ZONE_COLOUR, ZONE_COLOURS, zoneIcon, zones } from '../map/zone_layer.js';

const readout = {};

export function buildReadout() {
  /** @type {[string, string, boolean][]} */
  const lines = [
    ['position', 'Position', positionedFixes.length > 0],
    ['grid', 'Grid ref', flight.grid !== null],
    ['height', 'Height', has.height],
    ['amsl', 'Above sea', has.amsl],
    ['agl', 'Over ground', has.agl],
    ['speed', 'Speed', has.speed],
    ['home', 'From home', has.home_m],
    ['heading', 'Heading', has.heading],
    ['camera', 'Camera', has.gimbal_yaw || has.gimbal_pitch],
    ['view', 'In view', (has.gimbal_yaw || has.gimbal_pitch) && !axisCountsFixes],
    ['recording', 'Recording', !axisCountsFixes && (captures.length > 0 || fixes > 0)],
    ['mode', 'Flight mode', has.mode],
    ['state', 'Aircraft', has.satellites || has.battery || has.fix_ok],
    ['source', 'Source', fixes > 0],
  ];
  for (const [name, words, present] of lines) {
    if (!present) continue;
    const line = htmlElement('div', null, name);
    readout[name] = htmlElement('dd');
    line.append(htmlElement('dt', words), readout[name]);
    byId('readout').append(line);
  }
  byId('moment').hidden = !byId('readout').children.length;
}

const textOrUnknown = (value, words) => (Number.isNaN(value) ? 'not known' : words(value));

export function showReadout(ms, fix, position) {
  const set = (name, words) => { if (readout[name]) readout[name].textContent = words; };
  const value = (name) => (fix < 0 ? NaN : track[name][fix]);
  const age = position && position.stale ? ` (no fix now; ${durationText(Math.abs(position.age))} ${position.age < 0 ? 'before the first' : 'since the last'})` : '';
  set('position', position ? positionText(position.lat, position.lon) + age : 'not known');
  set('grid', position ? gridReference(position.lat, position.lon) || 'outside the grid' : 'not known');
  set('height', textOrUnknown(value('height'), (h) => `${signedText(h, 1)} m above take-off`));
  set('amsl', textOrUnknown(value('amsl'), (h) => `${signedText(h, 1)} m`));
  set('agl', textOrUnknown(value('agl'), (h) => `${signedText(h, 1)} m, measured`));
  const climb = textOrUnknown(value('climb'), (v) => `, ${Math.abs(v) < 0.05 ? 'level' : v > 0 ? `up ${v.toFixed(1)}` : `down ${(-v).toFixed(1)}`}`);
  set('speed', textOrUnknown(value('speed'), (v) => `${v.toFixed(1)} m/s${climb === 'not known' ? '' : climb}`));
  set('home', textOrUnknown(value('home_m'), (metres) => `${metres.toFixed(0)} m`));
  set('heading', textOrUnknown(value('heading'), (d) => `${d.toFixed(0)}°`));
  const camera = [textOrUnknown(value('gimbal_yaw'), (d) => `to ${d.toFixed(0)}°`), textOrUnknown(value('gimbal_pitch'), (d) => `pitch ${signedText(d, 0)}°`)];
  set('camera', camera.filter((words) => words !== 'not known').join(', ') || 'not known');
  set('view', footprintWords(ms, fix, position));
  set('recording', axisCountsFixes ? 'no times in this log' : recordingAt(ms));
  set('mode', textOrUnknown(value('mode'), (m) => flight.modes[m][0]));
  const ok = value('fix_ok');
  const condition = [textOrUnknown(value('battery'), (b) => `battery ${b.toFixed(0)} %`), textOrUnknown(value('satellites'), (n) => `${n} satellites`)];
  set('state', [...condition.filter((words) => words !== 'not known'), ok === 0 ? 'position not valid' : ''].filter(Boolean).join(', ') || 'not known');
  set('source', fix < 0 ? 'before the first fix' : `fix ${(fix + 1).toLocaleString('en-GB')} of ${fixes.toLocaleString('en-GB')}, byte ${value('offset').toLocaleString('en-GB')}`);
}

export function buildTabs() {
  /** @type {HTMLElement[]} */
  const tabs = [...byId('tabs').children];
  const open = (tab, focus) => {
    for (const other of tabs) {
      const mine = other === tab;
      other.setAttribute('aria-selected', String(mine));
      other.tabIndex = mine ? 0 : -1;
      byId(other.getAttribute('aria-controls')).hidden = !mine;
    }
    if (focus) tab.focus();
  };
  tabs.forEach((tab, number) => {
    byId(tab.getAttribute('aria-controls')).setAttribute('role', 'tabpanel');
    tab.addEventListener('click', () => open(tab));
    tab.addEventListener('keydown', (event) => {
      const to = { ArrowRight: number + 1, ArrowLeft: number - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      open(tabs[(to + tabs.length) % tabs.length], true);
    });
  });
  open(tabs[0]);
  // Rows and cards that were written without a script, and now lead to their moment.
  for (const list of [byId('cards'), byId('captures').querySelector('tbody'), byId('disagreements')?.tBodies[0], byId('hosts')?.tBodies[0]].filter(Boolean)) {
    const items = [...list.querySelectorAll('[data-at]')];
    for (const item of items) {
      const start = Number(item.dataset.at);
      const end = item.dataset.end ? Number(item.dataset.end) : null;
      makeClickable(item, () => selectRow({ start, end }, true), true);
    }
    if (items.length && items[0].parentElement === list) addArrowKeys(items);
  }
}

export function buildKey() {
  const list = byId('key_list');
  list.replaceChildren();
  const add = (icon, words) => {
    const item = htmlElement('li');
    item.append(icon, htmlElement('span', words));
    list.append(item);
  };
  const plain = (colour) => lineIcon({ colour, band: false, width: 5 });
  const recorded = bands.filter((band) => band.runs.length);
  if (colouring.by === 'recording') {
    add(lineIcon({ colour: NO_VIDEO_COLOUR, band: false, width: 2 }), 'No video shown');
    for (const { sensor } of recorded) add(lineIcon(sensor), sensor.words);
  } else {
    if (colouring.by === 'mode') {
      flight.modes.filter(([, own]) => own).forEach(([words], n) => add(plain(MODE_COLOURS[n]), words));
      if (flight.modes.some(([, own]) => !own)) add(plain(MODE_COLOURS[7]), 'Other modes');
    } else {
      const unit = colouring.by === 'height' ? 'm above take-off' : 'm/s';
      const digits = colouring.step < 1 ? 1 : 0;
      const used = new Set(colouring.runs.map((run) => run.key));
      COLOUR_SCALE.forEach((colour, n) => {
        if (!used.has(n)) return;
        const low = colouring.low + n * colouring.step;
        add(plain(colour), `${signedText(low, digits)} to ${signedText(low + colouring.step, digits)} ${unit}`);
      });
    }
    for (const { sensor } of recorded) add(lineIcon({ colour: sensor.colour, width: 0 }), `Band: ${sensor.words.toLowerCase()}`);
  }
  if (gaps.length) add(svgElement('svg', { viewBox: '0 -8 34 16', 'aria-hidden': 'true' }, svgElement('path', { d: 'M2 0H32', stroke: NO_VIDEO_COLOUR, 'stroke-width': 1.5, 'stroke-dasharray': '2 5' })), `No fix for over ${flight.gap_ms / 1000} s`);
  const signs = new Set(symbols.filter(symbolShown).map((symbol) => symbol.sign));
  for (const name of Object.keys(SIGNS)) if (signs.has(name)) add(signIcon(name), SIGNS[name].words);
  if (visibleLayers.zones) {
    const kinds = [['prohibited', 'authorisation'], ['conditional', 'advisory'], ['fence']];
    const words = ['Zone: prohibited, or by authorisation', 'Zone: conditions or advice', 'Fence of the operator'];
    kinds.forEach((effects, n) => {
      const mine = zones.filter((zone) => effects.includes(zone.effect) && !zone.inclusion);
      if (mine.length) add(zoneIcon(mine[0].ink, false), words[n]);
    });
    if (zones.some((zone) => !(zone.effect in ZONE_COLOURS))) add(zoneIcon(OTHER_ZONE_COLOUR, false), 'Zone: no restriction, or not stated');
    if (zones.some((zone) => zone.inclusion)) add(zoneIcon('#14181d', true), 'Inclusion zone');
  }
  if (!cameraView.why_not && visibleLayers.view) {
    add(areaIcon([]), `Picture on the ground, ${cameraView.steep_deg}° or steeper`);
    add(areaIcon([5, 3]), `${cameraView.shallow_deg}° to ${cameraView.steep_deg}°; flatter: a bearing only`);
    add(aimIcon(), 'Middle of it, and 95 % error of that');
  }
  if (signs.has('finding')) add(findingIcon({ severity: 'high', outcome: 'fail' }), 'Finding (dashed: a remark, or authorised)');
}

export function buildLayers(repaint) {
  const present = {
    zones: zones.length && 'Zones',
    view: !cameraView.why_not && 'What the camera saw',
    video: bands.some((band) => band.runs.length && band.sensor.name !== 'thermal') && 'Video band',
    thermal: bands.some((band) => band.runs.length && band.sensor.name === 'thermal') && 'Thermal band',
    photos: symbols.some((symbol) => symbol.sign === 'photo') && 'Photos',
    events: symbols.some((symbol) => symbol.row && symbol.sign !== 'photo') && 'Events, findings',
    home: flight.home && 'Home point',
    pilot: flight.pilot && 'Pilot’s device (sensitive)',
  };
  for (const [name, words] of Object.entries(present)) {
    if (!words) continue;
    const label = htmlElement('label');
    const box = htmlElement('input');
    box.type = 'checkbox';
    box.checked = visibleLayers[name];
    box.addEventListener('change', () => {
      visibleLayers[name] = box.checked;
      buildKey();
      repaint();
    });
    label.append(box, ` ${words}`);
    byId('layer_list').append(label);
  }
  const label = htmlElement('label', 'Grid ');
  const select = htmlElement('select');
  select.id = 'grid';
  const kinds = [flight.grid && ['national', 'National Grid'], ['degrees', 'Latitude, longitude'], ['none', 'None']];
  for (const [value, words] of kinds.filter(Boolean)) {
    const option = htmlElement('option', words);
    option.value = value;
    select.append(option);
  }
  select.value = gridOverlay.kind;
  select.addEventListener('change', () => {
    gridOverlay.kind = select.value;
    repaint();
  });
  label.append(select);
  byId('layer_list').append(label);
}
