import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RawHttp } from './raw-http.ts';
import { SimulatorProcess } from './simulator-process.ts';

describe('HTTP as a server must speak it', () => {
  let simulator: SimulatorProcess;

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
  });

  afterAll(() => simulator.stop());

  const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

  it('answers pipelined requests in their order, on one connection', async () => {
    const symbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'NOPEUSDT', 'BTCUSDT'];
    const requests = symbols.map((symbol) => `GET /fapi/v1/ticker/price?symbol=${symbol} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const received = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(new URL(simulator.url).port), '127.0.0.1', () => socket.write(requests.join('')));
      socket.on('error', reject);
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if ((text.match(/HTTP\/1\.1 /g) ?? []).length < symbols.length || !text.endsWith('}')) return;
        socket.destroy();
        resolve(text);
      });
    });
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual([200, 200, 200, 400, 200].map((status) => `HTTP/1.1 ${status}`));
    expect(received.match(/"symbol":"\w+"/g)).toEqual(
      ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'BTCUSDT'].map((symbol) => `"symbol":"${symbol}"`),
    );
  });

  it('keeps a connection through answers and refusals, and ends it after a body that is too long', async () => {
    const client = new RawHttp(simulator.url);
    const post = (body: string): Buffer =>
      bytes(`POST /fapi/v1/order HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    expect(await client.exchange(bytes('GET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\n\r\n'))).toMatchObject({
      status: 200,
    });
    expect(client.isConnected).toBe(true);
    expect(await client.exchange(post('a=1'))).toMatchObject({ status: 401 });
    expect(client.isConnected).toBe(true);
    expect(await client.exchange(post('a'.repeat(70_000)))).toMatchObject({ status: 413 });
    expect(client.isConnected).toBe(false);
  });

  it.each([
    {
      name: 'a body in chunks',
      text: 'PUT /fapi/v1/listenKey HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n',
      status: 401,
    },
    {
      name: 'a body that a GET has no use for',
      text: 'GET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=1',
      status: 200,
    },
    { name: 'HTTP/1.0', text: 'GET /fapi/v1/ping HTTP/1.0\r\n\r\n', status: 200 },
    { name: 'an answer without a body', text: 'HEAD /fapi/v1/ping HTTP/1.1\r\nHost: x\r\n\r\n', status: 405 },
    {
      name: 'headers beyond 16 KiB',
      text: `GET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
      status: 431,
    },
    { name: 'a path that is not served', text: 'GET /fapi/v1/nowhere HTTP/1.1\r\nHost: x\r\n\r\n', status: 404 },
  ])('takes $name with $status', async ({ text, status }) => {
    const client = new RawHttp(simulator.url);
    expect(await client.exchange(bytes(text), { isHead: text.startsWith('HEAD') })).toMatchObject({ status });
    client.close();
  });

  it('counts no order of a body that never arrives whole', async () => {
    const cut = 'POST /fapi/v1/order HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nsymbol=BTCUSDT';
    expect(await new RawHttp(simulator.url).exchange(bytes(cut), { isLast: true })).toMatchObject({ status: 400 });
    expect(await simulator.control('GET', 'state')).toMatchObject({ orders: 0 });
  });
});
