import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.js';

const footprint = await import('../../dji_audit/mapper/assets/js/map/camera_footprint.js');
const { footprintOutlineAt } = footprint;
const { metresEastNorthTo } = await import('../../dji_audit/mapper/assets/js/map/camera_geometry.js');

test('straight down, the picture is a rectangle of the field of view', () => {
  const outline = footprintOutlineAt(0);
  assert.equal(outline.length, 4);
  const corners = outline.map(([lat, lon]) => metresEastNorthTo(54.6412, -2.2275, lat, lon));
  // 50 m up: 35 m to each side, 25 m up and down.
  for (const [east, north] of corners) {
    assert.ok(Math.abs(Math.abs(east) - 35) < 0.01, String(east));
    assert.ok(Math.abs(Math.abs(north) - 25) < 0.01, String(north));
  }
});

test('where the position is stale there is no picture', () => {
  assert.equal(footprintOutlineAt(15000), null);
});
