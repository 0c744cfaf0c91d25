import { seededRandom } from '@qt/kernel';

/** Returns standard normal draws; same seed, same draws. */
export const normalDraws = (seed: number, count: number): readonly number[] => {
  const random = seededRandom(seed);
  return Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(Math.max(random(), 1e-12))) * Math.cos(2 * Math.PI * random()),
  );
};
