import { clamp, divideRounded, type Fixed, fixedOfNumber, greatest, least, numberOf } from './fixed.ts';
import { seededRandom } from '@qt/kernel';
import type { BookLevel, OrderSide, SymbolSpec } from './venue-types.ts';

/** Levels that a market order can reach; what is left after them expires. */
const BOOK_LEVELS = 20;
const MINUTE_MS = 60_000;
/** The best level holds about 2 % of a minute's volume, deeper ones more. */
const BEST_LEVEL_RATIO = 0.02;
const SPREAD_OF_MINUTE_RANGE = 50n;
const SPACING_OF_MINUTE_RANGE = 40n;

/** What liquidity is made from. */
export interface Turnover {
  /** Of the candle, base units. */
  readonly volume: Fixed;
  readonly intervalMs: number;
  /** Seed of the level sizes. */
  readonly dice: number;
}

/** The market's own bids and asks at one price. */
export interface Quote {
  readonly bid: Fixed;
  readonly ask: Fixed;
  /** Distance between levels. */
  readonly spacing: Fixed;
  readonly bidQuantity: Fixed;
  readonly askQuantity: Fixed;
}

const floorTo = (value: Fixed, step: Fixed): Fixed => (value / step) * step;
const ceilTo = (value: Fixed, step: Fixed): Fixed => ((value + step - 1n) / step) * step;

/**
 * Returns the displayed bid and ask around the last price: at least a tick apart, wider in wild candles, on the tick grid, and inside
 * the candle wherever the candle is wide enough to hold both.
 */
export const quoteOf = (market: {
  last: Fixed;
  high: Fixed;
  low: Fixed;
  spec: SymbolSpec;
  turnover: Turnover;
}): Quote => {
  const { last, high, low, spec, turnover } = market;
  const { priceStep } = spec;
  const minuteRange = fixedOfNumber(numberOf(high - low) / Math.sqrt(Math.max(turnover.intervalMs / MINUTE_MS, 1)));
  const widest = greatest(floorTo(last / 2_000n, priceStep), priceStep);
  const spread = clamp(floorTo(minuteRange / SPREAD_OF_MINUTE_RANGE, priceStep), priceStep, widest);
  const half = floorTo(spread / 2n, priceStep);
  const highestAsk = greatest(floorTo(high, priceStep), ceilTo(last, priceStep));
  const lowestBid = least(ceilTo(low, priceStep), floorTo(last, priceStep));
  let ask = least(ceilTo(last, priceStep) + greatest(half, priceStep), highestAsk);
  let bid = least(ask - spread, floorTo(last, priceStep));
  if (bid < lowestBid) {
    bid = lowestBid;
    ask = greatest(bid + priceStep, ceilTo(last, priceStep));
  }
  const random = seededRandom(turnover.dice);
  const minuteVolume = (numberOf(turnover.volume) * MINUTE_MS) / turnover.intervalMs;
  const sizeOf = (): Fixed => {
    const size = fixedOfNumber(minuteVolume * BEST_LEVEL_RATIO * (0.5 + random()));
    const floor = divideRounded(spec.minNotional * 2n * 100_000_000n, last) + spec.quantityStep;
    return greatest(floorTo(greatest(size, floor), spec.quantityStep), spec.minQuantity);
  };
  return {
    bid,
    ask,
    spacing: greatest(floorTo(minuteRange / SPACING_OF_MINUTE_RANGE, priceStep), priceStep),
    bidQuantity: sizeOf(),
    askQuantity: sizeOf(),
  };
};

/** Returns level `index` of the side that a taker of `side` would hit, before anything was taken. */
export const levelOf = (quote: Quote, side: OrderSide, index: number, quantityStep: Fixed): BookLevel => {
  const offset = quote.spacing * BigInt(index);
  const best = side === 'BUY' ? quote.askQuantity : quote.bidQuantity;
  const quantity = floorTo(best + (best * BigInt(index)) / 4n, quantityStep);
  return { price: side === 'BUY' ? quote.ask + offset : quote.bid - offset, quantity };
};

/** One slice of a taker's fill. */
export interface TakerSlice {
  readonly price: Fixed;
  readonly quantity: Fixed;
}

/**
 * Returns what a taker gets now, best price first: level by level after what others took since the last point, never better than the last
 * price, never outside the candle, and nothing beyond `limit`. The sum may be less than asked: the book is finite.
 */
export const takeFrom = (
  market: { quote: Quote; last: Fixed; high: Fixed; low: Fixed; spec: SymbolSpec; taken: Fixed },
  order: { side: OrderSide; quantity: Fixed; limit: Fixed | null },
): TakerSlice[] => {
  const { quote, last, spec } = market;
  const slices: TakerSlice[] = [];
  let skip = market.taken;
  let left = order.quantity;
  for (let index = 0; index < BOOK_LEVELS && left > 0n; index += 1) {
    const level = levelOf(quote, order.side, index, spec.quantityStep);
    if (order.limit !== null && (order.side === 'BUY' ? level.price > order.limit : level.price < order.limit)) break;
    if (level.price <= 0n) break;
    const available = level.quantity - skip;
    skip = greatest(skip - level.quantity, 0n);
    if (available <= 0n) continue;
    const price =
      order.side === 'BUY'
        ? clamp(level.price, last, greatest(market.high, last))
        : clamp(level.price, least(market.low, last), last);
    const quantity = least(available, left);
    left -= quantity;
    const previous = slices.at(-1);
    if (previous !== undefined && previous.price === price) {
      slices[slices.length - 1] = { price, quantity: previous.quantity + quantity };
    } else slices.push({ price, quantity });
  }
  return slices;
};
