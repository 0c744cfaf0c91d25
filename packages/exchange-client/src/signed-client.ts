import { createHmac } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { messageOf } from '@qt/kernel';
import axios, { AxiosError, type AxiosInstance } from 'axios';
import { isClockRefusal } from './read-failure.ts';
import { bannedUntilMs, refusalIn, type VenueAnswer } from './venue-answer.ts';
import type { VenueTime } from './venue-time.ts';
import type { WeightBudget } from './weight-budget.ts';

/** A request with the key. `signed` adds time stamp, window and signature; `key` sends the key alone (listen keys). */
export interface VenueCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly params?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly auth: 'signed' | 'key';
  /** Request weight as the venue's documentation gives it; 1 without it. */
  readonly weight?: number;
  readonly orders?: 0 | 1;
  readonly priority?: 'normal' | 'protective';
  /** Wall ms; the order path has its own. */
  readonly deadlineMs: number;
}

/** Options of `SignedClient`. */
export interface SignedClientOptions {
  readonly restUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly recvWindowMs: number;
  readonly time: VenueTime;
  readonly budget: WeightBudget;
  /** False when the venue's headers count other minutes than the budget does (wall minutes against market minutes). */
  readonly trustsUsageHeaders: boolean;
}

// Only these prove that no byte of the request left: the name was not found, or nobody listened.
const NEVER_SENT: readonly (string | undefined)[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];
const LARGEST_ANSWER_BYTES = 64 * 1024 * 1024;
const HOLD_WITHOUT_HINT_MS = 60_000;
const SHORTEST_BAN_MS = 120_000;

type Headers = Readonly<Record<string, unknown>>;

interface Exchange {
  readonly outcome: VenueAnswer;
  readonly headers: Headers;
}

const queryOf = (params: VenueCall['params'] = {}): string =>
  Object.entries(params)
    .filter((entry): entry is [string, string | number | boolean] => entry[1] !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');

const countIn = (headers: Headers, name: string): number | null => {
  const count = Number(headers[name] ?? Number.NaN);
  return Number.isFinite(count) ? count : null;
};

/**
 * The only holder of key and secret: one send per call, with a deadline, HTTP status, Retry-After and the raw body. It never throws for what the
 * network or the venue did, and nothing it returns contains the URL.
 */
export class SignedClient {
  readonly #options: SignedClientOptions;
  readonly #http: AxiosInstance;
  readonly #agents: readonly (HttpAgent | HttpsAgent)[];

  constructor(options: SignedClientOptions) {
    const httpAgent = new HttpAgent({ keepAlive: true });
    const httpsAgent = new HttpsAgent({ keepAlive: true });
    this.#options = options;
    this.#agents = [httpAgent, httpsAgent];
    this.#http = axios.create({
      httpAgent,
      httpsAgent,
      baseURL: options.restUrl,
      maxRedirects: 0, // a redirect that is followed is a second send
      proxy: false,
      responseType: 'text',
      transformResponse: [(body: unknown) => body],
      validateStatus: () => true,
      maxContentLength: LARGEST_ANSWER_BYTES,
    });
  }

  /** Sends once; when the venue refuses the time stamp, which means that nothing was done, measures the clock and sends a second and last time. */
  async call(request: VenueCall): Promise<VenueAnswer> {
    if (request.auth === 'signed') {
      try {
        await this.#options.time.ready();
      } catch (error) {
        return { kind: 'failed', wasSent: false, failure: `venue time is not known: ${messageOf(error)}` };
      }
    }
    const first = await this.#send(request);
    if (!isClockRefusal(first)) return first;
    try {
      await this.#options.time.sync();
    } catch {
      return first; // the refusal says more than a failed measurement
    }
    return this.#send(request);
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  async #send(request: VenueCall): Promise<VenueAnswer> {
    const { budget } = this.#options;
    const answer = await budget.take({
      weight: request.weight ?? 1,
      orders: request.orders ?? 0,
      priority: request.priority ?? 'normal',
    });
    if (answer.kind === 'refused') return { kind: 'withheld', reason: answer.reason, retryAtMs: answer.retryAtMs };
    const { outcome, headers } = await this.#exchange(request);
    if (outcome.kind === 'answered') await this.#account(outcome, headers);
    return outcome;
  }

  async #exchange({ method, path, params, auth, deadlineMs }: VenueCall): Promise<Exchange> {
    const query = auth === 'signed' ? this.#signed(params) : queryOf(params);
    try {
      const response = await this.#http.request<string>({
        method,
        url: query === '' ? path : `${path}?${query}`,
        headers: { 'X-MBX-APIKEY': this.#options.apiKey },
        timeout: deadlineMs,
        signal: AbortSignal.timeout(deadlineMs), // `timeout` alone does not cover a body that trickles
      });
      const headers: Headers = response.headers;
      const retryAfterSeconds = countIn(headers, 'retry-after');
      const retryAfterMs = retryAfterSeconds === null ? null : retryAfterSeconds * 1000;
      const outcome = { kind: 'answered', httpStatus: response.status, body: response.data, retryAfterMs } as const;
      return { outcome, headers };
    } catch (error) {
      // The error itself holds the URL and the key's header; only its code leaves this function.
      const code = error instanceof AxiosError ? error.code : undefined;
      const failure =
        code === 'ERR_CANCELED' || code === 'ECONNABORTED'
          ? `no answer within ${deadlineMs} ms`
          : (code ?? 'connection failed');
      return { outcome: { kind: 'failed', wasSent: !NEVER_SENT.includes(code), failure }, headers: {} };
    }
  }

  #signed(params: VenueCall['params']): string {
    const { time, recvWindowMs, apiSecret } = this.#options;
    const query = queryOf({ ...params, recvWindow: recvWindowMs, timestamp: time.nowMs() });
    return `${query}&signature=${createHmac('sha256', apiSecret).update(query).digest('hex')}`;
  }

  async #account(answer: Extract<VenueAnswer, { kind: 'answered' }>, headers: Headers): Promise<void> {
    const { budget, time, trustsUsageHeaders } = this.#options;
    if (trustsUsageHeaders) {
      const usage = {
        weight1m: countIn(headers, 'x-mbx-used-weight-1m'),
        orders10s: countIn(headers, 'x-mbx-order-count-10s'),
        orders1m: countIn(headers, 'x-mbx-order-count-1m'),
      };
      // Not waited for: an order's answer does not stand in line behind book-keeping.
      budget.report(usage).catch(() => undefined);
    }
    const { httpStatus, retryAfterMs } = answer;
    if (httpStatus !== 418 && httpStatus !== 429) return;
    const bannedUntil = bannedUntilMs(refusalIn(answer.body).message);
    const isBan = httpStatus === 418 || bannedUntil !== null;
    const withoutHintMs = isBan ? SHORTEST_BAN_MS : HOLD_WITHOUT_HINT_MS;
    const untilMs = bannedUntil ?? time.nowMs() + (retryAfterMs ?? withoutHintMs);
    await budget.hold(untilMs, isBan ? 'all' : 'normal').catch(() => undefined);
  }
}
