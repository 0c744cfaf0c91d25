import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { FakeVenue, SYMBOLS } from '../support/fake-venue.ts';
import { aServiceWorld } from '../support/service-world.ts';

const world = aServiceWorld();

describe('pages', () => {
  it("answers the operators' pages from what was committed", async () => {
    const venue = new FakeVenue(SYMBOLS);
    const service = await world().start(venue);
    const [candle] = venue.closeMinutes(1);
    await service.idle();
    const get = (path: string) => request(service.http).get(path);

    const health = await get('/api/v1/health').expect(200);
    expect(health.body).toMatchObject({
      status: 'healthy',
      version: '3.0.0',
      components: { intelligent_transition_manager: 'running', integration_orchestrator: 'running', redis: 'running' },
    });
    const one = await get('/api/v1/regime/current?symbol=btcusdt').expect(200);
    expect(one.body).toMatchObject({ symbol: 'BTCUSDT', openTimeMs: candle!.openTimeMs, state: 'ready' });
    expect(one.body.probabilities).toHaveLength(18);
    expect((await get('/api/v1/regime/current').expect(200)).body.regimes).toHaveLength(2);
    const missing = await get('/api/v1/regime/current?symbol=NOPEUSDT').expect(404);
    expect(missing.body.error).toEqual({
      code: 'SYMBOL_UNKNOWN',
      message: 'found no market NOPEUSDT; this service follows BTCUSDT, ETHUSDT',
    });
    await get('/api/v1/regime/current?symbol=A&symbol=B').expect(400);
    await get('/api/v1/candles?symbol=ETHUSDT&limit=0').expect(400);
    const candles = await get('/api/v1/candles?symbol=ETHUSDT&limit=3').expect(200);
    expect(candles.body.candles).toHaveLength(3);
    expect(candles.body.candles[2]).toMatchObject({ openTimeMs: candle!.openTimeMs, origin: 'stream' });
    const metrics = await get('/metrics').expect(200);
    expect(metrics.text).toMatch(/regime_current\{symbol="BTCUSDT",interval="1m"\} \d+/);
    expect(metrics.text).toMatch(/regime_requests_total\{route="\/api\/v1\/regime\/current",status="404"\} 1/);
    expect(metrics.text).toMatch(/regime_detection_latency_seconds_bucket\{le="0.00005",interval="1m"\}/);
    expect((await get('/health').expect(200)).body).toMatchObject({
      status: 'healthy',
      last_candle_age_seconds: 0,
      feed: { is_connected: true, lag_seconds: 0, waiting_candles: 0 },
    });
  });
});
