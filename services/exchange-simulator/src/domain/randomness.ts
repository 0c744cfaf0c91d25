import { seededRandom } from '@qt/kernel';

const BASE = 36;

/** Returns 32 bits that depend on every part: FNV-1a over text, numbers written out. */
export const hashOf = (...parts: readonly (string | number)[]): number => {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const text = typeof part === 'string' ? part : part.toString(BASE);
    for (let index = 0; index < text.length; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    hash = Math.imul(hash ^ 0x1f, 0x01000193);
  }
  return hash >>> 0;
};

/** Returns `hashOf(...parts, value)` for the hash of the parts and a whole number that is not negative: without making a text. */
export const hashOn = (hash: number, value: number): number => {
  let divisor = 1;
  while (divisor * BASE <= value) divisor *= BASE;
  let rest = value;
  let bits = hash;
  while (divisor >= 1) {
    const digit = Math.floor(rest / divisor);
    rest -= digit * divisor;
    // '0' to '9', then 'a' to 'z'.
    bits = Math.imul(bits ^ (digit < 10 ? 48 + digit : 87 + digit), 0x01000193);
    divisor /= BASE;
  }
  return Math.imul(bits ^ 0x1f, 0x01000193) >>> 0;
};

/** Returns the source of numbers that belongs to a hash of `hashOf` or `hashOn`. */
export const randomOn = (hash: number): (() => number) => {
  const next = seededRandom(hash);
  next();
  return next;
};

/** A reproducible source of numbers that belongs to one cause: the same parts give the same sequence, whatever was drawn elsewhere. */
export const randomOf = (...parts: readonly (string | number)[]): (() => number) => randomOn(hashOf(...parts));

/** Returns a normal deviate: Marsaglia's polar method. */
export const gaussian = (random: () => number): number => {
  for (;;) {
    const x = 2 * random() - 1;
    const y = 2 * random() - 1;
    const square = x * x + y * y;
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * Math.log(square)) / square);
  }
};

/** Returns a number in [-1, 1) for a knot of noise. */
const knotOf = (hash: number, knot: number): number => {
  let mixed = Math.imul(hash ^ knot, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) / 2_147_483_648;
};

/** Returns noise in [-1, 1) that runs straight from knot to knot, one every `knotMs`: a function of the hash and the time alone. */
export const noiseAt = (hash: number, timeMs: number, knotMs: number): number => {
  const knot = Math.floor(timeMs / knotMs);
  const from = knotOf(hash, knot);
  return from + (knotOf(hash, knot + 1) - from) * (timeMs / knotMs - knot);
};
