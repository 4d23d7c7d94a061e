// The error of a video's clock, drawn: a band on the path, where the aircraft may have been when the
// picture was taken, and over the lanes.

import { lastFixAt, fixes, positionAt, track } from '../data/page_data.js';
import { byId, htmlElement } from '../dom.js';
import { onMomentChange, state } from '../data/page_state.js';
import { themeColour } from '../theme.js';
import { lanePixel } from '../timeline/timeline_lanes.js';
import { clips, clockErrorMs, coversMoment, onClipsChange } from './opened_videos.js';

// The largest error among the videos that cover the moment; 0 without one.
function errorAtMoment() {
  const errors = clips.filter((clip) => !clip.figure.hidden && coversMoment(clip, state.currentMs)).map(clockErrorMs);
  return Math.max(0, ...errors.map((error) => error || 0));
}

export function paintClockError(ctx, view) {
  const error = errorAtMoment();
  if (!error) return;
  const [from, to] = [state.currentMs - error, state.currentMs + error];
  const places = [positionAt(from)];
  for (let i = lastFixAt(from) + 1; i < fixes && track.ms[i] < to; i += 1) {
    if (!Number.isNaN(track.lat[i])) places.push({ lat: track.lat[i], lon: track.lon[i], age: 0, stale: false });
  }
  places.push(positionAt(to));
  if (places.some((place) => !place || place.stale)) return;
  ctx.beginPath();
  for (const { lat, lon } of places) ctx.lineTo(...view.at(lat, lon));
  ctx.lineWidth = 20;
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  ctx.globalAlpha = 0.5;
  ctx.strokeStyle = themeColour('clock-error');
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/** Paint the band on the map whenever it moves. @param {{ refresh: () => void }} layer its canvas */
export function watchClockError(layer) {
  onMomentChange(() => {
    if (clips.length) layer.refresh();
  });
  onClipsChange(() => layer.refresh());
}

export function buildClockErrorBand() {
  const band = htmlElement('div');
  band.id = 'clock_error';
  band.hidden = true;
  byId('track').append(band);
  onMomentChange(moveClockErrorBand);
  onClipsChange(moveClockErrorBand);
}

// No narrower than can be seen.
function moveClockErrorBand() {
  const band = byId('clock_error');
  const error = errorAtMoment();
  band.hidden = !error;
  if (!error) return;
  const [left, right] = [lanePixel(state.currentMs - error), lanePixel(state.currentMs + error)];
  const wide = Math.max(6, right - left);
  band.style.width = `${wide.toFixed(1)}px`;
  band.style.height = byId('playhead').style.height;
  band.style.transform = `translateX(${((left + right - wide) / 2).toFixed(1)}px)`;
}
