// What is beside the map: the readout, and the rows of the tables.

import { addArrowKeys, makeClickable } from './clickable_rows.js';
import { axisCountsFixes, captures, fixes, flight, has, positionedFixes, track } from '../data/page_data.js';
import { gridReference } from '../data/grid_references.js';
import { positionText } from '../data/mercator.js';
import { recordingAt } from '../data/recordings.js';
import { durationText } from '../data/time_text.js';
import { byId, htmlElement, signedText } from '../dom.js';
import { footprintWords } from '../map/camera_footprint.js';
import { selectRow } from './event_table.js';

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
  set('home', textOrUnknown(value('home_m'), (metres) => `${metres.toFixed(1)} m`));
  set('heading', textOrUnknown(value('heading'), (d) => `${d.toFixed(0)}°`));
  const camera = [textOrUnknown(value('gimbal_yaw'), (d) => `to ${d.toFixed(0)}°`), textOrUnknown(value('gimbal_pitch'), (d) => `pitch ${signedText(d, 0)}°`)];
  set('camera', camera.filter((words) => words !== 'not known').join(', ') || 'not known');
  set('view', footprintWords(ms, fix, position));
  set('recording', axisCountsFixes ? 'no times in UTC' : recordingAt(ms));
  set('mode', textOrUnknown(value('mode'), (m) => flight.modes[m][0]));
  const ok = value('fix_ok');
  const condition = [textOrUnknown(value('battery'), (b) => `battery ${b.toFixed(0)} %`), textOrUnknown(value('satellites'), (n) => `${n} satellites`)];
  set('state', [...condition.filter((words) => words !== 'not known'), ok === 0 ? 'position not valid' : ''].filter(Boolean).join(', ') || 'not known');
  set('source', fix < 0 ? 'before the first fix' : `fix ${(fix + 1).toLocaleString('en-GB')} of ${fixes.toLocaleString('en-GB')}, byte ${value('offset').toLocaleString('en-GB')}`);
}

// Rows that were written without a script, and now lead to their moment.
export function makeStaticRowsClickable() {
  for (const list of [byId('captures').querySelector('tbody'), byId('disagreements')?.tBodies[0], byId('hosts')?.tBodies[0]].filter(Boolean)) {
    const items = [...list.querySelectorAll('[data-at]')];
    for (const item of items) {
      const start = Number(item.dataset.at);
      const end = item.dataset.end ? Number(item.dataset.end) : null;
      makeClickable(item, () => selectRow({ start, end }, true), true);
    }
    if (items.length && items[0].parentElement === list) addArrowKeys(items);
  }
}
