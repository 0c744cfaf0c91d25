import type { MarketAnswers } from '../../answers/market-answers.ts';
import type { Venue } from '../../domain/venue.ts';
import { ProtocolError } from '../protocol-error.ts';
import type { RequestParameters } from '../request-parameters.ts';
import type { Route } from '../route.ts';
import { firstId, listedSymbol, pageSize, publicGet, timeSpan } from './market-parameters.ts';
import { optional } from './shared-parameters.ts';

interface TradeRoutesDeps {
  readonly venue: Venue;
  readonly answers: MarketAnswers;
}

const HOUR_MS = 3_600_000;
const DEPTH_LIMITS: readonly number[] = [5, 10, 20, 50, 100, 500, 1_000];
const DEFAULT_DEPTH = 500;
const MOST_DEPTH = 1_000;

/** Throws: -1130 above 1000, -4021 when it is none of the sizes that are served. */
const depthOf = (params: RequestParameters): number => {
  const limit = pageSize(params, DEFAULT_DEPTH, MOST_DEPTH);
  if (!DEPTH_LIMITS.includes(limit)) throw new ProtocolError(-4021, `${limit} is not valid depth limit`);
  return limit;
};

const depthWeight = (params: RequestParameters): number => {
  const limit = depthOf(params);
  if (limit <= 50) return 2;
  if (limit <= 100) return 5;
  return limit <= 500 ? 10 : 20;
};

/** The book and what has been traded. */
export function tradeRoutes({ venue, answers }: TradeRoutesDeps): readonly Route[] {
  const aggregates = (params: RequestParameters): readonly object[] => {
    const { symbol } = listedSymbol(venue, params);
    const fromId = firstId(params);
    const span = timeSpan(params);
    const hasSpan = span.startMs !== undefined || span.endMs !== undefined;
    if (fromId !== undefined && hasSpan) throw new ProtocolError(-1128, 'Combination of optional parameters invalid.');
    if (span.startMs !== undefined && span.endMs !== undefined && span.endMs - span.startMs > HOUR_MS) {
      throw new ProtocolError(-1127, 'More than 1 hours between startTime and endTime.');
    }
    const limit = pageSize(params, 500, 1_000);
    return venue
      .aggregateTrades(symbol, { ...optional('fromId', fromId), ...span, limit })
      .map((trade) => answers.aggregateTrade(trade));
  };

  return [
    publicGet('/fapi/v1/depth', depthWeight, ({ params }) =>
      answers.depth(venue.book(listedSymbol(venue, params).symbol, depthOf(params))),
    ),
    publicGet('/fapi/v1/trades', 5, ({ params }) =>
      venue
        .recentTrades(listedSymbol(venue, params).symbol, pageSize(params, 500, 1_000))
        .map((trade) => answers.trade(trade)),
    ),
    {
      ...publicGet('/fapi/v1/historicalTrades', 20, ({ params }) => {
        const { symbol } = listedSymbol(venue, params);
        const query = { ...optional('fromId', firstId(params)), limit: pageSize(params, 100, 500) };
        return venue.tradeHistory(symbol, query).map((trade) => answers.trade(trade));
      }),
      security: 'key',
    },
    publicGet('/fapi/v1/aggTrades', 20, ({ params }) => aggregates(params)),
  ];
}
