import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { fixed } from './fixed.ts';
import { extremeAt, hasTurned, stopOf, type Trail } from './trailing.ts';

const aTrail = (trail: Partial<Trail> = {}): Trail => ({
  side: 'SELL',
  activatePrice: fixed('110'),
  callbackRatio: fixed('0.01'),
  extremePrice: 0n,
  ...trail,
});
const walk = (trail: Trail, prices: readonly string[]): Trail =>
  prices.reduce((now, price) => ({ ...now, extremePrice: extremeAt(now, fixed(price)) }), trail);

describe('a trailing stop', () => {
  it.each([
    { name: 'sleeps below its activation', trail: aTrail(), prices: ['100', '109.9'], stop: '0' },
    { name: 'wakes at its activation', trail: aTrail(), prices: ['110'], stop: '108.9' },
    { name: 'follows up and not down', trail: aTrail(), prices: ['110', '120', '119'], stop: '118.8' },
    {
      name: 'of a buyer wakes below and follows down',
      trail: aTrail({ side: 'BUY', activatePrice: fixed('90') }),
      prices: ['100', '90', '80', '80.5'],
      stop: '80.8',
    },
  ])('$name', ({ trail, prices, stop }) => {
    expect(stopOf(walk(trail, prices))).toBe(fixed(stop));
  });

  it('fires at the callback and not before', () => {
    const trail = walk(aTrail(), ['110', '120']);
    expect(hasTurned(trail, fixed('118.81'))).toBe(false);
    expect(hasTurned(trail, fixed('118.8'))).toBe(true);
    expect(hasTurned(aTrail(), fixed('1'))).toBe(false);
  });

  it('property: the stop of a seller never falls, and stands below the best price', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 1_000_000n, max: 10n ** 13n }), { minLength: 1 }), (prices) => {
        let trail = aTrail({ activatePrice: 0n });
        for (const price of prices) {
          const next = { ...trail, extremePrice: extremeAt(trail, price) };
          expect(stopOf(next) >= stopOf(trail)).toBe(true);
          expect(stopOf(next) < next.extremePrice).toBe(true);
          trail = next;
        }
      }),
    );
  });
});
