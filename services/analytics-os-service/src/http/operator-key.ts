import { createHash, timingSafeEqual } from 'node:crypto';

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Returns whether `given` is the operator key; digests are compared in constant time. Without a configured key nothing is. */
export const isOperatorKey = (configured: string | undefined, given: string | undefined): boolean =>
  configured !== undefined && given !== undefined && timingSafeEqual(digestOf(configured), digestOf(given));
