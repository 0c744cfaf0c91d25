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

/** One scripted fault: which requests it strikes, how often, and what happens. */
export interface FaultRule {
  readonly id?: string;
  readonly kind:
    | 'drop_reply'
    | 'error_1007'
    | 'error_503'
    | 'delay_reply'
    | 'user_event_delay'
    | 'user_event_duplicate'
    | 'user_event_reorder'
    | 'silent_socket'
    | 'reset';
  readonly method?: string;
  readonly path?: string;
  readonly times: number;
  readonly after?: number;
  readonly executes?: boolean;
  readonly delayMs?: number;
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
