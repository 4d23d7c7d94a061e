// SHA-256 of a file of any size, slice by slice: the browser's own hashes a whole file in memory,
// and this page may hold gigabytes.  FIPS 180-4.

const ROUND_CONSTANTS = new Int32Array(64);
const START_WORDS = new Int32Array(8);
// The first 32 bits of the fractions of the cube and square roots of the first primes.
for (let prime = 2, found = 0; found < 64; prime += 1) {
  let divides = false;
  for (let n = 2; n * n <= prime; n += 1) divides = divides || prime % n === 0;
  if (divides) continue;
  ROUND_CONSTANTS[found] = fractionOfRoot(prime, 3);
  if (found < 8) START_WORDS[found] = fractionOfRoot(prime, 2);
  found += 1;
}

// The first 32 bits of the fraction of a root, exactly: in whole numbers.
function fractionOfRoot(number, power) {
  const wanted = BigInt(number) << BigInt(32 * power);
  let low = 0n;
  let high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(power) <= wanted) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn) | 0;
}

const BLOCK = 64;

/** SHA-256 of bytes that come one part after another. */
export class Sha256 {
  constructor() {
    this.words = Int32Array.from(START_WORDS);
    this.schedule = new Int32Array(64);
    this.rest = new Uint8Array(BLOCK);
    this.restLength = 0;
    this.length = 0;
  }

  /** @param {Uint8Array} bytes */
  updateHash(bytes) {
    this.length += bytes.length;
    let at = 0;
    if (this.restLength) {
      at = Math.min(BLOCK - this.restLength, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.restLength);
      this.restLength += at;
      if (this.restLength < BLOCK) return;
      this.addBlocks(this.rest, 0, BLOCK);
      this.restLength = 0;
    }
    const whole = bytes.length - (bytes.length - at) % BLOCK;
    this.addBlocks(bytes, at, whole);
    this.rest.set(bytes.subarray(whole));
    this.restLength = bytes.length - whole;
  }

  // Plain variables and whole numbers of 32 bits: a browser makes machine code of nothing else.
  addBlocks(bytes, from, to) {
    const w = this.schedule;
    const k = ROUND_CONSTANTS;
    const words = this.words;
    for (let at = from; at < to; at += BLOCK) {
      for (let n = 0, p = at; n < 16; n += 1, p += 4) {
        w[n] = (bytes[p] << 24) | (bytes[p + 1] << 16) | (bytes[p + 2] << 8) | bytes[p + 3];
      }
      for (let n = 16; n < 64; n += 1) {
        const x = w[n - 15];
        const y = w[n - 2];
        const small = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const large = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        w[n] = (w[n - 16] + small + w[n - 7] + large) | 0;
      }
      let a = words[0] | 0;
      let b = words[1] | 0;
      let c = words[2] | 0;
      let d = words[3] | 0;
      let e = words[4] | 0;
      let f = words[5] | 0;
      let g = words[6] | 0;
      let h = words[7] | 0;
      for (let n = 0; n < 64; n += 1) {
        const turned = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const first = (h + turned + (g ^ (e & (f ^ g))) + k[n] + w[n]) | 0;
        const other = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const second = (other + ((a & b) | (c & (a | b)))) | 0;
        h = g;
        g = f;
        f = e;
        e = (d + first) | 0;
        d = c;
        c = b;
        b = a;
        a = (first + second) | 0;
      }
      words[0] = (words[0] + a) | 0;
      words[1] = (words[1] + b) | 0;
      words[2] = (words[2] + c) | 0;
      words[3] = (words[3] + d) | 0;
      words[4] = (words[4] + e) | 0;
      words[5] = (words[5] + f) | 0;
      words[6] = (words[6] + g) | 0;
      words[7] = (words[7] + h) | 0;
    }
  }

  /** @returns {string} the hash in hexadecimal; nothing can be added after it */
  digestAsHex() {
    const { length } = this;
    const padding = new Uint8Array(((this.restLength < 56 ? 56 : 120) - this.restLength) + 8);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(length / 0x20000000));
    view.setUint32(padding.length - 4, (length % 0x20000000) * 8);
    this.updateHash(padding);
    return [...this.words].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

const SLICE = 4 * 1024 * 1024;
// Bytes that are hashed at once, so that the page answers in between.
const STEP = 1024 * 1024;

// Let the page paint and answer before going on.
const nextEventLoopTurn = () => new Promise((go) => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    channel.port1.close();
    go(null);
  };
  channel.port2.postMessage(null);
});

/**
 * The SHA-256 of a file; of a file of any size only a few megabytes are in memory.
 * @param {Blob} file
 * @param {(share: number) => void} [onProgress] with the share that is done, 0 to 1
 * @param {() => boolean} [isCancelled]
 * @returns {Promise<string | null>} hexadecimal; null if it was cancelled
 */
export const hashFile = async (file, onProgress = () => {}, isCancelled = () => false) => {
  const hash = new Sha256();
  const read = (at) => file.slice(at, at + SLICE).arrayBuffer();
  let next = read(0);
  for (let at = 0; at < file.size; at += SLICE) {
    const bytes = new Uint8Array(await next);
    // The next slice is read while this one is hashed.
    next = read(at + SLICE);
    next.catch(() => {});
    for (let from = 0; from < bytes.length; from += STEP) {
      if (isCancelled()) return null;
      hash.updateHash(bytes.subarray(from, from + STEP));
      await nextEventLoopTurn();
    }
    onProgress(Math.min(1, (at + SLICE) / file.size));
  }
  return hash.digestAsHex();
};
