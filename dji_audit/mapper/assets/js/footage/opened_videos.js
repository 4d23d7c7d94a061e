// Videos that the reviewer opened, in step with the map both ways: a moment of the page seeks the
// video, the video moves the page.  Files stay on this computer: the page plays them from `blob:`.

import { clockText, durationText } from '../data/time_text.js';
import { byId, htmlElement } from '../dom.js';
import { goToInstant, state } from '../data/page_state.js';
import { isPlaying, onPlayingChange, setPlaying } from '../timeline/playback.js';

/**
 * @typedef {object} Clip
 * @property {number} id
 * @property {File} file
 * @property {string} url its address in this page; empty: it is not played
 * @property {HTMLVideoElement} video
 * @property {HTMLElement} figure
 * @property {import('./recording_match.js').RecordingMatch | null} match
 * @property {number | null} startMs when its first picture was taken; null: it is not placed
 * @property {boolean} isDeclared whether a person placed it
 * @property {boolean} isLinked whether it moves with the map
 * @property {number | null} durationS
 * @property {string | null} codec
 * @property {number | null} headerStartMs when its header says that it was begun
 * @property {string | null} sha256
 * @property {number} hashShare
 * @property {number} hashSeconds
 * @property {string} problem why it cannot be played; empty: it can
 * @property {number} asked the time that the page last asked it to show
 * @property {boolean} isFollowing whether it plays because the page does
 */

/** @type {Clip[]} */
export const clips = [];
/** The video that the reviewer plays or seeks, which the page follows. @type {Clip | null} */
let leader = null;
const changeWatchers = [];
let nextId = 1;

/** Call a function when a video was opened, closed, placed, or is known better. @param {() => void} act */
export function onClipsChange(act) {
  changeWatchers.push(act);
}

export function noteClipsChange() {
  for (const act of changeWatchers) act();
}

// So much after the beginning of a picture that rounding does not show the one before it.
const INSIDE_PICTURE_S = 0.001;
const FASTEST_PLAYBACK = 16;

export const momentOfClip = (clip, seconds) => clip.startMs + seconds * 1000;
export const secondsOfClip = (clip, ms) => (ms - clip.startMs) / 1000;
const clipEndMs = (clip) => (clip.durationS === null ? Infinity : clip.startMs + clip.durationS * 1000);

/** @param {Clip} clip @param {number} ms */
export const coversMoment = (clip, ms) => clip.startMs !== null && ms >= clip.startMs && ms <= clipEndMs(clip);

function distanceFromMoment(clip, ms) {
  if (clip.startMs === null) return Infinity;
  return Math.max(0, clip.startMs - ms, ms - clipEndMs(clip));
}

/** @param {File} file @returns {Clip} */
export function openClip(file) {
  const video = /** @type {HTMLVideoElement} */ (htmlElement('video'));
  Object.assign(video, { controls: true, muted: true, playsInline: true, preload: 'auto' });
  video.setAttribute('aria-label', `Video ${file.name}`);
  const figure = htmlElement('figure', null, 'clip');
  figure.append(htmlElement('figcaption'), video, htmlElement('p', null, 'clip_note'));
  /** @type {Clip} */
  const clip = {
    id: nextId, file, url: '', video, figure, match: null, startMs: null, isDeclared: false, isLinked: true, durationS: null,
    codec: null, headerStartMs: null, sha256: null, hashShare: 0, hashSeconds: 0, problem: '', asked: NaN, isFollowing: false,
  };
  nextId += 1;
  watchVideo(clip);
  clips.push(clip);
  byId('player').append(figure);
  return clip;
}

/** Let the browser play a file that is no text. @param {Clip} clip */
export function loadVideo(clip) {
  clip.url = URL.createObjectURL(clip.file);
  clip.video.src = clip.url;
}

/** @param {Clip} clip */
export function closeClip(clip) {
  if (leader === clip) leader = null;
  clip.video.pause();
  clip.video.removeAttribute('src');
  clip.video.load();
  if (clip.url) URL.revokeObjectURL(clip.url);
  clip.figure.remove();
  clips.splice(clips.indexOf(clip), 1);
  noteClipsChange();
}

/**
 * Place a video: its first picture was taken at a moment.
 * @param {Clip} clip
 * @param {number | null} startMs
 * @param {boolean} isDeclared whether a person says so
 */
export function placeClip(clip, startMs, isDeclared) {
  clip.startMs = startMs;
  clip.isDeclared = isDeclared;
  clip.isLinked = true;
  noteClipsChange();
  followMoment();
}

function watchVideo(clip) {
  const { video } = clip;
  video.addEventListener('loadedmetadata', () => {
    if (Number.isFinite(video.duration)) clip.durationS = video.duration;
    if (!video.videoWidth) clip.problem = 'shows no picture of it';
    noteClipsChange();
    followMoment();
  });
  video.addEventListener('error', () => {
    // Closing it takes its address away, which is no fault.
    if (!video.getAttribute('src')) return;
    clip.problem = video.error && video.error.code === 2 ? 'cannot read it any more: was it moved?' : 'cannot play it';
    noteClipsChange();
    followMoment();
  });
  video.addEventListener('play', () => {
    if (clip.isFollowing || clip.startMs === null || !clip.isLinked) return;
    leader = clip;
    setPlaying(false);
    letVideoLeadMap();
  });
  video.addEventListener('pause', () => {
    if (leader !== clip) return;
    leader = null;
    showClipMoment(clip);
  });
  // The reviewer seeks in the video.
  video.addEventListener('seeking', () => {
    if (clip.startMs === null || !clip.isLinked || Math.abs(video.currentTime - clip.asked) < 0.0005) return;
    if (isPlaying()) setPlaying(false);
    clip.asked = video.currentTime;
    showClipMoment(clip);
  });
}

// The page shows what the video shows.
let movedBy = null;
function showClipMoment(clip) {
  movedBy = clip;
  goToInstant(momentOfClip(clip, clip.video.currentTime), { pan: true });
  movedBy = null;
}

function letVideoLeadMap() {
  if (!leader || leader.video.paused) return;
  showClipMoment(leader);
  requestAnimationFrame(letVideoLeadMap);
}

/** Bring every video to the selected moment. */
export function followMoment() {
  const ms = state.currentMs;
  const shown = new Set(chooseShownVideos(ms));
  for (const clip of clips) {
    clip.figure.hidden = !shown.has(clip);
    if (clip !== movedBy && clip.isLinked && clip.startMs !== null && !clip.problem) followClip(clip, ms, shown.has(clip));
    showVideoCaption(clip, ms);
  }
}

// Of the files of one recording the one that covers the moment, or the nearest.
function chooseShownVideos(ms) {
  const byRecording = new Map();
  for (const clip of clips) {
    const key = clip.match && !clip.isDeclared ? `recording ${clip.match.video.recording}` : `clip ${clip.id}`;
    const other = byRecording.get(key);
    if (!other || distanceFromMoment(clip, ms) < distanceFromMoment(other, ms)) byRecording.set(key, clip);
  }
  return byRecording.values();
}

function followClip(clip, ms, isShown) {
  const { video } = clip;
  const seconds = secondsOfClip(clip, ms);
  const inside = coversMoment(clip, ms) && isShown;
  const rate = leader ? leader.video.playbackRate : Number(byId('rate').value);
  if (inside && (leader || isPlaying()) && rate <= FASTEST_PLAYBACK) {
    video.playbackRate = rate;
    if (Math.abs(video.currentTime - seconds) > 0.15 + 0.1 * rate) seekVideoToSecond(clip, seconds);
    if (video.paused) {
      clip.isFollowing = true;
      video.play().catch(() => { clip.isFollowing = false; });
    }
    return;
  }
  if (!video.paused) video.pause();
  clip.isFollowing = false;
  const last = clip.durationS === null ? Infinity : Math.max(0, clip.durationS - 0.02);
  const wanted = Math.max(0, Math.min(last, seconds));
  // Faster than a video plays, one picture after another as they come.
  if (isPlaying() && video.seeking) return;
  if (Math.abs(video.currentTime - wanted) > 0.002) seekVideoToSecond(clip, wanted);
}

function seekVideoToSecond(clip, seconds) {
  const last = clip.durationS === null ? Infinity : clip.durationS;
  clip.asked = Math.min(last, seconds + INSIDE_PICTURE_S);
  clip.video.currentTime = clip.asked;
}

/** A length within a video, such as `1:40.2`. @param {number} seconds */
export function videoTimeText(seconds) {
  const tenths = Math.floor(Math.max(0, seconds) * 10 + 1e-6);
  const [hours, minutes] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60];
  const rest = `${String(Math.floor(tenths / 10) % 60).padStart(2, '0')}.${tenths % 10}`;
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** @param {Clip} clip @returns {number | null} by how much its start may be off; null: not known */
export const clockErrorMs = (clip) => (clip.match && !clip.isDeclared ? clip.match.video.error : null);

/** @param {number | null} errorMs */
export const clockErrorText = (errorMs) => (errorMs === null ? '± not known' : `± ${(errorMs / 1000).toFixed(errorMs < 9950 ? 1 : 0)} s`);

function showVideoCaption(clip, ms) {
  const caption = clip.figure.querySelector('figcaption');
  const note = clip.figure.querySelector('.clip_note');
  const name = htmlElement('b', clip.file.name);
  clip.video.hidden = Boolean(clip.problem);
  clip.figure.classList.toggle('outside', clip.startMs === null || !coversMoment(clip, ms));
  if (clip.startMs === null) {
    caption.replaceChildren(name, htmlElement('span', 'not placed', 'chip warned'));
    note.textContent = `${videoProblemWords(clip)}It does not move with the map: place it under “Recorded”.`;
    return;
  }
  const inside = coversMoment(clip, ms);
  const length = clip.durationS === null ? '' : ` of ${videoTimeText(clip.durationS)}`;
  const at = inside ? `${videoTimeText(secondsOfClip(clip, ms))}${length}, ${clockErrorText(clockErrorMs(clip))}` : 'not recording at this moment';
  caption.replaceChildren(name, htmlElement('span', at, 'clip_time'));
  if (clip.isDeclared) caption.append(htmlElement('span', 'placed by hand', 'chip warned'));
  else if (clip.match && clip.match.by === 'hash') caption.append(htmlElement('span', 'same SHA-256', 'chip'));
  if (!clip.isLinked) caption.append(htmlElement('span', 'not linked', 'chip warned'));
  const away = ms < clip.startMs
    ? `It begins at ${clockText(clip.startMs, true)} UTC, ${durationText(clip.startMs - ms)} after the selected moment. `
    : `It ended at ${clockText(clipEndMs(clip), true)} UTC, ${durationText(ms - clipEndMs(clip))} before the selected moment. `;
  note.textContent = `${inside ? '' : away}${videoProblemWords(clip)}`.trim();
}

function videoProblemWords(clip) {
  if (!clip.problem) return '';
  const codec = clip.codec ? `: its codec is ${clip.codec}` : '';
  const elsewhere = clip.startMs === null ? '' : ' Open it in another player or browser; the time above is where it stands at the selected moment.';
  return `This browser ${clip.problem}${codec}.${elsewhere} `;
}

export function watchPlaying() {
  onPlayingChange((on) => {
    if (on) leader = null;
    if (!leader) followMoment();
  });
}
