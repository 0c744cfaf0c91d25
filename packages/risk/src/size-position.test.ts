import { describe, expect, it } from '@jest/globals';
import { type Decimal, dec, InvariantError } from '@qt/kernel';
import fc from 'fast-check';
import { type SizingInput, sizePosition } from './size-position.ts';

const anInput = (changes: Partial<SizingInput> = {}): SizingInput => ({
  equityUsdt: dec(10_000),
  entryPrice: dec(50_000),
  stopPrice: dec(49_000),
  riskRatio: dec('0.01'),
  maxLeverage: dec(5),
  quantityStep: dec('0.001'),
  ...changes,
});

describe('sizePosition', () => {
  it.each([
    { name: 'risk bound: 100 USDT at 1 000 USDT per unit', input: anInput(), quantity: '0.1' },
    { name: 'leverage bound: 5 x 10 000 / 50 000', input: anInput({ stopPrice: dec(49_999) }), quantity: '1' },
    { name: 'rounds down to the step', input: anInput({ quantityStep: dec('0.03') }), quantity: '0.09' },
  ])('$name', ({ input, quantity }) => {
    expect(sizePosition(input)).toEqual({ kind: 'sized', quantity: dec(quantity) });
  });

  it.each([
    { code: 'EQUITY_DEPLETED', input: anInput({ equityUsdt: dec(0) }) },
    { code: 'STOP_AT_ENTRY', input: anInput({ stopPrice: dec(50_000) }) },
    { code: 'QUANTITY_BELOW_STEP', input: anInput({ quantityStep: dec(1) }) },
  ])('denies with $code', ({ code, input }) => {
    expect(sizePosition(input)).toEqual({ kind: 'denied', code });
  });

  it.each([{ quantityStep: dec(0) }, { equityUsdt: dec(NaN) }])('stops on a broken invariant: %j', (broken) => {
    expect(() => sizePosition(anInput(broken))).toThrow(InvariantError);
  });

  const prices = fc.integer({ min: 1, max: 200_000 });
  const sizedFor = (input: SizingInput): Decimal => {
    const decision = sizePosition(input);
    return decision.kind === 'sized' ? decision.quantity : dec(0);
  };

  it('property: never loses more than riskRatio of equity at the stop, never exceeds the leverage, always whole steps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), prices, prices, (equity, entry, stop) => {
        const input = anInput({ equityUsdt: dec(equity), entryPrice: dec(entry), stopPrice: dec(stop) });
        const quantity = sizedFor(input);
        const lossAtStop = quantity.times(Math.abs(entry - stop));
        expect(lossAtStop.lte(input.equityUsdt.times(input.riskRatio))).toBe(true);
        expect(quantity.times(entry).lte(input.equityUsdt.times(input.maxLeverage))).toBe(true);
        expect(quantity.mod(input.quantityStep).isZero()).toBe(true);
      }),
    );
  });

  it('property: more equity never means less quantity', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500_000 }),
        fc.nat(500_000),
        prices,
        prices,
        (equity, more, entry, stop) => {
          const input = { entryPrice: dec(entry), stopPrice: dec(stop) };
          const less = sizedFor(anInput({ ...input, equityUsdt: dec(equity) }));
          expect(sizedFor(anInput({ ...input, equityUsdt: dec(equity + more) })).gte(less)).toBe(true);
        },
      ),
    );
  });
});
