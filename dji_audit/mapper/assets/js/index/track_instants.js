// Where an aircraft was, and where its camera looked, between the fixes that a simplified track keeps.

import { decodeDeltaColumn, lastAtOrBefore } from '../data/delta_columns.js';

/**
 * Where a flight was at an instant.
 * @param {import('./index_data.js').MapTrack} track
 * @param {number} ms
 * @returns {{ lat: number, lon: number, height: number, isGap: boolean } | null} null: it was not in the air, or its times are not known
 */
export function positionOfTrack(track, ms) {
  if (!track.timed || ms < track.start || ms > track.end) return null;
  const before = lastAtOrBefore(track.ms, ms);
  const after = Math.min(before + 1, track.ms.length - 1);
  const isGap = track.breaks.has(before) && ms > track.ms[before];
  const span = track.ms[after] - track.ms[before];
  const share = span > 0 && !isGap ? (ms - track.ms[before]) / span : 0;
  const between = (column) => column[before] + (column[after] - column[before]) * share;
  return { lat: between(track.lat), lon: between(track.lon), height: between(track.height), isGap };
}

const POSE_COLUMNS = ['height', 'yaw', 'pitch', 'roll', 'half_across', 'half_up'];

/**
 * The camera of a flight once a second, in straight lines between what the page carries.
 * @param {import('./index_data.js').MapTrack} track
 * @param {number} [stepMs]
 * @returns {import('../map/camera_sightings.js').CameraPoses}
 */
export function posesEachSecond(track, stepMs = 1000) {
  const times = instantsOfTrack(track, stepMs);
  const camera = track.camera;
  const cameraMs = decodeDeltaColumn(camera.ms, camera.kept);
  const kept = POSE_COLUMNS.map((name) => decodeDeltaColumn(camera[name], camera.kept));
  const columns = POSE_COLUMNS.map(() => new Float64Array(times.length).fill(NaN));
  const [lat, lon, speed] = [0, 1, 2].map(() => new Float64Array(times.length).fill(NaN));
  times.forEach((ms, i) => {
    const position = positionOfTrack(track, ms);
    if (!position || position.isGap) return;
    [lat[i], lon[i]] = [position.lat, position.lon];
    const before = lastAtOrBefore(cameraMs, ms);
    if (before < 0) return;
    const after = Math.min(before + 1, cameraMs.length - 1);
    const span = cameraMs[after] - cameraMs[before];
    const share = span > 0 ? Math.min(1, (ms - cameraMs[before]) / span) : 0;
    // A fix of which the camera is known stands for itself, also before one of which it is not.
    kept.forEach((column, n) => {
      columns[n][i] = share === 0 ? column[before] : column[before] + (column[after] - column[before]) * share;
    });
  });
  for (let i = 0; i + 1 < times.length; i += 1) {
    const seconds = (times[i + 1] - times[i]) / 1000;
    const north = (lat[i + 1] - lat[i]) * 111200;
    const east = (lon[i + 1] - lon[i]) * 111200 * Math.cos(lat[i] * Math.PI / 180);
    if (seconds > 0 && seconds < 5) speed[i] = Math.hypot(north, east) / seconds;
  }
  const [height, yaw, pitch, roll, across, up] = columns;
  return { ms: times, lat, lon, speed, height, yaw, pitch, roll, half: [across, up] };
}

// An instant each second of a track, and its fixes on both sides of a gap.
function instantsOfTrack(track, stepMs) {
  const edges = [...track.breaks].sort((a, b) => a - b);
  const found = [];
  let first = 0;
  for (const last of [...edges, track.ms.length - 1]) {
    for (let ms = track.ms[first]; ms < track.ms[last]; ms += stepMs) found.push(ms);
    found.push(track.ms[last]);
    first = last + 1;
  }
  return Float64Array.from(found);
}

/**
 * The flights that were in the air together: groups of flights whose times overlap, by time.
 * @param {{ flight: number, start: number, end: number }[]} spans
 * @param {number} [gapMs] flights that follow one another within this are one group
 * @returns {{ start: number, end: number, flights: number[], together: number }[]} `together` is
 *   the largest number of flights in the air at once
 */
export function flightsTogether(spans, gapMs = 0) {
  const groups = [];
  for (const { flight, start, end } of [...spans].sort((a, b) => a.start - b.start || a.end - b.end || a.flight - b.flight)) {
    const last = groups[groups.length - 1];
    if (last && start <= last.end + gapMs) {
      last.flights.push(flight);
      last.ends = last.ends.filter((other) => other >= start);
      last.ends.push(end);
      last.end = Math.max(last.end, end);
      last.together = Math.max(last.together, last.ends.length);
    } else groups.push({ start, end, flights: [flight], ends: [end], together: 1 });
  }
  return groups.map(({ start, end, flights, together }) => ({ start, end, flights, together }));
}
