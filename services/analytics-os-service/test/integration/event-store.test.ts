import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as contracts from '@qt/contracts';
import { createDatabase, type Database, DeadLetterRepository, InboxRepository, OutboxRepository } from '@qt/database';
import { createRedisEventBus, type EventBus } from '@qt/event-bus';
import { wallClock } from '@qt/kernel';
import { aDatabase, eventually, type RunningStore, silentLogger, startRedis, startService } from '@qt/testing';

type RunningService = Awaited<ReturnType<typeof startService>>;

const OPERATOR_KEY = 'an operator key of some length';
const NOT_STORED = new Set(['service.heartbeat']);
const folder = new URL('../../../../packages/contracts/fixtures/', import.meta.url);
const examples = readdirSync(folder).map((file) => ({
  type: file.replace(/\.v\d+\.json$/, ''),
  payload: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as unknown,
}));
const exported: readonly unknown[] = Object.values(contracts);
const definitionOf = (type: string): contracts.EventDefinition =>
  exported.find(
    (value): value is contracts.EventDefinition =>
      typeof value === 'object' && value !== null && 'payload' in value && 'type' in value && value.type === type,
  )!;

let postgres: RunningStore;
let redis: RunningStore;
let database: Database;
let bus: EventBus;
let analytics: RunningService;

/** Says one example of every event, as one producer would. */
const sayAll = (occurredAtMs: number): Promise<void> =>
  bus.transact(async ({ publish }) => {
    for (const { type, payload } of examples.filter((example) => !NOT_STORED.has(example.type))) {
      publish(definitionOf(type), { occurredAtMs, correlationId: 'c', causationId: null, key: 'BTCUSDT', payload });
    }
  });

const count = async (sql: string): Promise<number> =>
  Number((await database.query<{ count: string }>(`SELECT count(*) AS count FROM ${sql}`)).rows[0]?.count);
const page = async (path: string, init?: RequestInit): Promise<{ status: number; body: Record<string, unknown> }> => {
  const response = await fetch(`${analytics.url}${path}`, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

beforeAll(async () => {
  [postgres, redis] = await Promise.all([aDatabase(), startRedis()]);
  database = createDatabase({ url: postgres.url, applicationName: 'test' });
  bus = createRedisEventBus({
    redisUrl: redis.url,
    source: 'exec-risk-service',
    outbox: new OutboxRepository(database, wallClock),
    inbox: new InboxRepository(database, wallClock),
    deadLetters: new DeadLetterRepository(database, wallClock),
    clock: wallClock,
    logger: silentLogger,
  });
  await database.start();
  await bus.start();
  analytics = await startService('analytics-os-service', {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    OPERATOR_KEY,
  });
  await sayAll(Date.UTC(2024, 0, 31, 23, 59));
  await sayAll(Date.UTC(2024, 1, 1));
  const told = examples.length - NOT_STORED.size;
  await eventually(async () => expect(await count('events')).toBe(2 * told));
}, 60_000);

afterAll(async () => {
  await analytics?.stop();
  await bus?.stop();
  await database?.stop();
  await Promise.all([postgres?.stop(), redis?.stop()]);
}, 30_000);

describe('analytics-os-service', () => {
  it('stores every kind of event as it was said, in the partition of its market day', async () => {
    expect(await count('events e JOIN outbox o ON o.id = e.event_id WHERE o.payload::text = e.payload::text')).toBe(
      await count('outbox'),
    );
    expect(await count('events_20240131')).toBe(await count('events_20240201'));
  });

  it('adds closed positions to their day, fees and funding included', async () => {
    const { body } = await page('/api/v1/performance?days=366');
    expect(body['daily']).toEqual([
      expect.objectContaining({
        day: '2023-12-01',
        symbol: 'BTCUSDT',
        positionsClosed: 2,
        wins: 2,
        losses: 0,
        realizedPnlUsdt: '90.5150',
        feesUsdt: '3.0606',
        fundingUsdt: '-0.38',
        netPnlUsdt: '87.0744',
      }),
    ]);
  });

  it('shows the account and the open alerts on /health, and says what does not exist yet', async () => {
    await eventually(async () => {
      const { status, body } = await page('/health');
      expect(status).toBe(200);
      expect(body).toMatchObject({
        ai_hfos_enabled: false,
        portfolio_state: { total_value_usd: '10011.7439', positions_count: 1 },
        service_health: { ai_service: 'missing' },
      });
      expect(body['alerts']).toHaveLength(4);
    });
  });

  it('resolves an alert only for the operator', async () => {
    const { body } = await page('/api/v1/alerts');
    const [alert] = body['alerts'] as readonly { alertId: string }[];
    const path = `/api/v1/alerts/${alert!.alertId}/resolve`;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${OPERATOR_KEY}` };
    const post = (extra: RequestInit) => page(path, { method: 'POST', ...extra });
    const asked = { headers, body: JSON.stringify({ actor: 'ada' }) };

    expect((await post({ ...asked, headers: { 'content-type': 'application/json' } })).status).toBe(401);
    expect((await post({ ...asked, headers: { ...headers, authorization: 'Bearer wrong' } })).status).toBe(401);
    expect((await post({ ...asked, body: '{"actor":""}' })).status).toBe(400);
    expect((await post(asked)).status).toBe(200);
    expect((await post(asked)).status).toBe(404);
    expect(await count('alerts WHERE resolved_by IS NOT NULL')).toBe(1);
  });

  it('writes changes of the trading mode into the audit log', async () => {
    expect(await count("audit_log WHERE actor = 'risk-gate' AND reason = 'daily loss limit'")).toBe(2);
  });

  it('refuses bad queries with a sentence', async () => {
    const { status, body } = await page('/api/v1/performance?days=many');
    expect(status).toBe(400);
    expect(body['error']).toEqual({ code: 'BAD_REQUEST', message: 'expected days as a whole number from 1 to 366' });
  });
});
