// Which recording of the logs a video file is: by its hash where the audit knows one, else by its
// name, size and length.

import { durationText } from '../data/time_text.js';

/**
 * A video that the audit knows: of a file that was audited, of a file beside it, or of a log alone.
 * @typedef {{ recording: number, sensor: string, start: number, end: number | null, error: number | null, clock: string,
 *   name: string | null, size: number | null, sha256: string | null, recorded: number | null }} RecordedVideo
 */

/**
 * What is known of a file that the reviewer opened; null: not known, or not yet.
 * @typedef {{ name: string, size: number, sha256: string | null, durationS: number | null }} OpenedFile
 */

/**
 * @typedef {{ video: RecordedVideo, by: 'hash' | 'name' | 'length' | 'parts', agrees: string[], differs: string[], startMs: number }} RecordingMatch
 */

const baseName = (name) => name.split('/').pop().toLowerCase();
export const nameWithoutExtension = (name) => baseName(name).replace(/\.[a-z0-9]{1,5}$/, '');

/** How far the length of a file may be from that of its recording, in milliseconds. */
export const LENGTH_TOLERANCE_MS = 1500;

const recordingLengthMs = (video) => (video.end === null ? null : video.end - video.start);

/**
 * @param {OpenedFile} file
 * @param {RecordedVideo} video
 */
function lengthsAgree(file, video) {
  const length = recordingLengthMs(video);
  if (file.durationS === null || length === null) return null;
  return Math.abs(file.durationS * 1000 - length) <= LENGTH_TOLERANCE_MS;
}

/**
 * The recording that a file is of, or null.
 * @param {OpenedFile} file
 * @param {RecordedVideo[]} videos
 * @returns {RecordingMatch | null}
 */
export function matchRecording(file, videos) {
  const byHash = videos.find((video) => video.sha256 !== null && video.sha256 === file.sha256);
  if (byHash) return { video: byHash, by: 'hash', agrees: ['SHA-256'], differs: [], startMs: byHash.start };
  const named = videos.filter((video) => video.name && nameWithoutExtension(video.name) === nameWithoutExtension(file.name));
  // Of a recording and its small copy the one with the same ending.
  const video = named.find((one) => baseName(one.name) === baseName(file.name)) || named[0];
  if (video) {
    const agrees = ['name'];
    const differs = [];
    const compare = (same, words) => { if (same !== null) (same ? agrees : differs).push(words); };
    compare(video.size === null ? null : video.size === file.size, 'size');
    compare(lengthsAgree(file, video), 'length');
    compare(video.sha256 === null || file.sha256 === null ? null : false, 'SHA-256');
    return { video, by: 'name', agrees, differs, startMs: video.start };
  }
  // By its length alone only where no other recording is as long.
  const long = videos.filter((one) => lengthsAgree(file, one));
  if (new Set(long.map((one) => one.recording)).size !== 1) return null;
  const isOther = long[0].sha256 !== null && (file.sha256 !== null || long[0].size !== file.size);
  return { video: long[0], by: 'length', agrees: ['length'], differs: isOther ? ['content'] : [], startMs: long[0].start };
}

/**
 * Files that are together as long as one recording: its parts, in the order of their names.
 * @param {OpenedFile[]} files that match nothing by themselves
 * @param {RecordedVideo[]} videos that no file was matched to
 * @returns {Map<OpenedFile, RecordingMatch>}
 */
export function matchParts(files, videos) {
  const out = new Map();
  const rest = files.filter((file) => file.durationS !== null).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const video of videos) {
    const wanted = recordingLengthMs(video);
    if (wanted === null || video.sha256 !== null) continue;
    for (let from = 0; from < rest.length; from += 1) {
      let sum = 0;
      for (let to = from; to < rest.length && sum < wanted + LENGTH_TOLERANCE_MS; to += 1) {
        sum += rest[to].durationS * 1000;
        const count = to - from + 1;
        if (count < 2 || Math.abs(sum - wanted) > LENGTH_TOLERANCE_MS * count) continue;
        let startMs = video.start;
        for (const file of rest.splice(from, count)) {
          out.set(file, { video, by: 'parts', agrees: [`length of ${count} parts together`], differs: [], startMs });
          startMs += file.durationS * 1000;
        }
        to = rest.length;
        from = rest.length;
      }
    }
  }
  return out;
}

/**
 * Why a file is taken for a recording, as sentences, and whether they are a warning.
 * @param {RecordingMatch} match
 * @returns {{ text: string, isWarning: boolean }}
 */
export function matchDescription(match) {
  const { video, by, agrees, differs } = match;
  if (by === 'hash') return { text: 'This is the file that was audited: its SHA-256 is the same.', isWarning: false };
  // Of another length in bytes its content is another too.
  if (differs.includes('SHA-256') || (video.sha256 !== null && differs.includes('size'))) {
    return { text: `This is not the file that was audited: its name is the same, its ${joinWithAnd(differs)} ${differs.length > 1 ? 'are' : 'is'} not.`, isWarning: true };
  }
  const unchecked = video.sha256 === null ? 'The audit did not have this file, so its content cannot be compared.' : 'Its SHA-256 is not compared yet.';
  if (differs.includes('content')) return { text: 'Matched by length only. It is not the file that was audited: its content is another.', isWarning: true };
  if (differs.length) return { text: `Matched by ${joinWithAnd(agrees)}, but its ${joinWithAnd(differs)} ${differs.length > 1 ? 'differ' : 'differs'}. ${unchecked}`, isWarning: true };
  return { text: `Matched by ${joinWithAnd(agrees)}${by === 'name' ? '' : ' only'}. ${unchecked}`, isWarning: by !== 'name' };
}

// A video that is so much shorter or longer than its recording was not played back as it was recorded.
const PACE_TOLERANCE_MS = 3000;
const PACE_TOLERANCE = 0.02;

/**
 * Why a video does not keep step with its recording, as a sentence; empty: it does, or nobody knows.
 * @param {RecordingMatch} match
 * @param {number | null} durationS
 */
export function paceWarning({ video, by }, durationS) {
  if (video.recorded === null || durationS === null || by === 'parts') return '';
  const apart = Math.abs(durationS * 1000 - video.recorded);
  if (apart <= Math.max(PACE_TOLERANCE_MS, PACE_TOLERANCE * video.recorded)) return '';
  return `The logs show a recording of ${durationText(video.recorded)}, the video lasts ${durationText(durationS * 1000)}: it may be a time-lapse, or a part. After its first picture it may not be in step.`;
}

/** @param {string[]} words */
export const joinWithAnd = (words) => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`);
