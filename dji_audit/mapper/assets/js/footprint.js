// The picture on the ground at the selected moment: solid where the look is steep,
// dashed where it is slanting, and a bearing where it is too flat to say a place.

const LIVE_INK = '#00735c';
const STEPS = 12;

// The recordings of a moment, each with its ink; without one what the pilot saw.
function picturesAt(ms, fix) {
  const live = [track.half_across[fix], track.half_up[fix]];
  const on = look.recordings.filter(([start, end, kind]) => kind === 'video' && start <= ms && ms < end);
  const found = on.map(([, , , sensor, half, , zoom]) => {
    const known = SENSORS.find((one) => one.name === sensor) || SENSORS[1];
    return { half: zoom.length ? zoomAt(zoom, ms) : half || live, ink: known.colour, words: known.words, recorded: true };
  });
  if (!found.length) found.push({ half: live, ink: LIVE_INK, words: 'no video shown', recorded: false });
  return found.filter(({ half }) => half[0] > 0 && half[1] > 0);
}

// Where the camera looks at a moment: height, attitude, and where its axis meets the ground.
function poseAt(ms, fix, place) {
  if (!look || look.why_not || fix < 0 || !place || place.stale || counting) return null;
  const [height, yaw, pitch, roll] = [poses.height[fix], poses.yaw[fix], poses.pitch[fix], poses.roll[fix]];
  if (Number.isNaN(height + yaw + pitch)) return null;
  const below = -pitch;
  const pose = { ms, fix, place, height, yaw, pitch, roll, below, aim: null, error: null, above: height };
  if (below < look.shallow_deg) return pose;
  const reach = (h) => h / Math.tan(Math.min(below, 90) * RADIANS);
  const aimAt = (h) => placeFrom(place.lat, place.lon, reach(h) * Math.sin(yaw * RADIANS), reach(h) * Math.cos(yaw * RADIANS));
  let groundError = look.errors.plane_m;
  if (look.ground) {
    // A few rounds to where the axis meets the ground of the model.
    for (let round = 0; round < 8; round += 1) {
      const ground = groundAt(...aimAt(pose.above));
      if (!Number.isFinite(ground)) break;
      pose.above = height - ground;
      groundError = look.errors.model_m;
    }
    if (!(pose.above > 0)) return { ...pose, below: 0 };
  }
  pose.aim = aimAt(pose.above);
  [pose.error] = errorOf(groundError, pose.above, reach(pose.above), track.speed[fix]);
  return pose;
}

// The outline of a picture in metres from the point below the camera.
function outlineOf(pose, half) {
  const [forward, right, up] = axesOf(pose.yaw, pose.pitch, pose.roll);
  const ray = ([x, y]) => forward.map((f, k) => f + x * half[0] * right[k] + y * half[1] * up[k]);
  const corners = [[-1, 1], [1, 1], [1, -1], [-1, -1]];
  const flattest = Math.tan(look.shallow_deg * RADIANS);
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

function areaOf(points) {
  let twice = 0;
  points.forEach(([x, y], n) => {
    const [x1, y1] = points[(n + 1) % points.length];
    twice += x * y1 - x1 * y;
  });
  return Math.abs(twice) / 2;
}

let shownPose = null;
let footprintSheet = null;

// The outline of the first picture of a moment, as places; for whoever checks this page.
function outlineAt(ms) {
  const pose = poseAt(ms, fixAt(ms), whereAt(ms));
  if (!pose || pose.aim === null) return null;
  const { points } = outlineOf(pose, picturesAt(ms, pose.fix)[0].half);
  return points.map(([e, n]) => placeFrom(pose.place.lat, pose.place.lon, e, n));
}

function paintFootprint(g, view) {
  if (!shownPose || !shownLayers.view) return;
  const { place, below, aim } = shownPose;
  for (const picture of picturesAt(shownPose.ms, shownPose.fix)) {
    if (aim === null) paintBearing(g, view, picture);
    else {
      const { points } = outlineOf(shownPose, picture.half);
      const at = points.map(([e, n]) => view.at(...placeFrom(place.lat, place.lon, e, n)));
      g.beginPath();
      at.forEach(([x, y], n) => (n ? g.lineTo(x, y) : g.moveTo(x, y)));
      g.closePath();
      g.globalAlpha = picture.recorded ? 0.2 : 0.13;
      g.fillStyle = picture.ink;
      g.fill();
      g.globalAlpha = 1;
      twice(g, picture.ink, below >= look.steep_deg ? [] : [9, 6]);
    }
  }
  if (aim !== null) paintAim(g, view);
}

// White below the ink, so that it reads on any colour.
function twice(g, ink, dash) {
  g.lineJoin = 'round';
  g.lineWidth = 4.5;
  g.strokeStyle = '#fff';
  g.stroke();
  g.setLineDash(dash);
  g.lineWidth = 2;
  g.strokeStyle = ink;
  g.stroke();
  g.setLineDash([]);
}

// A wedge of directions that ends nowhere: its length says nothing.
function paintBearing(g, view, { half, ink }) {
  const [x, y] = view.at(shownPose.place.lat, shownPose.place.lon);
  const wide = Math.atan(half[0]);
  const yaw = shownPose.yaw * RADIANS;
  const long = 190;
  const fade = g.createRadialGradient(x, y, 20, x, y, long);
  fade.addColorStop(0, `${ink}44`);
  fade.addColorStop(1, `${ink}00`);
  g.beginPath();
  g.moveTo(x, y);
  g.arc(x, y, long, yaw - wide - Math.PI / 2, yaw + wide - Math.PI / 2);
  g.closePath();
  g.fillStyle = fade;
  g.fill();
  g.beginPath();
  for (const side of [-1, 1]) {
    g.moveTo(x, y);
    g.lineTo(x + long * Math.sin(yaw + side * wide), y - long * Math.cos(yaw + side * wide));
  }
  g.setLineDash([2, 7]);
  g.lineWidth = 1.6;
  g.strokeStyle = ink;
  g.stroke();
  g.setLineDash([]);
}

// Where the axis meets the ground, and how far off that may be.
function paintAim(g, view) {
  const [x, y] = view.at(...shownPose.aim);
  const [ex] = view.at(...placeFrom(...shownPose.aim, shownPose.error, 0));
  g.beginPath();
  g.arc(x, y, Math.abs(ex - x), 0, 7);
  twice(g, '#14181d', [2, 4]);
  g.beginPath();
  g.moveTo(x - 5, y);
  g.lineTo(x + 5, y);
  g.moveTo(x, y - 5);
  g.lineTo(x, y + 5);
  twice(g, '#14181d', []);
}

function squareMetres(area) {
  if (area >= 1e5) return `${(area / 1e4).toFixed(0)} ha`;
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(area || 1)) - 1);
  return `${(Math.round(area / digits) * digits).toLocaleString('en-GB')} m²`;
}

// What the readout says of the picture.
function viewWords(ms, fix, place) {
  if (!look || look.why_not) return look ? look.why_not : 'not known';
  shownPose = poseAt(ms, fix, place);
  if (!shownPose) return Number.isNaN(poses.height[fix]) ? 'on the ground, or height not known' : 'not known';
  if (shownPose.aim === null) return 'direction only: too flat to say a place on the ground';
  const [picture] = picturesAt(ms, fix);
  if (!picture) return 'width not known';
  const { points, clipped } = outlineOf(shownPose, picture.half);
  const area = `${clipped ? 'over ' : 'about '}${squareMetres(areaOf(points))}`;
  return `${area}, middle within ${shownPose.error.toFixed(0)} m (95 %)`;
}
