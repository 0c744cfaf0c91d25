import { CandleBlocks } from './candle-blocks.ts';
import { takerBuyRatio } from './candle-path.ts';
import type { CandleSeries } from './candle-series.ts';
import { type Fixed, fixedOfNumber, times } from './fixed.ts';
import type { SymbolSpec } from './venue-types.ts';

/** What one or more candles add up to. Units: prices 1e-8 USDT. */
export interface CandleSum {
  readonly high: number;
  readonly low: number;
  readonly volume: Fixed;
  readonly quoteVolume: Fixed;
  readonly takerBuyVolume: Fixed;
  readonly takerBuyQuoteVolume: Fixed;
}

/** What no candle adds up to. */
export const NO_CANDLES: CandleSum = {
  high: Number.NEGATIVE_INFINITY,
  low: Number.POSITIVE_INFINITY,
  volume: 0n,
  quoteVolume: 0n,
  takerBuyVolume: 0n,
  takerBuyQuoteVolume: 0n,
};

/** Returns two sums as one. */
export const joinSums = (left: CandleSum, right: CandleSum): CandleSum => ({
  high: Math.max(left.high, right.high),
  low: Math.min(left.low, right.low),
  volume: left.volume + right.volume,
  quoteVolume: left.quoteVolume + right.quoteVolume,
  takerBuyVolume: left.takerBuyVolume + right.takerBuyVolume,
  takerBuyQuoteVolume: left.takerBuyQuoteVolume + right.takerBuyQuoteVolume,
});

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

/** Sums over any span of a series. */
export class CandleSums {
  readonly #series: CandleSeries;
  readonly #spec: SymbolSpec;
  readonly #blocks = new CandleBlocks<CandleSum>((index) => this.at(index), joinSums);

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
    return this.#blocks.between(from, to) ?? NO_CANDLES;
  }
}
