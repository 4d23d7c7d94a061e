// What an MP4 says of itself before it is played: codec and length.  Only its headers are read.

import { timeOfMovieHeader } from './unmatched_video.js';

const MOST_BOXES = 64;
const MOST_INDEX = 16 * 1024 * 1024;

// How codecs are called, by the four letters of the file.
const CODEC_NAMES = {
  avc1: 'H.264', avc3: 'H.264', hvc1: 'H.265 (HEVC)', hev1: 'H.265 (HEVC)', av01: 'AV1', vp09: 'VP9', vp08: 'VP8',
  mp4v: 'MPEG-4 Visual', jpeg: 'Motion JPEG', mjpg: 'Motion JPEG', apch: 'ProRes', apcn: 'ProRes', apcs: 'ProRes', ap4h: 'ProRes',
};

const HEAD = 256;

/**
 * Whether a file is text, such as a play list: a browser would look for what a list names, so that
 * no text is ever given to it as a video.  A video has bytes that no text has near its beginning.
 * @param {Blob} file
 */
export const isTextFile = async (file) => {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  return head.every((byte) => byte > 31 || (byte > 8 && byte < 14));
};

const lettersAt = (view, at) => String.fromCharCode(...[0, 1, 2, 3].map((n) => view.getUint8(at + n)));

/**
 * Codec, length and start of a video; null where the file does not say.
 * @param {Blob} file
 * @returns {Promise<{ codec: string | null, durationS: number | null, startMs: number | null }>} `startMs` by the header, milliseconds since 1970
 */
export const readVideoHeaders = async (file) => {
  const nothing = { codec: null, durationS: null, startMs: null };
  let at = 0;
  for (let n = 0; n < MOST_BOXES && at + 8 <= file.size; n += 1) {
    const head = new DataView(await file.slice(at, at + 16).arrayBuffer());
    let size = head.getUint32(0);
    if (size === 1 && head.byteLength >= 16) size = Number(head.getBigUint64(8));
    else if (size === 0) size = file.size - at;
    const kind = lettersAt(head, 4);
    if (size < 8 || (n === 0 && !['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip'].includes(kind))) return nothing;
    if (kind === 'moov') return readMovieIndex(await file.slice(at, at + Math.min(size, MOST_INDEX)).arrayBuffer());
    at += size;
  }
  return nothing;
};

/** @param {ArrayBuffer} buffer of the box `moov` */
export function readMovieIndex(buffer) {
  const view = new DataView(buffer);
  const found = { codec: null, durationS: null, startMs: null };
  const walk = (from, to, isPicture) => {
    let picture = isPicture;
    for (let at = from, n = 0; at + 8 <= to && n < 256; n += 1) {
      const size = view.getUint32(at);
      const kind = lettersAt(view, at + 4);
      if (size < 8 || at + size > to) return;
      if (kind === 'mvhd' && size >= 28) Object.assign(found, { durationS: movieLength(at + 8), startMs: movieStart(at + 8) });
      else if (kind === 'hdlr' && size >= 20) picture = lettersAt(view, at + 16) === 'vide';
      else if (kind === 'stsd' && picture && size >= 24 && !found.codec) {
        const code = lettersAt(view, at + 20);
        found.codec = CODEC_NAMES[code] || (/^[\x20-\x7e]{4}$/.test(code) ? code : null);
      } else if (['trak', 'mdia', 'minf', 'stbl'].includes(kind)) walk(at + 8, at + size, picture);
      at += size;
    }
  };
  const movieStart = (at) => {
    const long = view.getUint8(at) === 1;
    return timeOfMovieHeader(long ? Number(view.getBigUint64(at + 4)) : view.getUint32(at + 4));
  };
  const movieLength = (at) => {
    const long = view.getUint8(at) === 1;
    if (at + (long ? 32 : 20) > view.byteLength) return null;
    const scale = view.getUint32(at + (long ? 20 : 12));
    const length = long ? Number(view.getBigUint64(at + 24)) : view.getUint32(at + 16);
    return scale > 0 && length > 0 ? length / scale : null;
  };
  walk(8, view.byteLength, false);
  return found;
}
