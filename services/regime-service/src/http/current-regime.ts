import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { closedAtMs } from '@qt/contracts';
import type { MarketTrack } from '../market-track.ts';
import type { RegimeMetrics } from '../regime-metrics.ts';

/** Where the page is. */
export const CURRENT_REGIME_PATH = '/api/v1/regime/current';
const PLAIN_REQUEST = /^\/api\/v1\/regime\/current(?:\?symbol=([A-Za-z0-9]{2,24}))?$/;

const textOf = ({ symbol, interval, latest }: MarketTrack): string => {
  if (latest === null) return JSON.stringify({ symbol, interval, state: 'warming', regime: null });
  const { candle, state, regime, previousRegimeId, dwellCandles, probabilities, detail } = latest;
  return JSON.stringify({
    symbol,
    interval,
    openTimeMs: candle.openTimeMs,
    candleClosedAtMs: closedAtMs(candle),
    closePrice: candle.close,
    state,
    regime,
    previousRegimeId,
    dwellCandles,
    probabilities,
    ...detail,
  });
};

/** Returns what is known of one market now, as JSON text that is made once per candle. */
export const currentText = (track: MarketTrack): string => track.answer(textOf);

/** Returns the same of all markets. */
export const allCurrentText = (tracks: ReadonlyMap<string, MarketTrack>): string =>
  `{"regimes":[${[...tracks.values()].map(currentText).join(',')}]}`;

export interface CurrentRegimeDeps {
  readonly tracks: ReadonlyMap<string, MarketTrack>;
  readonly metrics: RegimeMetrics;
}

/**
 * Answers the page that trading systems ask for all day past the other pages' middleware, which costs more than the answer. Whatever is not
 * the plain question of a known market goes the usual way and gets the usual answer.
 */
export const serveCurrentRegime = (server: Server, { tracks, metrics }: CurrentRegimeDeps): void => {
  const pages = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const text = request.method === 'GET' ? textFor(request.url ?? '', tracks) : null;
    if (text === null) {
      for (const page of pages) page(request, response);
      return;
    }
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    response.end(text);
    metrics.requests.inc({ route: CURRENT_REGIME_PATH, status: '200' });
  });
};

const textFor = (url: string, tracks: ReadonlyMap<string, MarketTrack>): string | null => {
  const asked = url.startsWith(CURRENT_REGIME_PATH) ? PLAIN_REQUEST.exec(url) : null;
  if (asked === null) return null;
  const [, symbol] = asked;
  if (symbol === undefined) return allCurrentText(tracks);
  const track = tracks.get(symbol.toUpperCase());
  return track === undefined ? null : currentText(track);
};
