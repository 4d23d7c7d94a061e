// Columns of whole numbers, each the difference from the last one known, and finding an instant.

/**
 * A column of the page's data: whole numbers in units of `1 / per`, each the difference from
 * the last one known; or runs of a value and how often it stands.
 * @typedef {{ per: number, delta?: (number | null)[], runs?: (number | null)[] }} Column
 */

/**
 * @param {Column | null} column
 * @param {number} count
 * @returns {Float64Array} NaN where a value is missing
 */
export function decodeDeltaColumn(column, count) {
  const values = new Float64Array(count).fill(NaN);
  if (!column) return values;
  if (column.runs) {
    let at = 0;
    for (let i = 0; i < column.runs.length; i += 2) {
      const value = column.runs[i];
      const end = at + column.runs[i + 1];
      if (value !== null) values.fill(value / column.per, at, end);
      at = end;
    }
    return values;
  }
  let sum = 0;
  column.delta.forEach((step, i) => {
    if (step === null) return;
    sum += step;
    values[i] = sum / column.per;
  });
  return values;
}

/**
 * The last of some instants, which ascend, at or before an instant, or -1.
 * @param {ArrayLike<number>} times
 * @param {number} ms
 * @returns {number}
 */
export function lastAtOrBefore(times, ms) {
  let low = -1;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= ms) low = middle;
    else high = middle - 1;
  }
  return low;
}
