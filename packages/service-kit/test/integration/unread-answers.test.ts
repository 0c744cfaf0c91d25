import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, silentLogger } from '@qt/testing';
import { HttpServer, Metrics } from '../../src/index.ts';

const ANSWER_BYTES = 8_000_000;
const LARGE = Buffer.alloc(ANSWER_BYTES, 'x');
const HUGE = Buffer.alloc(40_000_000, 'x');
const MEDIUM = Buffer.alloc(1_500_000, 'x');

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

/** A server with one large page, and what it counts of clients that it cut off. */
const aServer = async (limits: { readonly maxMs: number; readonly maxBytes: number }) => {
  const metrics = new Metrics('a-service');
  const server = new HttpServer({
    host: '127.0.0.1',
    port: 0,
    view: { service: 'a-service', version: '1', components: [], state: () => 'running' },
    metrics,
    logger: silentLogger,
    unread: limits,
    routes: (router) => {
      router.get('/large', (_request, response) => void response.send(LARGE));
      router.get('/huge', (_request, response) => void response.send(HUGE));
      router.get('/medium', (_request, response) => void response.send(MEDIUM));
    },
  });
  await server.start();
  endings.push(() => server.stop());
  const cutOff = async (): Promise<number> => {
    const found = /errors_total\{code="CLIENT_TOO_SLOW"\} (\d+)/.exec(await metrics.registry.metrics());
    return Number(found?.[1] ?? 0);
  };
  return { url: server.url, port: Number(new URL(server.url).port), cutOff };
};

/** A client that asks so many times and reads a byte now and then, while it is let. */
const aSlowClient = async (
  port: number,
  { page = '/large', asks = 1 } = {},
): Promise<{ readonly socket: Socket; readBytes(): number }> => {
  const socket = connect(port, '127.0.0.1');
  endings.push(() => socket.destroy());
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(`GET ${page} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(asks));
  let read = 0;
  const timer = setInterval(() => {
    if (socket.read(1) !== null) read += 1;
  }, 50);
  endings.push(() => clearInterval(timer));
  return { socket, readBytes: () => read };
};

const isGone = ({ socket }: { readonly socket: Socket }): Promise<boolean> => {
  // What is left in the system's buffers has to be read before the end shows.
  if (!socket.destroyed) socket.resume();
  return Promise.resolve(socket.destroyed);
};

describe('a client that does not read', () => {
  it('is cut off after some time, one that reads is not', async () => {
    const { url, port, cutOff } = await aServer({ maxMs: 700, maxBytes: 1e9 });
    const slow = await aSlowClient(port);
    await eventually(() => Promise.resolve(slow.readBytes() > 2));
    expect(await (await fetch(`${url}/large`)).arrayBuffer()).toHaveProperty('byteLength', ANSWER_BYTES);
    await eventually(async () => (await cutOff()) === 1);
    await eventually(() => isGone(slow));
    // Nothing is held against whoever comes later.
    await sleep(800);
    expect(await (await fetch(`${url}/large`)).arrayBuffer()).toHaveProperty('byteLength', ANSWER_BYTES);
    expect(await cutOff()).toBe(1);
  });

  it('is not blamed for the time in which the process itself stood still', async () => {
    const { port, cutOff } = await aServer({ maxMs: 3_000, maxBytes: 1e9 });
    const { socket } = await aSlowClient(port);
    await eventually(async () => socket.readableLength > 0);
    await sleep(500);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_500);
    await sleep(500);
    expect(await cutOff()).toBe(0);
    await eventually(async () => (await cutOff()) === 1, { timeoutMs: 15_000 });
  }, 30_000);

  it('is not cut off while it takes answer after answer, however long the whole takes', async () => {
    const { port, cutOff } = await aServer({ maxMs: 1_000, maxBytes: 1e9 });
    const { socket } = await aSlowClient(port, { page: '/medium', asks: 20 });
    let bytes = 0;
    const startedMs = performance.now();
    const reading = setInterval(() => {
      bytes += (socket.read() as Buffer | null)?.length ?? 0;
    }, 4);
    endings.push(() => clearInterval(reading));
    await eventually(() => Promise.resolve(bytes > 19 * MEDIUM.length), { timeoutMs: 20_000 });
    expect(performance.now() - startedMs).toBeGreaterThan(1_000);
    expect(await cutOff()).toBe(0);
  });

  it('is not cut off while it takes one large answer slowly', async () => {
    const { port, cutOff } = await aServer({ maxMs: 1_000, maxBytes: 1e9 });
    const { socket } = await aSlowClient(port, { page: '/huge' });
    let bytes = 0;
    const startedMs = performance.now();
    // Some 12 MB a second.
    const reading = setInterval(() => {
      bytes += (socket.read(Math.min(socket.readableLength, 64_000)) as Buffer | null)?.length ?? 0;
    }, 5);
    endings.push(() => clearInterval(reading));
    await eventually(async () => bytes > HUGE.length || (await cutOff()) > 0, { timeoutMs: 25_000 });
    expect(await cutOff()).toBe(0);
    expect(performance.now() - startedMs).toBeGreaterThan(2_000);
  });

  it('makes room when all together hold too much: those go that hold most for longest', async () => {
    const { url, port, cutOff } = await aServer({ maxMs: 1e6, maxBytes: 3.5 * ANSWER_BYTES });
    const first = await aSlowClient(port);
    await sleep(500);
    const later: Awaited<ReturnType<typeof aSlowClient>>[] = [];
    for (let client = 0; client < 3; client += 1) later.push(await aSlowClient(port));
    await eventually(async () => (await cutOff()) === 1);
    await eventually(() => isGone(first));
    expect(later.map(({ socket }) => socket.destroyed)).toEqual([false, false, false]);
    // Others are answered meanwhile.
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    await sleep(500);
    expect(await cutOff()).toBe(1);
  });

  it('is counted with all that it has asked for on one connection', async () => {
    const { port, cutOff } = await aServer({ maxMs: 1e6, maxBytes: 3.5 * ANSWER_BYTES });
    const greedy = await aSlowClient(port, { asks: 6 });
    await eventually(async () => (await cutOff()) === 1);
    await eventually(() => isGone(greedy));
  });
});
