import { CandleSeries } from '../src/domain/candle-series.ts';
import { type Fixed, fixed } from '../src/domain/fixed.ts';
import { createReplayMarket, type FundingSeries } from '../src/domain/replay-market.ts';
import { Venue } from '../src/domain/venue.ts';
import type {
  AlgoView,
  Answer,
  LedgerRecord,
  MarketSource,
  OrderView,
  PlaceAlgo,
  PlaceOrder,
} from '../src/domain/venue-types.ts';

/** 2024-01-01 00:00 UTC: a funding hour. */
export const START_MS = 1_704_067_200_000;
export const MINUTE_MS = 60_000;
export const ACCOUNT = 'trader';

/** Open, high, low, close and volume as text. */
export type CandleRow = readonly [open: string, high: string, low: string, close: string, volume?: string];

/** Returns minute candles of one symbol from `START_MS` on. */
export const aSeries = (symbol: string, rows: readonly CandleRow[], startMs = START_MS): CandleSeries => {
  const series = new CandleSeries({ symbol, interval: '1m', intervalMs: MINUTE_MS });
  rows.forEach(([open, high, low, close, volume = '1000'], index) => {
    series.push({
      openTimeMs: startMs + index * MINUTE_MS,
      open: fixed(open),
      high: fixed(high),
      low: fixed(low),
      close: fixed(close),
      volume: fixed(volume),
    });
  });
  return series;
};

/** Returns a market of scripted candles. */
export const aMarket = (
  rows: Readonly<Record<string, readonly CandleRow[]>>,
  funding: readonly FundingSeries[] = [],
  startMs = START_MS,
): MarketSource =>
  createReplayMarket({ series: Object.entries(rows).map(([symbol, one]) => aSeries(symbol, one, startMs)), funding });

export interface Desk {
  readonly venue: Venue;
  readonly ledger: LedgerRecord[];
  buy(order?: Partial<PlaceOrder>): OrderView;
  sell(order?: Partial<PlaceOrder>): OrderView;
  algo(algo: Partial<PlaceAlgo>): AlgoView;
  /** Lets `count` candles pass. */
  pass(count: number): void;
}

/** Returns the value of an answer that is expected to be one. */
export const valueOf = <T>(answer: Answer<T>): T => {
  if (answer.kind === 'refused') throw new Error(`refused: ${answer.code} ${answer.msg}`);
  return answer.value;
};

/** Returns the code of an answer that is expected to be a refusal, 0 for a value. */
export const codeOf = (answer: Answer<unknown>): number => (answer.kind === 'refused' ? answer.code : 0);

/** A venue with one account, on ETHUSDT unless told otherwise. */
export const aDesk = (market: MarketSource, options: { balance?: Fixed; seed?: number } = {}): Desk => {
  const ledger: LedgerRecord[] = [];
  const venue = new Venue({
    seed: options.seed ?? 7,
    market,
    speed: 'stepped',
    ledger: (record) => ledger.push(record),
  });
  venue.openAccount({ accountId: ACCOUNT, startBalance: options.balance ?? fixed('10000') });
  const place = (side: 'BUY' | 'SELL', order: Partial<PlaceOrder>): OrderView =>
    valueOf(venue.placeOrder(ACCOUNT, { symbol: 'ETHUSDT', type: 'MARKET', quantity: '1', ...order, side }));
  return {
    venue,
    ledger,
    buy: (order = {}) => place('BUY', order),
    sell: (order = {}) => place('SELL', order),
    algo: (algo) =>
      valueOf(
        venue.placeAlgo(ACCOUNT, { symbol: 'ETHUSDT', side: 'SELL', type: 'STOP_MARKET', triggerPrice: '1', ...algo }),
      ),
    pass: (count) => {
      for (let candle = 0; candle < count; candle += 1) {
        venue.advance(venue.state().nextCloseMs);
        venue.closeCandles();
      }
    },
  };
};
