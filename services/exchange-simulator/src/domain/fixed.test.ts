import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { divideRounded, fixed, parseFixed, placesOf, textOf, times } from './fixed.ts';

const anAmount = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });

describe('fixed point', () => {
  it.each([
    { text: '0', value: 0n },
    { text: '-0.5', value: -50_000_000n },
    { text: '12.30000000', value: 1_230_000_000n },
    { text: '0.00000001', value: 1n },
    { text: '0.000000010000', value: 1n },
  ])('reads $text', ({ text, value }) => {
    expect(parseFixed(text)).toBe(value);
  });

  it.each(['', 'abc', '1e5', '0.000000001', '+1', '1.', '.5', ' 1', '1,5', 'NaN', '0x10'])('refuses %j', (text) => {
    expect(parseFixed(text)).toBeNull();
  });

  it.each([
    { value: '91739.9', places: 2, text: '91739.90' },
    { value: '-0.001', places: 2, text: '0.00' },
    { value: '-1.239', places: 2, text: '-1.23' },
    { value: '5', places: 0, text: '5' },
  ])('prints $value with $places places', ({ value, places, text }) => {
    expect(placesOf(fixed(value), places)).toBe(text);
  });

  it('property: text and value are each other’s inverse', () => {
    fc.assert(fc.property(anAmount, (value) => expect(parseFixed(textOf(value))).toBe(value)));
  });

  it('property: rounding is to the nearest, symmetric around zero', () => {
    fc.assert(
      fc.property(anAmount, fc.bigInt({ min: 1n, max: 10n ** 12n }), (top, bottom) => {
        const quotient = divideRounded(top, bottom);
        const rest = top - quotient * bottom;
        expect(2n * (rest < 0n ? -rest : rest) <= bottom).toBe(true);
        expect(divideRounded(-top, bottom)).toBe(-quotient);
      }),
    );
  });

  it('multiplies without drifting', () => {
    expect(times(fixed('0.00000001'), fixed('0.5'))).toBe(1n);
    expect(times(fixed('29997'), fixed('0.05'))).toBe(fixed('1499.85'));
  });
});
