import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dec, floorToStep, sum, toText } from './decimal.ts';

describe('Decimal', () => {
  it.each([
    { text: '0.1', plus: '0.2', total: '0.3' },
    { text: '123456789012345678.12345678', plus: '0.00000001', total: '123456789012345678.12345679' },
    { text: '0.00000001', plus: '0', total: '0.00000001' },
  ])('$text + $plus = $total, printed without exponent', ({ text, plus, total }) => {
    expect(toText(dec(text).plus(plus))).toBe(total);
  });

  it('property: floorToStep is the largest multiple of the step that is not above', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 1, max: 5_000 }), (value, step) => {
        const floored = floorToStep(dec(value).div(1000), dec(step).div(1000));
        expect(floored.mod(dec(step).div(1000)).isZero()).toBe(true);
        expect(floored.lte(dec(value).div(1000))).toBe(true);
        expect(floored.plus(dec(step).div(1000)).gt(dec(value).div(1000))).toBe(true);
      }),
    );
  });

  it('sums nothing to zero', () => {
    expect(sum([]).isZero()).toBe(true);
    expect(toText(sum([dec('1.5'), dec('-0.5')]))).toBe('1');
  });
});
