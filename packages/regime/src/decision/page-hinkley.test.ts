import { describe, expect, it } from '@jest/globals';
import { normalDraws } from '../../test/normal-draws.ts';
import { PageHinkley } from './page-hinkley.ts';

const alarmsOf = (losses: readonly number[], test = new PageHinkley()): readonly number[] =>
  losses.flatMap((loss, index) => (test.update(loss) ? [index] : []));

describe('PageHinkley', () => {
  it('stays silent on noise, whatever its unit', () => {
    expect(alarmsOf(normalDraws(1, 50_000))).toEqual([]);
    expect(alarmsOf(normalDraws(1, 50_000).map((draw) => 3 + 1e-6 * draw))).toEqual([]);
  });

  it('tells of a lasting rise soon, and not of a fall', () => {
    const rise = normalDraws(2, 4_000).map((draw, index) => draw + (index < 2_000 ? 0 : 1));
    const [first] = alarmsOf(rise);
    expect(first).toBeGreaterThan(2_000);
    expect(first).toBeLessThan(2_150);
    expect(alarmsOf(rise.map((loss) => -loss))).toEqual([]);
  });

  it('is not alarmed by single outliers', () => {
    expect(alarmsOf(normalDraws(3, 5_000).map((draw, index) => (index % 500 === 499 ? 1_000 : draw)))).toEqual([]);
  });

  it('continues bit for bit from a saved state', () => {
    const losses = normalDraws(4, 3_000).map((draw, index) => draw + (index < 2_000 ? 0 : 1));
    const first = new PageHinkley();
    alarmsOf(losses.slice(0, 2_050), first);
    const second = new PageHinkley();
    second.restore(JSON.parse(JSON.stringify(first.save())) as number[]);
    expect(alarmsOf(losses.slice(2_050), second)).toEqual(alarmsOf(losses.slice(2_050), first));
    expect(second.save()).toEqual(first.save());
  });
});
