import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultyAnswers } from '../faults/faulty-answers.ts';
import type { Answer, Reply } from '../faults/reply.ts';
import type { FindKey } from './api-keys.ts';
import { EngineRefusal, ProtocolError, refuse } from './protocol-error.ts';
import type { RateLimits } from './rate-limits.ts';
import { readBody } from './read-body.ts';
import { RequestParameters } from './request-parameters.ts';
import type { RequestContext, Route, RouteTable } from './route.ts';
import { sendReply } from './send-reply.ts';
import { verifySignature, verifyTimestamp } from './signature.ts';

interface VenueApiDeps {
  readonly routes: RouteTable;
  readonly findKey: FindKey;
  readonly limits: RateLimits;
  readonly faultyAnswers: FaultyAnswers;
  /** Market time. */
  readonly serverTimeMs: () => number;
  /** Market time before the last step; the same as `serverTimeMs` when the market moves by itself. */
  readonly steppedFromMs: () => number;
  readonly wallMs: () => number;
  /** How much faster than the wall clock the market runs, at least 1. */
  readonly speed: number;
  /** Called before each answer: what it says must stand in the ledger first. */
  readonly flushLedger: () => void;
  readonly recordReject: (path: string, clientOrderId: string | undefined, error: ProtocolError) => void;
  readonly countAnswer: (status: number) => void;
  /** Called with what is not a refusal but a defect of ours. */
  readonly reportDefect: (thrown: unknown) => void;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly params: RequestParameters | undefined;
}

/** Endpoints whose refusals stand in the ledger. */
const PLACEMENTS: ReadonlySet<string> = new Set(['/fapi/v1/order', '/fapi/v1/algoOrder']);
const isPlacement = ({ method, path }: Asked): boolean => method !== 'GET' && PLACEMENTS.has(path);

const clientOrderIdOf = (params: RequestParameters | undefined): string | undefined => {
  try {
    return params?.text('newClientOrderId') ?? params?.text('clientAlgoId') ?? params?.text('origClientOrderId');
  } catch {
    return undefined;
  }
};

/** Everything under `/fapi`: finds the route, checks key, signature, time and weight, lets faults strike, answers in Binance's words. */
export class VenueApi {
  readonly #deps: VenueApiDeps;

  constructor(deps: VenueApiDeps) {
    this.#deps = deps;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '';
    const question = url.indexOf('?');
    const path = question < 0 ? url : url.slice(0, question);
    const query = question < 0 ? '' : url.slice(question + 1);
    let params: RequestParameters | undefined;
    let reply: Reply;
    try {
      const body = await readBody(request);
      const route = this.#find(request.method ?? '', path);
      params = new RequestParameters(query, body);
      const context = this.#admit({ route, params, request, response, query, body });
      reply = await this.#deps.faultyAnswers.answer({
        method: route.method,
        path,
        accountId: context.accountId,
        clientOrderId: clientOrderIdOf(params),
        carryOut: () => this.#carryOut(route, context, path),
      });
    } catch (thrown) {
      reply = this.#refusal(thrown, { method: request.method ?? '', path, params });
      if (reply.status === 413) response.setHeader('connection', 'close');
    }
    this.#deps.flushLedger();
    if ('status' in reply) this.#deps.countAnswer(reply.status);
    sendReply(response, reply);
  }

  #find(method: string, path: string): Route {
    const route = this.#deps.routes.find(method, path);
    if (route === 'unknown path') throw refuse.noSuchPath(path, method);
    if (route === 'wrong method') throw refuse.methodNotAllowed(path, method);
    return route;
  }

  #admit(asked: {
    route: Route;
    params: RequestParameters;
    request: IncomingMessage;
    response: ServerResponse;
    query: string;
    body: string;
  }): RequestContext {
    const { route, params, response } = asked;
    const wallMs = this.#deps.wallMs();
    const weight = typeof route.weight === 'number' ? route.weight : route.weight(params);
    const used = this.#deps.limits.useWeight(weight, wallMs);
    response.setHeader('X-MBX-USED-WEIGHT-1M', String(used));
    if (route.countsAsOrder === true) {
      const { in10s, in1m } = this.#deps.limits.countOrder(wallMs);
      response.setHeader('X-MBX-ORDER-COUNT-10S', String(in10s));
      response.setHeader('X-MBX-ORDER-COUNT-1M', String(in1m));
    }
    if (route.security === 'none') return { params, accountId: '' };
    const shown = asked.request.headers['x-mbx-apikey'];
    if (typeof shown !== 'string' || shown === '') throw refuse.badKeyFormat();
    const account = this.#deps.findKey(shown);
    if (account === undefined) throw refuse.unknownKey();
    if (route.security === 'signed') {
      const timestampMs = params.requiredInteger('timestamp');
      const recvWindowMs = params.integer('recvWindow');
      verifySignature({ query: asked.query, body: asked.body }, account.secret);
      const { speed, serverTimeMs, steppedFromMs } = this.#deps;
      verifyTimestamp({
        timestampMs,
        recvWindowMs,
        speed,
        serverTimeMs: serverTimeMs(),
        steppedFromMs: steppedFromMs(),
      });
    }
    return { params, accountId: account.accountId };
  }

  #carryOut(route: Route, context: RequestContext, path: string): Answer {
    try {
      return { kind: 'answer', status: 200, body: route.answer(context) };
    } catch (thrown) {
      return this.#refusal(thrown, { method: route.method, path, params: context.params });
    }
  }

  #refusal(thrown: unknown, asked: Asked): Answer {
    if (thrown instanceof ProtocolError) {
      // What the engine refuses it has noted itself; a stranger's request is not worth a line.
      if (!(thrown instanceof EngineRefusal) && isPlacement(asked) && thrown.status === 400) {
        this.#deps.recordReject(asked.path, clientOrderIdOf(asked.params), thrown);
      }
      return { kind: 'answer', status: thrown.status, body: { code: thrown.code, msg: thrown.message } };
    }
    this.#deps.reportDefect(thrown);
    return {
      kind: 'answer',
      status: 500,
      body: { code: -1000, msg: 'An unknown error occurred while processing the request.' },
    };
  }
}
