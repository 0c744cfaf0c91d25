import { describe, expect, it } from '@jest/globals';
import { type Decimal, dec, seededRandom, sum } from '@qt/kernel';
import {
  advance,
  advanceOrder,
  averagePrice,
  isTerminal,
  newProgress,
  type OrderNews,
  type OrderProgress,
  type OrderState,
  owedQuantity,
  type VenueState,
} from './order-state-machine.ts';

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
const VENUE_STATES: readonly VenueState[] = [
  'ACCEPTED',
  'TRIGGERED',
  'PARTIALLY_FILLED',
  'FILLED',
  'CANCELED',
  'EXPIRED',
  'EXPIRED_IN_MATCH',
  'REJECTED',
];
const reported = (state: VenueState, executed: string | number = 0): OrderNews => ({
  kind: 'reported',
  state,
  executedQuantity: dec(executed),
});
const filled = (quantity: string | number, price: string | number): OrderNews => ({
  kind: 'filled',
  quantity: dec(quantity),
  price: dec(price),
});
const after = (news: readonly OrderNews[], quantity: string | number | null = 2): OrderProgress =>
  news.reduce<OrderProgress>(
    (progress, one) => advanceOrder(progress, one).progress,
    newProgress(quantity === null ? null : dec(quantity)),
  );

describe('advance', () => {
  it.each<[OrderState, OrderState, string, OrderState]>([
    ['CREATED', 'SENDING', 'moved', 'SENDING'],
    ['CREATED', 'ACCEPTED', 'illegal', 'CREATED'],
    ['SENDING', 'FILLED', 'moved', 'FILLED'],
    ['SENDING', 'ABSENT', 'illegal', 'SENDING'],
    ['UNKNOWN', 'ABSENT', 'moved', 'ABSENT'],
    ['UNKNOWN', 'LATE_FOUND', 'illegal', 'UNKNOWN'],
    ['ABSENT', 'FILLED', 'moved', 'FILLED'],
    ['ACCEPTED', 'UNKNOWN', 'absorbed', 'ACCEPTED'],
    ['ACCEPTED', 'REJECTED', 'moved', 'REJECTED'],
    ['PARTIALLY_FILLED', 'REJECTED', 'illegal', 'PARTIALLY_FILLED'],
    ['FILLED', 'CANCELED', 'absorbed', 'FILLED'],
    ['EXPIRED', 'FILLED', 'absorbed', 'EXPIRED'],
  ])('%s on news of %s: %s, then %s', (from, to, kind, state) => {
    expect(advance(from, to)).toMatchObject({ kind, state });
  });

  it('lets an absent order pass through LATE_FOUND', () => {
    expect(advance('ABSENT', 'CANCELED')).toEqual({
      kind: 'moved',
      state: 'CANCELED',
      steps: ['LATE_FOUND', 'CANCELED'],
    });
  });
});

describe('advanceOrder', () => {
  it('adds fills to an order that has ended until they reach what the venue executed', () => {
    const expired = after([{ kind: 'sending' }, reported('EXPIRED', '1.5')]);
    expect(owedQuantity(expired)).toEqual(dec('1.5'));
    const booked = [filled('1', 100), filled('0.5', 103)].reduce(
      (progress, news) => advanceOrder(progress, news).progress,
      expired,
    );
    expect(booked.state).toBe('EXPIRED');
    expect(owedQuantity(booked).isZero()).toBe(true);
    expect(averagePrice(booked)).toEqual(dec(101));
  });

  it('completes a plain order by its fills, and one that closes the position only when the venue says so', () => {
    expect(after([{ kind: 'sending' }, filled(2, 100)]).state).toBe('FILLED');
    expect(after([{ kind: 'sending' }, filled(2, 100)], null).state).toBe('PARTIALLY_FILLED');
    expect(after([{ kind: 'sending' }, filled(2, 100), reported('FILLED', 2)], null).state).toBe('FILLED');
  });

  it('property: over 100 000 random histories rank never falls, the end is final, and no fill is lost', () => {
    const random = seededRandom(20_261_122);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
    const someNews = (): OrderNews => {
      const roll = random();
      if (roll < 0.15) return { kind: 'sending' };
      if (roll < 0.25) return { kind: 'outcome_unknown' };
      if (roll < 0.35) return { kind: 'absence_proven' };
      if (roll < 0.7) return reported(pick(VENUE_STATES), Math.floor(random() * 4));
      return filled(1 + Math.floor(random() * 2), 90 + Math.floor(random() * 20));
    };
    let breaches = 0;
    for (let history = 0; history < 100_000; history += 1) {
      let progress = newProgress(random() < 0.5 ? dec(3) : null);
      const fills: Decimal[] = [];
      for (let step = 0; step < 8; step += 1) {
        const news = someNews();
        const { progress: next, advance: verdict } = advanceOrder(progress, news);
        if (news.kind === 'filled') fills.push(news.quantity);
        const isMonotone = RANK[next.state] >= RANK[progress.state];
        const isFinal = !isTerminal(progress.state) || next.state === progress.state;
        const isHonest = verdict.state === next.state && (verdict.kind === 'moved') === (next.state !== progress.state);
        const owesNothingNegative = owedQuantity(next).gte(0);
        if (!(isMonotone && isFinal && isHonest && owesNothingNegative)) breaches += 1;
        progress = next;
      }
      if (!progress.executedQuantity.eq(sum(fills))) breaches += 1;
    }
    expect(breaches).toBe(0);
  });
});
