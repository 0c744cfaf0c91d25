import type { OrderFacts } from '@qt/contracts';
import type { KnownOrder } from '@qt/database';
import type { VenueOrder } from '@qt/exchange-client';
import { invariant, toText, ZERO } from '@qt/kernel';
import {
  averagePrice,
  isOutcomeUnknown,
  isTerminal,
  type OrderProgress,
  type OrderState,
  owedQuantity,
  type VenueState,
} from '@qt/risk';

/** An order with its state checked: what the whole service passes around. */
export interface Order extends KnownOrder {
  readonly state: OrderState;
}

const STATES: readonly OrderState[] = [
  'CREATED',
  'SENDING',
  'UNKNOWN',
  'ABSENT',
  'LATE_FOUND',
  'ACCEPTED',
  'TRIGGERED',
  'PARTIALLY_FILLED',
  'FILLED',
  'CANCELED',
  'EXPIRED',
  'EXPIRED_IN_MATCH',
  'REJECTED',
];
// A volume-weighted price need not end; twelve places are beyond any venue's price step.
const PRICE_PLACES = 12;

const STATE_OF: Record<VenueOrder['state'], VenueState> = {
  accepted: 'ACCEPTED',
  partially_filled: 'PARTIALLY_FILLED',
  filled: 'FILLED',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
  expired_in_match: 'EXPIRED_IN_MATCH',
  triggered: 'TRIGGERED',
  rejected: 'REJECTED',
};

/** Returns a stored order with its state checked. Throws InvariantError on a state that the table does not know. */
export const asOrder = (record: KnownOrder): Order => {
  const state = STATES.find((one) => one === record.state);
  invariant(state !== undefined, `a known order state, was ${record.state}`);
  return { ...record, state };
};

/**
 * Returns our word for what the venue shows of an order. A triggered order's second life is in the plain book; that it was accepted there
 * only says that the first one triggered.
 */
export const stateWithin = (order: Order, venue: VenueOrder): VenueState =>
  order.book !== venue.book && venue.state === 'accepted' ? 'TRIGGERED' : STATE_OF[venue.state];

/** Returns the part of an order that the state machine works on. */
export const progressOf = (order: Order): OrderProgress => ({
  state: order.state,
  quantity: order.quantity,
  executedQuantity: order.executedQuantity,
  executedNotional: (order.averagePrice ?? ZERO).times(order.executedQuantity),
  venueExecutedQuantity: order.venueExecutedQuantity,
});

/** Returns the order with a new progress. */
export const withProgress = (order: Order, progress: OrderProgress, nowMs: number): Order => ({
  ...order,
  state: progress.state,
  executedQuantity: progress.executedQuantity,
  averagePrice: averagePrice(progress)?.toDecimalPlaces(PRICE_PLACES) ?? null,
  venueExecutedQuantity: progress.venueExecutedQuantity,
  updatedAtMs: Math.max(order.updatedAtMs, nowMs),
});

/** Returns whether nothing more is expected of an order: it has ended and all its fills are booked. */
export const isSettled = (order: Order): boolean => isTerminal(order.state) && owedQuantity(progressOf(order)).lte(0);

/** Returns whether an order has ended and the venue has yet to show fills of what it says was executed. */
export const owesFills = (order: Order): boolean => isTerminal(order.state) && owedQuantity(progressOf(order)).gt(0);

/** Returns whether an order rests at the venue or is being executed there, by the venue's own word. */
export const isAtVenue = (order: Order): boolean =>
  order.state === 'ACCEPTED' || order.state === 'PARTIALLY_FILLED' || order.state === 'TRIGGERED';

/** Returns whether the venue has yet to say if it has the order. */
export const isUnknown = (order: Order): boolean => isOutcomeUnknown(order.state);

/** Returns what every event about the order says. */
export const factsOf = (order: Order): OrderFacts => ({
  clientOrderId: order.clientOrderId,
  decisionId: order.decisionId,
  leg: order.leg,
  attempt: order.attempt,
  symbol: order.symbol,
  side: order.side,
  orderType: order.orderType,
  quantity: order.quantity === null ? null : toText(order.quantity),
  price: order.price === null ? null : toText(order.price),
  venueOrderId: order.venueOrderId,
});
