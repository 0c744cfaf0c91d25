import type { Reply } from '../faults/reply.ts';
import type { Admission, Caller } from '../http/admission.ts';
import type { ApiKey } from '../http/api-keys.ts';
import { refuse } from '../http/protocol-error.ts';
import type { RateLimits, Usage } from '../http/rate-limits.ts';
import type { RequestDesk } from '../http/request-desk.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { answerFrame, type FrameAnswer } from './order-api-answer.ts';
import { type OrderApiFrame, readOrderApiFrame } from './order-api-frame.ts';

interface OrderApiSessionDeps {
  readonly routes: ReadonlyMap<string, Route>;
  readonly desk: RequestDesk;
  readonly admission: Admission;
  readonly limits: RateLimits;
  /** Market time. */
  readonly serverTimeMs: () => number;
}

const SESSION_WEIGHT = 2;
const TYPE_NAMES = { hmac: 'HMAC_SHA256', rsa: 'RSA', ed25519: 'ED25519' } as const;

/** One connection to the websocket API: who has logged on, and how its requests are answered. */
export class OrderApiSession {
  readonly #deps: OrderApiSessionDeps;
  readonly #ip: string;
  readonly #connectedSinceMs: number;
  readonly #ownRoutes: ReadonlyMap<string, Route>;
  #logon: { readonly key: ApiKey; readonly sinceMs: number } | null = null;
  #showsRateLimits: boolean;

  constructor(deps: OrderApiSessionDeps, { ip, showsRateLimits }: { ip: string; showsRateLimits: boolean }) {
    this.#deps = deps;
    this.#ip = ip;
    this.#showsRateLimits = showsRateLimits;
    this.#connectedSinceMs = deps.serverTimeMs();
    this.#ownRoutes = new Map(
      [
        this.#route('session.status', () => this.#status()),
        this.#route('session.logout', () => {
          this.#logon = null;
          return this.#status();
        }),
      ].map((route) => [route.path, route]),
    );
  }

  /** Answers one text frame; a promise only where the answer comes later. */
  answer(text: string): FrameAnswer | Promise<FrameAnswer> {
    const frame = readOrderApiFrame(text);
    const usage: Usage = {};
    const { id } = frame;
    const show = (reply: Reply): FrameAnswer => {
      const { limits, serverTimeMs } = this.#deps;
      const shown = this.#showsRateLimits && !('params' in frame && frame.params.peek('returnRateLimits') === 'false');
      return answerFrame(reply, { id, usage, limits: shown ? limits.limits : null, serverTimeMs: serverTimeMs() });
    };
    if ('fault' in frame) return show(this.#unreadable(frame.fault, usage));
    const reply = this.#reply(frame, usage);
    return reply instanceof Promise ? reply.then(show) : show(reply);
  }

  #reply(frame: OrderApiFrame, usage: Usage): Reply | Promise<Reply> {
    const { method, params } = frame;
    const caller = this.#callerOf(frame);
    const route =
      method === 'session.logon'
        ? this.#route(method, () => this.#logOn(frame, caller))
        : (this.#ownRoutes.get(method) ?? this.#deps.routes.get(method));
    if (route === undefined) return this.#unreadable(refuse.notServed(`method ${method.slice(0, 40)}`), usage);
    return this.#deps.desk.answer({ route, params, caller, named: { method: 'WS', path: method } }, usage);
  }

  #unreadable(fault: Error, usage: Usage): Reply {
    return this.#deps.desk.unreadable(fault, { ip: this.#ip, method: 'WS', path: '' }, usage);
  }

  /** Whoever has logged on need not show the key again, nor sign; a request with a key of its own stands for itself. */
  #callerOf({ params, signedText }: OrderApiFrame): Caller {
    const shownKey = params.peek('apiKey') ?? this.#logon?.key.key;
    const isOfSession = shownKey === this.#logon?.key.key && params.peek('signature') === undefined;
    return { ip: this.#ip, shownKey, proof: isOfSession ? 'session' : signedText };
  }

  #logOn({ params, signedText }: OrderApiFrame, caller: Caller): object {
    const { admission, serverTimeMs } = this.#deps;
    const asked = { ...caller, shownKey: params.peek('apiKey'), proof: signedText };
    const key = admission.identify(asked);
    if (key.type !== 'ed25519') throw refuse.keyTypeNotSupported(TYPE_NAMES[key.type]);
    admission.verify(key, asked, params);
    this.#logon = { key, sinceMs: serverTimeMs() };
    return this.#status();
  }

  #status(): object {
    return {
      apiKey: this.#logon?.key.key ?? null,
      authorizedSince: this.#logon?.sinceMs ?? null,
      connectedSince: this.#connectedSinceMs,
      returnRateLimits: this.#showsRateLimits,
      serverTime: this.#deps.serverTimeMs(),
    };
  }

  #route(method: string, answer: (context: RequestContext) => object): Route {
    return { method: 'GET', path: method, security: 'none', weight: SESSION_WEIGHT, answer };
  }
}
