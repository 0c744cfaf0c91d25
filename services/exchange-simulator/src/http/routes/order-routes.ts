import type { OrderAnswers } from '../../answers/order-answers.ts';
import type { WireIds } from '../../answers/wire-ids.ts';
import type { HistoryQuery, OrderKey, PlaceOrder } from '../../domain/venue-types.ts';
import type { Venue } from '../../domain/venue.ts';
import { refuse, valueOf } from '../protocol-error.ts';
import type { RequestParameters } from '../request-parameters.ts';
import type { Route } from '../route.ts';
import { optional, requireListed, requireSymbol, timeRange } from './shared-parameters.ts';

interface OrderRoutesDeps {
  readonly venue: Venue;
  readonly answers: OrderAnswers;
  readonly ids: WireIds;
}

const ORDER_TYPES = [
  'MARKET',
  'LIMIT',
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
  'TRAILING_STOP_MARKET',
] as const;
const CANCELED_ALL = { code: 200, msg: 'The operation of cancel all open order is done.' } as const;

/** Reads a placement. Throws: as Binance on what is missing, too much or no word of its own. */
function readPlacement(params: RequestParameters): PlaceOrder {
  const symbol = params.requiredSymbol();
  params.requiredText('side');
  const side = params.oneOf('side', ['BUY', 'SELL'], refuse.invalidSide) ?? 'BUY';
  params.requiredText('type');
  const type = params.oneOf('type', ORDER_TYPES, refuse.invalidOrderType);
  if (type !== 'MARKET' && type !== 'LIMIT') throw refuse.useAlgoService();
  const isLimit = type === 'LIMIT';
  for (const name of ['price', 'timeInForce']) {
    if (isLimit) params.requiredText(name);
    else if (params.text(name) !== undefined) throw refuse.notRequired(name);
  }
  const timeInForce = params.oneOf('timeInForce', ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'], refuse.invalidTimeInForce);
  if (timeInForce === 'GTD') throw refuse.notServed('timeInForce GTD');
  if (params.boolean('closePosition') === true) throw refuse.notRequired('closePosition');
  return {
    symbol,
    side,
    type,
    quantity: params.requiredDecimal('quantity'),
    ...optional(
      'positionSide',
      params.oneOf('positionSide', ['BOTH', 'LONG', 'SHORT'], () => refuse.invalidData('positionSide')),
    ),
    ...optional('timeInForce', timeInForce),
    ...optional('price', params.decimal('price')),
    ...optional('reduceOnly', params.boolean('reduceOnly')),
    ...optional('clientOrderId', params.clientId('newClientOrderId')),
    ...optional('priceMatch', params.text('priceMatch')),
    ...optional('selfTradePreventionMode', params.text('selfTradePreventionMode')),
  };
}

/** Plain orders and what became of them. */
export function orderRoutes({ venue, answers, ids }: OrderRoutesDeps): readonly Route[] {
  const keyOf = (params: RequestParameters): OrderKey => {
    const symbol = requireSymbol(venue, params);
    const orderId = params.id('orderId');
    const clientOrderId = params.clientId('origClientOrderId');
    if (orderId === undefined && clientOrderId === undefined) throw refuse.neitherId();
    return {
      symbol,
      ...optional('orderId', orderId === undefined ? undefined : ids.read(orderId)),
      ...optional('clientOrderId', clientOrderId),
    };
  };
  const placementOf = (params: RequestParameters): PlaceOrder => {
    const order = readPlacement(params);
    requireListed(venue, order.symbol);
    return order;
  };
  const historyOf = (params: RequestParameters): HistoryQuery => {
    const orderId = params.id('orderId');
    return {
      symbol: requireSymbol(venue, params),
      limit: params.limit(500, 1_000),
      ...optional('orderId', orderId === undefined ? undefined : ids.read(orderId)),
    };
  };

  const signed = (method: Route['method'], path: string, weight: Route['weight'], answer: Route['answer']): Route => ({
    method,
    path,
    security: 'signed',
    weight,
    answer,
    countsAsOrder: false,
  });

  return [
    {
      ...signed('POST', '/fapi/v1/order', 0, ({ params, accountId }) => {
        const wantsResult = params.oneOf('newOrderRespType', ['ACK', 'RESULT'], () =>
          refuse.invalidData('newOrderRespType'),
        );
        const order = valueOf(venue.placeOrder(accountId, placementOf(params), '/fapi/v1/order'));
        return wantsResult === 'RESULT' ? answers.result(order) : answers.acknowledgement(order);
      }),
      countsAsOrder: true,
    },
    {
      ...signed('POST', '/fapi/v1/order/test', 0, ({ params, accountId }) => {
        valueOf(venue.testOrder(accountId, placementOf(params)));
        return {};
      }),
      countsAsOrder: true,
    },
    signed('PUT', '/fapi/v1/order', 0, () => {
      throw refuse.notServed('order amendment');
    }),
    ...(['POST', 'PUT', 'DELETE'] as const).map((method) =>
      signed(method, '/fapi/v1/batchOrders', 5, () => {
        throw refuse.notServed('batch orders');
      }),
    ),
    signed('GET', '/fapi/v1/order', 1, ({ params, accountId }) =>
      answers.query(valueOf(venue.order(accountId, keyOf(params)))),
    ),
    signed('DELETE', '/fapi/v1/order', 1, ({ params, accountId }) =>
      answers.result(valueOf(venue.cancelOrder(accountId, keyOf(params)))),
    ),
    signed('GET', '/fapi/v1/openOrder', 1, ({ params, accountId }) => {
      const key = keyOf(params);
      const order = venue
        .openOrders(accountId, key.symbol)
        .find(({ orderId, clientOrderId }) =>
          key.orderId === undefined ? clientOrderId === key.clientOrderId : orderId === key.orderId,
        );
      if (order === undefined) throw refuse.noSuchOrder();
      return answers.query(order);
    }),
    signed(
      'GET',
      '/fapi/v1/openOrders',
      (params) => (params.symbol() === undefined ? 40 : 1),
      ({ params, accountId }) => {
        const symbol = params.symbol() === undefined ? undefined : requireSymbol(venue, params);
        return venue.openOrders(accountId, symbol).map((order) => answers.query(order));
      },
    ),
    signed('GET', '/fapi/v1/allOrders', 5, ({ params, accountId }) => {
      const history = historyOf(params);
      const range = history.orderId === undefined ? timeRange(params, venue.nowMs) : {};
      return venue.allOrders(accountId, { ...history, ...range }).map((order) => answers.query(order));
    }),
    signed('DELETE', '/fapi/v1/allOpenOrders', 1, ({ params, accountId }) => {
      venue.cancelAllOrders(accountId, requireSymbol(venue, params));
      return CANCELED_ALL;
    }),
    signed('POST', '/fapi/v1/countdownCancelAll', 10, ({ params, accountId }) => {
      const symbol = requireSymbol(venue, params);
      const countdownMs = params.requiredInteger('countdownTime');
      if (countdownMs < 0) throw refuse.invalidData('countdownTime');
      venue.setCountdown(accountId, symbol, countdownMs);
      return { symbol, countdownTime: String(countdownMs) };
    }),
    signed('GET', '/fapi/v1/userTrades', 5, ({ params, accountId }) => {
      const fromId = params.integer('fromId');
      const history = historyOf(params);
      const isByTime = fromId === undefined && history.orderId === undefined;
      const range = isByTime ? timeRange(params, venue.nowMs) : {};
      return venue
        .fills(accountId, { ...history, ...range, ...optional('fromId', fromId) })
        .map((fill) => answers.fill(fill));
    }),
  ];
}
