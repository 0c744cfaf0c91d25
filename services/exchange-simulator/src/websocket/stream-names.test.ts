import { describe, expect, it } from '@jest/globals';
import { isCarriedOn, parseSocketAddress } from './stream-names.ts';

describe('parseSocketAddress', () => {
  it.each([
    { url: '/ws/btcusdt@kline_1m', base: 'any', isCombined: false, streams: ['btcusdt@kline_1m'] },
    { url: '/market/ws/btcusdt@markPrice@1s', base: 'market', isCombined: false, streams: ['btcusdt@markPrice@1s'] },
    {
      url: '/stream?streams=a@kline_1m/b@kline_1m',
      base: 'any',
      isCombined: true,
      streams: ['a@kline_1m', 'b@kline_1m'],
    },
    { url: '/private/ws?listenKey=abc', base: 'private', isCombined: false, streams: ['abc'] },
    { url: '/private/stream?listenKey=abc', base: 'private', isCombined: true, streams: ['abc'] },
    { url: '/public/ws', base: 'public', isCombined: false, streams: [] },
  ])('reads $url', ({ url, ...expected }) => {
    expect(parseSocketAddress(url)).toEqual(expected);
  });

  it.each(['/', '/fapi/v1/time', '/other/ws/x', '/ws/a/b/c'])('serves no socket at %s', (url) => {
    expect(parseSocketAddress(url)).toBeUndefined();
  });
});

describe('isCarriedOn', () => {
  it.each([
    { stream: 'btcusdt@bookTicker', base: 'public' as const, is: true },
    { stream: 'btcusdt@bookTicker', base: 'market' as const, is: false },
    { stream: 'btcusdt@kline_1m', base: 'market' as const, is: true },
    { stream: 'btcusdt@kline_1m', base: 'public' as const, is: false },
    { stream: 'btcusdt@kline_1m', base: 'private' as const, is: false },
    { stream: 'btcusdt@kline_1m', base: 'any' as const, is: true },
  ])('$stream on $base: $is', ({ stream, base, is }) => {
    expect(isCarriedOn(stream, base)).toBe(is);
  });
});
