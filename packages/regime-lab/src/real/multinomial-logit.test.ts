import { describe, expect, it } from '@jest/globals';
import { normalDraws } from '../../test/toy-series.ts';
import { UNLABELED } from './factor-labels.ts';
import { inverseOf } from './linear-equations.ts';
import { fitLogit, likeliestClass } from './multinomial-logit.ts';

/** Three classes by where one of two features lies, with some doubt; the other feature says nothing. */
const toyRows = (count: number, seed: number) => {
  const draw = normalDraws(seed);
  const values = Float64Array.from({ length: 2 * count }, draw);
  const labels = Int8Array.from({ length: count }, (_, row) => {
    const at = (values[2 * row] ?? 0) + 0.2 * draw();
    return at < -0.5 ? 0 : at < 0.5 ? 1 : 2;
  });
  return { rows: { values, width: 2 }, labels, classes: 3 };
};

const accuracyOf = (weights: Float64Array, { rows, labels }: ReturnType<typeof toyRows>): number =>
  [...labels].filter((label, row) => likeliestClass(weights, rows, row) === label).length / labels.length;

describe('fitLogit', () => {
  const known = toyRows(1_500, 81);
  const weights = fitLogit(known, null);

  it('calls classes of candles it has not seen nearly as well as the doubt allows', () => {
    expect(accuracyOf(weights, toyRows(1_500, 82))).toBeGreaterThan(0.85);
  });

  it('gives what says nothing little weight', () => {
    const of = (column: number): number =>
      Math.max(...[0, 1, 2].map((id) => Math.abs(weights[3 * id + 1 + column] ?? 0)));
    expect(of(1)).toBeLessThan(of(0) / 10);
  });

  it('finds the shares of the classes where the features say nothing at all', () => {
    const labels = Int8Array.from({ length: 1_000 }, (_, row) => (row % 10 < 7 ? 0 : 1));
    const flat = fitLogit({ rows: { values: new Float64Array(1_000), width: 1 }, labels, classes: 2 }, null);
    expect(Math.exp((flat[0] ?? 0) - (flat[2] ?? 0))).toBeCloseTo(7 / 3, 1);
  });

  it('passes over candles without a label', () => {
    const labels = known.labels.slice();
    labels.fill(UNLABELED, 800);
    const rows = { values: known.rows.values.slice(0, 1_600), width: 2 };
    expect(fitLogit({ ...known, labels }, null)).toEqual(
      fitLogit({ rows, labels: labels.slice(0, 800), classes: 3 }, null),
    );
  });

  it('goes on from weights of before, and leaves them as they are', () => {
    const before = weights.slice();
    expect(accuracyOf(fitLogit(toyRows(1_500, 83), weights), known)).toBeGreaterThan(0.85);
    expect(weights).toEqual(before);
  });
});

describe('inverseOf', () => {
  it('undoes a matrix', () => {
    const matrix = Float64Array.of(4, 1, 0.5, 1, 3, 0.2, 0.5, 0.2, 2);
    const inverse = inverseOf(matrix, 3);
    for (let row = 0; row < 3; row += 1) {
      for (let column = 0; column < 3; column += 1) {
        const product = [0, 1, 2].reduce(
          (sum, at) => sum + (matrix[row * 3 + at] ?? 0) * (inverse[at * 3 + column] ?? 0),
          0,
        );
        expect(product).toBeCloseTo(row === column ? 1 : 0, 12);
      }
    }
  });
});
