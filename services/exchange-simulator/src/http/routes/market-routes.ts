import { intervalLengthMs, mergeCandles } from '../../answers/candle-grid.ts';
import type { MarketAnswers } from '../../answers/market-answers.ts';
import type { CandleView, SymbolSpec } from '../../domain/venue-types.ts';
import type { Venue } from '../../domain/venue.ts';
import { refuse } from '../protocol-error.ts';
import type { RequestParameters } from '../request-parameters.ts';
import type { RequestContext, Route } from '../route.ts';

interface MarketRoutesDeps {
  readonly venue: Venue;
  readonly answers: MarketAnswers;
  /** Length of the candles that the market is made of. */
  readonly baseIntervalMs: number;
}

const DEPTH_LIMITS = [5, 10, 20, 50, 100, 500, 1_000] as const;
const DEFAULT_DEPTH = 500;

const klineWeight = (params: RequestParameters): number => {
  const limit = params.limit(500, 1_500);
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1_000 ? 5 : 10;
};

const depthWeight = (params: RequestParameters): number => {
  const limit = params.limit(DEFAULT_DEPTH, 1_000);
  if (limit <= 50) return 2;
  if (limit <= 100) return 5;
  return limit <= 500 ? 10 : 20;
};

/** Public market data. */
export function marketRoutes({ venue, answers, baseIntervalMs }: MarketRoutesDeps): readonly Route[] {
  const listed = (params: RequestParameters): SymbolSpec => {
    const spec = venue.spec(params.requiredSymbol());
    if (spec === null) throw refuse.invalidSymbol();
    return spec;
  };

  /** Answers for one symbol when it is named, else a list for all. */
  const oneOrAll = (params: RequestParameters, answer: (symbol: string) => object): unknown =>
    params.symbol() === undefined ? venue.specs().map((spec) => answer(spec.symbol)) : answer(listed(params).symbol);

  const candles = (params: RequestParameters): readonly CandleView[] => {
    const { symbol } = listed(params);
    const lengthMs = intervalLengthMs(params.requiredText('interval'), baseIntervalMs);
    if (lengthMs === undefined) throw refuse.invalidInterval();
    const limit = params.limit(500, 1_500);
    const startTime = params.integer('startTime');
    const endMs = params.integer('endTime');
    const ratio = lengthMs / baseIntervalMs;
    const startMs = startTime === undefined ? undefined : Math.ceil(startTime / lengthMs) * lengthMs;
    const found = venue.candles({
      symbol,
      ...(startMs === undefined ? {} : { startMs }),
      ...(endMs === undefined ? {} : { endMs }),
      limit: ratio === 1 ? limit : (limit + 1) * ratio,
    });
    if (ratio === 1) return found;
    const merged = mergeCandles(found, lengthMs);
    return startMs === undefined ? merged.slice(-limit) : merged.slice(0, limit);
  };

  const get = (path: string, weight: Route['weight'], answer: Route['answer']): Route => ({
    method: 'GET',
    path,
    security: 'none',
    weight,
    answer,
  });
  const perSymbol =
    (one: number, all: number): Route['weight'] =>
    (params) =>
      params.symbol() === undefined ? all : one;

  const ticker = ({ params }: RequestContext) => oneOrAll(params, (symbol) => answers.price(venue.lastTrade(symbol)));

  return [
    get('/fapi/v1/ping', 1, () => ({})),
    get('/fapi/v1/time', 1, () => ({ serverTime: venue.nowMs })),
    get('/fapi/v1/exchangeInfo', 1, () =>
      answers.exchangeInfo(venue.specs(), venue.nowMs, (symbol) => venue.symbolStatus(symbol)),
    ),
    get('/fapi/v1/depth', depthWeight, ({ params }) => {
      const { symbol } = listed(params);
      const limit = params.limit(DEFAULT_DEPTH, 1_000);
      return answers.depth(venue.book(symbol, DEPTH_LIMITS.find((size) => size >= limit) ?? DEFAULT_DEPTH));
    }),
    get('/fapi/v1/trades', 5, ({ params }) =>
      venue.recentTrades(listed(params).symbol, params.limit(500, 1_000)).map((trade) => answers.trade(trade)),
    ),
    get('/fapi/v1/klines', klineWeight, ({ params }) => candles(params).map((candle) => answers.kline(candle))),
    get('/fapi/v1/markPriceKlines', klineWeight, ({ params }) =>
      candles(params).map((candle) => answers.markKline(candle)),
    ),
    get('/fapi/v1/premiumIndex', perSymbol(1, 10), ({ params }) =>
      oneOrAll(params, (symbol) => answers.premiumIndex(venue.mark(symbol))),
    ),
    get('/fapi/v1/fundingRate', 1, ({ params }) => {
      const symbol = params.symbol() === undefined ? undefined : listed(params).symbol;
      const startMs = params.integer('startTime');
      const endMs = params.integer('endTime');
      const points = venue.fundingHistory({
        ...(symbol === undefined ? {} : { symbol }),
        ...(startMs === undefined ? {} : { startMs }),
        ...(endMs === undefined ? {} : { endMs }),
        limit: params.limit(100, 1_000),
      });
      return points.map((point) => answers.funding(point));
    }),
    get('/fapi/v1/fundingInfo', 1, () => venue.specs().map((spec) => answers.fundingInfo(spec))),
    get('/fapi/v1/ticker/price', perSymbol(1, 2), ticker),
    get('/fapi/v2/ticker/price', perSymbol(1, 2), ticker),
    get('/fapi/v1/ticker/bookTicker', perSymbol(2, 5), ({ params }) =>
      oneOrAll(params, (symbol) => answers.bookTicker(venue.bookTicker(symbol))),
    ),
    get('/fapi/v1/ticker/24hr', perSymbol(1, 40), ({ params }) =>
      oneOrAll(params, (symbol) => answers.dayTicker(venue.dayTicker(symbol))),
    ),
  ];
}
