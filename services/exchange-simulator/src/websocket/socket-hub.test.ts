import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { ListenKeys } from './listen-keys.ts';
import { SocketHub } from './socket-hub.ts';
import { BINANCE_SOCKET_LIMITS, type SocketLimits } from './socket-limits.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const clock = { wallMs: 0 };

let server: Server;
let hub: SocketHub;
const clients: (WebSocket | Socket)[] = [];

/** A hub behind a real server, at a wall clock that the test moves. */
const start = async (limits: Partial<SocketLimits> = {}): Promise<void> => {
  hub = new SocketHub({
    listenKeys: new ListenKeys(),
    nowMs: () => clock.wallMs,
    faults: { refuses: () => false, leavesHalfOpen: () => false, strikeMessage: () => undefined },
    marketEvents: { send: ({ deliver }) => deliver() },
    limits: { ...BINANCE_SOCKET_LIMITS, ...limits },
  });
  server = createServer().on('upgrade', (request, socket, head) => hub.upgrade(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
};
const portOf = (): number => (server.address() as AddressInfo).port;

const listen = async (path: string, options: { autoPong?: boolean } = {}): Promise<WebSocket> => {
  const client = new WebSocket(`ws://127.0.0.1:${portOf()}${path}`, options);
  clients.push(client);
  await once(client, 'open');
  return client;
};
const closeOf = async (client: WebSocket): Promise<string> => {
  const [code, reason] = (await once(client, 'close')) as [number, Buffer];
  return `${code} ${reason.toString()}`;
};

beforeEach(() => {
  clock.wallMs = 1_000;
});

afterEach(async () => {
  for (const client of clients.splice(0)) {
    if (client instanceof WebSocket) client.terminate();
    else client.destroy();
  }
  hub.stop();
  server.close();
  await once(server, 'close');
});

describe('SocketHub', () => {
  it('closes a socket after 24 hours, not before', async () => {
    await start();
    const client = await listen('/ws');
    const closed = closeOf(client);
    clock.wallMs += 24 * HOUR_MS - 1;
    // A pong that nobody asked for is a sign of life too.
    client.pong();
    await hub.flush();
    hub.closeExpired();
    expect(client.readyState).toBe(WebSocket.OPEN);
    clock.wallMs += 1;
    hub.closeExpired();
    expect(await closed).toBe('1001 Disconnected after 24 hours');
  });

  it('closes a socket that has answered no ping for 10 minutes', async () => {
    await start();
    const deaf = await listen('/ws', { autoPong: false });
    const alive = await listen('/ws');
    const closed = closeOf(deaf);
    for (let pings = 0; pings < 3; pings += 1) {
      clock.wallMs += 3 * MINUTE_MS;
      const pinged = once(alive, 'ping');
      hub.pingAll();
      await pinged;
      hub.closeExpired();
    }
    expect(deaf.readyState).toBe(WebSocket.OPEN);
    // The answer to the last ping must have come in before the clock moves on.
    alive.send('{}');
    await once(alive, 'message');
    clock.wallMs += MINUTE_MS;
    hub.closeExpired();
    expect(await closed).toBe('1008 Pong timeout');
    expect(alive.readyState).toBe(WebSocket.OPEN);
  });

  it('cuts a socket that does not read once too much waits for it, and the others hear on', async () => {
    await start({ unsentBytes: 64 * 1_024 });
    const lazy = connect(portOf(), '127.0.0.1');
    clients.push(lazy);
    lazy.write(
      'GET /ws/tape HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await once(lazy, 'readable');
    lazy.pause();
    const eager = await listen('/ws/tape');
    expect(hub.size).toBe(2);
    const payload = JSON.stringify({ text: 'x'.repeat(100_000) });
    for (let sent = 0; hub.size === 2 && sent < 2_000; sent += 1) {
      const heard = once(eager, 'message');
      hub.publish('tape', payload);
      await heard;
    }
    expect(hub.size).toBe(1);
    expect(eager.readyState).toBe(WebSocket.OPEN);
  });

  it('tells when a stream finds its first listener and loses its last', async () => {
    await start();
    const heard: string[] = [];
    hub.onInterest((stream, isWanted) => heard.push(`${stream} ${isWanted}`));
    const first = await listen('/ws/a@trade');
    const second = await listen('/stream?streams=a@trade');
    expect(heard).toEqual(['a@trade true']);
    first.terminate();
    second.send('{"method":"UNSUBSCRIBE","params":["a@trade"],"id":1}');
    await once(second, 'message');
    while (hub.size > 1) await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual(['a@trade true', 'a@trade false']);
  });

  it('does not tell of streams that belong to another base', async () => {
    await start();
    const heard: string[] = [];
    hub.onInterest((stream) => heard.push(stream));
    await listen('/public/ws/a@kline_1m/a@depth');
    expect(heard).toEqual(['a@depth']);
  });
});
