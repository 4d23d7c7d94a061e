// Where the camera of this flight looked, and when a position was in its view.

import { flight, has, track } from '../data/page_data.js';
import { CameraSightings } from './camera_sightings.js';

export const cameraView = flight.camera;

// What a fix says of the camera; NaN where it does not.
export const poses = {};
if (cameraView) {
  const measured = has.height ? track.height : track.agl;
  // A helicopter states the ground in the middle of its picture, and not how high it flies.
  const raw = has.height_over_picture ? track.height_over_picture : measured;
  poses.height = raw.map((h) => (h >= cameraView.lowest_m ? h : NaN));
  poses.yaw = track.gimbal_yaw;
  poses.pitch = track.gimbal_pitch;
  poses.roll = track.gimbal_roll.map((r) => (Number.isNaN(r) ? 0 : r));
  poses.half = [track.half_across, track.half_up];
}

const sightingsOfFlight = cameraView
  ? new CameraSightings(cameraView, { ms: track.ms, lat: track.lat, lon: track.lon, speed: track.speed, ...poses })
  : null;

// Height of the ground above take-off, or NaN beyond what the page carries.
export const groundAt = (lat, lon) => sightingsOfFlight.groundHeightAt(lat, lon);
export const positionErrors = (groundM, height, range, speed) => sightingsOfFlight.positionErrors(groundM, height, range, speed);
export const findSightings = (lat, lon) => (sightingsOfFlight ? sightingsOfFlight.findSightings(lat, lon) : []);
// The first fix at or after an instant.
export const firstFixFrom = (ms) => sightingsOfFlight.firstFixFrom(ms);
