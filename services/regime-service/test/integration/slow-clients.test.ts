import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  aDatabase,
  eventually,
  type RunningSimulator,
  type RunningStore,
  type ServiceProcess,
  startRedis,
  startService,
  startSimulator,
} from '@qt/testing';

const SLOW_CLIENTS = 30;
/** On one connection: the system itself keeps the first of them, in buffers that are not the service's. */
const ASKS = 6;
/** What all clients together may leave unread. */
const MAX_HELD_BYTES = 32_000_000;
const PAGE = '/api/v1/regime/history?symbol=BTCUSDT&limit=1000';

let redis: RunningStore;
let postgres: RunningStore;
let simulator: RunningSimulator;
let service: ServiceProcess;
const sockets: Socket[] = [];

beforeAll(async () => {
  redis = await startRedis();
  postgres = await aDatabase();
  const env = { SIM_SPEED: 'stepped', SIM_START_MS: String(Date.UTC(2024, 0, 1)), SIM_SYMBOLS: 'BTCUSDT' };
  simulator = await startSimulator({ env });
  service = await startService('regime-service', {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    CLOCK: 'market',
    SYMBOLS: 'BTCUSDT',
    VENUE_REST_URL: simulator.restUrl,
    VENUE_WS_URL: simulator.wsUrl,
    HISTORY_CANDLES: '1100',
    NODE_OPTIONS: '--max-semi-space-size=8',
  });
}, 90_000);
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  for (const one of [service, simulator, postgres, redis]) await one.stop();
}, 60_000);

/** What two figures were at the same moment: bytes that clients owe to read, and how many clients were cut off. */
const figures = async (): Promise<{ readonly heldBytes: number; readonly cutOff: number }> => {
  const lines = (await (await fetch(`${service.url}/metrics`)).text()).split('\n');
  const figure = (name: string): number =>
    Number(
      lines
        .find((one) => one.startsWith(`${name} `))
        ?.split(' ')
        .at(-1) ?? 0,
    );
  return {
    heldBytes: figure('regime_unread_answers_bytes'),
    cutOff: figure('regime_errors_total{code="CLIENT_TOO_SLOW"}'),
  };
};

/** Asks for a thousand candles some times and reads a byte a second. */
const aSlowClient = (): void => {
  const socket = connect(service.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write(`GET ${PAGE} HTTP/1.1\r\nHost: regime\r\n\r\n`.repeat(ASKS));
  const timer = setInterval(() => socket.read(1), 1_000);
  socket.once('close', () => clearInterval(timer));
};

describe('clients that ask for history and read a byte a second', () => {
  it('hold little of the memory, keep nobody else from reading, and are cut off', async () => {
    const answer = await (await fetch(`${service.url}${PAGE}`)).text();
    expect(answer.length * SLOW_CLIENTS * ASKS).toBeGreaterThan(5 * MAX_HELD_BYTES);
    for (let client = 0; client < SLOW_CLIENTS; client += 1) aSlowClient();
    const held: number[] = [];
    await eventually(
      async () => {
        const { heldBytes, cutOff } = await figures();
        held.push(heldBytes);
        return cutOff > SLOW_CLIENTS / 5;
      },
      { timeoutMs: 60_000 },
    );
    // It was full, and never more than that.
    expect(Math.max(...held)).toBeGreaterThan(MAX_HELD_BYTES / 2);
    expect(Math.max(...held)).toBeLessThanOrEqual(MAX_HELD_BYTES);
    // Whoever reads is served while the others still do not.
    const read = await eventually(async () => {
      const response = await fetch(`${service.url}${PAGE}`);
      return response.status === 200 && response.text();
    });
    expect(read).toBe(answer);
    expect((await fetch(`${service.url}/health`)).status).toBe(200);
  }, 120_000);
});
