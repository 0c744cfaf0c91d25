import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { TransitionMatrix, type TransitionMatrixState, type TransitionMatrixUpdate } from './transition-matrix.ts';

const IDS = Array.from({ length: 18 }, (_, id) => id);
const rowOf = (matrix: TransitionMatrix, id: number): readonly number[] => [
  ...matrix.matrix.subarray(18 * id, 18 * id + 18),
];
const sumOf = (values: Iterable<number>): number => [...values].reduce((left, right) => left + right, 0);

/** Walks a path of [regime, candles] pairs. */
const walk = (
  matrix: TransitionMatrix,
  stays: Iterable<readonly [number, number]>,
): readonly TransitionMatrixUpdate[] => {
  const updates: TransitionMatrixUpdate[] = [];
  let before: number | null = null;
  for (const [regimeId, candles] of stays) {
    for (let dwellCandles = 1; dwellCandles <= candles; dwellCandles += 1) {
      const previousRegimeId = dwellCandles === 1 ? before : null;
      updates.push(matrix.update({ regimeId, previousRegimeId, dwellCandles }));
    }
    before = regimeId;
  }
  return updates;
};
/** Mostly 8 to 9 to 10 and round again. */
function* aCycle(seed: number, stays: number, candles = 20): Generator<readonly [number, number]> {
  const random = seededRandom(seed);
  for (let index = 0; index < stays; index += 1) {
    yield [8 + (index % 3), 1 + Math.floor(2 * candles * random())];
  }
}
const alertsOf = (updates: readonly TransitionMatrixUpdate[]): readonly string[] =>
  updates.flatMap(({ alerts }) => alerts.map(({ kind }) => kind));

describe('TransitionMatrix', () => {
  it('has rows that sum to 1, no way to itself, and shares of time that sum to 1', () => {
    const matrix = new TransitionMatrix();
    for (let round = 0; round < 3; round += 1) {
      for (const id of IDS) {
        expect(sumOf(rowOf(matrix, id))).toBeCloseTo(1, 12);
        expect(rowOf(matrix, id)[id]).toBe(0);
      }
      expect(sumOf(matrix.stationary)).toBeCloseTo(1, 12);
      walk(matrix, aCycle(round, 200));
    }
  });

  it('learns where a regime goes', () => {
    const matrix = new TransitionMatrix();
    walk(matrix, aCycle(1, 300));
    matrix.refresh();
    expect(rowOf(matrix, 8)[9]).toBeGreaterThan(0.85);
    expect(rowOf(matrix, 10)[8]).toBeGreaterThan(0.85);
    expect(rowOf(matrix, 0)[1]).toBeCloseTo(1 / 17, 12);
  });

  it('shows a matrix that is rebuilt every 1000 candles, or as often as is asked', () => {
    const matrix = new TransitionMatrix();
    walk(matrix, [
      [8, 500],
      [9, 499],
    ]);
    expect(rowOf(matrix, 8)[9]).toBeCloseTo(1 / 17, 12);
    walk(matrix, [[9, 1]]);
    expect(rowOf(matrix, 8)[9]).toBeGreaterThan(0.1);
    expect(matrix.view().metrics['observations_since_refresh']).toBe(0);
    matrix.configure({ refreshCandles: 10 });
    walk(matrix, [[9, 15]]);
    expect(matrix.view().metrics['observations_since_refresh']).toBe(5);
  });

  it('counts time, not visits, in its long-run shares', () => {
    const matrix = new TransitionMatrix();
    walk(
      matrix,
      Array.from({ length: 400 }, (_, index) => [8 + (index % 2), index % 2 === 0 ? 90 : 10] as const),
    );
    matrix.refresh();
    expect(matrix.stationary[8]! / matrix.stationary[9]!).toBeGreaterThan(7);
    expect(matrix.stationary[8]! / matrix.stationary[9]!).toBeLessThan(10);
  });

  it('is surprised by what it rarely saw', () => {
    const matrix = new TransitionMatrix();
    walk(matrix, aCycle(2, 301));
    const { surpriseNats: usual } = matrix.update({ regimeId: 9, previousRegimeId: 8, dwellCandles: 1 });
    const { surpriseNats: rare } = matrix.update({ regimeId: 0, previousRegimeId: 9, dwellCandles: 1 });
    expect(usual!).toBeLessThan(0.2);
    expect(rare!).toBeGreaterThan(4);
    expect(matrix.update({ regimeId: 0, previousRegimeId: null, dwellCandles: 2 }).surpriseNats).toBeNull();
  });

  it('tells of a change never seen from a regime it knows, with its numbers, and not again within the pause', () => {
    const matrix = new TransitionMatrix();
    expect(alertsOf(walk(matrix, aCycle(3, 301)))).not.toContain('unusual_transition');
    const [first] = walk(matrix, [[8, 1]]);
    expect(first!.alerts).toEqual([]);
    const unseen = matrix.update({ regimeId: 12, previousRegimeId: 8, dwellCandles: 1 });
    expect(unseen.isUnseenTransition).toBe(true);
    expect(unseen.alerts).toHaveLength(1);
    expect(unseen.alerts[0]).toMatchObject({
      kind: 'unusual_transition',
      component: 'transition_matrix_analyzer',
      message: expect.stringMatching(/^regime 8 went to 12, which had a probability of 0\.00\d+;/),
    });
    matrix.update({ regimeId: 9, previousRegimeId: 12, dwellCandles: 1 });
    const again = matrix.update({ regimeId: 15, previousRegimeId: 9, dwellCandles: 1 });
    expect(again).toMatchObject({ isUnseenTransition: true, alerts: [] });
  });

  it('calls nothing unusual where every change is as likely as every other', () => {
    const random = seededRandom(4);
    const matrix = new TransitionMatrix();
    const stays = Array.from({ length: 3_000 }, () => [Math.floor(18 * random()), 5] as const);
    const told = alertsOf(walk(matrix, stays)).filter((kind) => kind === 'unusual_transition');
    expect(told.length).toBeLessThan(0.02 * stays.length);
  });

  it('tells of a stay that is longer than 99 in 100 were, once', () => {
    const matrix = new TransitionMatrix();
    expect(alertsOf(walk(matrix, aCycle(5, 300)))).toEqual([]);
    const updates = walk(matrix, [[8, 800]]);
    expect(alertsOf(updates)).toEqual(['long_dwell']);
    const at = updates.findIndex(({ alerts }) => alerts.length > 0);
    expect(at).toBeGreaterThan(40);
    expect(updates[at]!.alerts[0]!.message).toContain(`regime 8 stands for ${at + 1} candles; its mean is `);
  });

  it('never calls the first regime of a market stuck', () => {
    expect(alertsOf(walk(new TransitionMatrix(), [[8, 20_000]]))).toEqual([]);
  });

  it('expects the life that was learned, each regime its own', () => {
    const matrix = new TransitionMatrix();
    expect(matrix.expectedTotalCandles(8)).toBe(300);
    walk(
      matrix,
      Array.from({ length: 400 }, (_, index) => [8 + (index % 2), index % 2 === 0 ? 90 : 10] as const),
    );
    expect(Math.abs(matrix.expectedTotalCandles(8) - 90)).toBeLessThan(5);
    expect(Math.abs(matrix.expectedTotalCandles(9) - 10)).toBeLessThan(3);
    expect(matrix.expectedRemainingCandles(8, 10)).toBeLessThan(100);
    expect(matrix.endProbability(9, 2, 20)).toBeGreaterThan(0.9);
    expect(matrix.endProbability(8, 2, 20)).toBeLessThan(0.1);
    // Regime 3 was never seen: what all regimes did stands for it.
    expect(Math.abs(matrix.expectedTotalCandles(3) - 50)).toBeLessThan(5);
  });

  it('continues bit for bit from a state saved as text', () => {
    const stays = [...aCycle(6, 400, 12)];
    const whole = new TransitionMatrix();
    const expected = walk(whole, stays);
    const first = new TransitionMatrix();
    walk(first, stays.slice(0, 211));
    const second = new TransitionMatrix();
    second.restore(JSON.parse(JSON.stringify(first.save())) as TransitionMatrixState);
    const [regimeId] = stays[211]!;
    const rest = [second.update({ regimeId, previousRegimeId: stays[210]![0], dwellCandles: 1 })];
    expect(rest[0]).toEqual(expected[stays.slice(0, 211).reduce((sum, [, candles]) => sum + candles, 0)]);
    first.update({ regimeId, previousRegimeId: stays[210]![0], dwellCandles: 1 });
    const tail = stays.slice(212);
    expect(walk(second, tail)).toEqual(walk(first, tail));
    expect(second.save()).toEqual(first.save());
  });
});
