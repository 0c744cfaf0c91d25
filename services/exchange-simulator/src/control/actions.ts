import type { UserEvents } from '../answers/user-events.ts';
import { fixed, textOf } from '../domain/fixed.ts';
import { hashOf } from '../domain/randomness.ts';
import type { Answer, LedgerValue, PlaceOrder } from '../domain/venue-types.ts';
import type { Venue } from '../domain/venue.ts';
import type { FaultSwitch } from '../faults/fault-switch.ts';
import type { Outages } from '../faults/outages.ts';
import type { ServerClock } from '../faults/server-clock.ts';
import type { ListenKeys } from '../websocket/listen-keys.ts';
import type { SocketHub } from '../websocket/socket-hub.ts';
import type { Action } from './action.ts';

/** What became of an action. A refusal is the venue's own, with its code and text. */
export type ActionOutcome =
  | { readonly actionId: string; readonly outcome: 'done'; readonly facts: Readonly<Record<string, LedgerValue>> }
  | { readonly actionId: string; readonly outcome: 'refused'; readonly code: number; readonly msg: string };

interface ActionsDeps {
  readonly venue: Venue;
  readonly seed: number;
  readonly accountIds: readonly string[];
  readonly hub: SocketHub;
  /** The sockets of the websocket API. */
  readonly orderApi: { cutAll(): number };
  readonly listenKeys: ListenKeys;
  readonly events: UserEvents;
  readonly outages: Outages;
  readonly clock: ServerClock;
  readonly faultSwitch: FaultSwitch;
  readonly countAction: (kind: Action['kind']) => void;
}

type Facts = Readonly<Record<string, LedgerValue>>;
type Outcome = Answer<Facts>;
type ActionOf<K extends Action['kind']> = Extract<Action, { readonly kind: K }>;
type AccountAction = Extract<Action, { readonly accountId?: string | undefined; readonly symbol: string }>;

const NO_FACTS: Facts = {};
const done = (facts: Facts = NO_FACTS): Outcome => ({ kind: 'done', value: facts });
const factsOf = <T>(answer: Answer<T>, tell: (value: T) => Facts = () => NO_FACTS): Outcome =>
  answer.kind === 'refused' ? answer : done(tell(answer.value));
const WEBSITE = 'website';

/** Carries out what happens to the venue from outside, and notes it in the ledger: the action first, then what it caused. */
export class Actions {
  readonly #deps: ActionsDeps;
  #count = 0;
  #webOrders = 0;

  constructor(deps: ActionsDeps) {
    this.#deps = deps;
  }

  /** `by`: who wanted it. What an action names must exist. */
  run(action: Action, by: 'control' | 'scenario'): ActionOutcome {
    const { venue, countAction } = this.#deps;
    this.#count += 1;
    const actionId = `action-${this.#count}`;
    const { kind, ...given } = action;
    countAction(kind);
    const facts = Object.entries(given).filter(([, value]) => value !== undefined) as [string, LedgerValue][];
    venue.note('action', { actionId, action: kind, by, ...Object.fromEntries(facts) });
    const outcome = this.#carryOut(action, actionId);
    if (outcome.kind === 'done') return { actionId, outcome: 'done', facts: outcome.value };
    const { code, msg } = outcome;
    venue.note('action_refused', { actionId, code, msg });
    return { actionId, outcome: 'refused', code, msg };
  }

  #carryOut(action: Action, actionId: string): Outcome {
    const { venue, clock, outages, faultSwitch, hub, orderApi } = this.#deps;
    switch (action.kind) {
      case 'set_leverage':
        return factsOf(venue.setLeverage(this.#accountOf(action), action.symbol, action.leverage));
      case 'set_margin_type':
        return factsOf(venue.setMarginType(this.#accountOf(action), action.symbol, action.marginType));
      case 'set_position_mode':
        return factsOf(venue.setHedgeMode(this.#accountOf(action), action.hedgeMode));
      case 'place_order':
        return this.#place(this.#accountOf(action), action);
      case 'close_position':
        return this.#close(this.#accountOf(action), action);
      case 'cancel_order':
        return factsOf(venue.cancelOrder(this.#accountOf(action), action), ({ clientOrderId }) => ({ clientOrderId }));
      case 'cancel_algo_order':
        return factsOf(venue.cancelAlgo(this.#accountOf(action), action), ({ clientAlgoId }) => ({ clientAlgoId }));
      case 'cancel_all_orders':
        return this.#cancelAll(this.#accountOf(action), action);
      case 'deposit':
        return factsOf(venue.transfer(this.#accountOf(action), fixed(action.amount), action.asset));
      case 'withdraw':
        return factsOf(venue.transfer(this.#accountOf(action), -fixed(action.amount), action.asset));
      case 'halt_symbol':
        return factsOf(venue.setSymbolStatus(action.symbol, 'HALT'));
      case 'resume_symbol':
        return factsOf(venue.setSymbolStatus(action.symbol, 'TRADING'));
      case 'settle_symbol':
        return factsOf(venue.settleSymbol(action.symbol));
      case 'liquidate':
        return factsOf(venue.liquidate(this.#accountOf(action), action.symbol));
      case 'deleverage': {
        const quantity = action.quantity === undefined ? null : fixed(action.quantity);
        return factsOf(venue.deleverage(this.#accountOf(action), action.symbol, quantity));
      }
      case 'expire_listen_key':
        return this.#expireListenKey(this.#accountOf(action));
      case 'disconnect_sockets':
        return this.#disconnect(action);
      case 'maintenance':
        outages.startMaintenance(actionId, action.forMs);
        return done({ cut: hub.cut(() => true) + orderApi.cutAll() });
      case 'end_maintenance':
        outages.endMaintenance();
        return done();
      case 'clock_jump':
        clock.jump(action.byMs);
        return done();
      case 'remove_fault':
        return done({ isRemoved: faultSwitch.remove(action.id) });
    }
  }

  #accountOf({ accountId }: { readonly accountId?: string | undefined }): string {
    return accountId ?? this.#deps.accountIds[0] ?? '';
  }

  #place(accountId: string, order: Omit<ActionOf<'place_order'>, 'accountId' | 'kind'>): Outcome {
    const { clientOrderId = this.#webId(), type, timeInForce = type === 'LIMIT' ? 'GTC' : undefined } = order;
    const { symbol, side, quantity, price, reduceOnly, positionSide } = order;
    const request: PlaceOrder = {
      symbol,
      side,
      type,
      quantity,
      clientOrderId,
      origin: 'control',
      ...(timeInForce === undefined ? {} : { timeInForce }),
      ...(price === undefined ? {} : { price }),
      ...(reduceOnly === undefined ? {} : { reduceOnly }),
      ...(positionSide === undefined ? {} : { positionSide }),
    };
    const placed = this.#deps.venue.placeOrder(accountId, request, WEBSITE);
    return factsOf(placed, ({ status }) => ({ clientOrderId, status }));
  }

  /** Closes what is held of a symbol at the market; nothing held, nothing done. */
  #close(accountId: string, { symbol, positionSide }: ActionOf<'close_position'>): Outcome {
    const held = this.#deps.venue
      .positions(accountId, symbol)
      .filter((row) => row.signedQuantity !== 0n && (positionSide === undefined || row.positionSide === positionSide));
    let last = done();
    for (const row of held) {
      const isLong = row.signedQuantity > 0n;
      last = this.#place(accountId, {
        symbol,
        side: isLong ? 'SELL' : 'BUY',
        type: 'MARKET',
        quantity: textOf(isLong ? row.signedQuantity : -row.signedQuantity),
        ...(row.positionSide === 'BOTH' ? { reduceOnly: true } : { positionSide: row.positionSide }),
      });
      if (last.kind === 'refused') return last;
    }
    return last;
  }

  /** Cancels plain and conditional orders, as the website's button does. */
  #cancelAll(accountId: string, { symbol }: Pick<AccountAction, 'symbol'>): Outcome {
    const { venue } = this.#deps;
    const orders = venue.cancelAllOrders(accountId, symbol).length;
    return done({ orders, algos: venue.cancelAllAlgos(accountId, symbol).length });
  }

  #expireListenKey(accountId: string): Outcome {
    const { listenKeys, hub, events, venue } = this.#deps;
    const key = listenKeys.close(accountId);
    if (key === undefined) return done({ isExpired: false });
    hub.publishToAccount(accountId, JSON.stringify(events.listenKeyExpired(key, venue.nowMs)), 'listenKeyExpired');
    hub.forgetListenKey(key);
    return done({ isExpired: true });
  }

  #disconnect({ accountId, carrying }: ActionOf<'disconnect_sockets'>): Outcome {
    const { hub, orderApi } = this.#deps;
    const streams = hub.cut((socket) => {
      if (accountId !== undefined && !socket.accountIds.includes(accountId)) return false;
      return carrying === 'anything' || carrying === (socket.carriesUserData ? 'user_data' : 'market');
    });
    const isMeant = accountId === undefined && (carrying === 'anything' || carrying === 'order_api');
    return done({ cut: streams + (isMeant ? orderApi.cutAll() : 0) });
  }

  /** Ids as the website makes them, but the same in every run. */
  #webId(): string {
    this.#webOrders += 1;
    const { seed, venue } = this.#deps;
    const half = (part: string): string =>
      hashOf(seed, part, venue.nowMs, this.#webOrders).toString(36).padStart(7, '0');
    return `web_${half('left')}${half('right')}`;
  }
}
