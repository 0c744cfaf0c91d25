import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { DecimalText, MarketSymbol, Side } from '../values.ts';

/** What an order is for: entry, protective stop, profit target, exit; `external` is one we did not send. */
export const OrderLeg = z.enum(['entry', 'stop', 'target', 'exit', 'external']);
export type OrderLeg = z.infer<typeof OrderLeg>;

export const OrderType = z.enum(['market', 'limit', 'stop_market', 'take_profit_market']);
export type OrderType = z.infer<typeof OrderType>;

/** Every order event names its order in full, so that no consumer needs another event to understand it. */
export const OrderFacts = z.object({
  clientOrderId: z.string().min(1).max(64),
  decisionId: z.string().length(26).nullable(),
  leg: OrderLeg,
  attempt: z.int().nonnegative(),
  symbol: MarketSymbol,
  side: Side,
  orderType: OrderType,
  /** Null for `closePosition` orders, which close whatever is there. */
  quantity: DecimalText.nullable(),
  /** Limit price, or trigger price of a stop or target. */
  price: DecimalText.nullable(),
  venueOrderId: z.string().nullable(),
});
export type OrderFacts = z.infer<typeof OrderFacts>;

export const OrderSubmitted = defineEvent({ type: 'order.submitted', version: 1, payload: OrderFacts });
export type OrderSubmitted = z.infer<typeof OrderSubmitted.payload>;

export const OrderAccepted = defineEvent({ type: 'order.accepted', version: 1, payload: OrderFacts });
export type OrderAccepted = z.infer<typeof OrderAccepted.payload>;

export const OrderRejected = defineEvent({
  type: 'order.rejected',
  version: 1,
  payload: OrderFacts.extend({ venueCode: z.int().nullable(), message: z.string() }),
});
export type OrderRejected = z.infer<typeof OrderRejected.payload>;

/** One execution. `order.filled` is said per fill, also when the order stays open. */
export const OrderFilled = defineEvent({
  type: 'order.filled',
  version: 1,
  payload: OrderFacts.extend({
    venueFillId: z.string().min(1),
    fillQuantity: DecimalText,
    fillPrice: DecimalText,
    fee: DecimalText,
    feeAsset: z.string().min(1),
    /** As the venue booked it, fee not included. */
    realizedPnlUsdt: DecimalText,
    isMaker: z.boolean(),
    cumulativeQuantity: DecimalText,
    isComplete: z.boolean(),
  }),
});
export type OrderFilled = z.infer<typeof OrderFilled.payload>;

export const OrderCanceled = defineEvent({
  type: 'order.canceled',
  version: 1,
  payload: OrderFacts.extend({ reason: z.string() }),
});
export type OrderCanceled = z.infer<typeof OrderCanceled.payload>;

export const OrderExpired = defineEvent({
  type: 'order.expired',
  version: 1,
  payload: OrderFacts.extend({ reason: z.string() }),
});
export type OrderExpired = z.infer<typeof OrderExpired.payload>;

/** The venue may or may not have the order; nothing is resent until it has answered. */
export const OrderUnknown = defineEvent({
  type: 'order.unknown',
  version: 1,
  payload: OrderFacts.extend({ reason: z.string() }),
});
export type OrderUnknown = z.infer<typeof OrderUnknown.payload>;
