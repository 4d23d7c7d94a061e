// When a position was in the view of a camera.  The same arithmetic as `dji_audit.camera_view`,
// on the same numbers: a test holds the two against each other.

import { decodeDeltaColumn, lastAtOrBefore } from '../data/delta_columns.js';
import { RADIANS, cameraAxes, metresEastNorthTo, errorRadius95 } from './camera_geometry.js';

const CERTAINTY = { inside: 3, edge: 2, bearing: 1 };
const CERTAINTY_NAMES = ['', 'bearing', 'edge', 'inside'];

/**
 * The camera at each fix of a flight, NaN where it is not known: heights in metres, angles in
 * degrees, half the field of view as tangents.
 * @typedef {{ ms: ArrayLike<number>, lat: ArrayLike<number>, lon: ArrayLike<number>, speed: ArrayLike<number>, height: ArrayLike<number>, yaw: ArrayLike<number>, pitch: ArrayLike<number>, roll: ArrayLike<number>, half: ArrayLike<number>[] }} CameraPoses
 */

// The field of a recording that zoomed, at a moment.
export function fieldOfViewAt(zoom, ms) {
  let [at, beyond] = [0, zoom.length];
  while (beyond - at > 1) {
    const middle = (at + beyond) >> 1;
    if (zoom[middle][0] <= ms) at = middle;
    else beyond = middle;
  }
  return [zoom[at][1], zoom[at][2]];
}

/** The camera of one flight, and when positions were in its view. */
export class CameraSightings {
  /**
   * @param {any} settings captures, errors, limits and ground, as the page carries them
   * @param {CameraPoses} poses
   */
  constructor(settings, poses) {
    this.settings = settings;
    this.poses = poses;
    this.fixes = poses.ms.length;
    const ground = settings.ground;
    this.groundHeights = ground ? decodeDeltaColumn(ground.heights, ground.rows * ground.columns) : null;
    this.axes = null;
  }

  groundHeightAt(lat, lon) {
    const g = this.settings.ground;
    const row = (lat - g.south) / g.up;
    const column = (lon - g.west) / g.across;
    if (!(row >= 0 && row <= g.rows - 1 && column >= 0 && column <= g.columns - 1)) return NaN;
    const i = Math.min(g.rows - 2, Math.floor(row));
    const j = Math.min(g.columns - 2, Math.floor(column));
    const [down, right] = [row - i, column - j];
    const at = (r, c) => this.groundHeights[(i + r) * g.columns + j + c];
    const above = (1 - right) * at(0, 0) + right * at(0, 1);
    const below = (1 - right) * at(1, 0) + right * at(1, 1);
    return (1 - down) * above + down * below;
  }

  // The 95 % error of a position on the ground, and that across the line of sight.
  positionErrors(groundM, height, range, speed) {
    const s = this.settings.errors;
    const slant2 = height ** 2 + range ** 2;
    const moved = (Number.isNaN(speed) ? 5 : speed) * s.time_s;
    const shared = s.position_m ** 2 + moved ** 2;
    const level = (range / height) ** 2 * (s.height_m ** 2 + groundM ** 2);
    const along = Math.sqrt(level + (slant2 / height * (s.pitch_deg * RADIANS)) ** 2 + shared);
    const turned = (range * (s.yaw_deg * RADIANS)) ** 2;
    const across = Math.sqrt(turned + slant2 * (s.roll_deg * RADIANS) ** 2 + shared);
    const steepness = height / Math.sqrt(slant2);
    return [errorRadius95(along, across), errorRadius95(along * steepness, across)];
  }

  // How far the ground of a position lies below take-off, and the error of that.
  depthBelowTakeoff(lat, lon, groundAto) {
    if (groundAto !== null) return [-groundAto, this.settings.errors.laser_m];
    if (this.settings.ground) {
      const there = this.groundHeightAt(lat, lon);
      if (Number.isFinite(there)) return [-there, this.settings.errors.model_m];
    }
    return [0, this.settings.errors.plane_m];
  }

  // The axes of every fix, worked out once.
  axesOfAllFixes() {
    if (!this.axes) {
      this.axes = new Float64Array(9 * this.fixes);
      for (let i = 0; i < this.fixes; i += 1) this.axes.set(cameraAxes(this.poses.yaw[i], this.poses.pitch[i], this.poses.roll[i]).flat(), 9 * i);
    }
    return this.axes;
  }

  // How a position stood in the picture at each fix.
  visibilityOf(lat, lon, half, groundAto) {
    const [drop, groundError] = this.depthBelowTakeoff(lat, lon, groundAto);
    const a = this.axesOfAllFixes();
    const seen = {
      state: new Uint8Array(this.fixes), error: new Float64Array(this.fixes), range: new Float64Array(this.fixes), depression: new Float64Array(this.fixes),
    };
    for (let i = 0; i < this.fixes; i += 1) {
      const height = this.poses.height[i] + drop;
      const [east, north] = metresEastNorthTo(this.poses.lat[i], this.poses.lon[i], lat, lon);
      const range = Math.hypot(east, north);
      const k = 9 * i;
      const along = (from) => east * a[from] + north * a[from + 1] + -height * a[from + 2];
      const depth = along(k);
      const depression = Math.atan2(height, range) / RADIANS;
      seen.range[i] = range;
      seen.depression[i] = depression;
      if (!(depth > 0 && height > 0 && range < this.settings.farthest_m)) continue;
      const [across, up] = half.map((side) => (typeof side === 'number' ? side : side[i]));
      const margin = depth * Math.min(across - Math.abs(along(k + 3) / depth), up - Math.abs(along(k + 6) / depth));
      const [onGround, inPicture] = this.positionErrors(groundError, height, range, this.poses.speed[i]);
      seen.error[i] = onGround;
      if (depression >= this.settings.shallow_deg) {
        if (margin >= inPicture) seen.state[i] = CERTAINTY.inside;
        else if (margin > -inPicture) seen.state[i] = CERTAINTY.edge;
      } else if (margin >= 0) seen.state[i] = CERTAINTY.bearing;
      if (seen.state[i] && this.settings.ground && this.hiddenAt(i, lat, lon, drop)) seen.state[i] = 0;
    }
    return seen;
  }

  // Whether the ground rises above the line of sight by more than its error.
  hiddenAt(i, lat, lon, drop) {
    for (let step = 1; step <= this.settings.sight_steps; step += 1) {
      const share = step / (this.settings.sight_steps + 2);
      const ground = this.groundHeightAt(this.poses.lat[i] * (1 - share) + lat * share, this.poses.lon[i] * (1 - share) + lon * share);
      const line = this.poses.height[i] * (1 - share) - drop * share;
      if (ground > line + 2 * this.settings.errors.model_m) return true;
    }
    return false;
  }

  // The first fix at or after an instant.
  firstFixFrom(ms) {
    return lastAtOrBefore(this.poses.ms, ms - 1) + 1;
  }

  endOfHeldPose(i) {
    const until = this.poses.ms[Math.min(i + 1, this.fixes - 1)];
    return until - this.poses.ms[i] <= this.settings.hold_ms ? until : this.poses.ms[i];
  }

  makeSighting(seen, members, sensor, recorded) {
    const surest = members.reduce((best, i) => Math.max(best, seen.state[i]), 0);
    let best = -1;
    for (const i of members) if (seen.state[i] === surest && (best < 0 || seen.error[i] < seen.error[best])) best = i;
    return {
      start: this.poses.ms[members[0]],
      end: this.endOfHeldPose(members[members.length - 1]),
      sensor,
      recorded,
      certainty: CERTAINTY_NAMES[surest],
      error: surest === CERTAINTY.bearing ? null : seen.error[best],
      range: seen.range[best],
      depression: seen.depression[best],
    };
  }

  splitAtGaps(members) {
    const out = [];
    members.forEach((i, k) => {
      if (k && this.poses.ms[i] - this.endOfHeldPose(members[k - 1]) < this.settings.join_ms) out[out.length - 1].push(i);
      else out.push([i]);
    });
    return out;
  }

  // Stretches in which a position was in view, and those that give only a bearing.
  sightingRuns(seen, members, sensor, recorded) {
    const made = (wanted) => this.splitAtGaps(members.filter(wanted)).map((run) => this.makeSighting(seen, run, sensor, recorded));
    const shown = made((i) => seen.state[i] >= CERTAINTY.edge);
    const bearings = made((i) => seen.state[i] === CERTAINTY.bearing);
    return [...shown, ...bearings.filter((b) => !shown.some((s) => s.start <= b.start && b.end <= s.end))];
  }

  // The field of a recording that zoomed, at each fix.
  fieldOfViewOf(zoom) {
    const halves = Array.from(this.poses.ms, (ms) => fieldOfViewAt(zoom, ms));
    return [halves.map((half) => half[0]), halves.map((half) => half[1])];
  }

  findSightings(lat, lon) {
    if (this.settings.why_not) return [];
    const sightings = [];
    const idle = new Uint8Array(this.fixes).fill(1);
    const live = this.visibilityOf(lat, lon, this.poses.half, null);
    // Recordings of one camera share what it saw.
    const known = { 'null,null,': live };
    for (const [start, end, kind, sensor, half, groundAto, zoom] of this.settings.captures) {
      const how = `${half},${groundAto},${zoom}`;
      known[how] = known[how] || this.visibilityOf(lat, lon, zoom.length ? this.fieldOfViewOf(zoom) : half || this.poses.half, groundAto);
      const seen = known[how];
      if (kind === 'photo') {
        const i = lastAtOrBefore(this.poses.ms, start);
        if (i >= 0 && start - this.poses.ms[i] <= this.settings.hold_ms && seen.state[i]) {
          sightings.push({ ...this.makeSighting(seen, [i], sensor, kind), start, end: start });
        }
        continue;
      }
      const members = [];
      const first = this.firstFixFrom(start);
      // The view of the fix before may hold when a video begins.
      if (first > 0 && this.endOfHeldPose(first - 1) > start) members.push(first - 1);
      for (let i = first; i < this.fixes && this.poses.ms[i] < end; i += 1) {
        idle[i] = 0;
        members.push(i);
      }
      for (const one of this.sightingRuns(seen, members, sensor, kind)) {
        sightings.push({ ...one, start: Math.max(one.start, start), end: Math.min(one.end, end) });
      }
    }
    const rest = [];
    for (let i = 0; i < this.fixes; i += 1) if (idle[i]) rest.push(i);
    sightings.push(...this.sightingRuns(live, rest, this.settings.sensor, null));
    return sightings.sort((a, b) => a.start - b.start || a.end - b.end || (a.sensor < b.sensor ? -1 : a.sensor > b.sensor ? 1 : 0));
  }
}
