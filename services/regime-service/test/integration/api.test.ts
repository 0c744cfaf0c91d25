import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase, type Database } from '@qt/database';
import { aDatabase, eventually, type RunningStore, startRedis } from '@qt/testing';
import request from 'supertest';
import { COMPONENT_NAMES } from '../../src/configuration/settings.ts';
import { OPERATOR_KEY, type RunningApi, startApi } from '../support/api-service.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const KEY = { authorization: `Bearer ${OPERATOR_KEY}` };
const CHANGES = [
  { method: 'post', path: '/api/v1/debug/enable', body: { component: 'adaptive_scoring_layer', level: 'DEBUG' } },
  { method: 'post', path: '/api/v1/admin/reduce_load', body: {} },
  { method: 'put', path: '/api/v1/config', body: { data_quality: { late_after_ms: 1 } } },
] as const;

const GUIDE_PAGES = [
  'health',
  'components',
  'components/{name}',
  'asl/metrics',
  'regime/current',
  'regime/history',
  'regime/transitions',
  'data/quality',
  'admin/reduce_load',
  'debug/enable',
  'debug/state/{component}',
  'config',
  'config/validate',
];

let redis: RunningStore;
let postgres: RunningStore;
let database: Database;
let api: RunningApi;

const get = (path: string) => request(api.http).get(path);
const send = ({ method, path }: { readonly method: 'post' | 'put'; readonly path: string }) =>
  request(api.http)[method](path);

beforeAll(async () => {
  redis = await startRedis();
  postgres = await aDatabase();
  database = createDatabase({ url: postgres.url, applicationName: 'test' });
  await database.start();
  api = await startApi({ database, redisUrl: redis.url, symbols: SYMBOLS, operatorKey: OPERATOR_KEY });
  api.venue.closeMinutes(3);
  await api.idle();
}, 60_000);
afterAll(async () => {
  await api.stop();
  await database.stop();
  await postgres.stop();
  await redis.stop();
});
beforeEach(() => {
  api.configuration.reload('the next test');
});

describe('pages of the operators', () => {
  it('says how the service and each of the 13 components are', async () => {
    const { body } = await get('/api/v1/health').expect(200);
    expect(body).toMatchObject({ status: 'healthy', version: '3.0.0', uptime_seconds: expect.any(Number) });
    expect(Object.keys(body.components)).toEqual([...COMPONENT_NAMES, 'redis', 'postgres']);
    expect(COMPONENT_NAMES).toHaveLength(13);
    const all = await get('/api/v1/components').expect(200);
    expect(Object.keys(all.body.components)).toEqual([...COMPONENT_NAMES]);
  });

  it.each(COMPONENT_NAMES.map((name) => ({ name })))('has a page and an inside of $name', async ({ name }) => {
    const { body } = await get(`/api/v1/components/${name}`).expect(200);
    expect(body).toMatchObject({
      name,
      state: expect.any(String),
      health: expect.any(String),
      metrics: expect.any(Object),
      last_error: null,
      log_level: 'INFO',
      is_debug_enabled: false,
    });
    const inside = await get(`/api/v1/debug/state/${name}`).expect(200);
    expect(inside.body).toMatchObject({ component: name, inside: expect.any(Object) });
  });

  it.each(['/api/v1/components/nope', '/api/v1/debug/state/nope'])('names the known components at %s', async (page) => {
    const { body } = await get(page).expect(404);
    expect(body.error.code).toBe('COMPONENT_UNKNOWN');
    for (const name of COMPONENT_NAMES) expect(body.error.message).toContain(name);
  });

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
    api.venue.closeMinutes(1);
    await api.idle();
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
    const { rows } = await database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM regime_transitions WHERE symbol = 'BTCUSDT'`,
    );
    expect(body.transitions).toHaveLength(rows[0]!.n);
    expect(body.analyzer).toMatchObject({ state: expect.any(String), metrics: expect.any(Object) });
  });

  it('measures the quality of what the feed brings', async () => {
    const whole = await get('/api/v1/data/quality?symbol=BTCUSDT').expect(200);
    expect(whole.body.markets.BTCUSDT).toMatchObject({ completeness: 1, consistency: 1, uniqueness: 1, gaps: 0 });
    const [candle] = api.venue.closeMinutes(1, { isSilent: true });
    api.venue.push({ ...candle!, high: '1' });
    await api.idle();
    api.venue.closeMinutes(1);
    api.venue.push(candle!);
    await api.idle();
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

  it("has the guide's figures of the machine and of the database", async () => {
    const { body } = await get('/api/v1/metrics').expect(200);
    expect(body.memory_usage_percent).toBeGreaterThan(0);
    expect(body.memory_usage_percent).toBeLessThan(100);
    expect(body.cpu_usage_percent).toBeGreaterThanOrEqual(0);
    const stored = await get('/api/v1/system/database').expect(200);
    expect(stored.body).toMatchObject({ status: 'healthy', type: 'postgresql', pool_size: 10 });
    expect(stored.body.active_connections).toBeGreaterThan(0);
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
    const other = createDatabase({ url: postgres.url, applicationName: 'lock', maxConnections: 1 });
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
        await database.query(
          `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
        )
      ).rowCount;
    await eventually(async () => (await readers()) > 0);
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

  it('answers an unknown page with 404 in JSON, and no page may be framed or sniffed', async () => {
    const { body, headers } = await get('/api/v1/nowhere').expect(404);
    expect(body.error).toEqual({ code: 'NOT_FOUND', message: 'no such page: GET /api/v1/nowhere' });
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
  });
});

describe('pages that change something', () => {
  it.each(CHANGES)('$path needs the operator key', async (change) => {
    const before = (await get('/api/v1/config')).body;
    expect((await send(change).send(change.body).expect(401)).body.error.code).toBe('UNAUTHORIZED');
    await send(change).set({ authorization: 'Bearer a-guess' }).send(change.body).expect(401);
    expect((await get('/api/v1/config')).body).toEqual(before);
  });

  it('debug/enable sets the level of one component, in any case, and of no other', async () => {
    const path = '/api/v1/debug/enable';
    const change = { component: 'adaptive_scoring_layer', level: 'debug' };
    const { body } = await send({ method: 'post', path }).set(KEY).send(change).expect(200);
    expect(body).toEqual({ component: 'adaptive_scoring_layer', level: 'DEBUG' });
    const page = await get('/api/v1/components/adaptive_scoring_layer');
    expect(page.body).toMatchObject({ log_level: 'DEBUG', is_debug_enabled: true });
    expect((await get('/api/v1/components/base_regime_detector')).body.log_level).toBe('INFO');
    expect(api.logs.of('adaptive_scoring_layer').isDebugEnabled()).toBe(true);
    await send({ method: 'post', path })
      .set(KEY)
      .send({ ...change, level: 'WARN' })
      .expect(200);
    expect(api.logs.of('adaptive_scoring_layer').isDebugEnabled()).toBe(false);
  });

  it.each([
    { body: { component: 'nope', level: 'DEBUG' }, status: 404, code: 'COMPONENT_UNKNOWN' },
    { body: { component: 'adaptive_scoring_layer', level: 'LOUD' }, status: 400, code: 'BAD_REQUEST' },
    { body: { level: 'DEBUG' }, status: 400, code: 'BAD_REQUEST' },
    { body: [], status: 400, code: 'BAD_REQUEST' },
  ])('debug/enable refuses $body', async ({ body, status, code }) => {
    const answer = await send({ method: 'post', path: '/api/v1/debug/enable' }).set(KEY).send(body).expect(status);
    expect(answer.body.error.code).toBe(code);
  });

  it('names a body that is no JSON, and one that is too large', async () => {
    const change = send({ method: 'put', path: '/api/v1/config' }).set(KEY).set('content-type', 'application/json');
    expect((await change.send('{"a":').expect(400)).body.error.code).toBe('JSON_MALFORMED');
    const large = JSON.stringify({ a: 'x'.repeat(65 * 1024) });
    const answer = await send({ method: 'put', path: '/api/v1/config' }).set(KEY).type('json').send(large).expect(413);
    expect(answer.body.error.code).toBe('BODY_TOO_LARGE');
  });

  it('reduce_load begins, is visible, and ends by a second call; another end can be given', async () => {
    const call = (body?: object) => send({ method: 'post', path: '/api/v1/admin/reduce_load' }).set(KEY).send(body);
    expect((await call().expect(200)).body).toMatchObject({ is_active: true, until: expect.any(String) });
    const page = await get('/api/v1/components/integration_orchestrator');
    expect(page.body.metrics.is_load_reduced).toBe(true);
    const longer = await call({ minutes: 60 }).expect(200);
    expect(Date.parse(longer.body.until)).toBeGreaterThan(Date.now() + 59 * 60_000);
    expect((await call().expect(200)).body).toMatchObject({
      is_active: false,
      since: null,
      until: null,
      paused: [],
      paused_tasks: [],
      goes_on: expect.arrayContaining(['classification', 'learning with each candle']),
    });
    expect((await call({ minutes: 241 }).expect(400)).body.error.message).toMatch(/expected at most 240/);
    await call({ minutes: 'x' }).expect(400);
  });

  it.each([
    { name: 'levels without end', body: `{"a":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_001)}` },
    { name: 'a prototype', body: '{"logging": {"__proto__": {"level": "DEBUG"}}}' },
  ])('refuse a body with $name', async ({ body }) => {
    const before = (await get('/api/v1/config')).body;
    for (const change of [
      { method: 'put', path: '/api/v1/config' },
      { method: 'post', path: '/api/v1/config/validate' },
    ] as const) {
      const answer = await send(change).set(KEY).type('json').send(body).expect(400);
      expect(answer.body.error.code).toBe('BODY_MALFORMED');
    }
    expect((await get('/api/v1/config')).body).toEqual(before);
  });

  it('takes so many changes a minute and no more, wrong keys included', async () => {
    const settings = 'api: { changes_per_minute: 3 }';
    const limited = await startApi({ database, redisUrl: redis.url, symbols: ['BTCUSDT'], settings });
    const call = () => request(limited.http).post('/api/v1/admin/reduce_load');
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect((await call().expect(403)).body.error.code).toBe('NO_OPERATOR_KEY');
    const { body, headers } = await call().expect(429);
    expect(body.error.code).toBe('TOO_MANY_CHANGES');
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    await request(limited.http).get('/api/v1/health').expect(200);
    await limited.stop();
  });
});

describe('configuration over HTTP', () => {
  const validate = () => request(api.http).post('/api/v1/config/validate');
  const put = () => request(api.http).put('/api/v1/config').set(KEY);

  it('shows what is set, and what takes effect without a restart', async () => {
    const { body } = await get('/api/v1/config').expect(200);
    expect(body.settings.detection.transition.level_margin_ratio).toBe(0.6);
    expect(body.hot_reload['detection.transition.level_margin_ratio']).toBe(true);
    expect(body.hot_reload['detection.warmup_candles']).toBe(false);
  });

  it.each([
    { type: 'application/yaml', text: 'detection: { transition: { level_margin_ratio: 0.4 } }' },
    { type: 'application/json', text: '{"detection":{"transition":{"level_margin_ratio":0.4}}}' },
    // What curl says of any body when it is not told.
    { type: 'application/x-www-form-urlencoded', text: 'detection:\n  transition:\n    level_margin_ratio: 0.4\n' },
  ])('finds a good configuration good, sent as $type', async ({ type, text }) => {
    const { body } = await validate().set('content-type', type).send(text).expect(200);
    expect(body).toEqual({ valid: true, restart_needed: [] });
    expect((await get('/api/v1/config')).body.settings.detection.transition.level_margin_ratio).toBe(0.6);
  });

  it('says what a restart would be needed for', async () => {
    const { body } = await validate()
      .send({ detection: { warmup_candles: 300 } })
      .expect(200);
    expect(body).toEqual({ valid: true, restart_needed: ['detection.warmup_candles'] });
  });

  it('finds everything that is wrong at once', async () => {
    const text = 'logging: { level: LOUD }\ndetection: { warmup_candles: 1, surprise: 2 }\nnope: {}';
    const { body } = await validate().set('content-type', 'application/yaml').send(text).expect(422);
    expect(body.valid).toBe(false);
    expect(body.violations.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'detection.surprise',
      'detection.warmup_candles',
      'logging.level',
      'nope',
    ]);
    expect(body.violations).toContainEqual({ path: 'detection.warmup_candles', found: '1', expected: '>=100' });
  });

  it('refuses a text that is no YAML, and no text at all', async () => {
    const broken = await validate().set('content-type', 'application/yaml').send('a: [1').expect(400);
    expect(broken.body.error.code).toBe('BODY_MALFORMED');
    expect((await validate().expect(400)).body.error.code).toBe('BODY_MISSING');
  });

  it('sets hot parameters in the running engines', async () => {
    const change = { detection: { transition: { level_margin_ratio: 0.4 } } };
    const { body } = await put().send(change).expect(200);
    expect(body.changes).toEqual([{ path: 'detection.transition.level_margin_ratio', from: 0.6, to: 0.4 }]);
    expect((await get('/api/v1/config')).body.settings.detection.transition.level_margin_ratio).toBe(0.4);
    const component = await get('/api/v1/components/configuration_manager');
    expect(component.body.metrics.overrides).toBe('detection.transition.level_margin_ratio');
    const back = await put()
      .send({ detection: { transition: { level_margin_ratio: null } } })
      .expect(200);
    expect(back.body.changes).toEqual([{ path: 'detection.transition.level_margin_ratio', from: 0.4, to: 0.6 }]);
  });

  it('changes nothing when one of the parameters needs a restart, or the result would be wrong', async () => {
    const mixed = { detection: { warmup_candles: 300, transition: { level_margin_ratio: 0.4 } } };
    const { body } = await put().send(mixed).expect(409);
    expect(body.error).toMatchObject({ code: 'RESTART_NEEDED', restart_needed: ['detection.warmup_candles'] });
    await put()
      .send({ detection: { transition: { level_margin_ratio: 7 } } })
      .expect(422);
    await put().send({ nope: 1 }).expect(422);
    await put().send([1]).expect(400);
    expect((await get('/api/v1/config')).body.settings.detection.transition.level_margin_ratio).toBe(0.6);
  });
});

describe('documentation and metrics', () => {
  it('documents every page, made from what the pages check', async () => {
    const { body } = await get('/openapi.json').expect(200);
    expect(body.openapi).toBe('3.1.0');
    const operations = Object.entries(body.paths as Record<string, Record<string, { security?: unknown }>>);
    for (const [path, methods] of operations) {
      for (const [method, { security }] of Object.entries(methods)) {
        // Each documented page is there: it is refused for what is missing, not unknown.
        const page = path.replace('{name}', 'redis').replace('{component}', 'redis');
        const { body: answer } = await request(api.http)[method as 'get'](page);
        expect(answer.error?.code).not.toBe('NOT_FOUND');
        const isChange = CHANGES.some((change) => change.path === path && change.method === method);
        expect(security !== undefined).toBe(isChange);
      }
    }
    expect(operations.length).toBeGreaterThanOrEqual(16);
    for (const page of GUIDE_PAGES) expect(Object.keys(body.paths)).toContain(`/api/v1/${page}`);
    const limit = body.paths['/api/v1/regime/history'].get.parameters.find(
      ({ name }: { name: string }) => name === 'limit',
    );
    expect(limit.schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 1_000 });
  });

  it('shows them on one page that needs nothing from elsewhere', async () => {
    const { text, headers } = await get('/docs').expect(200);
    expect(headers['content-type']).toContain('text/html');
    expect(text).toContain('/api/v1/admin/reduce_load');
    expect(text).not.toMatch(/<script|src=|https:\/\//);
  });

  it("has the guide's metrics, with symbol and interval where they are of a market", async () => {
    const text = await eventually(
      async () => {
        const metrics = (await get('/metrics')).text;
        expect(metrics).toMatch(/^regime_component_status\{/m);
        return metrics;
      },
      { timeoutMs: 10_000, intervalMs: 200 },
    );
    const market = 'symbol="BTCUSDT",interval="1m"';
    for (const name of ['current', 'probability', 'agreement_ratio', 'stability_ratio', 'dwell_candles'])
      expect(text).toMatch(new RegExp(`^regime_${name}\\{${market}\\} [\\d.]+$`, 'm'));
    for (const name of [
      'cpu_usage_percent',
      'memory_usage_bytes',
      'memory_limit_bytes',
      'task_queue_size',
      'database_connections_active',
      'uptime_seconds',
    ])
      expect(text).toMatch(new RegExp(`^regime_${name} [\\d.e+]+$`, 'm'));
    for (const name of [
      'requests_total',
      'errors_total',
      'detection_total',
      'detection_latency_seconds',
      'accuracy_percent',
      'precision_percent',
      'recall_percent',
      'learning_updates_total',
      'concept_drift_score',
    ])
      expect(text).toContain(`# TYPE regime_${name} `);
    expect(text).toMatch(/^regime_component_status\{component="configuration_manager",state="running"\} 1$/m);
    expect(text).toMatch(/^regime_requests_total\{route="\/api\/v1\/config",status="409"\} 1$/m);
  });
});
