import type { OrderAnswers } from '../answers/order-answers.ts';
import type { WireIds } from '../answers/wire-ids.ts';
import type { Venue } from '../domain/venue.ts';
import { readAlgo, readAlgoKey, readAmendment, readOrderKey, readPlacement, wantsResult } from './order-parameters.ts';
import { valueOf } from './protocol-error.ts';
import type { RequestContext } from './route.ts';

/** What order commands work on. */
export interface OrderDeps {
  readonly venue: Venue;
  readonly answers: OrderAnswers;
  readonly ids: WireIds;
}

/** Who asks for what, and where: the endpoint by which a refusal stands in the ledger. */
export interface CommandContext extends RequestContext {
  readonly path?: string;
}

/**
 * A command on orders: what was asked for in, the object of the answer out. Commands know of no transport, so REST and the websocket
 * order API share them.
 *
 * Throws: ProtocolError with Binance's code and text.
 */
export type OrderCommand = (deps: OrderDeps, context: CommandContext) => object;

const ORDER_PATH = '/fapi/v1/order';
const ALGO_PATH = '/fapi/v1/algoOrder';

/** Places a plain order; ACK unless `newOrderRespType` says RESULT. */
export const placeOrder: OrderCommand = ({ venue, answers }, { params, accountId, path = ORDER_PATH }) => {
  const isResult = wantsResult(params);
  const order = valueOf(venue.placeOrder(accountId, readPlacement(venue, params), path));
  return isResult ? answers.result(order) : answers.acknowledgement(order);
};

/** Judges a plain order as `placeOrder` would, and places nothing. */
export const testOrder: OrderCommand = ({ venue, answers }, { params, accountId }) => {
  const isResult = wantsResult(params);
  const order = valueOf(venue.testOrder(accountId, readPlacement(venue, params)));
  return isResult ? answers.result(order) : answers.acknowledgement(order);
};

/** Changes price and quantity of a resting order. */
export const modifyOrder: OrderCommand = ({ venue, answers, ids }, { params, accountId, path = ORDER_PATH }) =>
  answers.amended(valueOf(venue.amendOrder(accountId, readAmendment(venue, ids, params), path)));

/** Cancels a plain order. */
export const cancelOrder: OrderCommand = ({ venue, answers, ids }, { params, accountId }) =>
  answers.result(valueOf(venue.cancelOrder(accountId, readOrderKey(venue, ids, params))));

/** Shows a plain order, open or over. */
export const queryOrder: OrderCommand = ({ venue, answers, ids }, { params, accountId }) =>
  answers.query(valueOf(venue.order(accountId, readOrderKey(venue, ids, params))));

/** Places a conditional order. Nothing has become of it yet, so that ACK and RESULT say the same. */
export const placeAlgo: OrderCommand = ({ venue, answers }, { params, accountId, path = ALGO_PATH }) => {
  wantsResult(params);
  return answers.placedAlgo(valueOf(venue.placeAlgo(accountId, readAlgo(venue, params), path)));
};

/** Cancels a conditional order. */
export const cancelAlgo: OrderCommand = ({ venue, answers, ids }, { params, accountId }) =>
  answers.canceledAlgo(valueOf(venue.cancelAlgo(accountId, readAlgoKey(ids, params))));

/** Shows a conditional order, open or over. */
export const queryAlgo: OrderCommand = ({ venue, answers, ids }, { params, accountId }) =>
  answers.queriedAlgo(valueOf(venue.algo(accountId, readAlgoKey(ids, params))));
