// The National Grid, or that of UTM elsewhere, by interpolation in the table of the page.

import { flight } from './page_data.js';

export const hasNationalGrid = flight.grid !== null && flight.grid.system === 'national';

/**
 * Easting and northing in metres from the table in the page, or null beyond it.
 * @param {number} lat
 * @param {number} lon
 * @param {number} [reach] how many cells beyond the table still count
 * @returns {[number, number] | null}
 */
export function toNationalGrid(lat, lon, reach = 0) {
  const grid = flight.grid;
  if (!grid) return null;
  const row = (lat - grid.south) / grid.dlat;
  const column = (lon - grid.west) / grid.dlon;
  const last = grid.points - 1;
  if (Math.min(row, column) < -reach || Math.max(row, column) > last + reach) return null;
  const i = Math.max(0, Math.min(last - 1, Math.floor(row)));
  const j = Math.max(0, Math.min(last - 1, Math.floor(column)));
  const up = row - i;
  const across = column - j;
  const k = i * grid.points + j;
  const mix = (table) => ((1 - up) * ((1 - across) * table[k] + across * table[k + 1])
    + up * ((1 - across) * table[k + grid.points] + across * table[k + grid.points + 1])) / 10;
  return [mix(grid.east), mix(grid.north)];
}

/**
 * Latitude and longitude, by a few steps of Newton: the grid is very nearly flat here.
 * @param {number} east
 * @param {number} north
 * @returns {[number, number] | null}
 */
export function fromNationalGrid(east, north) {
  const grid = flight.grid;
  const half = (grid.points - 1) / 2;
  let lat = grid.south + half * grid.dlat;
  let lon = grid.west + half * grid.dlon;
  for (let step = 0; step < 5; step += 1) {
    const here = toNationalGrid(lat, lon, 40);
    if (!here) return null;
    const up = toNationalGrid(lat + grid.dlat / 20, lon, 41);
    const across = toNationalGrid(lat, lon + grid.dlon / 20, 41);
    const [a, b] = [(across[0] - here[0]) * 20, (up[0] - here[0]) * 20];
    const [c, d] = [(across[1] - here[1]) * 20, (up[1] - here[1]) * 20];
    const [e, n] = [east - here[0], north - here[1]];
    const scale = a * d - b * c;
    lon += (e * d - b * n) / scale * grid.dlon;
    lat += (a * n - e * c) / scale * grid.dlat;
  }
  return [lat, lon];
}

export const SQUARES = 'VWXYZQRSTULMNOPFGHJKABCDE';
/**
 * @param {number} lat
 * @param {number} lon
 * @returns {string | null} such as `NY 85361 27364`
 */
export function gridReference(lat, lon) {
  const metres = toNationalGrid(lat, lon);
  if (!metres || metres[0] < 0 || metres[1] < 0) return null;
  if (!hasNationalGrid) return mgrsReference(lat, metres);
  const [east, north] = metres.map(Math.floor);
  const large = SQUARES[(Math.floor(north / 500000) + 1) * 5 + Math.floor(east / 500000) + 2];
  const small = SQUARES[Math.floor(north % 500000 / 100000) * 5 + Math.floor(east % 500000 / 100000)];
  const five = (part) => String(part % 100000).padStart(5, '0');
  return `${large}${small} ${five(east)} ${five(north)}`;
}

const BANDS = 'CDEFGHJKLMNPQRSTUVWX';
const COLUMNS = ['STUVWXYZ', 'ABCDEFGH', 'JKLMNPQR'];
const ROWS = 'ABCDEFGHJKLMNPQRSTUV';
/**
 * The square of a metre in MGRS, in the zone of the page; Python's `mgrs_reference` is the same.
 * @param {number} lat
 * @param {number[]} metres easting and northing in UTM
 * @returns {string | null} such as `58K FA 50433 37929`
 */
export function mgrsReference(lat, metres) {
  const zone = flight.grid.zone;
  const [east, north] = metres.map(Math.floor);
  const column = COLUMNS[zone % 3][Math.floor(east / 100000) - 1];
  const band = BANDS[Math.min(Math.floor((lat + 80) / 8), BANDS.length - 1)];
  if (!column || !band) return null;
  const row = ROWS[(Math.floor(north / 100000) + (zone % 2 ? 0 : 5)) % 20];
  const five = (part) => String(part % 100000).padStart(5, '0');
  return `${zone}${band} ${column}${row} ${five(east)} ${five(north)}`;
}
