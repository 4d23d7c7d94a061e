// What the page of the work says, in words.

const formatNumber = (n) => n.toLocaleString('en-GB');
const plural = (n, word) => `${formatNumber(n)} ${word}${n === 1 ? '' : 's'}`;
/** A sentence with a capital at its beginning. @param {string} text */
export const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const KINDS = { audit: 'Audit', judge: 'Judging again', dossier: 'Dossier' };

/** A size in bytes, for a person. @param {number} size */
export function sizeWords(size) {
  if (size < 1000) return plural(size, 'byte');
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = size / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(value < 9.95 ? 1 : 0)} ${units[unit]}`;
}

/** @param {{ files: number, size: number, new: number }} delivered */
export function deliveredWords({ files, size, new: added }) {
  if (!files) return 'No file was added yet.';
  return `${plural(files, 'file')} added, ${sizeWords(size)}${added ? `; ${formatNumber(added)} not audited yet` : ''}.`;
}

/** How far a job is. @param {{ done: number, total: number, name: string }} job */
export function progressWords({ done, total, name }) {
  return total ? `${formatNumber(done)} of ${formatNumber(total)}${name ? `: ${name}` : ''}` : 'Looking at what is here…';
}

/** What is done, or how it ended. @param {{ kind: string, state: string, message: string } | null} job */
export function jobWords(job) {
  if (!job) return '';
  const kind = KINDS[job.kind] || job.kind;
  if (job.state === 'running') return `${kind}: running`;
  if (job.state === 'failed') return `${kind} failed: ${job.message}`;
  return `${kind} ended: ${job.message}`;
}

// Statuses of files of which something was not read.
const NOT_READ = { partial: 'read in part', encrypted: 'needs a key', unread: 'not read', unopened: 'could not be opened' };

/** The figures of the last run. @param {{ flights: number, verdicts: Record<string, number>, files: Record<string, number>, open_count: number } | null} results */
export function resultWords(results) {
  if (!results) return 'Nothing was audited yet.';
  const { flights, verdicts, files, open_count: open } = results;
  const parts = [`${plural(flights, 'flight')}, ${formatNumber(verdicts.needs_look || 0)} to look at`, plural(open, 'finding')];
  const unchecked = (verdicts.not_checked || 0) + (verdicts.clean_in_part || 0);
  if (unchecked) parts.push(`${plural(unchecked, 'flight')} not checked in full`);
  for (const [status, words] of Object.entries(NOT_READ)) {
    if (files[status]) parts.push(`${plural(files[status], 'file')} ${words}`);
  }
  return `${parts.join('; ')}.`;
}
