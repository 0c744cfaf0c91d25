import { createHmac } from 'node:crypto';
import { API_KEY, API_SECRET } from './simulator-process.ts';

const METHODS = [
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'LIST_SUBSCRIPTIONS',
  'SET_PROPERTY',
  'GET_PROPERTY',
  'order.place',
  'order.cancel',
  'order.status',
  'account.status',
  'session.logon',
  'session.status',
  'ping',
  'DANCE',
  '',
  '__proto__',
];
const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  1e300,
  '',
  'NaN',
  '1e999',
  'BTCUSDT',
  'btcusdt@aggTrade',
  '🚀',
  '\u0000',
  'a'.repeat(1_000),
  [],
  {},
  [[]],
  { a: {} },
  Number.MAX_SAFE_INTEGER,
];
const PLACEMENT = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.010' };

/** Makes frames from a seed, none of which may change an account. */
export class FrameFuzzer {
  readonly #random: () => number;
  readonly #nowMs: number;

  constructor(random: () => number, nowMs: number) {
    this.#random = random;
    this.#nowMs = nowMs;
  }

  frame(): string {
    const whole = this.#pick([
      () => this.#any(),
      () => this.#forgedOrder(),
      () => this.#brokenOrder(),
      () => JSON.stringify(this.#pick(VALUES)),
    ])();
    if (this.#random() < 0.7) return whole;
    const at = Math.floor(this.#random() * whole.length);
    return this.#pick([
      () => whole.slice(0, at),
      () => `${whole.slice(0, at)}${String.fromCharCode(Math.floor(this.#random() * 300))}${whole.slice(at)}`,
      () => whole.repeat(2),
    ])();
  }

  #any(): string {
    return JSON.stringify({
      id: this.#pick([1, 'a', ...VALUES]),
      method: this.#pick([...METHODS, ...VALUES]),
      params: this.#pick([...VALUES, {}, ['btcusdt@aggTrade', true]]),
    });
  }

  #forgedOrder(): string {
    const params = {
      ...PLACEMENT,
      apiKey: API_KEY,
      timestamp: this.#nowMs,
      signature: this.#pick(['', 'ab'.repeat(32), 'x', 5, null]),
    };
    return JSON.stringify({ id: 1, method: 'order.place', params });
  }

  /** Signed, but with a quantity that no venue takes. */
  #brokenOrder(): string {
    const quantity = this.#pick(['NaN', '-1', '1e999', '0', '', 'x', -5, 1e21, '９']);
    const params: Record<string, unknown> = { ...PLACEMENT, quantity, apiKey: API_KEY, timestamp: this.#nowMs };
    const text = Object.keys(params)
      .toSorted()
      .map((name) => `${name}=${String(params[name])}`)
      .join('&');
    const signature = createHmac('sha256', API_SECRET).update(text).digest('hex');
    return JSON.stringify({ id: 1, method: 'order.place', params: { ...params, signature } });
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }
}
