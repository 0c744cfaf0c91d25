import { createHmac, generateKeyPairSync, type KeyObject, sign as signWith } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type ApiKey, apiKeyOf } from './api-keys.ts';
import { ProtocolError } from './protocol-error.ts';
import { signedTextOf, verifyTimestamp } from './signature.ts';

const SECRET = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const PERMISSIONS = ['read', 'trade'] as const;
const HMAC_KEY = apiKeyOf('a', { key: 'k', type: 'hmac', secret: SECRET, permissions: PERMISSIONS });
const hmac = (text: string): string => createHmac('sha256', SECRET).update(text).digest('hex');
const codeOf = (work: () => void): number | 'accepted' => {
  try {
    work();
    return 'accepted';
  } catch (thrown) {
    if (thrown instanceof ProtocolError) return thrown.code;
    throw thrown;
  }
};
const isAccepted = (key: ApiKey, query: string, body = ''): boolean => {
  const { payload, signature } = signedTextOf({ query, body });
  return key.isSignedBy(payload, signature);
};

describe('signedTextOf', () => {
  // Golden value: Binance API documentation, "SIGNED endpoint examples".
  it('accepts the documented example', () => {
    const query =
      'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559';
    const signature = 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71';
    expect(isAccepted(HMAC_KEY, `${query}&signature=${signature}`)).toBe(true);
    expect(isAccepted(HMAC_KEY, `${query}&signature=${signature.toUpperCase()}`)).toBe(true);
  });

  it.each([
    { name: 'at the end of the query', query: `a=1&c=3&signature=${hmac('a=1&c=3')}`, body: '' },
    { name: 'first in the query', query: `signature=${hmac('a=1&c=3')}&a=1&c=3`, body: '' },
    { name: 'in the middle of the query', query: `a=1&signature=${hmac('a=1&c=3')}&c=3`, body: '' },
    { name: 'in the body, parameters in both', query: 'a=1', body: `b=2&signature=${hmac('a=1b=2')}` },
    { name: 'in the query, parameters in both', query: `a=1&signature=${hmac('a=1b=2')}`, body: 'b=2' },
    { name: 'in the body, all parameters there', query: '', body: `a=1&signature=${hmac('a=1')}` },
    { name: 'behind a stray sign, which was signed', query: `&a=1&signature=${hmac('&a=1')}`, body: '' },
    { name: 'over escapes as they were sent', query: `id=q1%3AE0&signature=${hmac('id=q1%3AE0')}`, body: '' },
    { name: 'over bytes that were not escaped', query: `s=\u00e5\u00b8\u0081&signature=${hmac('s=币')}`, body: '' },
  ])('takes a signature $name', ({ query, body }) => {
    expect(isAccepted(HMAC_KEY, query, body)).toBe(true);
  });

  it.each([
    { name: 'another text', query: `a=2&signature=${hmac('a=1')}` },
    { name: 'parts in the other order', query: `c=3&a=1&signature=${hmac('a=1&c=3')}` },
    { name: 'escapes written otherwise', query: `id=q1%3aE0&signature=${hmac('id=q1%3AE0')}` },
    { name: 'no hex', query: 'a=1&signature=zzzz' },
    { name: 'cut short', query: `a=1&signature=${hmac('a=1').slice(2)}` },
    { name: 'with something behind it', query: `a=1&signature=${hmac('a=1')}00` },
  ])('refuses $name', ({ query }) => {
    expect(isAccepted(HMAC_KEY, query)).toBe(false);
  });

  it.each(['a=1', 'a=1&signature=', ''])('misses the signature of %j', (query) => {
    expect(codeOf(() => signedTextOf({ query, body: '' }))).toBe(-1102);
  });
});

describe('keys with a public half', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const ed25519 = generateKeyPairSync('ed25519');
  const keyOf = (type: 'rsa' | 'ed25519', publicKey: KeyObject): ApiKey => {
    const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    return apiKeyOf('a', { key: 'k', type, publicKeyPem, permissions: PERMISSIONS });
  };
  const query = 'symbol=BTCUSDT&timestamp=1';
  const signed = (algorithm: string | null, key: KeyObject, text = query): string =>
    signWith(algorithm, Buffer.from(text), key).toString('base64');

  it.each([
    { type: 'rsa' as const, pair: rsa, algorithm: 'RSA-SHA256' },
    { type: 'ed25519' as const, pair: ed25519, algorithm: null },
  ])('$type: base64, escaped in the URL', ({ type, pair, algorithm }) => {
    const key = keyOf(type, pair.publicKey);
    const base64 = signed(algorithm, pair.privateKey);
    expect(isAccepted(key, `${query}&signature=${encodeURIComponent(base64)}`)).toBe(true);
    expect(isAccepted(key, query, `signature=${encodeURIComponent(base64)}`)).toBe(true);
    expect(isAccepted(key, `${query}2&signature=${encodeURIComponent(base64)}`)).toBe(false);
    expect(isAccepted(key, `${query}&signature=${encodeURIComponent(base64.slice(4))}`)).toBe(false);
    expect(isAccepted(key, `${query}&signature=${hmac(query)}`)).toBe(false);
  });

  it('a plus sign that was not escaped is a space, and no signature', () => {
    const key = keyOf('ed25519', ed25519.publicKey);
    const texts = Array.from({ length: 64 }, (_, index) => `${query}${index}`);
    const text = texts.find((one) => signed(null, ed25519.privateKey, one).includes('+')) ?? '';
    const base64 = signed(null, ed25519.privateKey, text);
    expect(isAccepted(key, `${text}&signature=${base64.replaceAll('+', '%2B')}`)).toBe(true);
    expect(isAccepted(key, `${text}&signature=${base64}`)).toBe(false);
  });
});

describe('verifyTimestamp', () => {
  const serverTimeMs = 1_700_000_000_000;
  it.each([
    { name: 'now', offset: 0, recvWindowMs: undefined, code: 'accepted' },
    { name: 'as old as its window', offset: -5_000, recvWindowMs: 5_000, code: 'accepted' },
    { name: 'older than its window', offset: -5_001, recvWindowMs: 5_000, code: -1021 },
    { name: 'older than the default', offset: -5_001, recvWindowMs: undefined, code: -1021 },
    { name: 'a little ahead', offset: 999, recvWindowMs: undefined, code: 'accepted' },
    { name: 'a second ahead', offset: 1_000, recvWindowMs: undefined, code: -1021 },
    { name: 'with a window past the longest', offset: 0, recvWindowMs: 60_001, code: -1131 },
  ])('$name', ({ offset, recvWindowMs, code }) => {
    const age = {
      timestampMs: serverTimeMs + offset,
      recvWindowMs,
      serverTimeMs,
      speed: 1,
      steppedFromMs: serverTimeMs,
    };
    expect(codeOf(() => verifyTimestamp(age))).toBe(code);
  });

  it('takes what was signed before the step that the market has just made', () => {
    const age = { timestampMs: serverTimeMs - 3_600_000, recvWindowMs: 2_500, serverTimeMs, speed: 1 };
    expect(codeOf(() => verifyTimestamp({ ...age, steppedFromMs: serverTimeMs - 3_600_000 }))).toBe('accepted');
    expect(codeOf(() => verifyTimestamp({ ...age, steppedFromMs: serverTimeMs - 3_500_000 }))).toBe(-1021);
  });

  it('stretches the allowances with the speed of the market: network delay is wall time', () => {
    const age = { timestampMs: serverTimeMs - 60_000, recvWindowMs: 5_000, serverTimeMs, steppedFromMs: serverTimeMs };
    expect(codeOf(() => verifyTimestamp({ ...age, speed: 60 }))).toBe('accepted');
    expect(codeOf(() => verifyTimestamp({ ...age, speed: 1 }))).toBe(-1021);
  });
});
