import type { MarketAnswers } from '../../answers/market-answers.ts';
import { canJoinTo } from '../../domain/intervals.ts';
import type { CandleView, PriceKind } from '../../domain/venue-types.ts';
import type { Venue } from '../../domain/venue.ts';
import { ProtocolError, refuse } from '../protocol-error.ts';
import type { RequestParameters } from '../request-parameters.ts';
import type { Route } from '../route.ts';
import { listedSymbol, pageSize, publicGet, timeSpan } from './market-parameters.ts';

interface CandleRoutesDeps {
  readonly venue: Venue;
  readonly answers: MarketAnswers;
  /** Length of the candles that the market is made of. */
  readonly baseIntervalMs: number;
}

const DEFAULT_CANDLES = 500;
const MOST_CANDLES = 1_500;

/** Contract types whose candles may be asked for; this venue lists perpetuals alone, so the others have none. */
const CONTRACT_TYPES = ['PERPETUAL', 'CURRENT_QUARTER', 'NEXT_QUARTER', 'TRADIFI_PERPETUAL'] as const;

const klineWeight = (params: RequestParameters): number => {
  const limit = pageSize(params, DEFAULT_CANDLES, MOST_CANDLES);
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1_000 ? 5 : 10;
};

/** Candles: of trades, of a contract, of index, mark and premium. */
export function candleRoutes({ venue, answers, baseIntervalMs }: CandleRoutesDeps): readonly Route[] {
  const candles = (params: RequestParameters, kind: PriceKind, symbol: string): readonly CandleView[] => {
    const interval = params.requiredText('interval');
    if (!canJoinTo(interval, baseIntervalMs)) throw refuse.invalidInterval();
    const limit = pageSize(params, DEFAULT_CANDLES, MOST_CANDLES);
    return venue.candles({ symbol, interval, kind, ...timeSpan(params), limit });
  };

  /** A perpetual's pair carries the same name as its symbol. */
  const listedPair = (params: RequestParameters): string => {
    const pair = params.requiredText('pair');
    if (venue.spec(pair) === null) throw new ProtocolError(-4144, 'Invalid pair');
    return pair;
  };

  const contractCandles = (params: RequestParameters): readonly CandleView[] => {
    const pair = listedPair(params);
    params.requiredText('contractType');
    const contractType = params.oneOf('contractType', CONTRACT_TYPES, () => refuse.invalidData('contractType'));
    const found = candles(params, 'last', pair);
    return contractType === 'PERPETUAL' ? found : [];
  };

  const priceRoute = (path: string, kind: PriceKind, symbolOf: (params: RequestParameters) => string): Route =>
    publicGet(path, klineWeight, ({ params }) =>
      candles(params, kind, symbolOf(params)).map((candle) => answers.priceKline(candle)),
    );
  const symbolOf = (params: RequestParameters): string => listedSymbol(venue, params).symbol;

  return [
    publicGet('/fapi/v1/klines', klineWeight, ({ params }) =>
      candles(params, 'last', symbolOf(params)).map((candle) => answers.kline(candle)),
    ),
    publicGet('/fapi/v1/continuousKlines', klineWeight, ({ params }) =>
      contractCandles(params).map((candle) => answers.kline(candle)),
    ),
    priceRoute('/fapi/v1/indexPriceKlines', 'index', listedPair),
    priceRoute('/fapi/v1/markPriceKlines', 'mark', symbolOf),
    priceRoute('/fapi/v1/premiumIndexKlines', 'premium', symbolOf),
  ];
}
