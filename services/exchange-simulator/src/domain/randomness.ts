import { seededRandom } from '@qt/kernel';

/** Returns 32 bits that depend on every part: FNV-1a over text, numbers written out. */
export const hashOf = (...parts: readonly (string | number)[]): number => {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const text = typeof part === 'string' ? part : part.toString(36);
    for (let index = 0; index < text.length; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    hash = Math.imul(hash ^ 0x1f, 0x01000193);
  }
  return hash >>> 0;
};

/** A reproducible source of numbers that belongs to one cause: the same parts give the same sequence, whatever was drawn elsewhere. */
export const randomOf = (...parts: readonly (string | number)[]): (() => number) => {
  const next = seededRandom(hashOf(...parts));
  next();
  return next;
};

/** Returns a normal deviate: Marsaglia's polar method. */
export const gaussian = (random: () => number): number => {
  for (;;) {
    const x = 2 * random() - 1;
    const y = 2 * random() - 1;
    const square = x * x + y * y;
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * Math.log(square)) / square);
  }
};
