import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type Database } from '@qt/database';
import {
  aDatabase,
  eventually,
  freePort,
  type RunningSimulator,
  type RunningStore,
  type ServiceProcess,
  spawnService,
  startRedis,
  startService,
  startSimulator,
} from '@qt/testing';
import type { DryRunReport } from '../../src/dry-run.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const OPERATOR_KEY = 'an-operator-key-of-the-tests';

let redis: RunningStore;
const stores: RunningStore[] = [];
const services: ServiceProcess[] = [];
const simulators: RunningSimulator[] = [];

interface World {
  readonly environment: Record<string, string>;
  readonly simulator: RunningSimulator;
  readonly database: Database;
  readonly logs: string;
  readonly settings: string;
}

/** A venue, a database, settings and a log folder of one test's own. The venue's market is the same each time. */
const aWorld = async (settings = ''): Promise<World> => {
  const folder = mkdtempSync(join(tmpdir(), 'qt-regime-'));
  const logs = join(folder, 'logs');
  const path = join(folder, 'config.yaml');
  writeFileSync(path, settings);
  const env = {
    SIM_SPEED: 'stepped',
    SIM_START_MS: String(Date.UTC(2024, 0, 1)),
    SIM_SYMBOLS: SYMBOLS.join(','),
    SIM_SEED: '3',
  };
  const simulator = await startSimulator({ env });
  simulators.push(simulator);
  const postgres = await aDatabase();
  stores.push(postgres);
  const database = createDatabase({ url: postgres.url, applicationName: 'test' });
  const environment = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    CLOCK: 'market',
    SYMBOLS: SYMBOLS.join(','),
    VENUE_REST_URL: simulator.restUrl,
    VENUE_WS_URL: simulator.wsUrl,
    HISTORY_CANDLES: '300',
    OPERATOR_KEY,
    REGIME_CONFIG_FILE: path,
    LOG_DIR: logs,
  };
  return { environment, simulator, database, logs, settings: path };
};

const startRegime = async ({ environment }: World): Promise<ServiceProcess> => {
  const service = await startService('regime-service', environment);
  services.push(service);
  return service;
};

const step = async ({ simulator }: World, candles: number, service: ServiceProcess | null): Promise<void> => {
  for (let candle = 0; candle < candles; candle += 1) {
    const { nextCloseMs } = await simulator.control.state();
    await simulator.control.advance(nextCloseMs!);
    await simulator.control.close();
    if (service !== null) expect((await fetch(`${service.url}/idle`)).status).toBe(200);
  }
};

/** Runs a command of the guide with its folder moved to the test's. */
const guide = (command: string, { logs }: World): string =>
  execFileSync('sh', ['-c', command.replaceAll('/var/log/adaptive_regime', logs)], { encoding: 'utf8' });

/** What the tests look at of any page. */
interface Page {
  readonly state: string;
  readonly openTimeMs: number;
  readonly restart_needed: readonly string[];
  readonly settings: { readonly detection: { readonly transition: { readonly level_margin_ratio: number } } };
}

const page = async (service: ServiceProcess, path: string, init?: RequestInit): Promise<Page> =>
  (await (await fetch(`${service.url}/api/v1/${path}`, init)).json()) as Page;

beforeAll(async () => {
  redis = await startRedis();
}, 60_000);
afterAll(async () => {
  for (const service of services) await service.stop();
  for (const simulator of simulators) await simulator.stop();
  for (const store of stores) await store.stop();
  await redis.stop();
}, 60_000);

describe('regime-service as a process', () => {
  it('goes on after kill -9 bit for bit like a run that was never interrupted', async () => {
    const records = async ({ database }: World): Promise<readonly unknown[]> => {
      const { rows } = await database.query(
        `SELECT symbol, open_time_ms, state, regime_id, regime_name, probability, previous_regime_id, dwell_candles, probabilities, cells,
           agreement_ratio, change_within_10_probability, change_within_30_probability, conformal_set, decision, stability_ratio, stability_band
         FROM regime_history ORDER BY symbol, open_time_ms`,
      );
      await database.stop();
      return rows;
    };
    const broken = await aWorld();
    const first = await startRegime(broken);
    await step(broken, 60, first);
    await first.kill();
    await step(broken, 5, null);
    const second = await startRegime(broken);
    await step(broken, 30, second);
    // In the middle of a candle's way.
    await step(broken, 1, null);
    await second.kill();
    const third = await startRegime(broken);
    await step(broken, 30, third);
    await third.stop();

    const whole = await aWorld();
    const only = await startRegime(whole);
    await step(whole, 126, only);
    await only.stop();

    const expected = await records(whole);
    expect(expected).toHaveLength(SYMBOLS.length * (300 + 126));
    expect(await records(broken)).toEqual(expected);
  }, 120_000);

  it("writes the logs that the guide's commands look through, and says slow queries and answers", async () => {
    const world = await aWorld('logging: { slow_query_ms: 0, slow_request_ms: 0 }');
    const service = await startRegime(world);
    for (let rounds = 0; rounds < 20; rounds += 1) {
      await step(world, 30, service);
      if (/^regime_transitions_total\{.*\} [1-9]/m.test(await (await fetch(`${service.url}/metrics`)).text())) break;
    }
    writeFileSync(world.settings, 'nope: 1');
    await eventually(async () => (await page(service, 'components/configuration_manager')).state === 'degraded');
    await eventually(
      () => existsSync(join(world.logs, 'error.log')) && readFileSync(join(world.logs, 'error.log')).length > 0,
    );

    const changes = guide('grep "Regime changed" /var/log/adaptive_regime/system.log', world);
    expect(changes).toMatch(/^\S+Z INFO intelligent_transition_manager Regime changed \{"symbol":"\w+USDT",/m);
    const linesOf = (text: string): readonly string[] => text.split('\n').slice(0, -1);
    const all = linesOf(guide(`grep "Query took" /var/log/adaptive_regime/performance.log`, world));
    const timed = linesOf(guide(`grep "Query took" /var/log/adaptive_regime/performance.log | awk '$4 > 0'`, world));
    expect(all.length).toBeGreaterThan(0);
    // The service works on: the later look may find more.
    expect(timed.slice(0, all.length)).toEqual(all);
    guide(`grep "Query took" /var/log/adaptive_regime/performance.log | awk '$4 > 100'`, world);
    // The slowest page: sorted by the same field.
    const slowest = guide(
      `grep "Request took" /var/log/adaptive_regime/performance.log | sort -k4 -nr | head -1`,
      world,
    );
    expect(slowest).toMatch(/ Request took [\d.]+ ms: GET \/api\/v1\/components\/\{name\} 200$/m);
    const patterns = guide(
      `grep ERROR /var/log/adaptive_regime/error.log | cut -d' ' -f5- | sort | uniq -c | sort -nr`,
      world,
    );
    expect(patterns).toMatch(/^ +1 configuration not taken, the one before stays$/m);
    await service.stop();
  }, 120_000);

  it('debugs one component on request, and no other', async () => {
    const world = await aWorld();
    const service = await startRegime(world);
    const body = JSON.stringify({ component: 'base_regime_detector', level: 'DEBUG' });
    const headers = { authorization: `Bearer ${OPERATOR_KEY}`, 'content-type': 'application/json' };
    expect((await fetch(`${service.url}/api/v1/debug/enable`, { method: 'POST', body, headers })).status).toBe(200);
    await step(world, 2, service);
    await eventually(() => /DEBUG base_regime_detector/.test(readFileSync(join(world.logs, 'system.log'), 'utf8')));
    const others = guide(`awk '$2 == "DEBUG" {print $3}' /var/log/adaptive_regime/system.log | sort -u`, world);
    expect(others).toBe('base_regime_detector\n');
    await service.stop();
  }, 60_000);

  it("is found by the guide's pgrep, reads its settings again on SIGHUP and writes its heap on SIGUSR1, once a minute, and goes on with its work", async () => {
    const world = await aWorld();
    const service = await startRegime(world);
    const found = execFileSync('pgrep', ['-f', 'adaptive_regime'], { encoding: 'utf8' }).split('\n');
    expect(found).toContain(String(service.pid));
    await step(world, 3, service);
    writeFileSync(world.settings, 'detection: { warmup_candles: 250, transition: { level_margin_ratio: 0.4 } }');
    service.child.kill('SIGHUP');
    await eventually(async () => {
      const { settings, restart_needed } = await page(service, 'config');
      expect(settings.detection.transition.level_margin_ratio).toBe(0.4);
      expect(restart_needed).toEqual(['detection.warmup_candles']);
    });
    const before = (await page(service, 'regime/current?symbol=BTCUSDT')).openTimeMs;
    service.child.kill('SIGUSR1');
    await eventually(
      () =>
        expect(readFileSync(join(world.logs, 'memory_profile.log'), 'utf8')).toMatch(
          /^\S+Z rss=\d+ heap_used=\d+ heap_total=\d+ external=\d+ array_buffers=\d+ snapshot=\S+\.heapsnapshot took_ms=\d+\n$/,
        ),
      { timeoutMs: 20_000 },
    );
    const snapshots = readdirSync(world.logs).filter((name) => name.endsWith('.heapsnapshot'));
    expect(snapshots).toHaveLength(1);
    // A second one at once is refused: each stops the process for seconds.
    service.child.kill('SIGUSR1');
    await eventually(() => service.output().includes('HEAP_SNAPSHOT_REFUSED'));
    expect(readdirSync(world.logs).filter((name) => name.includes('.heapsnapshot'))).toEqual(snapshots);
    await step(world, 1, service);
    expect((await page(service, 'regime/current?symbol=BTCUSDT')).openTimeMs).toBe(before + 60_000);
    await service.stop();
    expect(await service.exited()).toBe(0);
  }, 60_000);

  it('answers the regime now the short way as it does the long way', async () => {
    const world = await aWorld();
    const service = await startRegime(world);
    await step(world, 2, service);
    const ask = async (path: string) => {
      const response = await fetch(`${service.url}/api/v1/regime/current${path}`);
      const names = ['content-type', 'x-content-type-options', 'x-frame-options'];
      return {
        status: response.status,
        headers: names.map((name) => response.headers.get(name)),
        body: await response.text(),
      };
    };
    // A question that is not plain goes the way of all pages.
    expect(await ask('?symbol=ethusdt')).toEqual(await ask('?symbol=ETHUSDT&interval=1m'));
    expect(await ask('')).toEqual(await ask('?interval=1m'));
    expect(JSON.parse((await ask('?symbol=BTCUSDT')).body)).toMatchObject({ symbol: 'BTCUSDT', state: 'ready' });
    expect((await ask('?symbol=NOPEUSDT')).status).toBe(404);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toContain('regime_requests_total{route="/api/v1/regime/current",status="200"} 5');
    await service.stop();
  }, 60_000);

  it('ends with 78 and everything that is wrong when its settings are', async () => {
    const world = await aWorld('api: 5\nnope: 1');
    const service = await spawnService('regime-service', world.environment);
    services.push(service);
    expect(await service.exited()).toBe(78);
    expect(service.output()).toMatch(/CONFIG_INVALID: the configuration \S+ has 2 faults:\n {2}- .*\n {2}- /);
  }, 30_000);
});

describe('DRY_RUN=1', () => {
  const run = async (world: World, change: Record<string, string> = {}, args: readonly string[] = []) => {
    const service = await spawnService('regime-service', { ...world.environment, ...change, DRY_RUN: '1' }, args);
    services.push(service);
    return { code: await service.exited(), output: service.output() };
  };

  it('tries everything, classifies live history, reports, and writes and publishes nothing', async () => {
    const world = await aWorld();
    const named = join(mkdtempSync(join(tmpdir(), 'qt-regime-')), 'new_config.yaml');
    writeFileSync(named, 'detection: { transition: { level_margin_ratio: 0.45 } }');
    const { code, output } = await run(world, {}, ['--config', named]);
    expect(output).toContain('dry run: everything a start needs is there');
    expect(code).toBe(0);
    const report = JSON.parse(output.trim().split('\n').at(-1) ?? '') as DryRunReport;
    expect(report.configuration).toMatchObject({ file: named, is_valid: true });
    expect(report.configuration.settings.detection.transition.level_margin_ratio).toBe(0.45);
    expect(report.venue.stream.is_open).toBe(true);
    expect(report.markets).toHaveLength(SYMBOLS.length);
    for (const market of report.markets)
      expect(market).toMatchObject({ candles: 300, state: 'ready', refused: {}, saved_state: 'there is none' });
    const { rows } = await world.database.query(
      `SELECT (SELECT count(*)::int FROM candles) + (SELECT count(*)::int FROM regime_history) + (SELECT count(*)::int FROM outbox)
         + (SELECT count(*)::int FROM regime_snapshots) AS rows`,
    );
    expect(rows).toEqual([{ rows: 0 }]);
    expect(existsSync(world.logs)).toBe(false);
    await world.database.stop();
  }, 60_000);

  it('ends with 78 when the settings are wrong, or the arguments', async () => {
    const world = await aWorld('nope: 1\napi: 2');
    const wrong = await run(world);
    expect(wrong.code).toBe(78);
    expect(wrong.output).toMatch(/has 2 faults/);
    const unknown = await run(world, {}, ['--loud']);
    expect(unknown.code).toBe(78);
    expect(unknown.output).toMatch(/ARGUMENTS_INVALID/);
    await world.database.stop();
  }, 60_000);

  it('ends with 69 when Postgres, Redis or the venue is away', async () => {
    const world = await aWorld();
    const nowhere = await freePort();
    for (const change of [
      { DATABASE_URL: `postgres://user:secret@127.0.0.1:${nowhere}/db` },
      { REDIS_URL: `redis://127.0.0.1:${nowhere}` },
      { VENUE_REST_URL: `http://127.0.0.1:${nowhere}`, VENUE_WS_URL: `ws://127.0.0.1:${nowhere}` },
    ])
      expect((await run(world, change)).code).toBe(69);
    await world.database.stop();
  }, 90_000);
});
