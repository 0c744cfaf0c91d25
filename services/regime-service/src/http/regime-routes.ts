import { closedAtMs, type Interval } from '@qt/contracts';
import type { BuiltService } from '@qt/service-kit';
import { z } from 'zod';
import { type ComponentStates, isHealthy } from '../component-states.ts';
import type { MarketTrack } from '../market-track.ts';
import type { CandleStore } from '../ports.ts';
import type { RegimeMetrics } from '../regime-metrics.ts';

type Router = Parameters<NonNullable<BuiltService['routes']>>[0];

export interface RegimeRoutesDeps {
  readonly tracks: ReadonlyMap<string, MarketTrack>;
  readonly interval: Interval;
  readonly candles: CandleStore;
  readonly states: ComponentStates;
  readonly metrics: RegimeMetrics;
  readonly version: string;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const CandlesQuery = z.object({ symbol: z.string(), limit: z.coerce.number().int().min(1).max(1_000).default(200) });

const failure = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});

/** Returns what is known of one market now. */
const viewOf = ({ symbol, interval, latest }: MarketTrack): object =>
  latest === null
    ? { symbol, interval, state: 'warming', regime: null }
    : {
        symbol,
        interval,
        openTimeMs: latest.candle.openTimeMs,
        candleClosedAtMs: closedAtMs(latest.candle),
        closePrice: latest.candle.close,
        state: latest.state,
        regime: latest.regime,
        dwellCandles: latest.dwellCandles,
        probabilities: latest.probabilities,
      };

const health = async ({ states, version }: RegimeRoutesDeps): Promise<Answer> => {
  const components = await states();
  const status = isHealthy(components) ? 'healthy' : 'degraded';
  return { status: 200, body: { status, version, uptime_seconds: Math.floor(process.uptime()), components } };
};

const unknownSymbol = (symbol: string, tracks: RegimeRoutesDeps['tracks']): Answer =>
  failure(404, 'SYMBOL_UNKNOWN', `found no market ${symbol}; this service follows ${[...tracks.keys()].join(', ')}`);

const currentRegime = ({ tracks }: RegimeRoutesDeps, symbol: unknown): Answer => {
  if (symbol === undefined) return { status: 200, body: { regimes: [...tracks.values()].map(viewOf) } };
  if (typeof symbol !== 'string') return failure(400, 'BAD_REQUEST', 'symbol must be given once, such as BTCUSDT');
  const track = tracks.get(symbol.toUpperCase());
  return track === undefined ? unknownSymbol(symbol, tracks) : { status: 200, body: viewOf(track) };
};

const candles = async (deps: RegimeRoutesDeps, query: unknown): Promise<Answer> => {
  const parsed = CandlesQuery.safeParse(query);
  if (!parsed.success) return failure(400, 'BAD_REQUEST', z.prettifyError(parsed.error));
  const { symbol, limit } = parsed.data;
  const track = deps.tracks.get(symbol.toUpperCase());
  if (track === undefined) return unknownSymbol(symbol, deps.tracks);
  const rows = await deps.candles.listLast({ symbol: track.symbol, interval: deps.interval, limit });
  return { status: 200, body: { symbol: track.symbol, interval: deps.interval, candles: rows } };
};

/** Adds the operators' pages under `/api/v1`, counted per page and status. */
export const addRegimeRoutes = (router: Router, deps: RegimeRoutesDeps): void => {
  const pages = {
    '/api/v1/health': () => health(deps),
    '/api/v1/regime/current': (query: Record<string, unknown>) => currentRegime(deps, query['symbol']),
    '/api/v1/candles': (query: Record<string, unknown>) => candles(deps, query),
  };
  for (const [route, answer] of Object.entries(pages)) {
    router.get(route, async (request, response) => {
      let status = 500;
      try {
        const answered = await answer(request.query);
        status = answered.status;
        response.status(status).json(answered.body);
      } finally {
        deps.metrics.requests.inc({ route, status: String(status) });
      }
    });
  }
};
