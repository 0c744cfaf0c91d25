import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { AnswerGate } from '../http/answer-gate.ts';
import { OrderApi } from './order-api.ts';

const MINUTE_MS = 60_000;
const MUCH = 'x'.repeat(1_024 * 1_024);
const rethrow = (thrown: unknown): never => {
  throw thrown;
};

describe('OrderApi and the wall clock', () => {
  let nowMs = 0;
  let api: OrderApi;
  let server: Server;
  let client: WebSocket;

  beforeEach(async () => {
    nowMs = 1_700_000_000_000;
    api = new OrderApi({
      openSession: () => ({ answer: (text) => ({ kind: 'text', text: text === 'much' ? MUCH : text }) }),
      refuses: () => false,
      weigh: () => {},
      gate: new AnswerGate(() => {}, rethrow),
      reportDefect: rethrow,
      wallMs: () => nowMs,
    });
    server = createServer().on('upgrade', (request, socket, head) => void api.takesUpgrade(request, socket, head));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws-fapi/v1`, { autoPong: false });
    await new Promise((resolve) => client.once('open', resolve));
  });

  afterEach(async () => {
    client.terminate();
    await api.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  const lookAfter = (minutes: number): void => {
    nowMs += minutes * MINUTE_MS;
    api.look();
  };
  const closed = (): Promise<number> => new Promise((resolve) => client.once('close', resolve));

  it('pings every three minutes, and cuts ten minutes after the last pong', async () => {
    const pinged = new Promise((resolve) => client.once('ping', resolve));
    lookAfter(3);
    await pinged;
    client.pong();
    // The pong has arrived once a later answer has.
    client.send('x');
    await new Promise((resolve) => client.once('message', resolve));
    lookAfter(9.9);
    expect(client.readyState).toBe(client.OPEN);
    const end = closed();
    lookAfter(0.2);
    expect(await end).toBe(1_006);
  });

  it('cuts a client that asks and does not read', async () => {
    client.pause();
    const open = (): Promise<number> =>
      new Promise((resolve) => server.getConnections((_error, connections) => resolve(connections)));
    for (let asked = 0; asked < 60; asked += 1) client.send('much');
    while ((await open()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(api.cutAll()).toBe(0);
  });

  it('closes after a day', async () => {
    const end = closed();
    for (let minute = 0; minute < 24 * 60; minute += 9) {
      client.pong();
      client.send('x');
      await new Promise((resolve) => client.once('message', resolve));
      lookAfter(9);
    }
    expect(await end).toBe(1_005);
  });
});
