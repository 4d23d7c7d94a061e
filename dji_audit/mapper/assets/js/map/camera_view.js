// Where the camera looked, and when a position was in its view.  The same arithmetic as
// `dji_audit.camera_view`, on the same numbers: a test holds the two against each other.

import { decode, fixAt, fixes, flight, has, track } from '../data/columns.js';

export const cameraView = flight.camera;
export const RADIANS = Math.PI / 180;
const LONG_AXIS = 6378137;
const ECCENTRICITY_2 = 0.0066943799901413165;
const RADIUS = [1.9606, 0.0113, 0.0887, 0.3930];
const CERTAINTY = { inside: 3, edge: 2, bearing: 1 };
const CERTAINTY_NAMES = ['', 'bearing', 'edge', 'inside'];

// What a fix says of the camera; NaN where it does not.
export const poses = {};
if (cameraView) {
  const raw = has.height ? track.height : track.agl;
  poses.height = raw.map((h) => (h >= cameraView.lowest_m ? h : NaN));
  poses.yaw = track.gimbal_yaw;
  poses.pitch = track.gimbal_pitch;
  poses.roll = track.gimbal_roll.map((r) => (Number.isNaN(r) ? 0 : r));
  poses.half = [track.half_across, track.half_up];
}

// Forward, right and up of a camera, as east, north, up.
export function cameraAxes(yawDeg, pitchDeg, rollDeg) {
  const [yaw, pitch, roll] = [yawDeg * RADIANS, pitchDeg * RADIANS, rollDeg * RADIANS];
  const [sy, cy, sp, cp] = [Math.sin(yaw), Math.cos(yaw), Math.sin(pitch), Math.cos(pitch)];
  const [sr, cr] = [Math.sin(roll), Math.cos(roll)];
  const right = [cy, -sy, 0];
  const up = [-sp * sy, -sp * cy, cp];
  return [
    [cp * sy, cp * cy, sp],
    right.map((r, k) => cr * r - sr * up[k]),
    up.map((u, k) => cr * u + sr * right[k]),
  ];
}

// Metres east and north from a position to a position, on the ellipsoid.
export function offsetTo(latDeg, lonDeg, toLatDeg, toLonDeg) {
  const [lat, lon, toLat, toLon] = [latDeg, lonDeg, toLatDeg, toLonDeg].map((d) => d * RADIANS);
  const turn = toLon - lon;
  const there = LONG_AXIS / Math.sqrt(1 - ECCENTRICITY_2 * Math.sin(toLat) ** 2);
  const here = LONG_AXIS / Math.sqrt(1 - ECCENTRICITY_2 * Math.sin(lat) ** 2);
  const out = there * Math.cos(toLat) * Math.cos(turn) - here * Math.cos(lat);
  const up = (1 - ECCENTRICITY_2) * (there * Math.sin(toLat) - here * Math.sin(lat));
  return [there * Math.cos(toLat) * Math.sin(turn), up * Math.cos(lat) - out * Math.sin(lat)];
}

// The way back, by Newton's method.
export function positionFromOffset(latDeg, lonDeg, east, north) {
  const bent = 1 - ECCENTRICITY_2 * Math.sin(latDeg * RADIANS) ** 2;
  const across = LONG_AXIS / Math.sqrt(bent);
  const along = across * (1 - ECCENTRICITY_2) / bent;
  let [lat, lon] = [latDeg, lonDeg];
  for (let step = 0; step < 4; step += 1) {
    const [e, n] = offsetTo(latDeg, lonDeg, lat, lon);
    lat += (north - n) / along / RADIANS;
    lon += (east - e) / (across * Math.cos(lat * RADIANS)) / RADIANS;
  }
  return [lat, lon];
}

// Height of the ground above take-off, or NaN beyond what the page carries.
const groundHeights = cameraView && cameraView.ground ? decode(cameraView.ground.heights, cameraView.ground.rows * cameraView.ground.columns) : null;
export function groundAt(lat, lon) {
  const g = cameraView.ground;
  const row = (lat - g.south) / g.up;
  const column = (lon - g.west) / g.across;
  if (!(row >= 0 && row <= g.rows - 1 && column >= 0 && column <= g.columns - 1)) return NaN;
  const i = Math.min(g.rows - 2, Math.floor(row));
  const j = Math.min(g.columns - 2, Math.floor(column));
  const [down, right] = [row - i, column - j];
  const at = (r, c) => groundHeights[(i + r) * g.columns + j + c];
  const above = (1 - right) * at(0, 0) + right * at(0, 1);
  const below = (1 - right) * at(1, 0) + right * at(1, 1);
  return (1 - down) * above + down * below;
}

function radius95(one, other) {
  const [larger, smaller] = [Math.max(one, other), Math.min(one, other)];
  const ratio = smaller / larger;
  const [a, b, c, d] = RADIUS;
  return larger * (a + ratio * (b + ratio * (c + ratio * d)));
}

// The 95 % error of a position on the ground, and that across the line of sight.
export function positionErrors(groundM, height, range, speed) {
  const s = cameraView.errors;
  const slant2 = height ** 2 + range ** 2;
  const moved = (Number.isNaN(speed) ? 5 : speed) * s.time_s;
  const shared = s.position_m ** 2 + moved ** 2;
  const level = (range / height) ** 2 * (s.height_m ** 2 + groundM ** 2);
  const along = Math.sqrt(level + (slant2 / height * (s.pitch_deg * RADIANS)) ** 2 + shared);
  const turned = (range * (s.yaw_deg * RADIANS)) ** 2;
  const across = Math.sqrt(turned + slant2 * (s.roll_deg * RADIANS) ** 2 + shared);
  const steepness = height / Math.sqrt(slant2);
  return [radius95(along, across), radius95(along * steepness, across)];
}

// How far the ground of a position lies below take-off, and the error of that.
function depthBelowTakeoff(lat, lon, groundAto) {
  if (groundAto !== null) return [-groundAto, cameraView.errors.laser_m];
  if (cameraView.ground) {
    const there = groundAt(lat, lon);
    if (Number.isFinite(there)) return [-there, cameraView.errors.model_m];
  }
  return [0, cameraView.errors.plane_m];
}

// The axes of every fix, worked out once.
let allAxes = null;
function axesOfAllFixes() {
  if (!allAxes) {
    allAxes = new Float64Array(9 * fixes);
    for (let i = 0; i < fixes; i += 1) allAxes.set(cameraAxes(poses.yaw[i], poses.pitch[i], poses.roll[i]).flat(), 9 * i);
  }
  return allAxes;
}

// How a position stood in the picture at each fix.
function visibilityOf(lat, lon, half, groundAto) {
  const [drop, groundError] = depthBelowTakeoff(lat, lon, groundAto);
  const a = axesOfAllFixes();
  const seen = {
    state: new Uint8Array(fixes), error: new Float64Array(fixes), range: new Float64Array(fixes), depression: new Float64Array(fixes),
  };
  for (let i = 0; i < fixes; i += 1) {
    const height = poses.height[i] + drop;
    const [east, north] = offsetTo(track.lat[i], track.lon[i], lat, lon);
    const range = Math.hypot(east, north);
    const k = 9 * i;
    const along = (from) => east * a[from] + north * a[from + 1] + -height * a[from + 2];
    const depth = along(k);
    const depression = Math.atan2(height, range) / RADIANS;
    seen.range[i] = range;
    seen.depression[i] = depression;
    if (!(depth > 0 && height > 0 && range < cameraView.farthest_m)) continue;
    const [across, up] = half.map((side) => (typeof side === 'number' ? side : side[i]));
    const margin = depth * Math.min(across - Math.abs(along(k + 3) / depth), up - Math.abs(along(k + 6) / depth));
    const [onGround, inPicture] = positionErrors(groundError, height, range, track.speed[i]);
    seen.error[i] = onGround;
    if (depression >= cameraView.shallow_deg) {
      if (margin >= inPicture) seen.state[i] = CERTAINTY.inside;
      else if (margin > -inPicture) seen.state[i] = CERTAINTY.edge;
    } else if (margin >= 0) seen.state[i] = CERTAINTY.bearing;
    if (seen.state[i] && cameraView.ground && hiddenAt(i, lat, lon, drop)) seen.state[i] = 0;
  }
  return seen;
}

// Whether the ground rises above the line of sight by more than its error.
function hiddenAt(i, lat, lon, drop) {
  for (let step = 1; step <= cameraView.sight_steps; step += 1) {
    const share = step / (cameraView.sight_steps + 2);
    const ground = groundAt(track.lat[i] * (1 - share) + lat * share, track.lon[i] * (1 - share) + lon * share);
    const line = poses.height[i] * (1 - share) - drop * share;
    if (ground > line + 2 * cameraView.errors.model_m) return true;
  }
  return false;
}

// The first fix at or after an instant.
export function firstFixFrom(ms) {
  return fixAt(ms - 1) + 1;
}

function holdEnd(i) {
  const until = track.ms[Math.min(i + 1, fixes - 1)];
  return until - track.ms[i] <= cameraView.hold_ms ? until : track.ms[i];
}

function makeSighting(seen, members, sensor, recorded) {
  const surest = members.reduce((best, i) => Math.max(best, seen.state[i]), 0);
  let best = -1;
  for (const i of members) if (seen.state[i] === surest && (best < 0 || seen.error[i] < seen.error[best])) best = i;
  return {
    start: track.ms[members[0]],
    end: holdEnd(members[members.length - 1]),
    sensor,
    recorded,
    certainty: CERTAINTY_NAMES[surest],
    error: surest === CERTAINTY.bearing ? null : seen.error[best],
    range: seen.range[best],
    depression: seen.depression[best],
  };
}

function splitByGap(members) {
  const out = [];
  members.forEach((i, k) => {
    if (k && track.ms[i] - holdEnd(members[k - 1]) < cameraView.join_ms) out[out.length - 1].push(i);
    else out.push([i]);
  });
  return out;
}

// Stretches in which a position was in view, and those that give only a bearing.
function sightingRuns(seen, members, sensor, recorded) {
  const made = (wanted) => splitByGap(members.filter(wanted)).map((run) => makeSighting(seen, run, sensor, recorded));
  const shown = made((i) => seen.state[i] >= CERTAINTY.edge);
  const bearings = made((i) => seen.state[i] === CERTAINTY.bearing);
  return [...shown, ...bearings.filter((b) => !shown.some((s) => s.start <= b.start && b.end <= s.end))];
}

// The field of a recording that zoomed, at a moment and at each fix.
export function fieldOfViewAt(zoom, ms) {
  let [at, beyond] = [0, zoom.length];
  while (beyond - at > 1) {
    const middle = (at + beyond) >> 1;
    if (zoom[middle][0] <= ms) at = middle;
    else beyond = middle;
  }
  return [zoom[at][1], zoom[at][2]];
}

function fieldOfViewOf(zoom) {
  const halves = Array.from(track.ms, (ms) => fieldOfViewAt(zoom, ms));
  return [halves.map((half) => half[0]), halves.map((half) => half[1])];
}

export function findSightings(lat, lon) {
  if (!cameraView || cameraView.why_not) return [];
  const sightings = [];
  const idle = new Uint8Array(fixes).fill(1);
  const live = visibilityOf(lat, lon, poses.half, null);
  // Recordings of one camera share what it saw.
  const known = { 'null,null,': live };
  for (const [start, end, kind, sensor, half, groundAto, zoom] of cameraView.captures) {
    const how = `${half},${groundAto},${zoom}`;
    known[how] = known[how] || visibilityOf(lat, lon, zoom.length ? fieldOfViewOf(zoom) : half || poses.half, groundAto);
    const seen = known[how];
    if (kind === 'photo') {
      const i = fixAt(start);
      if (i >= 0 && start - track.ms[i] <= cameraView.hold_ms && seen.state[i]) {
        sightings.push({ ...makeSighting(seen, [i], sensor, kind), start, end: start });
      }
      continue;
    }
    const members = [];
    const first = firstFixFrom(start);
    // The view of the fix before may hold when a video begins.
    if (first > 0 && holdEnd(first - 1) > start) members.push(first - 1);
    for (let i = first; i < fixes && track.ms[i] < end; i += 1) {
      idle[i] = 0;
      members.push(i);
    }
    for (const one of sightingRuns(seen, members, sensor, kind)) {
      sightings.push({ ...one, start: Math.max(one.start, start), end: Math.min(one.end, end) });
    }
  }
  const rest = [];
  for (let i = 0; i < fixes; i += 1) if (idle[i]) rest.push(i);
  sightings.push(...sightingRuns(live, rest, cameraView.sensor, null));
  return sightings.sort((a, b) => a.start - b.start || a.end - b.end || (a.sensor < b.sensor ? -1 : a.sensor > b.sensor ? 1 : 0));
}
