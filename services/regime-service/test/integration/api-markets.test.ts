import { describe, expect, it } from '@jest/globals';
import { createDatabase } from '@qt/database';
import { eventually } from '@qt/testing';
import { anApi } from '../support/an-api.ts';
import { SYMBOLS } from '../support/fake-venue.ts';

const { get, api, database, stores } = anApi();

describe('pages about markets', () => {
  it('shows the scoring layer per market', async () => {
    const { body } = await get('/api/v1/asl/metrics').expect(200);
    expect(body.ensemble_agreement_ratio).toBeGreaterThanOrEqual(0);
    expect(body.ensemble_agreement_ratio).toBeLessThanOrEqual(1);
    expect(Object.keys(body.markets)).toEqual(SYMBOLS);
  });

  it('says all that the engine tells of the newest candle', async () => {
    const { body } = await get('/api/v1/regime/current?symbol=BTCUSDT').expect(200);
    expect(body.probabilities).toHaveLength(18);
    expect(body.cells).toHaveLength(30);
    expect(body.regime.id).toBe(6 * ['low', 'medium', 'high'].indexOf(body.regime.volatility) + (body.regime.id % 6));
    expect(body).toMatchObject({
      agreementRatio: expect.any(Number),
      changeWithin10Probability: expect.any(Number),
      changeWithin30Probability: expect.any(Number),
      conformalSet: expect.arrayContaining([expect.any(Number)]),
      decision: { kind: expect.any(String), reasons: expect.any(Array) },
      stabilityBand: expect.any(String),
    });
    const all = await get('/api/v1/regime/current').expect(200);
    expect(all.body.regimes[0]).toEqual(body);
    const before = body.openTimeMs as number;
    api().venue.closeMinutes(1);
    await api().idle();
    expect((await get('/api/v1/regime/current?symbol=BTCUSDT').expect(200)).body.openTimeMs).toBe(before + 60_000);
  });

  it('shows the history of a market: the newest, from a time on, or up to one', async () => {
    const newest = await get('/api/v1/regime/history?symbol=ethusdt&limit=5').expect(200);
    const times: number[] = newest.body.records.map(({ openTimeMs }: { openTimeMs: number }) => openTimeMs);
    expect(times).toHaveLength(5);
    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(newest.body.records[0].cells).toHaveLength(30);
    const [first = 0, , third = 0] = times;
    const span = await get(`/api/v1/regime/history?symbol=ETHUSDT&from=${first}&to=${third}`).expect(200);
    expect(span.body.records.map(({ openTimeMs }: { openTimeMs: number }) => openTimeMs)).toEqual(times.slice(0, 2));
    const iso = new Date(third).toISOString();
    const until = await get(`/api/v1/regime/history?symbol=ETHUSDT&to=${iso}&limit=2`).expect(200);
    expect(until.body.records).toEqual(span.body.records);
  });

  it('shows the changes of a market and how transitions are analyzed', async () => {
    const { body } = await get('/api/v1/regime/transitions?symbol=BTCUSDT&limit=1000').expect(200);
    const { rows } = await database().query<{ n: number }>(
      `SELECT count(*)::int AS n FROM regime_transitions WHERE symbol = 'BTCUSDT'`,
    );
    expect(body.transitions).toHaveLength(rows[0]!.n);
    expect(body.analyzer).toMatchObject({ state: expect.any(String), metrics: expect.any(Object) });
  });

  it('measures the quality of what the feed brings', async () => {
    const whole = await get('/api/v1/data/quality?symbol=BTCUSDT').expect(200);
    expect(whole.body.markets.BTCUSDT).toMatchObject({ completeness: 1, consistency: 1, uniqueness: 1, gaps: 0 });
    const [candle] = api().venue.closeMinutes(1, { isSilent: true });
    api().venue.push({ ...candle!, high: '1' });
    await api().idle();
    api().venue.closeMinutes(1);
    api().venue.push(candle!);
    await api().idle();
    const { body } = await get('/api/v1/data/quality').expect(200);
    expect(Object.keys(body.markets)).toEqual(SYMBOLS);
    expect(body.markets.BTCUSDT).toMatchObject({
      completeness: 1,
      missing: 0,
      gaps: 1,
      duplicates: 1,
      refused: { HIGH_BELOW_BODY: 1 },
    });
    expect(body.markets.BTCUSDT.consistency).toBeLessThan(1);
    expect(body.markets.BTCUSDT.uniqueness).toBeLessThan(1);
    const detector = await get('/api/v1/components/base_regime_detector').expect(200);
    expect(detector.body.last_error).toMatchObject({ code: 'HIGH_BELOW_BODY', time: expect.any(String) });
  });

  it.each([
    { page: '/api/v1/regime/history', path: 'symbol' },
    { page: '/api/v1/regime/history?symbol=BTCUSDT&limit=0', path: 'limit' },
    { page: '/api/v1/regime/history?symbol=BTCUSDT&from=yesterday', path: 'from' },
    { page: '/api/v1/regime/history?symbol=BTCUSDT&from=-1', path: 'from' },
    { page: '/api/v1/regime/history?symbol=BTCUSDT&from=5&to=4', path: 'from' },
    { page: '/api/v1/regime/transitions?symbol=BTCUSDT&from=2025-06-27&to=2025-06-26', path: 'from' },
    { page: '/api/v1/regime/transitions?symbol=BTCUSDT&limit=1001', path: 'limit' },
    { page: '/api/v1/regime/current?symbol=A&symbol=B', path: 'symbol' },
    { page: '/api/v1/candles?symbol=BTCUSDT&limit=x', path: 'limit' },
  ])('says what is wrong with $page', async ({ page, path }) => {
    const { body } = await get(page).expect(400);
    expect(body.error).toMatchObject({ code: 'BAD_REQUEST', violations: [{ path }] });
  });

  it('says what it found where something is wrong', async () => {
    const { body } = await get('/api/v1/regime/history?symbol=BTCUSDT&limit=1001&from=yesterday').expect(400);
    expect(body.error.violations).toEqual([
      { path: 'limit', found: '"1001"', expected: '<=1000' },
      expect.objectContaining({ path: 'from', found: '"yesterday"' }),
    ]);
  });

  it('leaves the candles a way to the database however many ask for history', async () => {
    const other = createDatabase({ url: stores().postgresUrl, applicationName: 'lock', maxConnections: 1 });
    const isLocked = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const lock = other.transaction(async (tx) => {
      await tx.query('LOCK TABLE regime_history IN ACCESS EXCLUSIVE MODE');
      isLocked.resolve();
      await mayEnd.promise;
    });
    await isLocked.promise;
    const answers = Promise.all(
      Array.from({ length: 20 }, () =>
        get('/api/v1/regime/history?symbol=BTCUSDT&limit=1').then(({ status }) => status),
      ),
    );
    const readers = async (): Promise<number> =>
      (
        await database().query(
          `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
        )
      ).rowCount;
    await eventually(async () => (await readers()) === 4);
    for (let look = 0; look < 10; look += 1) expect(await readers()).toBeLessThanOrEqual(4);
    mayEnd.resolve();
    await lock;
    expect(new Set(await answers)).toEqual(new Set([200]));
    await other.stop();
  });

  it.each(['regime/current', 'regime/history', 'regime/transitions', 'candles', 'data/quality'])(
    'names the followed markets when %s is asked for another',
    async (page) => {
      const { body } = await get(`/api/v1/${page}?symbol=NOPEUSDT`).expect(404);
      expect(body.error).toEqual({
        code: 'SYMBOL_UNKNOWN',
        message: 'found no market NOPEUSDT; this service follows BTCUSDT, ETHUSDT',
      });
    },
  );
});
