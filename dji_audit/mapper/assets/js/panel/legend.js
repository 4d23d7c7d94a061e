// The key of the map, and what of it is shown.

import { flight } from '../data/page_data.js';
import { byId, htmlElement, svgElement } from '../dom.js';
import { cameraView } from '../map/camera_view.js';
import { colourings } from '../map/path_colouring.js';
import { gridName, gridOverlay } from '../map/grid_layer.js';
import { declaredTrackIcon, declaredTracks } from '../map/declared_tracks.js';
import { heardAircraft, heardAircraftIcon, heardWords } from '../map/heard_aircraft.js';
import { soundIcon, videoIcon } from '../map/recording_strokes.js';
import { SIGNS, aimPointIcon, areaLegendIcon, findingIcon, lineLegendIcon, signIcon } from '../map/symbol_shapes.js';
import { isPhoto, isSymbolShown, symbols } from '../map/event_symbols.js';
import { colouring, gaps, soundRuns, videoRuns, visibleLayers } from '../map/track_layer.js';
import { OTHER_ZONE_COLOUR, ZONE_COLOURS, zoneIcon, zones } from '../map/zone_layer.js';
import { videoSensorWords } from '../data/sensor_classes.js';
import { cssColour } from '../theme.js';

export function buildColourChoice(choose) {
  const select = byId('colour');
  const groups = new Map();
  for (const { name, words, group } of colourings) {
    const option = htmlElement('option', words);
    option.value = name;
    if (!group) {
      select.append(option);
      continue;
    }
    if (!groups.has(group)) {
      const list = htmlElement('optgroup');
      list.label = group;
      groups.set(group, list);
      select.append(list);
    }
    groups.get(group).append(option);
  }
  select.addEventListener('change', () => choose(select.value));
}

export function buildMapLegend() {
  const list = byId('key_list');
  showColourBandsChoice();
  list.replaceChildren();
  const add = (icon, words) => {
    const item = htmlElement('li');
    item.append(icon, htmlElement('span', words));
    list.append(item);
  };
  add(htmlElement('b', 'Path'), `by ${colouring.by.words.toLowerCase()}`);
  const shows = colouring.classes.some((one) => one.sensors);
  for (const one of colouring.classes) {
    if (one.sensors) add(videoIcon(one.sensors), one.words);
    else add(lineLegendIcon({ colour: one.colour, dash: one.dash, width: one.width, casing: shows || one.colour === 'idle' ? undefined : 'ink' }), one.words);
  }
  if (visibleLayers.recording) {
    if (!shows) for (const bits of videoRuns.keys()) add(videoIcon(bits), `Band: ${videoSensorWords(bits).replace(/^V/, 'v')}`);
    if (soundRuns.length) add(soundIcon(), 'Sound on its own');
  }
  if (gaps.length) add(svgElement('svg', { viewBox: '0 -8 34 16', 'aria-hidden': 'true' }, svgElement('path', { d: 'M2 0H32', stroke: cssColour('idle'), 'stroke-width': 1.5, 'stroke-dasharray': '2 5' })), `No fix for over ${flight.gap_ms / 1000} s`);
  const signs = new Set(symbols.filter(isSymbolShown).map((symbol) => symbol.sign));
  for (const name of Object.keys(SIGNS)) if (signs.has(name)) add(signIcon(name), SIGNS[name].words);
  if (visibleLayers.people) {
    for (const one of declaredTracks) add(declaredTrackIcon(one), `Track of ${one.words} (${one.file})`);
  }
  if (visibleLayers.heard && heardAircraft.length) add(heardAircraftIcon(), `Other aircraft heard by ${heardWords(heardAircraft)}: reported`);
  if (visibleLayers.zones) {
    const kinds = [['prohibited', 'authorisation'], ['conditional', 'advisory'], ['fence']];
    const words = ['Zone: prohibited, or by authorisation', 'Zone: conditions or advice', 'Fence of the operator'];
    kinds.forEach((effects, n) => {
      const mine = zones.filter((zone) => effects.includes(zone.effect) && !zone.inclusion);
      if (mine.length) add(zoneIcon(mine[0].ink, false), words[n]);
    });
    if (zones.some((zone) => !(zone.effect in ZONE_COLOURS))) add(zoneIcon(OTHER_ZONE_COLOUR, false), 'Zone: no restriction, or not stated');
    if (zones.some((zone) => zone.inclusion)) add(zoneIcon('ink', true), 'Inclusion zone');
  }
  if (!cameraView.why_not && visibleLayers.view) {
    add(areaLegendIcon([]), `Picture on the ground, ${cameraView.steep_deg}° or steeper`);
    add(areaLegendIcon([5, 3]), `${cameraView.shallow_deg}° to ${cameraView.steep_deg}°; flatter: a bearing only`);
    add(aimPointIcon(), 'Middle of it, and 95 % error of that');
  }
  if (signs.has('finding')) add(findingIcon({ severity: 'high', outcome: 'fail' }), 'Finding (dashed: a remark, or authorised)');
}

// The box of the bands, which say nothing where the path has the same colours.
let bandsBox = null;

function showColourBandsChoice() {
  if (!bandsBox) return;
  const isPath = colouring.classes.some((one) => one.sensors) && !soundRuns.length;
  bandsBox.disabled = isPath;
  bandsBox.parentElement.querySelector('.note').textContent = isPath ? ' (the path shows them)' : '';
}

export function buildLayerChoices(repaint) {
  const present = {
    zones: zones.length && 'Zones',
    view: !cameraView.why_not && 'What the camera saw',
    recording: (videoRuns.size > 0 || soundRuns.length > 0) && 'Bands of recordings',
    photos: symbols.some(isPhoto) && 'Photos',
    events: symbols.some((symbol) => symbol.row && !isPhoto(symbol)) && 'Events, findings',
    home: flight.home && 'Home point',
    heard: heardAircraft.length > 0 && 'Other aircraft heard',
    people: declaredTracks.length > 0 && 'Supplied tracks (sensitive)',
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
      buildMapLegend();
      repaint();
    });
    label.append(box, ` ${words}`);
    if (name === 'recording') {
      bandsBox = box;
      label.append(htmlElement('span', '', 'note'));
    }
    byId('layer_list').append(label);
  }
  showColourBandsChoice();
  const label = htmlElement('label', 'Grid ');
  const select = htmlElement('select');
  select.id = 'grid';
  const kinds = [flight.grid && ['metres', gridName()], ['degrees', 'Latitude, longitude'], ['none', 'None']];
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
