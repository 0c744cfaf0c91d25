import { exchangeInfo } from '../../answers/exchange-info.ts';
import type { MarketAnswers } from '../../answers/market-answers.ts';
import type { Venue } from '../../domain/venue.ts';
import { refuse } from '../protocol-error.ts';
import { RequestBudget } from '../request-budget.ts';
import type { RequestParameters } from '../request-parameters.ts';
import type { RequestContext, Route } from '../route.ts';
import { candleRoutes } from './candle-routes.ts';
import { listedSymbol, oneOrAll, pageSize, publicGet, timeSpan, weightOf } from './market-parameters.ts';
import { optional } from './shared-parameters.ts';
import { tradeRoutes } from './trade-routes.ts';

interface MarketRoutesDeps {
  readonly venue: Venue;
  readonly answers: MarketAnswers;
  /** Length of the candles that the market is made of. */
  readonly baseIntervalMs: number;
  /** How often funding rates may be asked for in five minutes of wall time; null for any number. */
  readonly fundingLimit: number | null;
  readonly wallMs: () => number;
}

/** `fundingRate` and `fundingInfo` share a budget of their own and weigh nothing. */
const OWN_BUDGET = 0;
const FUNDING_MINUTES = 5;

/** Public market data. */
export function marketRoutes(deps: MarketRoutesDeps): readonly Route[] {
  return [...generalRoutes(deps), ...tradeRoutes(deps), ...candleRoutes(deps), ...priceRoutes(deps)];
}

function generalRoutes({ venue, answers }: MarketRoutesDeps): readonly Route[] {
  const assetIndex = (params: RequestParameters): unknown => {
    const indexes = answers.assetIndexes(venue.specs().map(({ symbol }) => venue.mark(symbol)));
    const asked = params.symbol();
    if (asked === undefined) return indexes;
    const found = indexes.find(({ symbol }) => symbol === asked);
    if (found === undefined) throw refuse.invalidSymbol();
    return found;
  };
  return [
    publicGet('/fapi/v1/ping', 1, () => ({})),
    publicGet('/fapi/v1/time', 1, () => ({ serverTime: venue.nowMs })),
    // Like the real one, it tells of all symbols whichever is asked for.
    publicGet('/fapi/v1/exchangeInfo', 1, () =>
      exchangeInfo(venue.specs(), venue.nowMs, (symbol) => venue.symbolStatus(symbol)),
    ),
    publicGet('/fapi/v1/assetIndex', weightOf(1, 10), ({ params }) => assetIndex(params)),
    // No composite index is listed here.
    publicGet('/fapi/v1/indexInfo', 1, ({ params }) => {
      if (params.symbol() !== undefined) throw refuse.invalidSymbol();
      return [];
    }),
    publicGet('/fapi/v1/constituents', 2, ({ params }) =>
      answers.constituents(venue.mark(listedSymbol(venue, params).symbol)),
    ),
  ];
}

function priceRoutes({ venue, answers, fundingLimit, wallMs }: MarketRoutesDeps): readonly Route[] {
  const budget = new RequestBudget({ most: fundingLimit, minutes: FUNDING_MINUTES, wallMs });
  const fundingRates = (params: RequestParameters): unknown => {
    budget.spend();
    const symbol = params.peek('symbol') === undefined ? undefined : listedSymbol(venue, params).symbol;
    const query = { ...optional('symbol', symbol), ...timeSpan(params), limit: pageSize(params, 100, 1_000) };
    return venue.fundingHistory(query).map((point) => answers.funding(point));
  };
  const ticker = ({ params }: RequestContext): unknown =>
    oneOrAll(venue, params, (symbol) => answers.price(venue.lastTrade(symbol)));

  return [
    publicGet('/fapi/v1/premiumIndex', weightOf(1, 10), ({ params }) =>
      oneOrAll(venue, params, (symbol) => answers.premiumIndex(venue.mark(symbol))),
    ),
    publicGet('/fapi/v1/fundingRate', OWN_BUDGET, ({ params }) => fundingRates(params)),
    publicGet('/fapi/v1/fundingInfo', OWN_BUDGET, () => {
      budget.spend();
      return venue.specs().map((spec) => answers.fundingInfo(spec, venue.fundingIntervalMs(spec.symbol)));
    }),
    publicGet('/fapi/v1/ticker/price', weightOf(1, 2), ticker),
    publicGet('/fapi/v2/ticker/price', weightOf(1, 2), ticker),
    publicGet('/fapi/v1/ticker/bookTicker', weightOf(2, 5), ({ params }) =>
      oneOrAll(venue, params, (symbol) => answers.bookTicker(venue.bookTicker(symbol))),
    ),
    publicGet('/fapi/v1/ticker/24hr', weightOf(1, 40), ({ params }) =>
      oneOrAll(venue, params, (symbol) => answers.dayTicker(venue.dayTicker(symbol))),
    ),
    publicGet('/fapi/v1/openInterest', 1, ({ params }) => {
      const { symbol } = listedSymbol(venue, params);
      return answers.openInterest({ symbol, openInterest: venue.openInterest(symbol), timeMs: venue.nowMs });
    }),
  ];
}
