import type { OrderType } from '@qt/contracts';
import { AppError, invariant, toText } from '@qt/kernel';
import { z } from 'zod';
import { conditionalOrderOf, venueOrderOf } from './order-mapping.ts';
import type { CancelOutcome, OrderLookup, OrderRef, SubmitOrder, SubmitOutcome, VenueOrder } from './port.ts';
import { readFailure, refusalCode } from './read-failure.ts';
import { AlgoCanceled, AlgoOrder, parseBody, PlainOrder } from './rest-shapes.ts';
import type { SignedClient, VenueCall } from './signed-client.ts';
import { classifySubmitFailure } from './submit-failure.ts';
import type { VenueAnswer } from './venue-answer.ts';
import type { VenueTime } from './venue-time.ts';

const PLAIN_PATH = '/fapi/v1/order';
const ALGO_PATH = '/fapi/v1/algoOrder';
const NO_SUCH_ORDER: readonly (number | null)[] = [-2011, -2013];
const CLIENT_ORDER_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;

const VENUE_TYPE: Readonly<Record<OrderType, string>> = {
  market: 'MARKET',
  limit: 'LIMIT',
  stop_market: 'STOP_MARKET',
  take_profit_market: 'TAKE_PROFIT_MARKET',
};

type Params = NonNullable<VenueCall['params']>;

const isConditional = (orderType: OrderType): boolean =>
  orderType === 'stop_market' || orderType === 'take_profit_market';

const assertWellFormed = (command: SubmitOrder): void => {
  const { clientOrderId, orderType, quantity, price, timeInForce, closesPosition, isReduceOnly } = command;
  invariant(CLIENT_ORDER_ID.test(clientOrderId), `client order id of 1 to 36 legal characters, was ${clientOrderId}`);
  invariant(
    orderType === 'market' ? price === null : price !== null,
    `a price exactly when the type is not market, type ${orderType}`,
  );
  invariant(
    (orderType === 'limit') === (timeInForce !== null),
    `a time in force exactly for limit orders, type ${orderType}`,
  );
  invariant(!closesPosition || isConditional(orderType), 'only conditional orders close the position');
  invariant(!(closesPosition && isReduceOnly), 'closesPosition stands alone: the venue refuses reduceOnly beside it');
  invariant(closesPosition === (quantity === null), 'a quantity exactly when the order does not close the position');
};

/** Returns the venue's parameters for an order. Throws: InvariantError when the command contradicts itself. */
export const submitParams = (command: SubmitOrder): { path: string; params: Params } => {
  assertWellFormed(command);
  const { clientOrderId, symbol, side, orderType, quantity, price, timeInForce, closesPosition, isReduceOnly } =
    command;
  const shared: Params = {
    symbol,
    side: side === 'buy' ? 'BUY' : 'SELL',
    type: VENUE_TYPE[orderType],
    ...(quantity === null ? {} : { quantity: toText(quantity) }),
    ...(isReduceOnly ? { reduceOnly: 'true' } : {}),
  };
  if (isConditional(orderType)) {
    const params = {
      algoType: 'CONDITIONAL',
      ...shared,
      ...(price === null ? {} : { triggerPrice: toText(price) }),
      ...(closesPosition ? { closePosition: 'true' } : {}),
      clientAlgoId: clientOrderId,
    };
    return { path: ALGO_PATH, params };
  }
  const params = {
    ...shared,
    ...(price === null ? {} : { price: toText(price) }),
    ...(timeInForce === null ? {} : { timeInForce: timeInForce.toUpperCase() }),
    newClientOrderId: clientOrderId,
    newOrderRespType: 'RESULT', // ACK, the default, says neither price nor quantity of what it filled
  };
  return { path: PLAIN_PATH, params };
};

const refParams = ({ symbol, book, clientOrderId }: OrderRef): { path: string; params: Params } =>
  book === 'plain'
    ? { path: PLAIN_PATH, params: { symbol, origClientOrderId: clientOrderId } }
    : { path: ALGO_PATH, params: { clientAlgoId: clientOrderId } };

const isOk = (answer: VenueAnswer): answer is Extract<VenueAnswer, { kind: 'answered' }> =>
  answer.kind === 'answered' && answer.httpStatus >= 200 && answer.httpStatus < 300 && (refusalCode(answer) ?? 0) >= 0;

const orderIn = (what: string, book: OrderRef['book'], body: string): VenueOrder =>
  book === 'plain'
    ? venueOrderOf(parseBody(what, PlainOrder, body))
    : conditionalOrderOf(parseBody(what, AlgoOrder, body));

const canceledIn = (what: string, book: OrderRef['book'], body: string): VenueOrder | null => {
  if (book === 'plain') return orderIn(what, book, body);
  // The conditional book answers with the order or, in its documentation, with its ids alone.
  const answer = parseBody(what, z.union([AlgoOrder, AlgoCanceled]), body);
  return 'algoStatus' in answer ? conditionalOrderOf(answer) : null;
};

/** Options of `OrderDesk`. */
export interface OrderDeskOptions {
  readonly client: SignedClient;
  readonly time: VenueTime;
  readonly orderDeadlineMs: number;
  readonly requestDeadlineMs: number;
}

/** The order path: one send per order, and both of the venue's order books (plain, and conditional since 2025-12). */
export class OrderDesk {
  readonly #options: OrderDeskOptions;

  constructor(options: OrderDeskOptions) {
    this.#options = options;
  }

  async submit(command: SubmitOrder): Promise<SubmitOutcome> {
    const { path, params } = submitParams(command);
    const book = isConditional(command.orderType) ? 'conditional' : 'plain';
    const answer = await this.#options.client.call({
      method: 'POST',
      path,
      params,
      auth: 'signed',
      orders: 1,
      priority: command.isReduceOnly || command.closesPosition ? 'protective' : 'normal',
      deadlineMs: this.#options.orderDeadlineMs,
    });
    if (!isOk(answer)) return classifySubmitFailure(answer, this.#options.time.nowMs());
    try {
      return { kind: 'placed', order: orderIn(`POST ${path}`, book, answer.body), fills: [] };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { kind: 'unknown', reason: error.message };
    }
  }

  async cancel(ref: OrderRef): Promise<CancelOutcome> {
    const { path, params } = refParams(ref);
    const deadlineMs = this.#options.orderDeadlineMs;
    const priority = 'protective';
    const answer = await this.#options.client.call({
      method: 'DELETE',
      path,
      params,
      auth: 'signed',
      priority,
      deadlineMs,
    });
    if (NO_SUCH_ORDER.includes(refusalCode(answer))) return { kind: 'not_open' };
    if (!isOk(answer)) {
      const failure = classifySubmitFailure(answer, this.#options.time.nowMs());
      return { kind: 'unknown', reason: failure.kind === 'unknown' ? failure.reason : failure.message };
    }
    try {
      return { kind: 'canceled', order: canceledIn(`DELETE ${path}`, ref.book, answer.body) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { kind: 'unknown', reason: error.message };
    }
  }

  async order(ref: OrderRef): Promise<OrderLookup> {
    const { path, params } = refParams(ref);
    const answer = await this.#read({ path, params, weight: 1 });
    if (NO_SUCH_ORDER.includes(refusalCode(answer))) return { kind: 'not_found' };
    if (!isOk(answer)) throw readFailure(`GET ${path}`, answer);
    return { kind: 'found', order: orderIn(`GET ${path}`, ref.book, answer.body) };
  }

  /** Both books, the plain one first. */
  async openOrders(): Promise<readonly VenueOrder[]> {
    const plain = await this.#list('/fapi/v1/openOrders', PlainOrder);
    const conditional = await this.#list('/fapi/v1/openAlgoOrders', AlgoOrder);
    return [...plain.map(venueOrderOf), ...conditional.map(conditionalOrderOf)];
  }

  async #list<T>(path: string, schema: z.ZodType<T>): Promise<readonly T[]> {
    const answer = await this.#read({ path, params: {}, weight: 40 });
    if (!isOk(answer)) throw readFailure(`GET ${path}`, answer);
    return parseBody(`GET ${path}`, z.array(schema), answer.body);
  }

  #read({ path, params, weight }: { path: string; params: Params; weight: number }): Promise<VenueAnswer> {
    const deadlineMs = this.#options.requestDeadlineMs;
    const priority = 'protective';
    return this.#options.client.call({ method: 'GET', path, params, auth: 'signed', weight, priority, deadlineMs });
  }
}
