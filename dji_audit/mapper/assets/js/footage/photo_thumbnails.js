// The thumbnails of photos: in the panel each leads to its moment; on the map and on the lanes the
// one under the pointer is shown.

import { axisCountsFixes } from '../data/page_data.js';
import { clockText } from '../data/time_text.js';
import { byId, htmlElement } from '../dom.js';
import { onMomentChange, state } from '../data/page_state.js';
import { addArrowKeys, makeClickable } from '../panel/clickable_rows.js';
import { selectRow } from '../panel/event_table.js';
import { lanePixel } from '../timeline/timeline_lanes.js';
import { thumbnailOf } from './thumbnail_images.js';

/** @type {{ ms: number | null, sensor: string, figure: HTMLElement }[]} */
const thumbnails = [];
// A photo is marked while the selected moment is no further from it.
const NEAR_MS = 1500;
const NEAR_PIXELS = 5;

export function buildPhotoThumbnails() {
  const grid = byId('photos');
  if (!grid) return;
  for (const figure of grid.querySelectorAll('figure')) {
    const ms = figure.dataset.at === undefined ? null : Number(figure.dataset.at);
    thumbnails.push({ ms, sensor: figure.dataset.sensor, figure });
    const isPlaced = ms === null && figure.dataset.lat !== undefined && Boolean(state.leafletMap);
    const act = isPlaced ? () => panMapToPicture(figure) : () => selectRow({ start: ms, end: null }, true);
    makeClickable(figure, act, isPlaced || (ms !== null && !axisCountsFixes));
  }
  addArrowKeys(thumbnails.map((each) => each.figure));
  onMomentChange(markNearThumbnails);
  watchLaneThumbnails();
}

// A picture inside a flight record has a position only: bring it to the middle of the map.
function panMapToPicture(figure) {
  state.leafletMap.panTo([Number(figure.dataset.lat), Number(figure.dataset.lon)], { animate: false });
}

function markNearThumbnails() {
  for (const { ms, figure } of thumbnails) {
    const isNear = ms !== null && !axisCountsFixes && Math.abs(ms - state.currentMs) <= NEAR_MS;
    figure.classList.toggle('now', isNear);
    if (isNear) figure.setAttribute('aria-current', 'true');
    else figure.removeAttribute('aria-current');
  }
}

function watchLaneThumbnails() {
  const lanes = byId('lanes');
  const tip = htmlElement('div');
  tip.id = 'photo_tip';
  tip.hidden = true;
  byId('track').append(tip);
  lanes.addEventListener('pointermove', (event) => {
    const x = event.clientX - lanes.getBoundingClientRect().left;
    const near = axisCountsFixes ? [] : thumbnails.filter((each) => each.ms !== null && Math.abs(lanePixel(each.ms) - x) <= NEAR_PIXELS);
    tip.hidden = !near.length;
    if (!near.length) return;
    // Of photos of one moment all, of several moments the nearest.
    const nearest = near.reduce((best, each) => (Math.abs(lanePixel(each.ms) - x) < Math.abs(lanePixel(best.ms) - x) ? each : best));
    const same = near.filter((each) => each.ms === nearest.ms);
    tip.replaceChildren(...same.map((each) => thumbnailOf(each.ms, each.sensor)), htmlElement('div', `${clockText(nearest.ms)} UTC`));
    const room = lanes.clientWidth - tip.offsetWidth;
    tip.style.transform = `translateX(${Math.max(0, Math.min(room, x - tip.offsetWidth / 2)).toFixed(0)}px)`;
  });
  lanes.addEventListener('pointerleave', () => { tip.hidden = true; });
}
