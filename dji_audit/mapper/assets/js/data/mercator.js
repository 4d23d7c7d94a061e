// Positions: Mercator for the screen, and as text.

export const mercatorX = (lon) => 0.5 + lon / 360;
export function mercatorY(lat) {
  const bounded = Math.max(-85.0511, Math.min(85.0511, lat)) * Math.PI / 180;
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + bounded / 2)) / (2 * Math.PI);
}
export const wrapLongitude = (lon) => ((lon + 180) % 360 + 360) % 360 - 180;
export const positionText = (lat, lon) => `${lat.toFixed(6)}, ${wrapLongitude(lon).toFixed(6)}`.replace(/-/g, '−');
