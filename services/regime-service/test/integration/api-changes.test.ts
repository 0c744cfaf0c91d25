import { describe, expect, it } from '@jest/globals';
import { eventually } from '@qt/testing';
import request from 'supertest';
import { OPERATOR_KEY, startApi } from '../support/api-service.ts';
import { anApi, CHANGES, KEY } from '../support/an-api.ts';

const { get, ask, change, api, database, stores } = anApi({
  hasJobs: true,
  // The machine of the tests is always busy; what a busy machine does has tests of its own.
  settings: 'tasks: { cpu_limit_ratio: 1, memory_limit_ratio: 1 }',
});

describe('pages that change something', () => {
  it.each(CHANGES)('$path needs the operator key', async ({ method, path, body }) => {
    const before = (await get('/api/v1/config')).body;
    expect((await ask(method, path).send(body).expect(401)).body.error.code).toBe('UNAUTHORIZED');
    await ask(method, path).set({ authorization: 'Bearer a-guess' }).send(body).expect(401);
    expect((await get('/api/v1/config')).body).toEqual(before);
    expect((await get('/api/v1/health')).body.load_reduction).toBeNull();
  });

  it('debug/enable sets the level of one component, in any case, and of no other', async () => {
    const enable = (level: string) =>
      change('post', '/api/v1/debug/enable').send({ component: 'adaptive_scoring_layer', level });
    const { body } = await enable('debug').expect(200);
    expect(body).toEqual({ component: 'adaptive_scoring_layer', level: 'DEBUG' });
    const page = await get('/api/v1/components/adaptive_scoring_layer');
    expect(page.body).toMatchObject({ log_level: 'DEBUG', is_debug_enabled: true });
    expect((await get('/api/v1/components/base_regime_detector')).body.log_level).toBe('INFO');
    expect(api().logs.of('adaptive_scoring_layer').isDebugEnabled()).toBe(true);
    await enable('WARN').expect(200);
    expect(api().logs.of('adaptive_scoring_layer').isDebugEnabled()).toBe(false);
  });

  it.each([
    { body: { component: 'nope', level: 'DEBUG' }, status: 404, code: 'COMPONENT_UNKNOWN' },
    { body: { component: '__proto__', level: 'DEBUG' }, status: 404, code: 'COMPONENT_UNKNOWN' },
    { body: { component: 'adaptive_scoring_layer', level: 'LOUD' }, status: 400, code: 'BAD_REQUEST' },
    { body: { level: 'DEBUG' }, status: 400, code: 'BAD_REQUEST' },
    { body: [], status: 400, code: 'BAD_REQUEST' },
  ])('debug/enable refuses $body', async ({ body, status, code }) => {
    const answer = await change('post', '/api/v1/debug/enable').send(body).expect(status);
    expect(answer.body.error.code).toBe(code);
  });
});

describe('limits of changes', () => {
  const settings = 'api: { changes_per_minute: 3, validations_per_minute: 2 }';
  const aLimited = (operatorKey: string | undefined) =>
    startApi({
      database: database(),
      redisUrl: stores().redisUrl,
      symbols: ['BTCUSDT'],
      settings,
      operatorKey,
    });

  it('takes so many changes a minute and no more, wrong keys included', async () => {
    const limited = await aLimited(undefined);
    const call = () => request(limited.http).post('/api/v1/admin/reduce_load');
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect((await call().expect(403)).body.error.code).toBe('NO_OPERATOR_KEY');
    const { body, headers } = await call().expect(429);
    expect(body.error.code).toBe('TOO_MANY_CHANGES');
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    await request(limited.http).get('/api/v1/health').expect(200);
    await limited.stop();
  });

  it('lets nobody lock the operator out by guessing, and takes no more of the operator either', async () => {
    const limited = await aLimited(OPERATOR_KEY);
    const call = (key: string) =>
      request(limited.http)
        .post('/api/v1/admin/reduce_load')
        .set({ authorization: `Bearer ${key}` })
        .send({ minutes: 0 })
        .then(({ status }) => status);
    const guesses = [];
    for (let guess = 0; guess < 1_000; guess += 1) guesses.push(await call(`guess ${guess}`));
    expect(guesses.slice(0, 3)).toEqual([401, 401, 401]);
    expect(new Set(guesses.slice(3))).toEqual(new Set([429]));
    expect([await call(OPERATOR_KEY), await call(OPERATOR_KEY), await call(OPERATOR_KEY)]).toEqual([200, 200, 200]);
    expect(await call(OPERATOR_KEY)).toBe(429);
    await limited.stop();
  }, 30_000);

  it('checks so many configurations a minute for whoever has no key, and then the operator’s still', async () => {
    const limited = await aLimited(OPERATOR_KEY);
    const validate = () => request(limited.http).post('/api/v1/config/validate').send({});
    await validate().expect(200);
    await validate().expect(200);
    const { body, headers } = await validate().expect(429);
    expect(body.error).toEqual({
      code: 'TOO_MANY_VALIDATIONS',
      message: expect.stringMatching(/^at most 2 validations a minute are taken; try again in \d+ s$/),
    });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    await validate().set(KEY).expect(200);
    await limited.stop();
  });
});

describe('reduce_load', () => {
  const reduce = (body?: object) => change('post', '/api/v1/admin/reduce_load').send(body);
  const history = (limit: number) => get(`/api/v1/regime/history?symbol=BTCUSDT&limit=${limit}`);

  it('says what is lowered, how and until when; says so wherever one looks; and ends when told', async () => {
    const { body } = await reduce({ minutes: 60, reason: 'memory is high' }).expect(200);
    expect(Date.parse(body.until)).toBeGreaterThan(Date.now() + 59 * 60_000);
    expect(body).toMatchObject({
      is_active: true,
      reason: 'memory is high',
      reduced: [
        { name: 'regime_optimization_scheduler', effect: expect.stringMatching(/^no task begins/) },
        { name: 'history_pages', effect: expect.stringMatching(/1 reading at once instead of 4/) },
      ],
      paused_tasks: expect.arrayContaining(['analyze_history', 'optimize_boundaries']),
      goes_on: expect.arrayContaining(['classification', 'learning with each candle']),
    });
    expect((await get('/api/v1/health')).body.load_reduction).toEqual({ until: body.until, reason: 'memory is high' });
    const orchestrator = await get('/api/v1/components/integration_orchestrator');
    expect(orchestrator.body.metrics.is_load_reduced).toBe(true);
    const scheduler = await get('/api/v1/components/regime_optimization_scheduler');
    expect(scheduler.body).toMatchObject({
      state: 'running',
      detail: 'no task begins: load is reduced',
      metrics: { is_paused: 1 },
    });
    expect((await get('/metrics')).text).toMatch(/^regime_load_reduced 1$/m);

    const over = await reduce({ minutes: 0 }).expect(200);
    expect(over.body).toMatchObject({ is_active: false, since: null, until: null, reduced: [], paused_tasks: [] });
    expect((await get('/api/v1/health')).body.load_reduction).toBeNull();
    expect((await get('/metrics')).text).toMatch(/^regime_load_reduced 0$/m);
  });

  it('told twice is not undone: the same command again goes on from now', async () => {
    const first = (await reduce().expect(200)).body;
    const again = (await reduce().expect(200)).body;
    expect(again).toMatchObject({ is_active: true, since: first.since });
    expect(Date.parse(again.until)).toBeGreaterThanOrEqual(Date.parse(first.until));
  });

  it('holds long answers back and says when to ask again; regimes are told and classified all the same', async () => {
    await history(1_000).expect(200);
    await reduce({ minutes: 5 }).expect(200);
    const { body, headers } = await history(201).expect(503);
    expect(body.error).toEqual({
      code: 'LOAD_REDUCED',
      message: expect.stringMatching(/: at most 200 rows in an answer, 201 were asked for$/),
    });
    expect(Number(headers['retry-after'])).toBeGreaterThan(250);
    await history(200).expect(200);
    const page = () => get('/api/v1/regime/current?symbol=BTCUSDT').expect(200);
    const before = (await page()).body.openTimeMs as number;
    api().venue.closeMinutes(1);
    await api().idle();
    expect((await page()).body.openTimeMs).toBe(before + 60_000);
    await reduce({ minutes: 0 }).expect(200);
    await history(1_000).expect(200);
  });

  it('begins no task until it ends', async () => {
    await reduce({ minutes: 5 }).expect(200);
    const reason = 'asked while load was reduced';
    await change('post', '/api/v1/admin/tasks').send({ kind: 'snapshot', reason }).expect(200);
    // It has reached the queue, and goes back there if a worker that was already waiting takes it.
    await eventually(async () => {
      const { body } = await get('/api/v1/debug/state/regime_optimization_scheduler');
      expect([body.inside.notInRedis, JSON.stringify(body.inside.tasks)]).toEqual([
        [],
        expect.stringContaining(reason),
      ]);
      expect(JSON.stringify(body.inside.tasks)).not.toContain('"active"');
    });
    const done = async () => (await database().query(`SELECT 1 FROM regime_tasks WHERE reason = '${reason}'`)).rowCount;
    expect(await done()).toBe(0);
    await reduce({ minutes: 0 }).expect(200);
    await eventually(async () => expect(await done()).toBe(1), { timeoutMs: 15_000 });
  }, 30_000);

  it.each([
    { body: { minutes: 241 }, says: /^minutes: found 241; expected at most 240/ },
    { body: { minutes: -1 }, says: /^minutes: found -1/ },
    { body: { minutes: 1.5 }, says: /^minutes: found 1.5/ },
    { body: { minutes: '5' }, says: /^minutes: found "5"/ },
    { body: { minutes: null }, says: /^minutes: found null/ },
    { body: { minuets: 5 }, says: /^minuets: found 5; expected no parameter of this name/ },
    { body: { reason: 'x'.repeat(201) }, says: /^reason: / },
  ])('refuses $body and reduces nothing', async ({ body, says }) => {
    const answer = await reduce(body).expect(400);
    expect(answer.body.error).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringMatching(says) });
    expect((await get('/api/v1/health')).body.load_reduction).toBeNull();
  });
});

describe('tasks on demand', () => {
  const want = (body: object) => change('post', '/api/v1/admin/tasks').send(body);

  it('are noted, done, and on record with their reason', async () => {
    const { body } = await want({ kind: 'optimize_boundaries', symbol: 'btcusdt', reason: 'the guide says so' }).expect(
      200,
    );
    expect(body).toEqual({ kind: 'optimize_boundaries', symbol: 'BTCUSDT', answer: 'accepted' });
    const ended = await eventually(
      async () => {
        const { rows } = await database().query(
          `SELECT kind, outcome, detail FROM regime_tasks WHERE reason = 'the guide says so'`,
        );
        expect(rows).toHaveLength(1);
        return rows[0];
      },
      { timeoutMs: 15_000 },
    );
    expect(ended).toEqual({
      kind: 'optimize_boundaries',
      outcome: 'done',
      detail: { takenWithTheNextCandleOf: ['BTCUSDT'] },
    });
  }, 30_000);

  it.each([
    { body: { kind: 'recalibrate' }, status: 400, code: 'BAD_REQUEST' },
    { body: {}, status: 400, code: 'BAD_REQUEST' },
    { body: { kind: 'audit', symbol: 'NOPEUSDT' }, status: 404, code: 'SYMBOL_UNKNOWN' },
    { body: { kind: 'audit', urgency: 5 }, status: 400, code: 'BAD_REQUEST' },
  ])('are refused by name: $body', async ({ body, status, code }) => {
    expect((await want(body).expect(status)).body.error.code).toBe(code);
  });
});
