// The data of the index page: what flights are filtered by, and their tracks.

import { decodeDeltaColumn } from '../data/delta_columns.js';
import { mercatorX, mercatorY } from '../data/mercator.js';
import { localTimeText } from '../data/time_text.js';
import { byId } from '../dom.js';

/** @typedef {{ words: string[], of: number[][] }} WordFilter words, and those of each flight */

/** @type {{ filters: Record<string, WordFilter>, points: Record<string, [number, number]>, near_km: number, rules: [string, string][], outcome_words: [string, string][], outcomes: string[], days: number[][], starts: ([number, number] | null)[], zones: { offsets: [number, number, string][][], of: number[] }, basemap: any, recordings: import('./flights_of_file.js').IndexRecording[], target: [number, number] | null }} */
export const indexData = JSON.parse(byId('index').textContent);
export const flightCount = indexData.days.length;

/**
 * The simplified track of a flight, ready to be painted: `bounds` are south, west, north and east in
 * degrees, `box` the left, top, right and bottom in a world of one by one; `recording` holds the bits
 * of the sensors that recorded video from each fix to the next.
 * @typedef {{ flight: number, timed: boolean, ms: Float64Array, lat: Float64Array, lon: Float64Array, height: Float64Array, x: Float64Array, y: Float64Array, breaks: Set<number>, recording: Float64Array, bounds: number[], box: number[], start: number, end: number, camera: any }} MapTrack
 */

function boxAroundPoints(lat, lon) {
  let [south, west, north, east] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let k = 0; k < lat.length; k += 1) {
    [south, north] = [Math.min(south, lat[k]), Math.max(north, lat[k])];
    [west, east] = [Math.min(west, lon[k]), Math.max(east, lon[k])];
  }
  return [south, west, north, east];
}

/** @returns {MapTrack} */
function decodeMapTrack([flight, raw, turns]) {
  const [lat, lon] = [decodeDeltaColumn(raw.lat, raw.kept), decodeDeltaColumn(raw.lon, raw.kept).map((degrees) => degrees + 360 * turns)];
  const [x, y] = [lon.map(mercatorX), lat.map(mercatorY)];
  const ms = decodeDeltaColumn(raw.ms, raw.kept);
  const [south, west, north, east] = boxAroundPoints(lat, lon);
  return {
    flight,
    timed: raw.timed,
    ms,
    lat,
    lon,
    height: decodeDeltaColumn(raw.height, raw.kept),
    x,
    y,
    breaks: new Set(raw.breaks),
    recording: decodeDeltaColumn(raw.recording, raw.kept),
    bounds: [south, west, north, east],
    box: [mercatorX(west), mercatorY(north), mercatorX(east), mercatorY(south)],
    start: ms[0],
    end: ms[ms.length - 1],
    camera: raw.camera,
  };
}

export const mapTracks = JSON.parse(byId('tracks').textContent).map(decodeMapTrack);
/** @type {(MapTrack | null)[]} the track of each flight */
export const trackOfFlight = new Array(flightCount).fill(null);
for (const track of mapTracks) trackOfFlight[track.flight] = track;

export const filterWordsOfFlight = (name, flight) => indexData.filters[name].of[flight].map((number) => indexData.filters[name].words[number]);

/** Local time at the place of a flight. @param {number} flight @param {number} ms */
export const localTimeOfFlight = (flight, ms) => localTimeText(indexData.zones.offsets[indexData.zones.of[flight]], ms);
