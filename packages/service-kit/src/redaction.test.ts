import { AppError, dec } from '@qt/kernel';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redact, redactText } from './redaction.ts';

const CANARY = 'c4n4ryS3cr3tValue0123456789abcdef';

describe('redaction', () => {
  it.each([
    { name: 'password in a URL', text: `connect to postgres://user:${CANARY}@host:5432/db failed` },
    { name: 'signed query', text: `GET https://venue.example/fapi/v1/order?symbol=X&signature=${CANARY} failed` },
    { name: 'signed path without host', text: `GET /fapi/v1/order?timestamp=1&signature=${CANARY}` },
    { name: 'listen key in a socket address', text: `closed wss://venue.example/ws/${CANARY}${CANARY}` },
    { name: 'assignment', text: `apiKey=${CANARY}` },
    { name: 'JSON text', text: `{"listenKey":"${CANARY}"}` },
  ])('takes out: $name', ({ text }) => {
    expect(redactText(text)).not.toContain(CANARY);
  });

  it('keeps what is no secret', () => {
    expect(redactText('order q1-01J-E0 of BTCUSDT rejected: -2019')).toBe('order q1-01J-E0 of BTCUSDT rejected: -2019');
  });

  it('writes an error with its code, cause and details', () => {
    const cause = Object.assign(new Error(`boom signature=${CANARY}`), { code: -1021, config: { apiKey: CANARY } });
    const error = new AppError('VENUE_DOWN', 'venue is down', {
      retryable: true,
      cause,
      details: { secret: CANARY, n: 1 },
    });
    const line = JSON.stringify(redact({ error }));
    expect(line).not.toContain(CANARY);
    expect(JSON.parse(line)).toMatchObject({
      error: { name: 'AppError', code: 'VENUE_DOWN', details: { n: 1 }, cause: { code: -1021 } },
    });
  });

  it('writes decimals as text, not as objects', () => {
    expect(redact({ price: dec('0.10') })).toEqual({ price: '0.1' });
  });

  it('ends on a cycle', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(JSON.stringify(redact(loop))).toContain('[too deep]');
  });

  it('property: whatever stands under a secret name never comes out', () => {
    const names = fc.constantFrom(
      'apiKey',
      'api_secret',
      'password',
      'signature',
      'authorization',
      'X-MBX-APIKEY',
      'listenKey',
    );
    fc.assert(
      fc.property(names, fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }), (name, path) => {
        const nested = path.reduce<unknown>((inner, key) => ({ [key]: inner }), { [name]: CANARY });
        expect(JSON.stringify(redact(nested))).not.toContain(CANARY);
      }),
    );
  });
});
