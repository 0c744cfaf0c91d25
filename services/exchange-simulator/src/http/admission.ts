import type { ApiKey, FindKey } from './api-keys.ts';
import { refuse } from './protocol-error.ts';
import type { RateLimits, Usage } from './rate-limits.ts';
import type { RequestParameters } from './request-parameters.ts';
import type { RequestContext, Route } from './route.ts';
import { type SignedText, verifyTimestamp } from './signature.ts';

interface AdmissionDeps {
  readonly findKey: FindKey;
  readonly limits: RateLimits;
  /** Market time. */
  readonly serverTimeMs: () => number;
  /** Market time before the last step; the same as `serverTimeMs` when the market moves by itself. */
  readonly steppedFromMs: () => number;
  readonly wallMs: () => number;
  /** How much faster than the wall clock the market runs, at least 1. */
  readonly speed: number;
}

/** Who asks, and how it is proven. */
export interface Caller {
  readonly ip: string;
  /** The API key as shown, undefined when none was. */
  readonly shownKey: string | undefined;
  /** Returns what was signed, read only where a signature is wanted; `session` when the socket has logged on with the key. */
  readonly proof: (() => SignedText) | 'session';
}

const KEY_FORMAT = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * The gate that every request passes, over HTTP and over the websocket API: weight of the address, API key, its address list and permissions,
 * signature, time, order rate of the account, in this order.
 */
export class Admission {
  readonly #deps: AdmissionDeps;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
  }

  /** Notes in `usage` what the request uses up, also when it is refused. Throws: ProtocolError. */
  admit(asked: { route: Route; params: RequestParameters; caller: Caller }, usage: Usage): RequestContext {
    const { route, params, caller } = asked;
    this.weigh(weightOf(route, params), caller.ip, usage);
    if (route.security === 'none') return { params, accountId: '' };
    const key = this.identify(caller);
    const isCommand = route.security === 'signed' && route.method !== 'GET';
    if (!key.permissions.has(isCommand ? 'trade' : 'read')) throw refuse.unknownKey();
    if (route.security === 'signed') this.verify(key, caller, params);
    const { countsAsOrders } = route;
    if (countsAsOrders !== undefined) {
      const sent = { accountId: key.accountId, countsAsOrders };
      this.#deps.limits.countOrder(sent, { ip: caller.ip, wallMs: this.#deps.wallMs() }, usage);
    }
    return { params, accountId: key.accountId };
  }

  /** Throws: 429 and 418 -1003 when the address has asked for too much. */
  weigh(weight: number, ip: string, usage: Usage): void {
    this.#deps.limits.useWeight(weight, { ip, wallMs: this.#deps.wallMs() }, usage);
  }

  /** Returns whose key is shown, without proof; empty when it is nobody's. */
  shownAccount({ shownKey }: Caller): string {
    return shownKey === undefined ? '' : (this.#deps.findKey(shownKey)?.accountId ?? '');
  }

  /** Returns the key that is shown. Throws: -2014 when it cannot be one, -2015 when it is nobody's or not for this address. */
  identify({ shownKey, ip }: Caller): ApiKey {
    if (shownKey === undefined || shownKey === '') throw refuse.badKeyFormat();
    const key = this.#deps.findKey(shownKey);
    if (key === undefined) throw KEY_FORMAT.test(shownKey) ? refuse.unknownKey() : refuse.badKeyFormat();
    if (!key.isEnabled || key.ips?.has(ip) === false) throw refuse.unknownKey();
    return key;
  }

  /** Throws: -1022 when the owner of the key has not signed this, -1021 and -1131 when it is not of this time. */
  verify(key: ApiKey, caller: Caller, params: RequestParameters): void {
    const timestampMs = params.requiredInteger('timestamp');
    const recvWindowMs = params.integer('recvWindow');
    if (caller.proof !== 'session') {
      const { payload, signature } = caller.proof();
      if (!key.isSignedBy(payload, signature)) throw refuse.badSignature();
    }
    const { speed, serverTimeMs, steppedFromMs } = this.#deps;
    verifyTimestamp({
      timestampMs,
      recvWindowMs,
      speed,
      serverTimeMs: serverTimeMs(),
      steppedFromMs: steppedFromMs(),
    });
  }
}

/** A request whose weight cannot be told, because what decides it is malformed, weighs 1: it is refused, but it has come. */
function weightOf({ weight }: Route, params: RequestParameters): number {
  if (typeof weight === 'number') return weight;
  try {
    return weight(params);
  } catch {
    return 1;
  }
}
