import type { HistoryQuery } from '../../domain/venue-types.ts';
import { cancelBatch, modifyBatch, placeBatch } from '../batch-commands.ts';
import {
  cancelOrder,
  modifyOrder,
  type OrderCommand,
  type OrderDeps,
  placeOrder,
  queryOrder,
  testOrder,
} from '../order-commands.ts';
import { readOrderKey } from '../order-parameters.ts';
import { refuse } from '../protocol-error.ts';
import type { RequestParameters } from '../request-parameters.ts';
import { type Route, signed } from '../route.ts';
import { optional, requireSymbol, timeRange } from './shared-parameters.ts';

const CANCELED_ALL = { code: 200, msg: 'The operation of cancel all open order is done.' } as const;

/** In ten seconds, however many it holds. Source: Binance USD-M, Place Multiple Orders and Modify Multiple Orders, request weight. */
const BATCH_ORDERS = 5;

/** Plain orders and what became of them. */
export function orderRoutes(deps: OrderDeps): readonly Route[] {
  const { venue, answers, ids } = deps;
  const run =
    (command: OrderCommand): Route['answer'] =>
    (context) =>
      command(deps, context);
  const historyOf = (params: RequestParameters): HistoryQuery => {
    const orderId = params.id('orderId');
    return {
      symbol: requireSymbol(venue, params),
      limit: params.limit(500, 1_000),
      ...optional('orderId', orderId === undefined ? undefined : ids.read(orderId)),
    };
  };

  return [
    { ...signed('POST', '/fapi/v1/order', 0, run(placeOrder)), countsAsOrders: 1 },
    { ...signed('POST', '/fapi/v1/order/test', 0, run(testOrder)), countsAsOrders: 1 },
    { ...signed('PUT', '/fapi/v1/order', 0, run(modifyOrder)), countsAsOrders: 1 },
    { ...signed('POST', '/fapi/v1/batchOrders', 5, run(placeBatch)), countsAsOrders: BATCH_ORDERS },
    { ...signed('PUT', '/fapi/v1/batchOrders', 5, run(modifyBatch)), countsAsOrders: BATCH_ORDERS },
    signed('DELETE', '/fapi/v1/batchOrders', 1, run(cancelBatch)),
    signed('GET', '/fapi/v1/orderAmendment', 1, ({ params, accountId }) => {
      const key = readOrderKey(venue, ids, params);
      const [startMs, endMs] = [params.integer('startTime'), params.integer('endTime')];
      const query = { limit: params.limit(50, 100), ...optional('startMs', startMs), ...optional('endMs', endMs) };
      return venue.amendments(accountId, key, query).map((amendment) => answers.amendment(amendment));
    }),
    signed('GET', '/fapi/v1/order', 1, run(queryOrder)),
    signed('DELETE', '/fapi/v1/order', 1, run(cancelOrder)),
    signed('GET', '/fapi/v1/openOrder', 1, ({ params, accountId }) => {
      const key = readOrderKey(venue, ids, params);
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
      const hasTimes = params.text('startTime') !== undefined || params.text('endTime') !== undefined;
      if (fromId !== undefined && hasTimes) throw refuse.invalidCombination();
      const history = historyOf(params);
      const isByTime = fromId === undefined && history.orderId === undefined;
      const range = isByTime ? timeRange(params, venue.nowMs) : {};
      return venue
        .fills(accountId, { ...history, ...range, ...optional('fromId', fromId) })
        .map((fill) => answers.fill(fill));
    }),
  ];
}
