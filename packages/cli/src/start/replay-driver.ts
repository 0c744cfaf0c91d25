import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf } from '@qt/kernel';
import type { SimulatorState } from '@qt/testing';
import type { Speed } from '../option-values.ts';

/** How long a step waits for a service that is being started again. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 100;
const REQUEST_DEADLINE_MS = 90_000;
const IDLE_TIMEOUT_MS = 10_000;
/** Boundaries between two waits for analytics: it only listens, but must not fall behind without end. */
const ANALYTICS_EVERY = 500;
const PACE_MS = 250;

/** What exec-risk-service says without having sent anything to the venue. */
const SAID_WITHOUT_SENDING: ReadonlySet<string> = new Set(['risk.decided', 'portfolio.updated']);

type Published = Readonly<Record<string, number>>;

interface Request {
  readonly method: string;
  readonly url: string;
  readonly body?: object | undefined;
}

export interface ReplayDriverOptions {
  readonly urls: Readonly<Record<string, string>>;
  readonly speed: Speed;
  readonly onProgress: (state: SimulatorState) => void;
  /** Ends the run after the boundary under way. */
  readonly signal: AbortSignal;
}

/**
 * Moves the simulated market in lock-step with the services: no candle closes before everything that the last one caused has been
 * done. That makes a run at any speed the same run. A service that dies on the way is waited for.
 */
export class ReplayDriver {
  readonly #options: ReplayDriverOptions;
  // Three times cheaper than fetch, and the same few sockets for the whole run.
  readonly #agent = new Agent({ keepAlive: true });
  #boundaries = 0;

  constructor(options: ReplayDriverOptions) {
    this.#options = options;
  }

  /** Plays to the end of the market and returns where it stands. Throws: REPLAY_STUCK naming what did not answer. */
  async run(): Promise<SimulatorState> {
    try {
      return await this.#play();
    } finally {
      this.#agent.destroy();
    }
  }

  async #play(): Promise<SimulatorState> {
    let state = await this.#simulator<SimulatorState>('GET', '/control/state');
    const startMs = state.timeMs;
    const wallStartMs = performance.now();
    while (!state.isFinished && state.nextCloseMs !== null && !this.#options.signal.aborted) {
      const boundaryMs = state.nextCloseMs;
      await this.#pace(startMs, wallStartMs, boundaryMs);
      if (this.#options.signal.aborted) break;
      state = await this.#step(boundaryMs);
      this.#options.onProgress(state);
      // A market that does not move on would be walked for ever.
      if (!state.isFinished && state.nextCloseMs === boundaryMs)
        throw stuck(`the market stands still at ${boundaryMs}`);
    }
    await this.#settleAll();
    return state;
  }

  async #step(boundaryMs: number): Promise<SimulatorState> {
    await this.#simulator('POST', '/control/advance', { untilMs: boundaryMs });
    const before = await this.#idle('exec-risk-service');
    const state = await this.#simulator<SimulatorState>('POST', '/control/close', {});
    const classified = await this.#idle('regime-service');
    const signals = await this.#idle('ai-service', { source: 'regime-service', published: classified });
    const after = await this.#idle('exec-risk-service', { source: 'ai-service', published: signals });
    // What exec has not asked for, the venue has not answered.
    if (hasSent(before, after)) {
      await this.#simulator('POST', '/control/settle', {});
      await this.#idle('exec-risk-service');
    }
    this.#boundaries += 1;
    if (this.#boundaries % ANALYTICS_EVERY === 0) await this.#settleAll();
    return state;
  }

  /** Waits until every service has handled everything that any of them has said. */
  async #settleAll(): Promise<void> {
    for (const source of ['regime-service', 'ai-service', 'exec-risk-service']) {
      const published = await this.#idle(source);
      await this.#idle('analytics-os-service', { source, published });
    }
  }

  /** Below full speed: moves the market in small steps until the wall clock has come to the boundary. */
  async #pace(startMs: number, wallStartMs: number, boundaryMs: number): Promise<void> {
    const { speed, signal } = this.#options;
    if (speed === 'max') return;
    for (;;) {
      const dueMs = startMs + (performance.now() - wallStartMs) * speed;
      if (dueMs >= boundaryMs || signal.aborted) return;
      await this.#simulator('POST', '/control/advance', { untilMs: Math.floor(dueMs) });
      await sleep(Math.min(PACE_MS, (boundaryMs - dueMs) / speed));
    }
  }

  #simulator<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    return this.#persist('exchange-simulator', () =>
      this.#request<T>({ method, url: this.#url('exchange-simulator', path), body }),
    );
  }

  async #idle(service: string, query?: { source: string; published: Published }): Promise<Published> {
    const parameters = new URLSearchParams({ timeoutMs: String(IDLE_TIMEOUT_MS) });
    if (query !== undefined) {
      parameters.set('source', query.source);
      parameters.set(
        'published',
        Object.entries(query.published)
          .map((pair) => pair.join(':'))
          .join(','),
      );
    }
    const url = this.#url(service, `/idle?${parameters.toString()}`);
    const { published } = await this.#persist(service, () =>
      this.#request<{ published: Published }>({ method: 'GET', url }),
    );
    return published;
  }

  #url(service: string, path: string): string {
    return `${this.#options.urls[service] ?? ''}${path}`;
  }

  /** Tries until it works, for as long as a service may take to come back. */
  async #persist<T>(service: string, attempt: () => Promise<T>): Promise<T> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        const late = performance.now() >= deadlineMs;
        if (late) throw stuck(`${service} has not answered for ${PATIENCE_MS / 1_000} s: ${messageOf(error)}`);
        await sleep(RETRY_MS);
      }
    }
  }

  #request<T>({ method, url, body }: Request): Promise<T> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve, reject) => {
      const asked = request(url, { method, agent: this.#agent, timeout: REQUEST_DEADLINE_MS, headers }, (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          answer += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          try {
            if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${answer.slice(0, 300)}`);
            resolve(JSON.parse(answer) as T);
          } catch (error) {
            reject(error instanceof Error ? error : new Error(messageOf(error)));
          }
        });
      });
      asked.on('timeout', () => asked.destroy(new Error(`no answer within ${REQUEST_DEADLINE_MS / 1_000} s`)));
      asked.on('error', reject);
      asked.end(text);
    });
  }
}

/** Whether exec has told of anything but decisions and equity in between: an order, a position, a booking. */
const hasSent = (before: Published, after: Published): boolean =>
  Object.entries(after).some(([type, seq]) => !SAID_WITHOUT_SENDING.has(type) && before[type] !== seq);

const stuck = (reason: string): AppError =>
  new AppError('REPLAY_STUCK', `The replay cannot go on: ${reason}. The logs say more`, { retryable: false });
