import { describe, expect, it } from '@jest/globals';
import { normalDraws } from '../../test/toy-series.ts';
import { likeliestPath, smooth } from './hindsight-chain.ts';

const IDS = 18;
const HAZARD = 0.1;
/** 35 % of changes move volatility, 50 % the slot, 15 % both. */
const stepProbability = (from: number, to: number): number => {
  if (from === to) return 1 - HAZARD;
  const sameVolatility = Math.floor(from / 6) === Math.floor(to / 6);
  const sameSlot = from % 6 === to % 6;
  return HAZARD * (sameSlot ? 0.35 / 2 : sameVolatility ? 0.5 / 5 : 0.15 / 10);
};

describe('the chain in hindsight', () => {
  const draw = normalDraws(5);
  const logDensities = Float64Array.from({ length: 3 * IDS }, () => 2 * draw());
  const paths: { path: [number, number, number]; probability: number }[] = [];
  for (let first = 0; first < IDS; first += 1) {
    for (let second = 0; second < IDS; second += 1) {
      for (let third = 0; third < IDS; third += 1) {
        const path: [number, number, number] = [first, second, third];
        const density = path.reduce((sum, id, row) => sum + (logDensities[row * IDS + id] ?? 0), 0);
        const probability = (Math.exp(density) / IDS) * stepProbability(first, second) * stepProbability(second, third);
        paths.push({ path, probability });
      }
    }
  }
  const total = paths.reduce((sum, { probability }) => sum + probability, 0);

  it('gives the posteriors that all 5,832 paths together give', () => {
    const { posteriors, logLikelihood, changeRatio } = smooth(logDensities, HAZARD);
    for (const row of [0, 1, 2]) {
      for (let id = 0; id < IDS; id += 1) {
        const through = paths.filter(({ path }) => path[row] === id);
        const expected = through.reduce((sum, { probability }) => sum + probability, 0) / total;
        expect(posteriors[row * IDS + id]).toBeCloseTo(expected, 10);
      }
    }
    expect(logLikelihood).toBeCloseTo(Math.log(total), 10);
    const changes = paths.reduce(
      (sum, { path, probability }) =>
        sum + probability * ((path[0] === path[1] ? 0 : 1) + (path[1] === path[2] ? 0 : 1)),
      0,
    );
    expect(changeRatio).toBeCloseTo(changes / total / 2, 10);
  });

  it('finds the likeliest of them', () => {
    const best = paths.reduce((left, right) => (right.probability > left.probability ? right : left));
    expect([...likeliestPath(logDensities, HAZARD)]).toEqual(best.path);
  });
});
