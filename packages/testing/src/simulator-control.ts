import { AppError, messageOf } from '@qt/kernel';

const REQUEST_DEADLINE_MS = 60_000;

/** Where the simulated market stands. Times in market time. */
export interface SimulatorState {
  readonly timeMs: number;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly nextCloseMs: number | null;
  readonly speed: string | number;
  readonly isFinished: boolean;
  readonly candlesPlayed: number;
  readonly candlesTotal: number | null;
  readonly symbols: readonly string[];
  readonly interval: string;
  readonly orders: number;
  readonly fills: number;
  readonly ledgerSeq: number;
}

/** One scripted fault: which requests, events or sockets it strikes, how often, and what happens. The simulator's `docs/faults.md` lists kinds and fields. */
export interface FaultRule {
  readonly id?: string;
  readonly kind: string;
  readonly accountId?: string;
  readonly method?: string;
  readonly path?: string;
  readonly times?: number;
  readonly after?: number;
  readonly every?: number;
  readonly probability?: number;
  /** Market time, or a span from now such as `+90s`. */
  readonly fromMs?: number | string;
  readonly untilMs?: number | string;
  readonly executes?: boolean;
  readonly delayMs?: number;
  readonly queries?: number;
  /** Units: market ms. */
  readonly banMs?: number;
  readonly skewMs?: number;
}

/** Speaks to the simulator's control pages. */
export class SimulatorControl {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  state(): Promise<SimulatorState> {
    return this.#request('GET', '/control/state');
  }

  /** Walks the market to `untilMs`, fills what fills, and returns once every socket has taken what was said. */
  advance(untilMs: number): Promise<unknown> {
    return this.#request('POST', '/control/advance', { untilMs });
  }

  /** Sends the candles that have just closed. */
  close(): Promise<unknown> {
    return this.#request('POST', '/control/close', {});
  }

  /** Returns once every socket has taken what was said. */
  settle(): Promise<unknown> {
    return this.#request('POST', '/control/settle', {});
  }

  addFault(rule: FaultRule): Promise<unknown> {
    return this.#request('POST', '/control/faults', rule);
  }

  listFaults(): Promise<unknown> {
    return this.#request('GET', '/control/faults');
  }

  /** Lets something happen to the venue: `{ kind: 'set_leverage', symbol: 'BTCUSDT', leverage: 5 }`. Throws when the venue refuses. */
  act(action: { readonly kind: string; readonly [field: string]: unknown }): Promise<unknown> {
    return this.#request('POST', '/control/actions', action);
  }

  clearFaults(): Promise<unknown> {
    return this.#request('DELETE', '/control/faults');
  }

  async #request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const url = `${this.#url}${path}`;
    try {
      const response = await fetch(url, {
        method,
        signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 300)}`);
      return (text === '' ? null : JSON.parse(text)) as T;
    } catch (error) {
      throw new AppError('SIMULATOR_REQUEST_FAILED', `${method} ${url}: ${messageOf(error)}`, {
        retryable: true,
        cause: error,
      });
    }
  }
}
