import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseExact } from './exact-json.ts';

describe('parseExact', () => {
  it.each([
    { name: 'a safe integer stays a number', text: '{"id":9007199254740991}', id: 9_007_199_254_740_991 },
    { name: 'an id beyond 2^53 is its exact text', text: '{"id":8389765915123457001}', id: '8389765915123457001' },
    { name: 'also when negative', text: '{"id":-8389765915123457001}', id: '-8389765915123457001' },
    { name: 'long fractions stay numbers', text: '{"id":0.12345678901234567}', id: Number('0.12345678901234567') },
    { name: 'text stays text', text: '{"id":"8389765915123457001"}', id: '8389765915123457001' },
  ])('$name', ({ text, id }) => {
    expect(parseExact(text)).toEqual({ id });
  });

  it('property: every integer comes back digit by digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (id) => {
        expect(String(parseExact(String(id)))).toBe(String(id));
      }),
    );
  });
});
