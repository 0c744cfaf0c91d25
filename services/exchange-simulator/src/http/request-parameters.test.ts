import { describe, expect, it } from '@jest/globals';
import { ProtocolError } from './protocol-error.ts';
import { RequestParameters } from './request-parameters.ts';

const codeOf = (work: () => unknown): number | null => {
  try {
    work();
    return null;
  } catch (thrown) {
    return thrown instanceof ProtocolError ? thrown.code : null;
  }
};

describe('RequestParameters', () => {
  it('reads query and body together', () => {
    const params = new RequestParameters('symbol=BTCUSDT&side=BUY', 'quantity=0.5&newClientOrderId=q1%3AE0');
    expect(params.requiredSymbol()).toBe('BTCUSDT');
    expect(params.requiredDecimal('quantity')).toBe('0.5');
    expect(params.clientId('newClientOrderId')).toBe('q1:E0');
    expect(params.text('price')).toBeUndefined();
  });

  it.each([
    { name: 'missing', work: () => new RequestParameters('').requiredText('symbol'), code: -1102 },
    { name: 'empty', work: () => new RequestParameters('price=').text('price'), code: -1105 },
    { name: 'twice', work: () => new RequestParameters('a=1', 'a=2'), code: -1101 },
    { name: 'exponent', work: () => new RequestParameters('q=1e309').decimal('q'), code: -1100 },
    { name: 'negative decimal', work: () => new RequestParameters('q=-1').decimal('q'), code: -1100 },
    { name: 'no integer', work: () => new RequestParameters('id=1.5').integer('id'), code: -1100 },
    { name: 'lower case symbol', work: () => new RequestParameters('symbol=btcusdt').symbol(), code: -1121 },
    { name: 'long client id', work: () => new RequestParameters(`c=${'x'.repeat(37)}`).clientId('c'), code: -4015 },
    { name: 'odd client id', work: () => new RequestParameters('c=a%20b').clientId('c'), code: -1100 },
    { name: 'no boolean', work: () => new RequestParameters('r=yes').boolean('r'), code: -1130 },
    { name: 'limit of zero', work: () => new RequestParameters('limit=0').limit(5, 10), code: -1130 },
    { name: 'broken escape', work: () => new RequestParameters('a=%E0%A4%A'), code: -1130 },
  ])('refuses $name with $code', ({ work, code }) => {
    expect(codeOf(work)).toBe(code);
  });

  it('keeps the digits of ids that a double cannot hold', () => {
    expect(new RequestParameters('orderId=8389765915123457001').id('orderId')).toBe('8389765915123457001');
  });

  it('caps a page at what the endpoint allows', () => {
    expect(new RequestParameters('limit=5000').limit(500, 1_000)).toBe(1_000);
  });
});
