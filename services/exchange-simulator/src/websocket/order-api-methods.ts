import type { Route, RouteTable } from '../http/route.ts';

/**
 * The methods of the websocket API and the endpoints that give the same answers.
 *
 * Source: Binance USD-M, websocket API.
 */
const ENDPOINTS = {
  ping: 'GET /fapi/v1/ping',
  time: 'GET /fapi/v1/time',
  depth: 'GET /fapi/v1/depth',
  'ticker.price': 'GET /fapi/v1/ticker/price',
  'ticker.book': 'GET /fapi/v1/ticker/bookTicker',
  'order.place': 'POST /fapi/v1/order',
  'order.modify': 'PUT /fapi/v1/order',
  'order.cancel': 'DELETE /fapi/v1/order',
  'order.status': 'GET /fapi/v1/order',
  'algoOrder.place': 'POST /fapi/v1/algoOrder',
  'algoOrder.cancel': 'DELETE /fapi/v1/algoOrder',
  'account.balance': 'GET /fapi/v2/balance',
  'v2/account.balance': 'GET /fapi/v3/balance',
  'account.status': 'GET /fapi/v2/account',
  'v2/account.status': 'GET /fapi/v3/account',
  'account.position': 'GET /fapi/v2/positionRisk',
  'v2/account.position': 'GET /fapi/v3/positionRisk',
  'userDataStream.start': 'POST /fapi/v1/listenKey',
  'userDataStream.ping': 'PUT /fapi/v1/listenKey',
  'userDataStream.stop': 'DELETE /fapi/v1/listenKey',
} as const;

/** Returns the route behind each method. A method whose endpoint is not served is left out. */
export function routesByMethod(routes: RouteTable): ReadonlyMap<string, Route> {
  const found = new Map<string, Route>();
  for (const [method, endpoint] of Object.entries(ENDPOINTS)) {
    const [verb = '', path = ''] = endpoint.split(' ');
    const route = routes.find(verb, path);
    if (typeof route !== 'string') found.set(method, route);
  }
  return found;
}
