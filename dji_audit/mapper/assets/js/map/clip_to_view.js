// Lines cut to what can be seen.  A coast seen from 100 m has its ends millions of pixels away, and
// a dashed line of that length takes a second to paint.

/**
 * Cut a closed ring to a box, side by side (Sutherland and Hodgman).  Edges along the box may
 * remain: let it be wider than what is seen by more than the width of a line.
 * @param {number[][]} ring corners, x and y
 * @param {number[]} box west, north, east, south
 * @returns {number[][]}
 */
export function clipRing(ring, [west, north, east, south]) {
  const sides = [[0, west, 1], [1, north, 1], [0, east, -1], [1, south, -1]];
  let kept = ring;
  for (const [axis, edge, sign] of sides) {
    const given = kept;
    kept = [];
    for (let i = 0; i < given.length; i += 1) {
      const [from, to] = [given[(i + given.length - 1) % given.length], given[i]];
      const [a, b] = [(from[axis] - edge) * sign, (to[axis] - edge) * sign];
      if ((a < 0) !== (b < 0)) {
        const share = a / (a - b);
        kept.push([from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]);
      }
      if (b >= 0) kept.push(to);
    }
    if (!kept.length) break;
  }
  return kept;
}

/**
 * Cut an open line to a box (Liang and Barsky): the parts that lie within it.
 * @param {number[][]} line corners, x and y
 * @param {number[]} box west, north, east, south
 * @returns {number[][][]}
 */
export function clipLine(line, [west, north, east, south]) {
  const parts = [];
  let part = null;
  for (let i = 0; i + 1 < line.length; i += 1) {
    const [[ax, ay], [bx, by]] = [line[i], line[i + 1]];
    let [enter, leave] = [0, 1];
    for (const [from, by1, low, high] of [[ax, bx - ax, west, east], [ay, by - ay, north, south]]) {
      if (by1 === 0) {
        if (from < low || from > high) leave = -1;
      } else {
        const [one, other] = [(low - from) / by1, (high - from) / by1];
        enter = Math.max(enter, Math.min(one, other));
        leave = Math.min(leave, Math.max(one, other));
      }
    }
    if (enter > leave) {
      part = null;
      continue;
    }
    const at = (share) => [ax + (bx - ax) * share, ay + (by - ay) * share];
    if (!part || enter > 0) {
      part = [at(enter)];
      parts.push(part);
    }
    part.push(at(leave));
    if (leave < 1) part = null;
  }
  return parts;
}
