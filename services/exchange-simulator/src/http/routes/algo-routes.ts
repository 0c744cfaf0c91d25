import { cancelAlgo, type OrderCommand, type OrderDeps, placeAlgo, queryAlgo } from '../order-commands.ts';
import { type Route, signed } from '../route.ts';
import { requireSymbol, timeRange } from './shared-parameters.ts';

const CANCELED_ALL = { code: 200, msg: 'The operation of cancel all open order is done.' } as const;

/** Conditional orders: a book of their own, with ids of their own. */
export function algoRoutes(deps: OrderDeps): readonly Route[] {
  const { venue, answers, ids } = deps;
  const run =
    (command: OrderCommand): Route['answer'] =>
    (context) =>
      command(deps, context);

  return [
    { ...signed('POST', '/fapi/v1/algoOrder', 0, run(placeAlgo)), countsAsOrders: 1 },
    signed('GET', '/fapi/v1/algoOrder', 1, run(queryAlgo)),
    signed('DELETE', '/fapi/v1/algoOrder', 1, run(cancelAlgo)),
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
