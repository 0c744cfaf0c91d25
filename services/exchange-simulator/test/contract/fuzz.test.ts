import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { FrameFuzzer } from './fuzzed-frames.ts';
import { type FuzzedRequest, RequestFuzzer } from './fuzzed-requests.ts';
import { RawHttp, type RawReply } from './raw-http.ts';
import { SimulatorProcess } from './simulator-process.ts';
import { eventually, SocketListener } from './socket-listener.ts';

const SEED = 20_260_808;
const REFUSED_REQUESTS = 8_000;
const ANY_REQUESTS = 2_000;
const CLIENTS = 8;
const PAGE_STATUSES = new Set([400, 408, 413, 414, 431]);
const STATE_KINDS = [
  'account',
  'openOrders',
  'openAlgoOrders',
  'accountConfig',
  'symbolConfig',
  'income',
  'allOrders',
  'userTrades',
];

/** Returns what is wrong with an answer to a bad request, undefined when it is one of Binance's. */
const faultOf = (reply: RawReply | null, isHead = false): string | undefined => {
  if (reply === null) return 'no answer';
  const { status, contentType, text } = reply;
  if (status < 400 || status > 499) return `status ${status}: ${text.slice(0, 200)}`;
  if (isHead) return undefined;
  if (contentType.startsWith('text/html')) return PAGE_STATUSES.has(status) ? undefined : `a page with ${status}`;
  try {
    const { code, msg, ...others } = JSON.parse(text) as { code?: unknown; msg?: unknown };
    const isError = Number.isInteger(code) && Number(code) < 0 && typeof msg === 'string' && msg !== '';
    return isError && Object.keys(others).length === 0 ? undefined : `body ${text.slice(0, 200)}`;
  } catch {
    return `no JSON: ${text.slice(0, 200)}`;
  }
};

describe('fuzzed input', () => {
  let simulator: SimulatorProcess;
  let nowMs: number;

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
    nowMs = (await simulator.state()).timeMs;
    const book = (await simulator.get('/fapi/v1/ticker/bookTicker', { symbol: 'BTCUSDT' })) as { bidPrice: string };
    const price = (factor: number): string => (Number(book.bidPrice) * factor).toFixed(0);
    const order = { symbol: 'BTCUSDT', quantity: '0.010' };
    const limit = {
      ...order,
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      price: price(0.98),
      newClientOrderId: 'resting',
    };
    const stop = {
      ...order,
      algoType: 'CONDITIONAL',
      side: 'SELL',
      type: 'STOP_MARKET',
      triggerPrice: price(0.9),
      clientAlgoId: 'stop',
    };
    // Something to lose: a position, a resting order and a stop.
    const replies = [
      await simulator.signed('POST', '/fapi/v1/order', { ...order, side: 'BUY', type: 'MARKET' }),
      await simulator.signed('POST', '/fapi/v1/order', limit),
      await simulator.signed('POST', '/fapi/v1/algoOrder', stop),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  afterAll(() => simulator.stop());

  /** Everything that the venue knows of the account, and its ledger without the lines that say what was refused. */
  const stateHash = async (): Promise<string> => {
    const shown = await Promise.all(
      STATE_KINDS.map(async (kind) => {
        const path = kind === 'account' ? '/fapi/v2/account' : `/fapi/v1/${kind}`;
        const { status, text } = await simulator.signed(
          'GET',
          path,
          kind === 'accountConfig' ? {} : { symbol: 'BTCUSDT' },
        );
        expect({ kind, status }).toEqual({ kind, status: 200 });
        return text;
      }),
    );
    const lines = simulator.ledger().filter(({ kind }) => kind !== 'reject' && kind !== 'fault');
    return createHash('sha256')
      .update(JSON.stringify([shown, lines]))
      .digest('hex');
  };

  const sendAll = async (
    count: number,
    make: () => FuzzedRequest,
    judge: (request: FuzzedRequest, reply: RawReply | null) => void,
  ) => {
    let left = count;
    const work = async (): Promise<void> => {
      const client = new RawHttp(simulator.url);
      while (left > 0) {
        left -= 1;
        const request = make();
        judge(request, await client.exchange(request.bytes, request));
      }
      client.close();
    };
    await Promise.all(Array.from({ length: CLIENTS }, work));
  };

  it(`${REFUSED_REQUESTS} requests that must be refused are, and change nothing`, async () => {
    const before = await stateHash();
    const fuzzer = new RequestFuzzer(seededRandom(SEED), nowMs);
    const faults: string[] = [];
    const kinds = new Map<string, number>();
    await sendAll(
      REFUSED_REQUESTS,
      () => fuzzer.refused(),
      ({ kind, bytes, isHead }, reply) => {
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        const fault = faultOf(reply, isHead);
        if (fault !== undefined) faults.push(`${kind}: ${fault}\n${bytes.toString('latin1', 0, 400)}`);
      },
    );
    expect(faults.slice(0, 5)).toEqual([]);
    expect(Math.min(...kinds.values())).toBeGreaterThan(REFUSED_REQUESTS / 40);
    expect(await stateHash()).toBe(before);
    expect(simulator.isRunning).toBe(true);
  }, 60_000);

  it(`${ANY_REQUESTS} signed requests with random parameters: done or refused, and the ledger has what was done`, async () => {
    const fuzzer = new RequestFuzzer(seededRandom(SEED + 1), nowMs);
    const faults: string[] = [];
    const accepted = new Set<string>();
    await sendAll(
      ANY_REQUESTS,
      () => fuzzer.any(),
      ({ kind, bytes, placedAs = '' }, reply) => {
        if (reply?.status === 200) {
          if (kind === 'POST /fapi/v1/order') accepted.add(placedAs);
          return;
        }
        const fault = faultOf(reply);
        if (fault !== undefined) faults.push(`${kind}: ${fault}\n${bytes.toString('latin1', 0, 400)}`);
      },
    );
    expect(faults.slice(0, 5)).toEqual([]);
    const orders = simulator.ledger().filter(({ kind }) => kind === 'order');
    const placed = orders.map((order) => String(order['clientOrderId'])).filter((id) => id.startsWith('any-'));
    expect(new Set(placed)).toEqual(accepted);
    expect(accepted.size).toBeGreaterThan(10);
  }, 60_000);

  it.each(['/ws', '/stream', '/market/ws', '/ws-fapi/v1'])(
    'frames to %s are answered or end their own socket',
    async (path) => {
      const before = await stateHash();
      const fuzzer = new FrameFuzzer(seededRandom(SEED + path.length), nowMs);
      const faults: string[] = [];
      for (let opened = 0; opened < 40; opened += 1) {
        const socket = await SocketListener.open(`${simulator.socketUrl}${path}`);
        // Fewer than the ten a second at which stream sockets are cut.
        const frames = Array.from({ length: 8 }, () => fuzzer.frame());
        for (const frame of frames) socket.send(frame);
        await eventually(() => socket.messages.length === frames.length || socket.closeCode !== null);
        const bad = socket.messages.find(
          (message) => !('result' in message || 'error' in message || 'code' in message),
        );
        if (bad !== undefined) faults.push(JSON.stringify(bad));
        socket.close();
      }
      expect(faults).toEqual([]);
      expect(await stateHash()).toBe(before);
    },
    60_000,
  );

  it.each(['/ws', '/ws-fapi/v1'])('bytes on %s that are no frames end their own socket', async (path) => {
    const random = seededRandom(SEED);
    const { port } = new URL(simulator.url);
    const handshake = `GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
    for (let sent = 0; sent < 50; sent += 1) {
      await new Promise<void>((resolve) => {
        const raw = connect(Number(port), '127.0.0.1', () => raw.write(handshake));
        const noise = Buffer.from(
          Array.from({ length: 1 + Math.floor(random() * 100) }, () => Math.floor(random() * 256)),
        );
        raw.once('data', () => raw.end(noise));
        raw.on('data', () => {});
        raw.on('error', () => resolve());
        raw.on('close', () => resolve());
      });
    }
    expect(await simulator.get('/fapi/v1/ping')).toEqual({});
  });

  it('nothing of this was a defect: the process has logged none', async () => {
    const { text } = await simulator.request('GET', '/metrics');
    expect(text).not.toMatch(/requests_total\{[^}]*status="5\d\d"/);
  });
});
