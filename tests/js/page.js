// A page's data in place of the document, so that modules of the viewer can be imported here.

/** Ten seconds of a flight to the north-east, with a gap of 20 s and a fix without a position. */
export const FLIGHT = {
  axis: { kind: 'time', span: [0, 34000] },
  fixes: 6,
  gap_ms: 5000,
  time_zone: { name: 'Europe/London', offsets: [[0, 3600, 'BST'], [20000, 0, 'GMT']] },
  columns: {
    ms: { per: 1, delta: [0, 1000, 2000, 1000, 20000, 10000] },
    lat: { per: 1e7, delta: [546412000, 1000, null, 1000, 1000, 1000] },
    lon: { per: 1e7, delta: [-22275000, 1000, null, 1000, 1000, 1000] },
    height: { per: 10, runs: [500, 4, 600, 2] },
    agl: null,
    speed: { per: 10, delta: [50, 0, 0, 0, 0, 0] },
    gimbal_yaw: { per: 10, runs: [0, 6] },
    gimbal_pitch: { per: 10, runs: [-900, 6] },
    gimbal_roll: null,
    half_across: { per: 10000, runs: [7000, 6] },
    half_up: { per: 10000, runs: [5000, 6] },
  },
  rows: [[1000, null, 'warning', 'k', '', 't', 'measured', 'r', 1, null, '', 0, false]],
  videos: [], inputs: [],
  captures: [[0, 2000, 'video', 'thermal']],
  grid: {
    system: 'national', south: 54.6, west: -2.3, dlat: 0.05, dlon: 0.05, points: 3,
    east: [0, 1, 2, 0, 1, 2, 0, 1, 2].map((k) => 3800000 + 32000 * k),
    north: [0, 0, 0, 1, 1, 1, 2, 2, 2].map((k) => 5200000 + 55600 * k),
  },
  camera: {
    why_not: '', sensor: 'visible', captures: [], ground: null, lowest_m: 1, farthest_m: 2000,
    shallow_deg: 15, steep_deg: 35, hold_ms: 5000, join_ms: 2000, sight_steps: 16,
    errors: {
      yaw_deg: 3, pitch_deg: 2, roll_deg: 2, height_m: 3, position_m: 3, time_s: 0.2,
      plane_m: 10, model_m: 5, laser_m: 2,
    },
  },
  zones: [], groups: [['warning', 'Warnings', true]], untimed: [null, null], files: ['a.txt'],
  home: null, pilot: null, target: null, modes: [], network: null,
};

globalThis.document = { getElementById: () => ({ textContent: JSON.stringify(FLIGHT) }) };
