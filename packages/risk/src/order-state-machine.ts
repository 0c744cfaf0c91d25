import { Decimal, invariant, ZERO } from '@qt/kernel';

/** Where one order stands, as far as we know. */
export type OrderState =
  | 'CREATED'
  | 'SENDING'
  | 'UNKNOWN'
  | 'ABSENT'
  | 'LATE_FOUND'
  | 'ACCEPTED'
  | 'TRIGGERED'
  | 'PARTIALLY_FILLED'
  | 'FILLED'
  | 'CANCELED'
  | 'EXPIRED'
  | 'EXPIRED_IN_MATCH'
  | 'REJECTED';

/** A state the venue can report. */
export type VenueState = Exclude<OrderState, 'CREATED' | 'SENDING' | 'UNKNOWN' | 'ABSENT' | 'LATE_FOUND'>;

/** States only ever move to a higher rank; news of a lower one is old news. */
const RANK: Record<OrderState, number> = {
  CREATED: 0,
  SENDING: 1,
  UNKNOWN: 2,
  ABSENT: 3,
  LATE_FOUND: 4,
  ACCEPTED: 5,
  TRIGGERED: 6,
  PARTIALLY_FILLED: 7,
  FILLED: 8,
  CANCELED: 8,
  EXPIRED: 8,
  EXPIRED_IN_MATCH: 8,
  REJECTED: 8,
};

/** Every state an order may be seen in once the venue has it. */
const AT_VENUE: readonly OrderState[] = [
  'ACCEPTED',
  'TRIGGERED',
  'PARTIALLY_FILLED',
  'FILLED',
  'CANCELED',
  'EXPIRED',
  'EXPIRED_IN_MATCH',
  'REJECTED',
];

/** The one table of transitions. What is not listed is illegal or, when its rank is not higher, old news. */
const NEXT: Record<OrderState, readonly OrderState[]> = {
  CREATED: ['SENDING'],
  // The first news of a sent order may be any state: the stream can overtake the reply.
  SENDING: ['UNKNOWN', ...AT_VENUE],
  UNKNOWN: ['ABSENT', ...AT_VENUE],
  // Not terminal: what was proven absent is watched, and found late at most once.
  ABSENT: ['LATE_FOUND'],
  LATE_FOUND: AT_VENUE,
  // REJECTED after acceptance: the venue checks margin only when a conditional order triggers.
  ACCEPTED: ['TRIGGERED', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'EXPIRED', 'EXPIRED_IN_MATCH', 'REJECTED'],
  TRIGGERED: ['PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'EXPIRED', 'EXPIRED_IN_MATCH', 'REJECTED'],
  PARTIALLY_FILLED: ['FILLED', 'CANCELED', 'EXPIRED', 'EXPIRED_IN_MATCH'],
  FILLED: [],
  CANCELED: [],
  EXPIRED: [],
  EXPIRED_IN_MATCH: [],
  REJECTED: [],
};

/** Returns whether no news can change the state any more. Fills may still be added. */
export const isTerminal = (state: OrderState): boolean => NEXT[state].length === 0;

/** Returns whether an order in this state can still do something at the venue, as far as we know. */
export const isLive = (state: OrderState): boolean => !isTerminal(state) && state !== 'ABSENT';

/** Returns whether the venue has yet to say if it has the order. */
export const isOutcomeUnknown = (state: OrderState): boolean => state === 'SENDING' || state === 'UNKNOWN';

export type Advance =
  /** `steps` ends with the new state; an order found late passes through LATE_FOUND. */
  | { readonly kind: 'moved'; readonly state: OrderState; readonly steps: readonly OrderState[] }
  /** Old news: same or lower rank, or the order has ended. */
  | { readonly kind: 'absorbed'; readonly state: OrderState }
  /** A contradiction: count it and hold the symbol. */
  | { readonly kind: 'illegal'; readonly state: OrderState; readonly attempted: OrderState };

/** Returns what becomes of an order in `from` on news of `to`. */
export function advance(from: OrderState, to: OrderState): Advance {
  if (isTerminal(from) || RANK[to] <= RANK[from]) return { kind: 'absorbed', state: from };
  if (NEXT[from].includes(to)) return { kind: 'moved', state: to, steps: [to] };
  if (from === 'ABSENT' && AT_VENUE.includes(to)) return { kind: 'moved', state: to, steps: ['LATE_FOUND', to] };
  return { kind: 'illegal', state: from, attempted: to };
}

/** How far an order has come. Quantities in base units. */
export interface OrderProgress {
  readonly state: OrderState;
  /** Null for orders that close whatever is there. */
  readonly quantity: Decimal | null;
  /** Sum of the booked fills. */
  readonly executedQuantity: Decimal;
  /** Sum of quantity times price of the booked fills. */
  readonly executedNotional: Decimal;
  /** What the venue says was executed, never less than what is booked. */
  readonly venueExecutedQuantity: Decimal;
}

/** One piece of news about an order. */
export type OrderNews =
  | { readonly kind: 'sending' }
  | { readonly kind: 'outcome_unknown' }
  | { readonly kind: 'absence_proven' }
  | { readonly kind: 'reported'; readonly state: VenueState; readonly executedQuantity: Decimal }
  /** A fill that was not booked before. */
  | { readonly kind: 'filled'; readonly quantity: Decimal; readonly price: Decimal };

export interface OrderStep {
  readonly progress: OrderProgress;
  readonly advance: Advance;
}

const FIXED_STATE = {
  sending: 'SENDING',
  outcome_unknown: 'UNKNOWN',
  absence_proven: 'ABSENT',
} as const;

/**
 * Returns the order after one piece of news. A terminal order keeps its state, but fills are still added to it.
 *
 * Throws: InvariantError if a fill or executed quantity is negative or not finite.
 */
export function advanceOrder(progress: OrderProgress, news: OrderNews): OrderStep {
  switch (news.kind) {
    case 'sending':
    case 'outcome_unknown':
    case 'absence_proven': {
      const moved = advance(progress.state, FIXED_STATE[news.kind]);
      return { progress: { ...progress, state: moved.state }, advance: moved };
    }
    case 'reported': {
      invariant(
        news.executedQuantity.isFinite() && news.executedQuantity.gte(0),
        'an executed quantity is not negative',
      );
      const moved = advance(progress.state, news.state);
      const venueExecutedQuantity = Decimal.max(progress.venueExecutedQuantity, news.executedQuantity);
      return { progress: { ...progress, state: moved.state, venueExecutedQuantity }, advance: moved };
    }
    case 'filled': {
      invariant(
        news.quantity.isFinite() && news.quantity.gt(0) && news.price.gt(0),
        'a fill has a quantity and a price',
      );
      const executedQuantity = progress.executedQuantity.plus(news.quantity);
      const isComplete = progress.quantity !== null && executedQuantity.gte(progress.quantity);
      const moved = advance(progress.state, isComplete ? 'FILLED' : 'PARTIALLY_FILLED');
      return {
        progress: {
          ...progress,
          state: moved.state,
          executedQuantity,
          executedNotional: progress.executedNotional.plus(news.quantity.times(news.price)),
          venueExecutedQuantity: Decimal.max(progress.venueExecutedQuantity, executedQuantity),
        },
        advance: moved,
      };
    }
    default:
      return news satisfies never;
  }
}

/** Returns the progress of an order that was only written down. */
export const newProgress = (quantity: Decimal | null): OrderProgress => ({
  state: 'CREATED',
  quantity,
  executedQuantity: ZERO,
  executedNotional: ZERO,
  venueExecutedQuantity: ZERO,
});

/** Returns how much of what the venue executed has no booked fill yet. Units: base units. */
export const owedQuantity = (progress: OrderProgress): Decimal =>
  progress.venueExecutedQuantity.minus(progress.executedQuantity);

/** Returns the volume-weighted price of the booked fills, null while there are none. */
export const averagePrice = (progress: OrderProgress): Decimal | null =>
  progress.executedQuantity.isZero() ? null : progress.executedNotional.div(progress.executedQuantity);
