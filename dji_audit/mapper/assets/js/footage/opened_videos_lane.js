// A lane of the videos that were opened: when each plays, and by how much its ends may be off.  One
// that was placed by hand is hollow.

import { axisCountsFixes } from '../data/page_data.js';
import { themeColour } from '../theme.js';
import { addLane, drawLanes } from '../timeline/timeline_lanes.js';
import { clips, clockErrorMs, onClipsChange } from './opened_videos.js';

let isLaneThere = false;

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {(ms: number) => number} X
 * @param {number} y
 * @param {number} high
 */
function paintOpenedVideos(ctx, X, y, high) {
  for (const clip of clips) {
    if (clip.startMs === null || clip.durationS === null) continue;
    const ends = [clip.startMs, clip.startMs + clip.durationS * 1000];
    const [a, b] = [X(ends[0]), Math.max(X(ends[1]), X(ends[0]) + 3)];
    ctx.fillStyle = themeColour('act');
    ctx.strokeStyle = themeColour('act');
    ctx.lineWidth = 1.5;
    if (clip.isDeclared) ctx.strokeRect(a + 0.75, y + 3, b - a - 1.5, high - 6);
    else ctx.fillRect(a, y + 2, b - a, high - 4);
    const error = clockErrorMs(clip) || 0;
    ctx.fillStyle = themeColour('clock-error');
    ctx.globalAlpha = 0.6;
    for (const end of error ? ends : []) ctx.fillRect(X(end - error) - 1, y, X(end + error) - X(end - error) + 2, high);
    ctx.globalAlpha = 1;
  }
}

export function watchOpenedVideos() {
  onClipsChange(() => {
    if (axisCountsFixes || (!isLaneThere && !clips.length)) return;
    if (!isLaneThere) addLane({ name: 'Opened', paint: paintOpenedVideos });
    isLaneThere = true;
    drawLanes();
  });
}
