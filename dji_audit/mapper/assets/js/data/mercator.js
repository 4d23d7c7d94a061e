// Positions: Mercator for the screen, and as text.

export const mercatorX = (lon) => 0.5 + lon / 360;
export function mercatorY(lat) {
  const bounded = Math.max(-85.0511, Math.min(85.0511, lat)) * Math.PI / 180;
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + bounded / 2)) / (2 * Math.PI);
}
export const wrapLongitude = (lon) => ((lon + 180) % 360 + 360) % 360 - 180;
export const positionText = (lat, lon) => `${lat.toFixed(6)}, ${wrapLongitude(lon).toFixed(6)}`.replace(/-/g, '−');

/**
 * A position from latitude and longitude in degrees as people write them.
 * @param {string} text
 * @returns {[number, number] | null} null: it is none
 */
export function positionFromText(text) {
  const cleaned = text.trim().replace(/−/g, '-');
  const parts = cleaned.match(/^([-+]?\d+(?:\.\d+)?)\s*°?\s*([NS])?[\s,;]+([-+]?\d+(?:\.\d+)?)\s*°?\s*([EW])?$/i);
  if (!parts) return null;
  const [, lat, ns, lon, ew] = parts;
  const [north, east] = [Number(lat) * (/s/i.test(ns || '') ? -1 : 1), Number(lon) * (/w/i.test(ew || '') ? -1 : 1)];
  return Math.abs(north) <= 90 && Math.abs(east) <= 180 ? [north, east] : null;
}
