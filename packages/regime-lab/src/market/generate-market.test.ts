import { describe, expect, it } from '@jest/globals';
import { inspectCandle, SLOT_COUNT } from '@qt/regime';
import { GENERATOR_NAMES, generateMarket } from './generate-market.ts';
import { PRECURSOR_CANDLES } from './regime-path.ts';
import { type MarketRecipe, SYNTHETIC_INTERVAL_MS, type SyntheticMarket } from './synthetic-market.ts';

const aMarket = (recipe: Partial<MarketRecipe> = {}): SyntheticMarket =>
  generateMarket({
    generator: 'gaussian',
    difficulty: 'easy',
    durationCandles: 300,
    seed: 3,
    candles: 20_000,
    ...recipe,
  });

/** Deviations of the returns from what their regime says, in sigmas of the level. */
const shocksOf = (market: SyntheticMarket): number[] => {
  const { sigmas, drifts, autoregressions } = market.settings;
  let previous = 0;
  return Array.from({ length: market.candles }, (_, index) => {
    const move = Math.log(market.close[index]! / market.open[index]!);
    const id = market.regimeIds[index]!;
    const sigma = sigmas[Math.floor(id / SLOT_COUNT)]!;
    const drift = drifts[id % SLOT_COUNT]! * sigma;
    const shock = (move - drift - autoregressions[id % SLOT_COUNT]! * (previous - drift)) / sigma;
    previous = move;
    return shock;
  });
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]): number => mean(values.map((value) => value * value)) - mean(values) ** 2;

describe('generateMarket', () => {
  it.each(GENERATOR_NAMES)(
    '%s: same seed, same bits; a longer market begins the same; another seed is another market',
    (generator) => {
      const market = aMarket({ generator, candles: 3_000 });
      const longer = aMarket({ generator, candles: 4_000 });
      expect(aMarket({ generator, candles: 3_000 })).toEqual(market);
      expect(longer.close.subarray(0, 3_000)).toEqual(market.close);
      expect(longer.regimeIds.subarray(0, 3_000)).toEqual(market.regimeIds);
      expect(aMarket({ generator, candles: 3_000, seed: 4 }).close).not.toEqual(market.close);
    },
  );

  it.each(GENERATOR_NAMES)('%s: every candle is one, and opens where the last one closed', (generator) => {
    const market = aMarket({ generator, candles: 5_000 });
    let openTimeMs: number | null = null;
    for (let index = 0; index < market.candles; index += 1) {
      const { open, high, low, close, volume, openTimeMs: time } = market.barAt(index);
      const candle = {
        openTimeMs: time,
        open: `${open}`,
        high: `${high}`,
        low: `${low}`,
        close: `${close}`,
        volume: `${volume}`,
      };
      expect(inspectCandle(candle, { openTimeMs, intervalMs: SYNTHETIC_INTERVAL_MS }).kind).toBe('accepted');
      if (index > 0) expect(open).toBe(market.close[index - 1]);
      openTimeMs = time;
    }
  });

  it('has normal returns of the volatility, drift and autoregression of its regimes', () => {
    const shocks = shocksOf(aMarket());
    expect(Math.abs(mean(shocks))).toBeLessThan(0.03);
    expect(variance(shocks)).toBeCloseTo(1, 1);
    expect(mean(shocks.map((shock) => shock ** 4))).toBeCloseTo(3, 0);
    const lagged = shocks.slice(1).map((shock, index) => shock * shocks[index]!);
    expect(Math.abs(mean(lagged))).toBeLessThan(0.03);
  });

  it.each(['student-t4', 'shared-scale-t4', 'untied-range-t4'] as const)(
    '%s: has fat tails on the same sigma',
    (generator) => {
      const shocks = shocksOf(aMarket({ generator }));
      // A t with 4 degrees, scaled to variance 1: P(|x| < 1) is .7 against .683 of a normal, and P(|x| > 4) .0048 against .00006.
      expect(mean(shocks.map((shock) => (Math.abs(shock) < 0.5236 ? 1 : 0)))).toBeCloseTo(0.5, 1);
      const far = mean(shocks.map((shock) => (Math.abs(shock) > 4 ? 1 : 0)));
      expect(far).toBeGreaterThan(0.003);
      expect(far).toBeLessThan(0.008);
    },
  );

  it('changes as often as its mean life says, and shares changes out 35 : 50 : 15', () => {
    const market = aMarket({ durationCandles: 10, candles: 50_000 });
    const changes = market.changeIndices();
    expect(changes.length / 50_000).toBeCloseTo(0.1, 2);
    const kinds = changes.map((at) => {
      const before = market.regimeIds[at - 1]!;
      const after = market.regimeIds[at]!;
      const isLevel = Math.floor(before / SLOT_COUNT) !== Math.floor(after / SLOT_COUNT);
      return isLevel ? (before % SLOT_COUNT === after % SLOT_COUNT ? 'level' : 'both') : 'slot';
    });
    const share = (kind: string): number => kinds.filter((one) => one === kind).length / kinds.length;
    expect(share('level')).toBeCloseTo(0.35, 1);
    expect(share('slot')).toBeCloseTo(0.5, 1);
    expect(share('both')).toBeCloseTo(0.15, 1);
  });

  it('garch-jumps: variance clusters around the level', () => {
    const shocks = shocksOf(aMarket({ generator: 'garch-jumps', candles: 40_000 }));
    expect(variance(shocks)).toBeGreaterThan(0.85);
    expect(variance(shocks)).toBeLessThan(1.6);
    const sizes = shocks.map((shock) => Math.min(9, shock * shock));
    const center = mean(sizes);
    const clustering =
      mean(sizes.slice(1).map((size, index) => (size - center) * (sizes[index]! - center))) / variance(sizes);
    expect(clustering).toBeGreaterThan(0.05);
  });

  it('stochastic-volatility: the log volatility keeps its median, clusters, rises after what falls, and jumps come in bursts', () => {
    const shocks = shocksOf(aMarket({ generator: 'stochastic-volatility', candles: 60_000 }));
    const sizes = shocks.map((shock) => Math.log(Math.max(1e-6, Math.abs(shock))));
    // The mean of ln |z| of a normal is -.635; jumps are .8 % of the candles.
    expect(mean(sizes)).toBeCloseTo(-0.635, 1);
    const center = mean(sizes);
    const lagged = (steps: number): number =>
      mean(sizes.slice(steps).map((size, index) => (size - center) * (sizes[index]! - center)));
    // The covariance of two log sizes is that of the log volatilities: .22 squared, and .97 to the power of the lag.
    expect(lagged(5)).toBeGreaterThan(0.6 * 0.22 ** 2);
    expect(lagged(5)).toBeLessThan(1.6 * 0.22 ** 2);
    expect(Math.abs(lagged(200))).toBeLessThan(0.015);
    const after = (isSign: (shock: number) => boolean): number =>
      mean(shocks.slice(1).flatMap((shock, index) => (isSign(shocks[index]!) ? [Math.min(9, shock * shock)] : [])));
    expect(after((shock) => shock < -1)).toBeGreaterThan(1.05 * after((shock) => shock > 1));
    const large = shocks.map((shock) => (Math.abs(shock) > 4.5 ? 1 : 0));
    const nextLarge = large.flatMap((isLarge, index) =>
      isLarge === 1 ? [Math.max(...large.slice(index + 1, index + 11))] : [],
    );
    expect(mean(large)).toBeLessThan(0.006);
    expect(mean(nextLarge)).toBeGreaterThan(5 * 10 * mean(large));
  });

  it('semi-markov: no life is shorter than its announcement, the mean is kept, and the last candles are wilder', () => {
    const market = aMarket({ generator: 'semi-markov', candles: 60_000 });
    const changes = market.changeIndices();
    const lives = changes.slice(1).map((at, index) => at - changes[index]!);
    expect(Math.min(...lives)).toBeGreaterThan(PRECURSOR_CANDLES);
    expect(mean(lives)).toBeGreaterThan(260);
    expect(mean(lives)).toBeLessThan(340);
    const shocks = shocksOf(market);
    const last = changes.flatMap((at) => shocks.slice(at - 3, at));
    expect(Math.sqrt(variance(last))).toBeGreaterThan(1.25);
    const early = changes.flatMap((at) => shocks.slice(at + 1, at + 15));
    expect(Math.sqrt(variance(early))).toBeCloseTo(1, 1);
  });
});
