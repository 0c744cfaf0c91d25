import { type MarketClock, ZERO } from '@qt/kernel';
import { z } from 'zod';
import { actualIdOf, sideOf, stateOfAlgoStatus, stateOfStatus, typeOfVenueType } from './order-mapping.ts';
import type { UserStreamHandlers, VenueFill, VenueOrder } from './port.ts';
import { Amount, parseBody, unreadable, VenueId } from './rest-shapes.ts';

const Head = z.object({ e: z.string(), E: z.int(), T: z.int().optional() }).loose();
type Head = z.infer<typeof Head>;

const OrderTradeUpdate = z.object({
  T: z.int(),
  o: z.object({
    s: z.string(),
    c: z.string(),
    S: z.enum(['BUY', 'SELL']),
    o: z.string(),
    q: Amount,
    p: Amount,
    ap: Amount,
    sp: Amount,
    X: z.string(),
    i: VenueId,
    l: Amount, // quantity of this execution
    z: Amount, // executed so far
    L: Amount, // price of this execution
    n: Amount.optional(), // fee
    N: z.string().nullish(),
    T: z.int(),
    t: VenueId, // trade id, 0 without an execution
    m: z.boolean(),
    R: z.boolean(),
    cp: z.boolean().optional(),
    rp: Amount,
    er: VenueId.optional(), // why it expired
  }),
});

const AlgoUpdate = z.object({
  T: z.int(),
  o: z.object({
    caid: z.string(),
    aid: VenueId,
    o: z.string(),
    s: z.string(),
    S: z.enum(['BUY', 'SELL']),
    q: Amount.optional(),
    X: z.string(),
    ai: VenueId.nullish(), // the order it became
    ap: Amount.optional(),
    aq: Amount.optional(),
    tp: Amount,
    R: z.boolean().optional(),
    cp: z.boolean().optional(),
    rm: z.string().nullish(), // why it was rejected or expired
  }),
});

const AccountUpdate = z.object({
  T: z.int(),
  a: z.object({ m: z.string(), P: z.array(z.object({ s: z.string() })).optional() }),
});

const ConfigUpdate = z.object({
  T: z.int(),
  ac: z.object({ s: z.string(), l: z.number() }).optional(),
  ai: z.object({ j: z.boolean() }).optional(),
});

const read = <T>(schema: z.ZodType<T>, event: Head): T => {
  const parsed = schema.safeParse(event);
  if (!parsed.success) throw unreadable(event.e, z.prettifyError(parsed.error));
  return parsed.data;
};

const plainUpdate = (event: Head): Parameters<UserStreamHandlers['onOrder']>[0] => {
  const { o, T } = read(OrderTradeUpdate, event);
  const orderType = typeOfVenueType(o.o);
  const price = orderType === 'limit' ? o.p : o.sp;
  const order: VenueOrder = {
    book: 'plain',
    clientOrderId: o.c,
    venueOrderId: o.i,
    actualVenueOrderId: null,
    symbol: o.s,
    side: sideOf(o.S),
    orderType,
    state: stateOfStatus(o.X),
    quantity: o.q,
    executedQuantity: o.z,
    averagePrice: o.ap,
    price: orderType === 'market' ? null : price,
    isReduceOnly: o.R,
    closesPosition: o.cp ?? false,
    updatedAtMs: T,
  };
  // Execution types TRADE and CALCULATED (liquidation, auto-deleveraging) both carry one; the quantity tells, not the word.
  const fill: VenueFill | null = o.l.gt(0)
    ? {
        symbol: o.s,
        venueFillId: o.t,
        venueOrderId: o.i,
        clientOrderId: o.c,
        side: order.side,
        quantity: o.l,
        price: o.L,
        fee: o.n ?? ZERO,
        feeAsset: o.N ?? 'USDT',
        realizedPnlUsdt: o.rp,
        isMaker: o.m,
        occurredAtMs: o.T,
      }
    : null;
  return {
    order,
    fill,
    reason: o.er === undefined || o.er === '' || o.er === '0' ? null : `expiry reason ${o.er}`,
    occurredAtMs: T,
  };
};

const conditionalUpdate = (event: Head): Parameters<UserStreamHandlers['onOrder']>[0] => {
  const { o, T } = read(AlgoUpdate, event);
  const order: VenueOrder = {
    book: 'conditional',
    clientOrderId: o.caid,
    venueOrderId: o.aid,
    actualVenueOrderId: actualIdOf(o.ai),
    symbol: o.s,
    side: sideOf(o.S),
    orderType: typeOfVenueType(o.o),
    state: stateOfAlgoStatus(o.X),
    quantity: o.q ?? ZERO,
    executedQuantity: o.aq ?? ZERO,
    averagePrice: o.ap ?? ZERO,
    price: o.tp,
    isReduceOnly: o.R ?? false,
    closesPosition: o.cp ?? false,
    updatedAtMs: T,
  };
  return {
    order,
    fill: null,
    reason: o.rm === undefined || o.rm === null || o.rm === '' ? null : o.rm,
    occurredAtMs: T,
  };
};

const accountUpdate = (event: Head, handlers: UserStreamHandlers): void => {
  const { a, T } = read(AccountUpdate, event);
  if (a.m === 'ORDER') return; // the order events say the same, with ids
  if (a.m === 'MARGIN_TYPE_CHANGE') {
    handlers.onSetupChanged({ symbol: a.P?.[0]?.s ?? null, what: 'margin_type', occurredAtMs: T });
    return;
  }
  handlers.onAccount({ reason: a.m.toLowerCase(), occurredAtMs: T });
};

const configUpdate = (event: Head, handlers: UserStreamHandlers): void => {
  const { ac, ai, T } = read(ConfigUpdate, event);
  if (ac !== undefined) handlers.onSetupChanged({ symbol: ac.s, what: 'leverage', occurredAtMs: T });
  if (ai !== undefined) handlers.onSetupChanged({ symbol: null, what: 'multi_assets_mode', occurredAtMs: T });
};

/** What the reader of user frames needs besides the handlers. */
export interface UserFrameReaderOptions {
  readonly handlers: UserStreamHandlers;
  readonly marketClock: MarketClock | null;
  /** The venue says that the listen key is dead: nothing more will come on this socket. */
  readonly onKeyExpired: () => void;
  /** Called with the client order id of each order event, after the handler. */
  readonly onEcho: (clientOrderId: string) => void;
}

/**
 * Returns the reader of user frames: moves the market clock to the event's time, then calls the handler. Frames come bare or wrapped as
 * `{stream, data}`.
 *
 * Throws: AppError VENUE_UNAVAILABLE for events it must understand and cannot.
 */
export const userFrameReader = ({ handlers, marketClock, onKeyExpired, onEcho }: UserFrameReaderOptions) => {
  const Frame = z.union([z.object({ data: Head }).transform(({ data }) => data), Head]);
  return (text: string): void => {
    const event = parseBody('the user stream', Frame, text);
    marketClock?.advanceTo(event.E);
    switch (event.e) {
      case 'ORDER_TRADE_UPDATE':
      case 'ALGO_UPDATE': {
        const update = event.e === 'ALGO_UPDATE' ? conditionalUpdate(event) : plainUpdate(event);
        handlers.onOrder(update);
        onEcho(update.order.clientOrderId);
        break;
      }
      case 'ACCOUNT_UPDATE':
        accountUpdate(event, handlers);
        break;
      case 'ACCOUNT_CONFIG_UPDATE':
        configUpdate(event, handlers);
        break;
      case 'MARGIN_CALL':
        handlers.onAccount({ reason: 'margin_call', occurredAtMs: event.E });
        break;
      case 'listenKeyExpired':
        onKeyExpired();
        break;
      default: // TRADE_LITE and others repeat what the events above say
    }
  };
};
