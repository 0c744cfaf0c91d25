import type { OrderAnswers } from '../../answers/order-answers.ts';
import type { WireIds } from '../../answers/wire-ids.ts';
import type { AlgoKey, PlaceAlgo } from '../../domain/venue-types.ts';
import type { Venue } from '../../domain/venue.ts';
import { refuse, valueOf } from '../protocol-error.ts';
import type { RequestParameters } from '../request-parameters.ts';
import type { Route } from '../route.ts';
import { optional, requireListed, requireSymbol, timeRange } from './shared-parameters.ts';

interface AlgoRoutesDeps {
  readonly venue: Venue;
  readonly answers: OrderAnswers;
  readonly ids: WireIds;
}

const ALGO_TYPES = ['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'] as const;
const CANCELED_ALL = { code: 200, msg: 'The operation of cancel all open order is done.' } as const;

const readAlgo = (params: RequestParameters): PlaceAlgo => {
  const invalid = (name: string) => () => refuse.invalidData(name);
  params.requiredText('algoType');
  params.oneOf('algoType', ['CONDITIONAL'], invalid('algoType'));
  const symbol = params.requiredSymbol();
  params.requiredText('side');
  const side = params.oneOf('side', ['BUY', 'SELL'], refuse.invalidSide) ?? 'BUY';
  params.requiredText('type');
  const type = params.oneOf('type', ALGO_TYPES, refuse.invalidOrderType);
  if (type !== 'STOP_MARKET' && type !== 'TAKE_PROFIT_MARKET') throw refuse.notServed(`algo order type ${type}`);
  const closePosition = params.boolean('closePosition');
  if (closePosition !== true) params.requiredText('quantity');
  const timeInForce = params.oneOf('timeInForce', ['GTC', 'IOC', 'FOK', 'GTX'], refuse.invalidTimeInForce);
  return {
    symbol,
    side,
    type,
    triggerPrice: params.requiredDecimal('triggerPrice'),
    ...optional('positionSide', params.oneOf('positionSide', ['BOTH', 'LONG', 'SHORT'], invalid('positionSide'))),
    ...optional('timeInForce', timeInForce),
    ...optional('quantity', params.decimal('quantity')),
    ...optional('workingType', params.oneOf('workingType', ['CONTRACT_PRICE', 'MARK_PRICE'], invalid('workingType'))),
    ...optional('reduceOnly', params.boolean('reduceOnly')),
    ...optional('closePosition', closePosition),
    ...optional('priceProtect', params.boolean('priceProtect')),
    ...optional('clientAlgoId', params.clientId('clientAlgoId')),
    ...optional('selfTradePreventionMode', params.text('selfTradePreventionMode')),
  };
};

/** Conditional orders: a book of their own, with ids of their own. */
export function algoRoutes({ venue, answers, ids }: AlgoRoutesDeps): readonly Route[] {
  const keyOf = (params: RequestParameters): AlgoKey => {
    const algoId = params.id('algoId');
    const clientAlgoId = params.clientId('clientAlgoId');
    if (algoId === undefined && clientAlgoId === undefined) throw refuse.neitherAlgoId();
    return {
      ...optional('algoId', algoId === undefined ? undefined : ids.read(algoId)),
      ...optional('clientAlgoId', clientAlgoId),
    };
  };
  const signed = (method: Route['method'], path: string, weight: Route['weight'], answer: Route['answer']): Route => ({
    method,
    path,
    security: 'signed',
    weight,
    answer,
  });

  return [
    {
      ...signed('POST', '/fapi/v1/algoOrder', 0, ({ params, accountId }) => {
        const algo = readAlgo(params);
        requireListed(venue, algo.symbol);
        return answers.placedAlgo(valueOf(venue.placeAlgo(accountId, algo, '/fapi/v1/algoOrder')));
      }),
      countsAsOrder: true,
    },
    signed('GET', '/fapi/v1/algoOrder', 1, ({ params, accountId }) =>
      answers.queriedAlgo(valueOf(venue.algo(accountId, keyOf(params)))),
    ),
    signed('DELETE', '/fapi/v1/algoOrder', 1, ({ params, accountId }) =>
      answers.canceledAlgo(valueOf(venue.cancelAlgo(accountId, keyOf(params)))),
    ),
    signed(
      'GET',
      '/fapi/v1/openAlgoOrders',
      (params) => (params.symbol() === undefined ? 40 : 1),
      ({ params, accountId }) => {
        const symbol = params.symbol() === undefined ? undefined : requireSymbol(venue, params);
        const algoId = params.id('algoId');
        return venue
          .openAlgos(accountId, symbol)
          .filter((algo) => algoId === undefined || algo.algoId === ids.read(algoId))
          .map((algo) => answers.queriedAlgo(algo));
      },
    ),
    signed('GET', '/fapi/v1/allAlgoOrders', 5, ({ params, accountId }) => {
      const algoId = params.id('algoId');
      const query = {
        symbol: requireSymbol(venue, params),
        limit: params.limit(500, 1_000),
        ...(algoId === undefined ? timeRange(params, venue.nowMs) : { algoId: ids.read(algoId) }),
      };
      return venue.allAlgos(accountId, query).map((algo) => answers.queriedAlgo(algo));
    }),
    signed('DELETE', '/fapi/v1/algoOpenOrders', 1, ({ params, accountId }) => {
      venue.cancelAllAlgos(accountId, requireSymbol(venue, params));
      return CANCELED_ALL;
    }),
  ];
}
