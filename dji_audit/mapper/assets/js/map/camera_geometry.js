// Axes of a camera, metres on the ellipsoid, and the radius of an error.  The same arithmetic as
// `dji_audit.camera_view`, on the same numbers: a test holds the two against each other.

export const RADIANS = Math.PI / 180;
const LONG_AXIS = 6378137;
const ECCENTRICITY_2 = 0.0066943799901413165;
const RADIUS = [1.9606, 0.0113, 0.0887, 0.3930];

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
export function metresEastNorthTo(latDeg, lonDeg, toLatDeg, toLonDeg) {
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
    const [e, n] = metresEastNorthTo(latDeg, lonDeg, lat, lon);
    lat += (north - n) / along / RADIANS;
    lon += (east - e) / (across * Math.cos(lat * RADIANS)) / RADIANS;
  }
  return [lat, lon];
}

// The radius that holds 95 % of a normal error with two standard deviations.
export function errorRadius95(one, other) {
  const [larger, smaller] = [Math.max(one, other), Math.min(one, other)];
  const ratio = smaller / larger;
  const [a, b, c, d] = RADIUS;
  return larger * (a + ratio * (b + ratio * (c + ratio * d)));
}
