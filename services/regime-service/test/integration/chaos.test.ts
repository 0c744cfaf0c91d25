import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type Database } from '@qt/database';
import {
  aDatabase,
  eventually,
  exitOf,
  type RunningSimulator,
  type RunningStore,
  type ServiceProcess,
  startRedis,
  startService,
  startSimulator,
} from '@qt/testing';
import { aChaosProxy, type ChaosProxy, type Passing } from '../support/chaos-proxy.ts';

const SYMBOL = 'BTCUSDT';
const HISTORY_CANDLES = 300;
/** The state is saved after every 50th candle, and with the warm-up. */
const SNAPSHOT_CANDLES = 50;

const endings: (() => Promise<void>)[] = [];

/** A venue whose market is the same each time, and stores that can be taken away from the service alone. */
interface World {
  readonly simulator: RunningSimulator;
  readonly database: Database;
  readonly postgres: ChaosProxy;
  readonly redis: ChaosProxy;
  start(): Promise<ServiceProcess>;
}

const aWorld = async (): Promise<World> => {
  const env = { SIM_SPEED: 'stepped', SIM_START_MS: String(Date.UTC(2024, 0, 1)), SIM_SYMBOLS: SYMBOL, SIM_SEED: '3' };
  const [simulator, store, server] = [await startSimulator({ env }), await aDatabase(), await startRedis()];
  const [postgres, redis] = [await aChaosProxy(store.url), await aChaosProxy(server.url)];
  const database = createDatabase({ url: store.url, applicationName: 'test', maxConnections: 2 });
  const settings = join(mkdtempSync(join(tmpdir(), 'qt-chaos-')), 'config.yaml');
  writeFileSync(settings, '');
  const stores: readonly RunningStore[] = [store, server];
  endings.push(async () => {
    await database.stop();
    await simulator.stop();
    for (const proxy of [postgres, redis]) await proxy.stop();
    for (const one of stores) await one.stop();
  });
  const start = async (): Promise<ServiceProcess> => {
    const service = await startService('regime-service', {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      CLOCK: 'market',
      SYMBOLS: SYMBOL,
      VENUE_REST_URL: simulator.restUrl,
      VENUE_WS_URL: simulator.wsUrl,
      HISTORY_CANDLES: String(HISTORY_CANDLES),
      REGIME_CONFIG_FILE: settings,
    });
    endings.unshift(() => service.stop());
    return service;
  };
  return { simulator, database, postgres, redis, start };
};

/** Closes candles at the venue; waits for the service to have dealt with each where one is given. */
const step = async ({ simulator }: World, candles: number, service: ServiceProcess | null = null): Promise<void> => {
  for (let candle = 0; candle < candles; candle += 1) {
    const { nextCloseMs } = await simulator.control.state();
    await simulator.control.advance(nextCloseMs!);
    await simulator.control.close();
    if (service !== null) expect((await fetch(`${service.url}/idle`)).status).toBe(200);
  }
};

/** All that was ever said, by candle: what a run with faults must have in common with one without. */
const record = async ({
  database,
}: World): Promise<{ history: unknown[]; transitions: unknown[]; events: unknown[] }> => {
  const of = async (sql: string): Promise<unknown[]> => (await database.query(sql)).rows;
  return {
    history: await of(
      `SELECT open_time_ms, state, regime_id, regime_name, probability, previous_regime_id, dwell_candles, probabilities, cells,
         agreement_ratio, change_within_10_probability, change_within_30_probability, conformal_set, decision, stability_ratio, stability_band
       FROM regime_history ORDER BY open_time_ms`,
    ),
    transitions: await of('SELECT * FROM regime_transitions ORDER BY open_time_ms'),
    events: await of(
      `SELECT type, producer_seq, payload->'regime'->>'id' AS regime_id,
         coalesce(payload->'candle'->>'openTimeMs', payload->>'openTimeMs', payload->>'candleClosedAtMs') AS at_ms
       FROM outbox WHERE type LIKE 'regime.%' OR type LIKE 'candle.%' ORDER BY type, producer_seq`,
    ),
  };
};

/** The record of a run of so many candles in which nothing happened. */
const undisturbed = async (candles: number): Promise<Awaited<ReturnType<typeof record>>> => {
  const world = await aWorld();
  const service = await world.start();
  await step(world, candles, service);
  await service.stop();
  const said = await record(world);
  expect(said.history).toHaveLength(HISTORY_CANDLES + candles);
  return said;
};

interface Health {
  readonly status: string;
  readonly dependencies: Readonly<Record<string, { readonly status: string; readonly detail?: string }>>;
}
const health = async (service: ServiceProcess): Promise<Health> =>
  (await (await fetch(`${service.url}/health`)).json()) as Health;
const schedulerOf = async (
  service: ServiceProcess,
): Promise<{ readonly state: string; readonly detail: string | null }> => {
  const page = await fetch(`${service.url}/api/v1/components/regime_optimization_scheduler`);
  return (await page.json()) as { state: string; detail: string | null };
};

let expected: Awaited<ReturnType<typeof record>>;
const CANDLES = 70;

/** What a run showed while both stores were away, and what it had said in the end. */
interface Outage {
  /** Of the process, from the first moment of the minute to its end. */
  readonly seen: readonly Sight[];
  readonly said: Awaited<ReturnType<typeof record>>;
  readonly exitCode: number | null;
}

/** How the service looks from outside. */
interface Sight {
  readonly health: Health;
  readonly isLive: boolean;
  readonly components: Readonly<Record<string, string>>;
  readonly schedulerDetail: string | null;
  readonly current: number;
  readonly history: { readonly status: number; readonly code: string | undefined };
}

const look = async (service: ServiceProcess): Promise<Sight> => {
  const get = (path: string): Promise<Response> => fetch(`${service.url}${path}`);
  const history = await get(`/api/v1/regime/history?symbol=${SYMBOL}`);
  const { error } = (await history.json()) as { error?: { code: string } };
  const { components } = (await (await get('/api/v1/health')).json()) as Pick<Sight, 'components'>;
  return {
    health: await health(service),
    isLive: (await get('/health/live')).ok,
    components,
    schedulerDetail: (await schedulerOf(service)).detail,
    current: (await get(`/api/v1/regime/current?symbol=${SYMBOL}`)).status,
    history: { status: history.status, code: error?.code },
  };
};

const AWAY_MS = 60_000;
/** One after the start of the minute, one in the middle, one close to its end. */
const LOOKS_AT_MS = [8_000, 30_000, 57_000];

/** Takes Postgres and Redis away from a service for a minute, in which the market goes on. */
const aMinuteWithoutStores = async (): Promise<Outage> => {
  const world = await aWorld();
  const service = await world.start();
  await step(world, 20, service);
  const startedMs = performance.now();
  const until = (ms: number): Promise<void> => sleep(Math.max(0, startedMs + ms - performance.now()));
  for (const proxy of [world.postgres, world.redis]) proxy.takeAway();
  const seen: Sight[] = [];
  const knowsIt = async (): Promise<boolean> => {
    const { components, schedulerDetail, health: said } = await look(service);
    const areFailed = components['postgres'] === 'failed' && components['redis'] === 'failed';
    return areFailed && schedulerDetail !== null && said.dependencies['market_feed']?.status === 'degraded';
  };
  for (const atMs of LOOKS_AT_MS) {
    await step(world, 8);
    await until(atMs);
    await eventually(knowsIt, { timeoutMs: 15_000 });
    seen.push(await look(service));
  }
  await until(AWAY_MS);
  for (const proxy of [world.postgres, world.redis]) proxy.restore();
  const isUp = async (): Promise<boolean> => (await health(service)).status === 'healthy';
  await eventually(isUp, { timeoutMs: 30_000 });
  await step(world, CANDLES - 44, service);
  const isRelayed = async (): Promise<boolean> =>
    (await world.database.query('SELECT 1 FROM outbox WHERE relayed_at_ms IS NULL')).rowCount === 0;
  await eventually(isRelayed, { timeoutMs: 30_000 });
  await eventually(async () => (await schedulerOf(service)).state === 'running', { timeoutMs: 30_000 });
  seen.push(await look(service));
  await service.stop();
  return { seen, said: await record(world), exitCode: await service.exited() };
};

/** Begun with the file: the other tests run while it waits. */
let outage: Promise<Outage>;

beforeAll(async () => {
  expected = await undisturbed(CANDLES);
  outage = aMinuteWithoutStores();
  // Told of by its test.
  outage.catch(() => undefined);
}, 120_000);
afterAll(async () => {
  for (const end of endings) await end();
}, 60_000);

/** Of all that is written, only an engine's state has it. */
const STATE = 'intervalMs';
/** Where in the writing of a state the process is killed. */
const moments: { readonly name: string; readonly at: () => (passing: Passing) => 'kill' | 'kill_after' | 'pass' }[] = [
  {
    name: 'before the state reaches Postgres',
    at: () => (passing) => (passing.to === 'store' && passing.bytes.includes(STATE) ? 'kill' : 'pass'),
  },
  {
    name: 'when a part of the state has reached Postgres',
    at: () => (passing) => (passing.to === 'store' && passing.bytes.includes(STATE) ? 'kill_after' : 'pass'),
  },
  {
    name: 'when it is committed and the answer is lost',
    at: () => {
      let isWriting = false;
      return ({ to, bytes }) => {
        if (to === 'store' && bytes.includes(STATE)) isWriting = true;
        return isWriting && to === 'client' && bytes.includes('COMMIT') ? 'kill' : 'pass';
      };
    },
  },
];

describe('kill -9 while a state is written', () => {
  it.each(moments)(
    '$name: the next run says what one that was never interrupted says',
    async ({ at }) => {
      const world = await aWorld();
      const first = await world.start();
      await step(world, SNAPSHOT_CANDLES - 1, first);
      const look = at();
      let isKilled = false;
      world.postgres.watch((passing) => {
        const verdict = isKilled ? 'pass' : look(passing);
        if (verdict === 'pass') return 'pass';
        isKilled = true;
        first.child.kill('SIGKILL');
        return verdict === 'kill' ? 'swallow' : 'pass';
      });
      let closed = SNAPSHOT_CANDLES - 1;
      for (; closed < CANDLES && !isKilled; closed += 1) {
        await step(world, 1);
        await Promise.race([exitOf(first.child), fetch(`${first.url}/idle`).catch(() => undefined)]);
      }
      expect(isKilled).toBe(true);
      expect((await exitOf(first.child)).signal).toBe('SIGKILL');
      world.postgres.watch(null);

      const second = await world.start();
      await step(world, CANDLES - closed, second);
      await second.stop();
      expect(await record(world)).toEqual(expected);
    },
    120_000,
  );
});

describe('stores that go away', () => {
  // Each alone for some seconds; both for a minute below.
  const away = (): Promise<void> => sleep(4_000);

  it('Postgres: candles wait, the component says so, and nothing is lost or doubled', async () => {
    const world = await aWorld();
    const service = await world.start();
    await step(world, 20, service);
    world.postgres.takeAway();
    await step(world, 10);
    await eventually(async () => (await health(service)).dependencies['market_feed']?.status === 'degraded', {
      timeoutMs: 10_000,
    });
    const said = await health(service);
    expect(said.status).not.toBe('healthy');
    expect(JSON.stringify(said)).toMatch(/candles cannot be stored/);
    await away();
    world.postgres.restore();
    await step(world, CANDLES - 30, service);
    expect((await health(service)).dependencies['market_feed']?.status).toBe('up');
    await service.stop();
    expect(await record(world)).toEqual(expected);
  }, 120_000);

  it('Redis: candles go on, events and tasks wait, the components say so, and everything arrives once', async () => {
    const world = await aWorld();
    const service = await world.start();
    await step(world, 20, service);
    world.redis.takeAway();
    await step(world, 10);
    await eventually(async () => (await schedulerOf(service)).state === 'degraded', { timeoutMs: 10_000 });
    expect((await schedulerOf(service)).detail).toMatch(/^Redis cannot be reached since/);
    await eventually(async () => (await record(world)).history.length === HISTORY_CANDLES + 30, { timeoutMs: 10_000 });
    const { rows: waiting } = await world.database.query('SELECT 1 FROM outbox WHERE relayed_at_ms IS NULL');
    expect(waiting.length).toBeGreaterThan(0);
    await away();
    world.redis.restore();
    await step(world, CANDLES - 30, service);
    await eventually(async () => (await schedulerOf(service)).state === 'running', { timeoutMs: 10_000 });
    await eventually(
      async () => (await world.database.query('SELECT 1 FROM outbox WHERE relayed_at_ms IS NULL')).rowCount === 0,
      { timeoutMs: 10_000 },
    );
    await service.stop();
    expect(await record(world)).toEqual(expected);
  }, 120_000);

  it('both for a minute: the service stays, says what is away, answers what it can, and goes on as if nothing had been', async () => {
    const { seen, said, exitCode } = await outage;
    const [after, ...during] = seen.toReversed();
    expect(during).toHaveLength(LOOKS_AT_MS.length);
    for (const sight of during) {
      expect(sight).toMatchObject({
        isLive: true,
        current: 200,
        history: { status: 503, code: 'POSTGRES_UNREACHABLE' },
        components: { postgres: 'failed', redis: 'failed', regime_optimization_scheduler: 'degraded' },
      });
      expect(sight.health.status).toBe('degraded');
      expect(sight.health.dependencies).toMatchObject({
        postgres: { status: 'down' },
        redis: { status: 'down' },
        market_feed: { status: 'degraded' },
      });
      expect(sight.health.dependencies['market_feed']?.detail).toMatch(/^candles cannot be stored/);
      expect(sight.schedulerDetail).toMatch(/^Redis cannot be reached since/);
    }
    expect(after).toMatchObject({
      health: { status: 'healthy' },
      components: { postgres: 'running', redis: 'running', regime_optimization_scheduler: 'running' },
      history: { status: 200 },
    });
    expect(said).toEqual(expected);
    expect(exitCode).toBe(0);
  }, 180_000);
});
