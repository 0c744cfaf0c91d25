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
    { url: '/public/ws', base: 'public', isCombined: false, streams: [] },
    { url: '/public/ws/a@depth/b@depth', base: 'public', isCombined: false, streams: ['a@depth', 'b@depth'] },
    { url: '/private/ws/abc', base: 'private', isCombined: false, streams: ['abc'] },
    {
      url: '/private/ws?listenKey=abc',
      base: 'private',
      isCombined: false,
      streams: [],
      feeds: [{ listenKey: 'abc', events: undefined }],
    },
    {
      url: '/private/stream?listenKey=abc&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE&listenKey=def&events=MARGIN_CALL',
      base: 'private',
      isCombined: true,
      streams: [],
      feeds: [
        { listenKey: 'abc', events: ['ORDER_TRADE_UPDATE', 'ACCOUNT_UPDATE'] },
        { listenKey: 'def', events: ['MARGIN_CALL'] },
      ],
    },
  ])('reads $url', ({ url, feeds = [], ...expected }) => {
    expect(parseSocketAddress(url)).toEqual({ ...expected, feeds });
  });

  it.each(['/', '/fapi/v1/time', '/other/ws/x', '/ws-fapi/v1', '/wsx'])('serves no socket at %s', (url) => {
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
    { stream: 'btcusdt@depth20@500ms', base: 'public' as const, is: true },
    { stream: 'btcusdt@depth', base: 'market' as const, is: false },
    { stream: '!bookTicker', base: 'market' as const, is: false },
    { stream: 'btcusdt_perpetual@continuousKline_1m', base: 'market' as const, is: true },
    { stream: '!forceOrder@arr', base: 'market' as const, is: true },
    { stream: '!ticker@arr', base: 'public' as const, is: false },
  ])('$stream on $base: $is', ({ stream, base, is }) => {
    expect(isCarriedOn(stream, base)).toBe(is);
  });
});
