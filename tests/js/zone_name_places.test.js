import assert from 'node:assert/strict';
import { test } from 'node:test';

const { NAME_HEIGHT, placesOfNames } = await import('../../dji_audit/mapper/assets/js/map/zone_name_places.js');

const PHONE = { width: 390, roof: 4, floor: 440 };
const zone = (left, right, high, low, width, isNeeded = true) => ({ left, right, high, low, width, isNeeded, top: [left, high], foot: [right, low] });
const overlap = (one, other) => one.at.x < other.at.x + other.width && other.at.x < one.at.x + one.width
  && one.at.y < other.at.y + NAME_HEIGHT && other.at.y < one.at.y + NAME_HEIGHT;

test('a name stands beside its zone, in the frame, and covers no other', () => {
  const names = [zone(226, 352, 92, 160, 165), zone(62, 140, 15, 77, 100), zone(-15, 218, 90, 330, 115)];
  const places = placesOfNames(names, PHONE, []);
  const set = places.map((at, n) => ({ at, width: names[n].width }));
  for (const [n, one] of set.entries()) {
    assert.ok(one.at && one.at.x >= 8 && one.at.x + one.width <= 382 && one.at.y >= 4 && one.at.y <= 440);
    assert.equal(one.at.leader, null);
    for (const other of set.slice(n + 1)) assert.ok(!overlap(one, other));
  }
  // Not on the zone of another name.
  assert.ok(places[0].x >= 140 || places[0].y > 77 || places[0].y + NAME_HEIGHT < 15);
});

test('signs over a name are avoided where there is a choice', () => {
  const [free] = placesOfNames([zone(150, 250, 200, 260, 100)], PHONE, []);
  const sign = [free.x + 50, free.y + 17, 20];
  const [moved] = placesOfNames([zone(150, 250, 200, 260, 100)], PHONE, [sign]);
  assert.notDeepEqual(moved, free);
});

test('zones that lie on one another are named apart with a line, or not at all if nothing is about them', () => {
  const heap = (isNeeded) => Array.from({ length: 9 }, () => zone(180, 200, 200, 220, 230, isNeeded));
  const places = placesOfNames(heap(true), PHONE, []);
  const apart = places.filter((at) => at && at.leader);
  assert.ok(apart.length > 0);
  for (const { leader } of apart) assert.ok([200, 220].includes(leader[1][1]));
  assert.equal(placesOfNames(heap(false), PHONE, []).filter((at) => at && at.leader).length, 0);
  const shown = places.filter(Boolean).map((at) => ({ at, width: 230 }));
  shown.forEach((one, n) => shown.slice(n + 1).forEach((other) => assert.ok(!overlap(one, other))));
});

test('under the controls there is no name', () => {
  const [at] = placesOfNames([zone(150, 250, 60, 260, 100)], { ...PHONE, roof: 120 }, []);
  assert.ok(at.y >= 120);
});
