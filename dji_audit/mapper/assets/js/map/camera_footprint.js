// The picture on the ground at the selected moment: solid where the look is steep,
// dashed where it is slanting, and a bearing where it is too flat to give a position.

import { RADIANS, cameraAxes, positionFromOffset } from './camera_geometry.js';
import { fieldOfViewAt } from './camera_sightings.js';
import { cameraView, groundAt, poses, positionErrors } from './camera_view.js';
import { axisCountsFixes, lastFixAt, positionAt, track } from '../data/page_data.js';
import { SENSORS } from '../data/sensor_classes.js';
import { state } from '../data/page_state.js';
import { visibleLayers } from './track_layer.js';
import { themeColour } from '../theme.js';

// A colour of the style sheet.
export const FOOTPRINT_COLOUR = 'multispectral';
const STEPS = 12;

// The recordings of a moment, each with its ink; without one what the pilot saw.
function picturesAt(ms, fix) {
  const live = [track.half_across[fix], track.half_up[fix]];
  const on = cameraView.captures.filter(([start, end, kind]) => kind === 'video' && start <= ms && ms < end);
  const pictures = on.map(([, , , sensor, half, , zoom]) => {
    const known = SENSORS.find((one) => one.name === sensor) || SENSORS[1];
    return { half: zoom.length ? fieldOfViewAt(zoom, ms) : half || live, ink: known.colour, words: known.words, recorded: true };
  });
  if (!pictures.length) pictures.push({ half: live, ink: FOOTPRINT_COLOUR, words: 'no video shown', recorded: false });
  return pictures.filter(({ half }) => half[0] > 0 && half[1] > 0);
}

// Where the camera looks at a moment: height, attitude, and where its axis meets the ground.
function poseAt(ms, fix, position) {
  if (!cameraView || cameraView.why_not || fix < 0 || !position || position.stale || axisCountsFixes) return null;
  const [height, yaw, pitch, roll] = [poses.height[fix], poses.yaw[fix], poses.pitch[fix], poses.roll[fix]];
  if (Number.isNaN(height + yaw + pitch)) return null;
  const below = -pitch;
  const pose = { ms, fix, position, height, yaw, pitch, roll, below, aim: null, error: null, above: height };
  if (below < cameraView.shallow_deg) return pose;
  const reach = (h) => h / Math.tan(Math.min(below, 90) * RADIANS);
  const aimAt = (h) => positionFromOffset(position.lat, position.lon, reach(h) * Math.sin(yaw * RADIANS), reach(h) * Math.cos(yaw * RADIANS));
  let groundError = cameraView.errors.plane_m;
  if (cameraView.ground) {
    // A few rounds to where the axis meets the ground of the model.
    for (let round = 0; round < 8; round += 1) {
      const ground = groundAt(...aimAt(pose.above));
      if (!Number.isFinite(ground)) break;
      pose.above = height - ground;
      groundError = cameraView.errors.model_m;
    }
    if (!(pose.above > 0)) return { ...pose, below: 0 };
  }
  pose.aim = aimAt(pose.above);
  [pose.error] = positionErrors(groundError, pose.above, reach(pose.above), track.speed[fix]);
  return pose;
}

/**
 * The outline of a picture in metres from the point below the camera.
 * @param {{ yaw: number, pitch: number, roll: number, above: number }} pose
 * @param {number[]} half tangents of half the field of view, across and up
 * @returns {{ points: number[][], clipped: boolean }}
 */
function footprintOutlineOf(pose, half) {
  const [forward, right, up] = cameraAxes(pose.yaw, pose.pitch, pose.roll);
  const ray = (/** @type {number[]} */ [x, y]) => forward.map((f, k) => f + x * half[0] * right[k] + y * half[1] * up[k]);
  const corners = [[-1, 1], [1, 1], [1, -1], [-1, -1]];
  const flattest = Math.tan(cameraView.shallow_deg * RADIANS);
  const meets = (r) => {
    const level = Math.hypot(r[0], r[1]);
    const steep = r[2] < -level * flattest;
    const reach = steep ? pose.above / -r[2] : pose.above / flattest / (level || 1);
    return { point: [r[0] * reach, r[1] * reach], steep };
  };
  const four = corners.map((corner) => meets(ray(corner)));
  if (four.every((corner) => corner.steep)) return { points: four.map((corner) => corner.point), clipped: false };
  const points = [];
  corners.forEach(([x0, y0], n) => {
    const [x1, y1] = corners[(n + 1) % 4];
    for (let step = 0; step < STEPS; step += 1) {
      const share = step / STEPS;
      points.push(meets(ray([x0 + (x1 - x0) * share, y0 + (y1 - y0) * share])).point);
    }
  });
  return { points, clipped: true };
}

/**
 * @param {number[][]} points
 * @returns {number}
 */
function polygonArea(points) {
  let twice = 0;
  points.forEach(([x, y], n) => {
    const [x1, y1] = points[(n + 1) % points.length];
    twice += x * y1 - x1 * y;
  });
  return Math.abs(twice) / 2;
}


// The outline of the first picture of a moment, as places; for whoever checks this page.
export function footprintOutlineAt(ms) {
  const pose = poseAt(ms, lastFixAt(ms), positionAt(ms));
  if (!pose || pose.aim === null) return null;
  const { points } = footprintOutlineOf(pose, picturesAt(ms, pose.fix)[0].half);
  return points.map(([e, n]) => positionFromOffset(pose.position.lat, pose.position.lon, e, n));
}

export function paintFootprint(ctx, view) {
  if (!state.currentPose || !visibleLayers.view) return;
  const { position, below, aim } = state.currentPose;
  for (const picture of picturesAt(state.currentPose.ms, state.currentPose.fix)) {
    if (aim === null) paintBearing(ctx, view, picture);
    else {
      const { points } = footprintOutlineOf(state.currentPose, picture.half);
      const at = points.map(([e, n]) => view.at(...positionFromOffset(position.lat, position.lon, e, n)));
      ctx.beginPath();
      at.forEach(([x, y], n) => (n ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
      ctx.closePath();
      ctx.globalAlpha = picture.recorded ? 0.2 : 0.13;
      ctx.fillStyle = themeColour(picture.ink);
      ctx.fill();
      ctx.globalAlpha = 1;
      footprintStroke(ctx, picture.ink, below >= cameraView.steep_deg ? [] : [9, 6]);
    }
  }
  if (aim !== null) paintAimPoint(ctx, view);
}

// A halo below the ink, so that it reads on any colour.
function footprintStroke(ctx, ink, dash) {
  ctx.lineJoin = 'round';
  ctx.lineWidth = 4.5;
  ctx.strokeStyle = themeColour('halo');
  ctx.stroke();
  ctx.setLineDash(dash);
  ctx.lineWidth = 2;
  ctx.strokeStyle = themeColour(ink);
  ctx.stroke();
  ctx.setLineDash([]);
}

// A wedge of directions that ends nowhere: its length says nothing.
function paintBearing(ctx, view, { half, ink }) {
  const [x, y] = view.at(state.currentPose.position.lat, state.currentPose.position.lon);
  const wide = Math.atan(half[0]);
  const yaw = state.currentPose.yaw * RADIANS;
  const long = 190;
  const fade = ctx.createRadialGradient(x, y, 20, x, y, long);
  fade.addColorStop(0, `${themeColour(ink)}44`);
  fade.addColorStop(1, `${themeColour(ink)}00`);
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.arc(x, y, long, yaw - wide - Math.PI / 2, yaw + wide - Math.PI / 2);
  ctx.closePath();
  ctx.fillStyle = fade;
  ctx.fill();
  ctx.beginPath();
  for (const side of [-1, 1]) {
    ctx.moveTo(x, y);
    ctx.lineTo(x + long * Math.sin(yaw + side * wide), y - long * Math.cos(yaw + side * wide));
  }
  ctx.setLineDash([2, 7]);
  ctx.lineWidth = 1.6;
  ctx.strokeStyle = themeColour(ink);
  ctx.stroke();
  ctx.setLineDash([]);
}

// Where the axis meets the ground, and how far off that may be.
function paintAimPoint(ctx, view) {
  const [x, y] = view.at(...state.currentPose.aim);
  const [ex] = view.at(...positionFromOffset(...state.currentPose.aim, state.currentPose.error, 0));
  ctx.beginPath();
  ctx.arc(x, y, Math.abs(ex - x), 0, 7);
  footprintStroke(ctx, 'ink', [2, 4]);
  ctx.beginPath();
  ctx.moveTo(x - 5, y);
  ctx.lineTo(x + 5, y);
  ctx.moveTo(x, y - 5);
  ctx.lineTo(x, y + 5);
  footprintStroke(ctx, 'ink', []);
}

function areaText(area) {
  if (area >= 1e5) return `${(area / 1e4).toFixed(0)} ha`;
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(area || 1)) - 1);
  return `${(Math.round(area / digits) * digits).toLocaleString('en-GB')} m²`;
}

// What the readout says of the picture.
export function footprintWords(ms, fix, position) {
  if (!cameraView || cameraView.why_not) return cameraView ? cameraView.why_not : 'not known';
  state.currentPose = poseAt(ms, fix, position);
  if (!state.currentPose) return Number.isNaN(poses.height[fix]) ? 'on the ground, or height not known' : 'not known';
  if (state.currentPose.aim === null) return 'direction only: too flat to give a position on the ground';
  const [picture] = picturesAt(ms, fix);
  if (!picture) return 'width not known';
  const { points, clipped } = footprintOutlineOf(state.currentPose, picture.half);
  const area = `${clipped ? 'over ' : 'about '}${areaText(polygonArea(points))}`;
  return `${area}, middle within ${state.currentPose.error.toFixed(0)} m (95 %)`;
}
