import { type FaultKind, REQUEST_FAULTS } from './fault-kinds.ts';

/** What the faults look at in a request. */
export interface RequestFacts {
  /** HTTP method, or `WS` for a method of the websocket API. */
  readonly method: string;
  /** `/fapi/v1/order`, or `order.place` on the websocket API. */
  readonly path: string;
  /** Returns a parameter as it was sent, undefined when it was not or cannot be read. */
  readonly param: (name: string) => string | undefined;
}

const PLACEMENTS: ReadonlySet<string> = new Set([
  'POST /fapi/v1/order',
  'POST /fapi/v1/batchOrders',
  'POST /fapi/v1/algoOrder',
  'WS order.place',
  'WS algoOrder.place',
]);
const ORDER_QUERIES: ReadonlySet<string> = new Set([
  'GET /fapi/v1/order',
  'GET /fapi/v1/openOrder',
  'GET /fapi/v1/algoOrder',
  'WS order.status',
]);
const ORDER_LISTS: ReadonlySet<string> = new Set([
  'GET /fapi/v1/openOrders',
  'GET /fapi/v1/allOrders',
  'GET /fapi/v1/openAlgoOrders',
  'GET /fapi/v1/allAlgoOrders',
]);
const CLOCKS: ReadonlySet<string> = new Set(['GET /fapi/v1/time', 'GET /fapi/v1/exchangeInfo', 'WS time']);
const CANCELS: ReadonlySet<string> = new Set(['order.cancel', 'algoOrder.cancel', '/fapi/v1/countdownCancelAll']);
/** Reads that the real venue answers from a copy which may lag behind. */
const COPIES =
  /^(GET \/fapi\/v\d\/(openOrders?|openAlgoOrders|positionRisk|account|balance)|WS (v2\/)?account\.(status|balance|position))$/;

const isIn = (names: ReadonlySet<string>, { method, path }: RequestFacts): boolean => names.has(`${method} ${path}`);

/** Whether the request places orders. */
export const isPlacement = (request: RequestFacts): boolean => isIn(PLACEMENTS, request);
/** Whether the request asks for one order. */
export const isOrderQuery = (request: RequestFacts): boolean => isIn(ORDER_QUERIES, request);
/** Whether the request lists orders. */
export const isOrderList = (request: RequestFacts): boolean => isIn(ORDER_LISTS, request);
/** Whether the answer shows the server's clock. */
export const showsClock = (request: RequestFacts): boolean => isIn(CLOCKS, request);

/** Whether the request only reduces or cancels: what a throttled venue still takes. */
export const isExemptFromThrottle = ({ method, path, param }: RequestFacts): boolean => {
  if (method === 'DELETE' || CANCELS.has(path)) return true;
  if (param('reduceOnly') === 'true' || param('closePosition') === 'true') return true;
  const [side, positionSide] = [param('side'), param('positionSide')];
  return (positionSide === 'LONG' && side === 'SELL') || (positionSide === 'SHORT' && side === 'BUY');
};

/** Returns the faults that may strike this request. `order_lag` is none of them: it strikes the answer of a placement that went well. */
export const faultsFor = (request: RequestFacts): readonly FaultKind[] =>
  REQUEST_FAULTS.filter((kind) => {
    if (kind === 'order_lag') return false;
    if (kind === 'clock_skew') return showsClock(request);
    if (kind === 'stale_read') return COPIES.test(`${request.method} ${request.path}`);
    return kind !== 'error_1008' || !isExemptFromThrottle(request);
  });
