import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ReplayDriver } from './replay-driver.ts';

const CANDLES = 3;

/** Every service and the venue at one address: notes who was asked for what, in order. */
class RecordedSuite {
  readonly asked: string[] = [];
  /** How often the next request for idleness is refused. */
  refusals = 0;
  #closed = 0;
  readonly #server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://suite');
    const [, who = '', ...path] = url.pathname.split('/');
    const query = url.searchParams.get('source');
    const isRefused = path[0] === 'idle' && this.refusals > 0;
    if (isRefused) this.refusals -= 1;
    else
      this.asked.push(
        `${who} ${path.join('/')}${query === null ? '' : ` after ${query} ${url.searchParams.get('published')}`}`,
      );
    if (path.join('/') === 'control/close') this.#closed += 1;
    response.statusCode = isRefused ? 503 : 200;
    const body = path[0] === 'control' ? this.#state() : { idle: true, published: { [`${who}.said`]: this.#closed } };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get urls(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    const short = {
      'exchange-simulator': 'sim',
      'regime-service': 'regime',
      'ai-service': 'ai',
      'exec-risk-service': 'exec',
      'analytics-os-service': 'analytics',
    };
    return Object.fromEntries(Object.entries(short).map(([name, path]) => [name, `http://127.0.0.1:${port}/${path}`]));
  }

  #state(): object {
    const isFinished = this.#closed >= CANDLES;
    const nextCloseMs = isFinished ? null : (this.#closed + 1) * 1_000;
    return {
      timeMs: this.#closed * 1_000,
      nextCloseMs,
      isFinished,
      candlesPlayed: this.#closed,
      candlesTotal: CANDLES,
      symbols: ['BTCUSDT'],
      orders: 0,
    };
  }
}

describe('ReplayDriver', () => {
  const suite = new RecordedSuite();
  beforeEach(() => suite.start());
  afterEach(() => suite.stop());

  it('closes no candle before all that the last one caused is done, and waits for a service that is away', async () => {
    suite.refusals = 2;
    const driver = new ReplayDriver({
      urls: suite.urls,
      speed: 'max',
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    const state = await driver.run();
    expect(state.candlesPlayed).toBe(CANDLES);
    expect(suite.asked.slice(1, 9)).toEqual([
      'sim control/advance',
      'exec idle',
      'sim control/close',
      'regime idle',
      'ai idle after regime-service regime.said:1',
      'exec idle after ai-service ai.said:1',
      'sim control/settle',
      'exec idle',
    ]);
    expect(suite.asked).toContain(`analytics idle after exec-risk-service exec.said:${CANDLES}`);
  });
});
