import { takerBuyRatio } from './candle-path.ts';
import type { CandleSeries } from './candle-series.ts';
import { type Fixed, fixedOfNumber, times } from './fixed.ts';
import type { SymbolSpec } from './venue-types.ts';

/** Candles of a block whose sums are kept. */
const BLOCK = 64;

/** What one or more candles add up to. Units: prices 1e-8 USDT. */
export interface CandleSum {
  high: number;
  low: number;
  volume: Fixed;
  quoteVolume: Fixed;
  takerBuyVolume: Fixed;
  takerBuyQuoteVolume: Fixed;
}

export const noCandles = (): CandleSum => ({
  high: Number.NEGATIVE_INFINITY,
  low: Number.POSITIVE_INFINITY,
  volume: 0n,
  quoteVolume: 0n,
  takerBuyVolume: 0n,
  takerBuyQuoteVolume: 0n,
});

export const addSum = (sum: CandleSum, part: CandleSum): void => {
  sum.high = Math.max(sum.high, part.high);
  sum.low = Math.min(sum.low, part.low);
  sum.volume += part.volume;
  sum.quoteVolume += part.quoteVolume;
  sum.takerBuyVolume += part.takerBuyVolume;
  sum.takerBuyQuoteVolume += part.takerBuyQuoteVolume;
};

/** What a candle with these prices and volume says of its turnover: quote volume at the average price, takers' share by `ratio`. */
export const turnoverOf = (
  candle: { open: Fixed; high: Fixed; low: Fixed; close: Fixed; volume: Fixed },
  ratio: number,
  { quantityStep }: SymbolSpec,
): Pick<CandleSum, 'quoteVolume' | 'takerBuyVolume' | 'takerBuyQuoteVolume'> => {
  const quoteVolume = times(candle.volume, (candle.open + candle.high + candle.low + candle.close) / 4n);
  const share = fixedOfNumber(ratio);
  return {
    quoteVolume,
    takerBuyVolume: (times(candle.volume, share) / quantityStep) * quantityStep,
    takerBuyQuoteVolume: times(quoteVolume, share),
  };
};

/** Sums over any span of a series, from the sums of its blocks: a day of minutes takes two dozen of them. */
export class CandleSums {
  readonly #series: CandleSeries;
  readonly #spec: SymbolSpec;
  readonly #blocks = new Map<number, CandleSum>();

  constructor(series: CandleSeries, spec: SymbolSpec) {
    this.#series = series;
    this.#spec = spec;
  }

  at(index: number): CandleSum {
    const series = this.#series;
    const volume = series.volumeAt(index);
    const candle = {
      open: BigInt(series.openAt(index)),
      high: BigInt(series.highAt(index)),
      low: BigInt(series.lowAt(index)),
      close: BigInt(series.closeAt(index)),
      volume,
    };
    const turnover = turnoverOf(candle, takerBuyRatio(series, index), this.#spec);
    return { high: series.highAt(index), low: series.lowAt(index), volume, ...turnover };
  }

  /** Sum of the candles [from, to). */
  between(from: number, to: number): CandleSum {
    const sum = noCandles();
    for (let index = from; index < to; ) {
      const isWhole = index % BLOCK === 0 && index + BLOCK <= to;
      addSum(sum, isWhole ? this.#block(index) : this.at(index));
      index += isWhole ? BLOCK : 1;
    }
    return sum;
  }

  #block(from: number): CandleSum {
    let sum = this.#blocks.get(from);
    if (sum === undefined) {
      sum = noCandles();
      for (let index = from; index < from + BLOCK; index += 1) addSum(sum, this.at(index));
      this.#blocks.set(from, sum);
    }
    return sum;
  }
}
