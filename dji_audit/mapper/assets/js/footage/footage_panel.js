// The videos beside the map: opened with the file field or dropped, matched to the recordings of the
// logs, listed with how they were matched, and placed by hand where nothing matches.

import { axisCountsFixes, flight } from '../data/page_data.js';
import { clockText, dateText } from '../data/time_text.js';
import { byId, htmlElement } from '../dom.js';
import { goToInstant, state } from '../data/page_state.js';
import { openTab } from '../panel/tabs.js';
import { hashFile } from './file_hash.js';
import { joinWithAnd, matchParts, matchRecording, matchDescription, paceWarning } from './recording_match.js';
import { clips, clockErrorMs, clockErrorText, closeClip, followMoment, loadVideo, noteClipsChange, onClipsChange, openClip, placeClip } from './opened_videos.js';
import { indexAddressOfFile, unmatchedVideoWords, timeSpanOfFlight } from './unmatched_video.js';
import { isTextFile, readVideoHeaders } from './video_headers.js';

const VIDEO_NAME = /\.(mp4|m4v|mov|lrf|osv|mkv|webm|ts|avi|insv)$/i;
export const isVideoFile = (file) => VIDEO_NAME.test(file.name) || file.type.startsWith('video/');

/** @type {import('./recording_match.js').RecordedVideo[]} */
export const recordedVideos = flight.videos;

const SENSOR_NAMES = { visible: 'visible light', thermal: 'thermal', multispectral: 'multispectral', unknown: 'sensor not stated' };
const recordingWords = (video) => `${clockText(video.start)} UTC, ${SENSOR_NAMES[video.sensor] || video.sensor}${video.name ? `, ${video.name}` : ''}`;
export const sizeText = (bytes) => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`);

function fileDetailsOfClip(clip) {
  return { name: clip.file.name, size: clip.file.size, sha256: clip.sha256, durationS: clip.durationS };
}

/** Open videos beside the map. @param {Iterable<File>} files */
export function openVideos(files) {
  const opened = [];
  for (const file of files) {
    const again = clips.find((clip) => clip.file.name === file.name && clip.file.size === file.size && clip.file.lastModified === file.lastModified);
    if (!again) opened.push(openClip(file));
  }
  if (!opened.length) return;
  noteClipsChange();
  for (const clip of opened) {
    // What fails is said of the video; the others go on.
    void readHeadersAndLoad(clip);
    void hashVideoFile(clip);
  }
  byId('video_status').textContent = `${opened.map((clip) => clip.file.name).join(', ')} opened.`;
}

const readHeadersAndLoad = async (clip) => {
  try {
    const { codec, durationS, startMs } = await readVideoHeaders(clip.file);
    clip.headerStartMs = startMs;
    clip.codec = codec;
    clip.durationS = durationS;
    if (await isTextFile(clip.file)) clip.problem = 'cannot play it: it is a text, not a video';
    else if (clips.includes(clip)) loadVideo(clip);
  } catch (error) {
    clip.problem = clip.problem || `cannot read it (${error.name})`;
  }
  noteClipsChange();
};

// A file of another size than every file that was audited is none of them: it need not be hashed.
const isHashWanted = (clip) => flight.inputs.some((input) => input.size === clip.file.size);

// Whether the file itself was audited, though nothing says when its first picture was taken.
const isAuditedWithoutTime = (clip) => clip.sha256 !== null && (!clip.match || clip.match.by !== 'hash')
  && flight.inputs.some((input) => input.sha256 === clip.sha256);

const hashVideoFile = async (clip) => {
  if (!isHashWanted(clip)) return;
  const began = performance.now();
  try {
    const sha256 = await hashFile(clip.file, (share) => {
      clip.hashShare = share;
      showVideoList();
    }, () => !clips.includes(clip));
    if (sha256 === null) return;
    clip.sha256 = sha256;
    clip.hashSeconds = (performance.now() - began) / 1000;
  } catch (error) {
    clip.problem = clip.problem || `cannot read it (${error.name})`;
  }
  noteClipsChange();
};

// Match every video that was not placed by hand, by what is known of it by now.
function matchOpenedVideos() {
  const free = clips.filter((clip) => !clip.isDeclared);
  const alone = new Map(free.map((clip) => [clip, matchRecording(fileDetailsOfClip(clip), recordedVideos)]));
  const rest = free.filter((clip) => !alone.get(clip)).map((clip) => ({ ...fileDetailsOfClip(clip), clip }));
  const taken = new Set([...alone.values()].filter(Boolean).map((match) => match.video.recording));
  const parts = matchParts(rest, recordedVideos.filter((video) => !taken.has(video.recording)));
  for (const file of rest) alone.set(file.clip, parts.get(file) || null);
  for (const [clip, match] of alone) {
    clip.match = match;
    clip.startMs = axisCountsFixes || !match ? null : match.startMs;
  }
}

function showPlayer() {
  const open = clips.length > 0;
  if (byId('player').hidden !== open) return;
  byId('player').hidden = !open;
  byId('player').parentElement.classList.toggle('with_footage', open);
  // The map has another width: show the whole flight in it again, and let nothing cover it.
  if (open && byId('where')) byId('where').open = false;
  if (state.leafletMap) byId('fit').click();
}

function clipState(clip) {
  if (isHashWanted(clip) && clip.sha256 === null && !clip.problem) return `Its content is being compared: ${Math.floor(100 * clip.hashShare)} % …`;
  if (clip.sha256 === null) return '';
  const speed = clip.file.size > 2e7 ? ` (${sizeText(clip.file.size)} in ${clip.hashSeconds.toFixed(1)} s)` : '';
  return `SHA-256 ${clip.sha256}${speed}`;
}

function matchParagraph(clip) {
  if (axisCountsFixes) return { text: 'The fixes in this log have no times in UTC, so a video cannot move with the map.', isWarning: true };
  if (clip.isDeclared) return { text: `Placed by hand. ${clip.match ? '' : 'It matches no recording of this flight. '}Nothing in the logs supports this place: say so where you use it.`, isWarning: true };
  if (isAuditedWithoutTime(clip)) {
    const taken = clip.match ? `It is taken for the recording of ${recordingWords(clip.match.video)} by its ${joinWithAnd(clip.match.agrees)}.` : 'You can place it by hand.';
    return { text: `This is the file that was audited: its SHA-256 is the same. Its clock could not be aligned with that of the flight. ${taken}`, isWarning: true };
  }
  if (clip.match) {
    const { text, isWarning } = matchDescription(clip.match);
    const pace = paceWarning(clip.match, clip.durationS);
    return { text: [text, pace].filter(Boolean).join(' '), isWarning: isWarning || Boolean(pace) };
  }
  const known = recordedVideos.length ? 'This video matches no recording of this flight: not by SHA-256, name or length.' : 'The logs of this flight show no video recording.';
  return { text: `${known} You can place it by hand.`, isWarning: true };
}

// A video that nothing here matches may be of another flight of the case.
function showOtherFlight(clip, paragraph) {
  paragraph.hidden = Boolean(clip.match) || isAuditedWithoutTime(clip);
  if (paragraph.hidden) return;
  const address = indexAddressOfFile(fileDetailsOfClip(clip));
  const words = unmatchedVideoWords(clip.file.name, clip.headerStartMs, axisCountsFixes ? null : timeSpanOfFlight());
  // The link stays the same element, so that it keeps the focus.
  const [said, link] = paragraph.children;
  said.textContent = `It may be of another flight. ${words} `;
  link.hidden = !address;
  if (address) link.href = address;
}

function placementWords(clip) {
  if (clip.startMs === null) return '';
  const by = clip.isDeclared || !clip.match ? 'by hand' : `by the clock of ${clip.match.video.clock}`;
  const error = clip.isDeclared ? '' : ` ${clockErrorText(clockErrorMs(clip))}`;
  return `First picture ${clockText(clip.startMs, true)} UTC${error}, ${by}.`;
}

/** The cards, by the id of their video: a card stays while its video is open, so that it keeps the focus. */
const cards = new Map();

function showVideoList() {
  for (const [clip, card] of cards) {
    if (clips.includes(clip)) continue;
    card.root.remove();
    cards.delete(clip);
  }
  for (const clip of clips) {
    if (!cards.has(clip)) {
      cards.set(clip, buildVideoCard(clip));
      byId('video_list').append(cards.get(clip).root);
    }
    showVideoCard(clip, cards.get(clip));
  }
}

function showVideoCard(clip, card) {
  const { text, isWarning } = matchParagraph(clip);
  card.root.classList.toggle('warned', isWarning);
  card.match.textContent = text;
  card.place.textContent = placementWords(clip);
  showOtherFlight(clip, card.other);
  card.problem.textContent = clip.problem ? `This browser ${clip.problem}${clip.codec ? `: its codec is ${clip.codec}` : ''}.` : '';
  card.hash.textContent = clipState(clip);
  card.about.textContent = [sizeText(clip.file.size), clip.codec].filter(Boolean).join(', ');
  card.show.disabled = clip.startMs === null;
  card.linked.checked = clip.isLinked;
  card.linked.parentElement.hidden = clip.startMs === null;
  card.steps.textContent = `${clip.startMs === null ? 'Find' : 'Untick “Moves with the map”, find'} a picture whose moment you know, select that moment on the map, then press the buttonElement.`;
  if (document.activeElement !== card.start) card.start.value = clip.startMs === null ? '' : new Date(clip.startMs).toISOString().slice(11, 23);
  card.again.hidden = !clip.isDeclared;
}

function buttonElement(words, act) {
  const made = htmlElement('button', words);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

function buildVideoCard(clip) {
  const root = htmlElement('li', null, 'card video_card');
  const heading = htmlElement('h3', `${clip.file.name} `);
  const [about, match, place] = [htmlElement('span', null, 'sub'), htmlElement('p'), htmlElement('p', null, 'note')];
  const other = htmlElement('p', null, 'other_flight');
  other.append(htmlElement('span'), htmlElement('a', 'Ask the page of all flights'));
  const [problem, hash] = [htmlElement('p', null, 'problem'), htmlElement('p', null, 'note hash')];
  const show = buttonElement('Go to its beginning', () => goToInstant(clip.startMs, { pan: true }));
  const close = buttonElement('Close', () => {
    closeClip(clip);
    byId('video_files').focus();
  });
  const buttons = htmlElement('div', null, 'buttons');
  buttons.append(show, close);
  const linked = htmlElement('input');
  linked.type = 'checkbox';
  linked.addEventListener('change', () => {
    clip.isLinked = linked.checked;
    noteClipsChange();
    followMoment();
  });
  const { details, start, again, steps } = buildPlacementForm(clip, linked);
  heading.append(about);
  root.append(heading, match, other, place, problem, buttons, details, hash);
  return { root, about, match, other, place, problem, hash, show, linked, start, again, steps };
}

// Placing by hand: as a recording of the logs, at a time, or by a picture and a moment that belong together.
function buildPlacementForm(clip, linked) {
  const details = htmlElement('details');
  details.append(htmlElement('summary', 'Place it by hand'));
  const link = htmlElement('label');
  link.append(linked, ' Moves with the map');
  const here = buttonElement('The picture shown is the selected moment', () => placeVideoAtDeclaredTime(clip, state.currentMs - clip.video.currentTime * 1000));
  const start = htmlElement('input');
  Object.assign(start, { type: 'text', autocomplete: 'off', spellcheck: false, placeholder: 'hh:mm:ss.s' });
  const wrong = htmlElement('p', null, 'wrong');
  wrong.setAttribute('role', 'alert');
  const set = () => {
    const ms = momentOfClock(start.value, clip.startMs === null ? state.currentMs : clip.startMs);
    wrong.textContent = ms === null ? 'Write hours, minutes and seconds in UTC, such as 09:04:43.0.' : '';
    start.setAttribute('aria-invalid', String(ms === null));
    if (ms !== null) placeVideoAtDeclaredTime(clip, ms);
  };
  start.addEventListener('keydown', (event) => { if (event.key === 'Enter') set(); });
  const field = htmlElement('label', 'First picture at (UTC) ');
  field.append(start);
  const nudges = htmlElement('div', null, 'buttons');
  nudges.append(field, buttonElement('Set', set));
  for (const [words, ms] of /** @type {[string, number][]} */ ([['−1 s', -1000], ['−0.1 s', -100], ['+0.1 s', 100], ['+1 s', 1000]])) {
    nudges.append(buttonElement(words, () => placeVideoAtDeclaredTime(clip, (clip.startMs === null ? state.currentMs : clip.startMs) + ms)));
  }
  const as = htmlElement('div', null, 'buttons');
  for (const video of recordedVideos) as.append(buttonElement(`As the recording of ${recordingWords(video)}`, () => placeVideoAtDeclaredTime(clip, video.start)));
  const again = buttonElement('As it was matched', () => {
    clip.isDeclared = false;
    matchOpenedVideos();
    noteClipsChange();
    followMoment();
  });
  const steps = htmlElement('p', null, 'note');
  details.append(steps, link, here, nudges, wrong, as, again);
  return { details, start, again, steps };
}

function placeVideoAtDeclaredTime(clip, startMs) {
  if (axisCountsFixes) return;
  placeClip(clip, startMs, true);
  byId('video_status').textContent = `${clip.file.name} is placed by hand: first picture ${clockText(startMs, true)} UTC.`;
}

/**
 * The instant of a time of day that is nearest to another instant, or null.
 * @param {string} text
 * @param {number} near
 */
export function momentOfClock(text, near) {
  const found = text.trim().match(/^(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)$/);
  if (!found || Number(found[1]) > 23 || Number(found[2]) > 59 || Number(found[3]) >= 60) return null;
  const day = 86400000;
  const inDay = Number(found[1]) * 3600000 + Number(found[2]) * 60000 + Math.round(Number(found[3]) * 1000);
  const ms = Math.floor(near / day) * day + inDay;
  return [ms - day, ms, ms + day].reduce((best, one) => (Math.abs(one - near) < Math.abs(best - near) ? one : best));
}

function recordedNote() {
  if (axisCountsFixes) return 'The fixes in this log have no times in UTC: a video can be played here, but it cannot move with the map.';
  if (!recordedVideos.length) return 'The logs show no video with a time. A video can be placed by hand.';
  const names = [...new Set(recordedVideos.map((video) => video.name).filter(Boolean))];
  const dates = [...new Set(recordedVideos.map((video) => dateText(video.start)))];
  const wanted = names.length ? ` Known by name: ${joinWithAnd(names.slice(0, 4))}${names.length > 4 ? ` and ${names.length - 4} more` : ''}.` : '';
  const count = new Set(recordedVideos.map((video) => video.recording)).size;
  return `The logs show ${count} video recording${count === 1 ? '' : 's'} on ${joinWithAnd(dates)}.${wanted}`;
}

export function buildFootagePanel() {
  const field = byId('video_files');
  field.addEventListener('change', () => {
    openVideos(field.files);
    field.value = '';
  });
  byId('video_known').textContent = recordedNote();
  onClipsChange(() => {
    matchOpenedVideos();
    showVideoList();
    showPlayer();
    followMoment();
  });
}

/** Show what was opened. @param {File[]} files */
export function openDroppedVideos(files) {
  openTab('captures');
  openVideos(files);
}

