import { describe, expect, it } from '@jest/globals';
import { numberOf } from './fixed.ts';
import { createGeneratedMarket } from './generated-market.ts';
import { specOf } from './symbol-specs.ts';

const START_MS = 1_704_067_200_000;
const MINUTE_MS = 60_000;
const options = {
  seed: 5,
  symbols: ['BTCUSDT', 'ETHUSDT', 'ODDUSDT'],
  interval: '1m',
  startMs: START_MS + 1,
  historyCandles: 500,
};

describe('createGeneratedMarket', () => {
  it('starts on the grid, with the history that was asked for, and never ends', () => {
    const market = createGeneratedMarket(options);
    expect(market).toMatchObject({ kind: 'generated', startMs: START_MS + MINUTE_MS, endMs: null });
    const history = market.history('BTCUSDT');
    expect(history).toHaveLength(500);
    expect(history.at(-1)?.openTimeMs).toBe(START_MS);
    expect(market.candleAt('BTCUSDT', market.startMs)?.open).toBe(history.at(-1)?.close);
    expect(market.candleAt('BTCUSDT', market.startMs + 1)).toBeNull();
    expect(market.candleAt('NOPEUSDT', market.startMs)).toBeNull();
  });

  it('stays within sight of its first price for a hundred years of days', () => {
    const market = createGeneratedMarket({ ...options, seed: 1, interval: '1d', historyCandles: 36_500 });
    const closes = ['BTCUSDT', 'ODDUSDT'].map((symbol) => market.history(symbol).map(({ close }) => numberOf(close)));
    for (const [first = 0, ...rest] of closes) {
      expect(Math.max(...rest) / first).toBeLessThan(1_000);
      expect(Math.min(...rest) / first).toBeGreaterThan(0.000_1);
    }
  });

  it('is the same for the same seed, whatever is asked first', () => {
    const [left, right] = [createGeneratedMarket(options), createGeneratedMarket(options)];
    const atMs = left.startMs + 700 * MINUTE_MS;
    right.candleAt('ETHUSDT', atMs);
    expect(left.candleAt('BTCUSDT', atMs)).toEqual(right.candleAt('BTCUSDT', atMs));
    expect(createGeneratedMarket({ ...options, seed: 6 }).candleAt('BTCUSDT', atMs)).not.toEqual(
      left.candleAt('BTCUSDT', atMs),
    );
  });

  it('lives through long regimes of realistic size, on the tick, with volume', () => {
    const market = createGeneratedMarket(options);
    for (const symbol of options.symbols) {
      const history = market.history(symbol);
      const spec = specOf(symbol, { price: history[0]?.open ?? 0n, finestPriceStep: market.finestPriceStep(symbol) });
      const returns: number[] = [];
      const regimes = new Set<number>();
      for (let index = 0; index < 6_000; index += 1) {
        const openTimeMs = market.startMs + index * MINUTE_MS;
        const candle = market.candleAt(symbol, openTimeMs);
        if (candle === null) throw new Error('a generated market has every candle');
        expect(candle.low <= candle.open && candle.low <= candle.close).toBe(true);
        expect(candle.high >= candle.open && candle.high >= candle.close).toBe(true);
        expect(
          [candle.open, candle.high, candle.low, candle.close].every((price) => price % spec.priceStep === 0n),
        ).toBe(true);
        expect(candle.volume > 0n).toBe(true);
        returns.push(Math.log(numberOf(candle.close) / numberOf(candle.open)));
        regimes.add(market.regimeAt(symbol, openTimeMs)?.sinceMs ?? 0);
      }
      const sigma = Math.sqrt(returns.reduce((sum, value) => sum + value * value, 0) / returns.length);
      expect(sigma).toBeGreaterThan(0.0003);
      expect(sigma).toBeLessThan(0.002);
      expect(regimes.size).toBeGreaterThan(3);
      expect(regimes.size).toBeLessThan(25);
    }
  });

  it.each([
    { change: { interval: '7m' }, message: 'found interval "7m", expected one of 1m' },
    { change: { symbols: [] }, message: 'found no symbol, expected at least one symbol' },
  ])('stops at $change', ({ change, message }) => {
    expect(() => createGeneratedMarket({ ...options, ...change })).toThrow(message);
  });
});
