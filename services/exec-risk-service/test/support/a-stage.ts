import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SignalGenerated } from '@qt/contracts';
import { createDatabase, DeadLetterRepository, InboxRepository, OutboxRepository } from '@qt/database';
import { createRedisEventBus } from '@qt/event-bus';
import { uuidOf, wallClock } from '@qt/kernel';
import {
  aDatabase,
  type RunningSimulator,
  type RunningStore,
  type ServiceProcess,
  silentLogger,
  spawnService,
  startRedis,
  startService,
  startSimulator,
} from '@qt/testing';

const run = promisify(execFile);
export const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] as const;
const INTERVAL_MS = 60_000;
/** Checked without ai-service and analytics-os-service, whose inboxes and event store are missing here. */
const CHECKED = ['I1', 'I2', 'I3', 'I4', 'I6', 'I7', 'I8'];

export interface Verdict {
  readonly id: string;
  readonly holds: boolean;
  readonly detail: string;
}

export interface SignalWish {
  readonly symbol?: string;
  readonly direction?: 'long' | 'short';
  readonly horizonCandles?: number;
  readonly volatilityRatio?: number;
}

/** Real Redis, real Postgres, the simulated venue in lock-step, and exec-risk-service as a process; the test plays ai-service. */
export const aStage = async (
  options: {
    readonly simulator?: Record<string, string>;
    /** A database of the test's own making; one on the cluster of the whole run when left out. */
    readonly database?: () => Promise<RunningStore>;
  } = {},
) => {
  const folder = mkdtempSync(join(tmpdir(), 'qt-exec-'));
  const ledgerPath = join(folder, 'ledger.jsonl');
  const [store, redis, simulator] = await Promise.all([
    (options.database ?? aDatabase)(),
    startRedis(),
    startSimulator({
      env: {
        SIM_SPEED: 'stepped',
        SIM_MARKET: 'generated',
        SIM_SYMBOLS: SYMBOLS.join(','),
        SIM_INTERVAL: '1m',
        SIM_SEED: '7',
        SIM_START_MS: '1700000000000',
        SIM_LEDGER_FILE: ledgerPath,
        ...options.simulator,
      },
    }),
  ]);
  const database = createDatabase({ url: store.url, applicationName: 'exec-risk-test' });
  await database.start();
  const ai = createRedisEventBus({
    redisUrl: redis.url,
    source: 'ai-service',
    outbox: new OutboxRepository(database, wallClock),
    inbox: new InboxRepository(database, wallClock),
    deadLetters: new DeadLetterRepository(database, wallClock),
    clock: wallClock,
    logger: silentLogger,
  });
  await ai.start();
  return new Stage({ store, redis, simulator, database, ai, ledgerPath, folder });
};

interface Parts {
  readonly store: Awaited<ReturnType<typeof aDatabase>>;
  readonly redis: Awaited<ReturnType<typeof startRedis>>;
  readonly simulator: RunningSimulator;
  readonly database: ReturnType<typeof createDatabase>;
  readonly ai: ReturnType<typeof createRedisEventBus>;
  readonly ledgerPath: string;
  readonly folder: string;
}

export class Stage {
  readonly #parts: Parts;
  exec: ServiceProcess | null = null;
  #published = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get simulator(): RunningSimulator {
    return this.#parts.simulator;
  }

  get database(): Parts['database'] {
    return this.#parts.database;
  }

  get env(): Record<string, string> {
    const { store, redis, simulator, folder } = this.#parts;
    return {
      DATABASE_URL: store.url,
      REDIS_URL: redis.url,
      VENUE_REST_URL: simulator.restUrl,
      VENUE_WS_URL: simulator.wsUrl,
      BINANCE_API_KEY: simulator.apiKey,
      BINANCE_API_SECRET: simulator.apiSecret,
      CLOCK: 'market',
      SYMBOLS: SYMBOLS.join(','),
      INTERVAL: '1m',
      LOG_LEVEL: 'info',
      DRAIN_DIR: folder,
      OPERATOR_KEY: 'operator-key-of-this-test',
      ORDER_DEADLINE_MS: '1500',
    };
  }

  async startExec(env: Record<string, string> = {}): Promise<ServiceProcess> {
    this.exec = await startService('exec-risk-service', { ...this.env, ...env });
    return this.exec;
  }

  /** Starts it without waiting until it is ready. */
  async spawnExec(env: Record<string, string> = {}): Promise<ServiceProcess> {
    return spawnService('exec-risk-service', { ...this.env, ...env });
  }

  /** Turns the wheel as an operator with the given key. */
  setMode(mode: string, key = 'operator-key-of-this-test', reason = 'a test wants it'): Promise<Response> {
    return fetch(`${this.exec?.url}/api/v1/control/mode`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ mode, reason }),
    });
  }

  async get(path: string): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.exec?.url}${path}`);
    return (await response.json()) as Record<string, unknown>;
  }

  async idle(query = ''): Promise<void> {
    const response = await fetch(`${this.exec?.url}/idle?timeoutMs=20000${query}`);
    if (!response.ok) throw new Error(`not idle: ${await response.text()}\n${this.exec?.output().slice(-4000)}`);
  }

  /** Walks the market on by whole candles. */
  async advance(candles = 1): Promise<void> {
    for (let index = 0; index < candles; index += 1) {
      const { timeMs } = await this.simulator.control.state();
      const next = (Math.floor(timeMs / INTERVAL_MS) + 1) * INTERVAL_MS;
      await this.simulator.control.advance(next);
      await this.idle();
      await this.simulator.control.close();
    }
  }

  /** Says signals as ai-service would, each recorded before it leaves. */
  async say(...wishes: readonly SignalWish[]): Promise<void> {
    const { timeMs } = await this.simulator.control.state();
    for (const wish of wishes) {
      const symbol = wish.symbol ?? 'BTCUSDT';
      const { direction = 'long', horizonCandles = 5, volatilityRatio = 0.002 } = wish;
      const price = await this.markPrice(symbol);
      this.#published += 1;
      const payload: SignalGenerated = {
        signalId: uuidOf(timeMs, symbol, this.#published),
        symbol,
        interval: '1m',
        direction,
        confidence: 0.7,
        horizonMs: horizonCandles * INTERVAL_MS,
        expiresAtMs: timeMs + INTERVAL_MS,
        candleClosedAtMs: timeMs,
        lastPrice: price,
        volatilityRatio,
        regime: {
          id: 3,
          name: 'low volatility, uptrend',
          volatility: 'low',
          trend: 'up',
          structure: 'trending',
          probability: 0.9,
        },
        ensembleId: `test-${this.#published}`,
        votes: [],
      };
      await this.#parts.ai.transact(async ({ tx, publish }) => {
        await tx.query(
          `INSERT INTO signals (signal_id, symbol, interval, candle_closed_at_ms, direction, confidence, horizon_ms, expires_at_ms,
             last_price, volatility_ratio, regime_id, regime, ensemble_id, votes, correlation_id)
           VALUES ($1, $2, '1m', $3, $4, 0.7, $5, $6, $7, $8, 3, '{}', $9, '[]', $10)`,
          [
            payload.signalId,
            symbol,
            timeMs,
            direction,
            payload.horizonMs,
            payload.expiresAtMs,
            price,
            volatilityRatio,
            payload.ensembleId,
            `chain-${payload.signalId}`,
          ],
        );
        publish(SignalGenerated, {
          occurredAtMs: timeMs,
          correlationId: `chain-${payload.signalId}`,
          causationId: null,
          key: symbol,
          payload,
        });
      });
    }
  }

  /** Waits until exec has handled every signal said, and everything that followed. */
  async settled(): Promise<void> {
    await this.idle(`&source=ai-service&published=signal.generated:${this.#published}`);
    await this.simulator.control.settle();
    await this.idle();
  }

  async markPrice(symbol: string): Promise<string> {
    const response = await fetch(`${this.simulator.restUrl}/fapi/v1/premiumIndex?symbol=${symbol}`);
    return ((await response.json()) as { markPrice: string }).markPrice;
  }

  async rows(sql: string): Promise<Record<string, unknown>[]> {
    return (await this.database.query(sql)).rows;
  }

  /** The independent checker's verdicts on what can be checked here. */
  async invariants(): Promise<readonly Verdict[]> {
    const args = ['packages/cli/bin/qt.mjs', 'invariants', '--json'];
    const books = ['--ledger', this.#parts.ledgerPath, '--database', this.#parts.store.url];
    const { stdout } = await run(process.execPath, [...args, ...books]).catch((error: { stdout: string }) => error);
    return (JSON.parse(stdout) as Verdict[]).filter(({ id }) => CHECKED.includes(id));
  }

  /** The venue's own ledger, as written so far. */
  ledgerText(): string {
    return readFileSync(this.#parts.ledgerPath, 'utf8');
  }

  async close(): Promise<void> {
    const { store, redis, simulator, database, ai, folder } = this.#parts;
    await this.exec?.stop();
    await ai.stop();
    await database.stop();
    await Promise.all([simulator.stop(), redis.stop(), store.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}
