// Where the names of zones stand on the map: near their zone, under few signs, none over another.

export const NAME_HEIGHT = 34;
// How far from its zone a name may stand that has no room beside it, in pixels.
const APART = [40, 80, 120, 160, 200];
// What lying on another zone that matters weighs, beside one sign over the name.
const ON_ANOTHER = 2;

/**
 * @typedef {object} WantedName a zone in pixels of the map
 * @property {number} width of the name
 * @property {number[]} top the highest corner in sight
 * @property {number[]} foot the lowest one
 * @property {number} left
 * @property {number} right
 * @property {number} high
 * @property {number} low
 * @property {boolean} isNeeded whether it may stand apart rather than be left out
 */

/**
 * @typedef {object} NamePlace
 * @property {number} x left of the name
 * @property {number} y top of the name
 * @property {number[][] | null} leader a line to its zone, if it stands apart
 */

/**
 * @param {WantedName[]} names those that matter most first
 * @param {{ width: number, roof: number, floor: number }} frame between what heights names may stand
 * @param {number[][]} signs middle and radius of what is drawn over names
 * @returns {(NamePlace | null)[]} null: there is no room
 */
export function placesOfNames(names, frame, signs) {
  const taken = [];
  const needed = names.filter((name) => name.isNeeded);
  return names.map((name) => {
    const others = needed.filter((other) => other !== name);
    const place = bestPlace(besideZone(name, frame), name, { others, signs, taken, frame })
      || (name.isNeeded ? bestPlace(apartFromZone(name, frame), name, { others, signs, taken, frame }) : null);
    if (place) taken.push({ x: place.x, y: place.y, width: name.width });
    return place;
  });
}

const middled = (x, { width }, frame) => Math.max(8, Math.min(frame.width - width - 8, x - width / 2));

function besideZone(name, frame) {
  const { width, top: [topX, topY], foot: [footX, footY], left, right } = name;
  const centre = (Math.max(left, 0) + Math.min(right, frame.width)) / 2;
  return [
    [middled(topX, name, frame), topY - 38], [middled(footX, name, frame), footY + 4],
    [middled(centre, name, frame), topY - 38], [middled(centre, name, frame), footY + 4],
    [right + 6, topY], [left - width - 6, topY], [right + 6, footY - NAME_HEIGHT], [left - width - 6, footY - NAME_HEIGHT],
    [middled(centre, name, frame), topY + 6], [middled(centre, name, frame), footY - 40],
  ].map(([x, y]) => ({ x, y, leader: null, away: 0 }));
}

function apartFromZone(name, frame) {
  const { width, top, foot } = name;
  return APART.flatMap((apart) => [8, middled(top[0], name, frame), frame.width - width - 8].flatMap((x) => [
    { x, y: top[1] - NAME_HEIGHT - apart, to: top }, { x, y: foot[1] + apart, to: foot },
  ])).map(({ x, y, to }) => ({ x, y, leader: leaderTo(x, y, width, to), away: Math.hypot(x + width / 2 - to[0], y - to[1]) / 40 }));
}

const leaderTo = (x, y, width, [toX, toY]) => [[Math.max(x, Math.min(x + width, toX)), Math.max(y, Math.min(y + NAME_HEIGHT, toY))], [toX, toY]];

function bestPlace(places, { width }, { others, signs, taken, frame }) {
  const cost = ({ x, y, away }) => away
    + signs.filter(([sx, sy, r]) => sx > x - r && sx < x + width + r && sy > y - r && sy < y + NAME_HEIGHT + r).length
    + ON_ANOTHER * others.filter((one) => x < one.right && x + width > one.left && y < one.low && y + NAME_HEIGHT > one.high).length;
  const isFree = ({ x, y }) => taken.every((one) => x + width < one.x || one.x + one.width < x || y + NAME_HEIGHT + 2 < one.y || one.y + NAME_HEIGHT + 2 < y);
  const [best] = places
    .filter(({ x, y }) => x >= 8 && x + width <= frame.width - 8 && y >= frame.roof && y <= frame.floor)
    .filter(isFree)
    .map((place) => ({ place, cost: cost(place) }))
    .sort((one, other) => one.cost - other.cost);
  return best ? { x: best.place.x, y: best.place.y, leader: best.place.leader } : null;
}
