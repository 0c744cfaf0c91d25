import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply } from '../faults/reply.ts';
import type { AnswerGate } from './answer-gate.ts';
import { ipOf } from './ip-address.ts';
import { refuse } from './protocol-error.ts';
import type { Usage } from './rate-limits.ts';
import { hasBody, readForm } from './read-body.ts';
import type { RequestDesk } from './request-desk.ts';
import { RequestParameters } from './request-parameters.ts';
import type { Route, RouteTable } from './route.ts';
import { sendReply } from './send-reply.ts';
import { signedTextOf } from './signature.ts';

interface VenueApiDeps {
  readonly routes: RouteTable;
  readonly desk: RequestDesk;
  readonly gate: AnswerGate;
  readonly countAnswer: (status: number) => void;
}

/** One request and where its answer goes. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** Shape: one character per byte, as sent. */
  readonly query: string;
}

/** Everything under `/fapi` over HTTP: reads the request, has the desk answer it, and writes the answer with its headers. */
export class VenueApi {
  readonly #deps: VenueApiDeps;

  constructor(deps: VenueApiDeps) {
    this.#deps = deps;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '';
    const question = url.indexOf('?');
    const path = question < 0 ? url : url.slice(0, question);
    const exchange = { request, response, path, query: question < 0 ? '' : url.slice(question + 1) };
    if (!hasBody(request)) {
      this.#answer(exchange, '');
      return;
    }
    readForm(request, {
      read: (form) => this.#answer(exchange, form),
      refused: (error) => {
        response.setHeader('connection', 'close');
        this.#refuse(exchange, error);
      },
    });
  }

  #answer(exchange: Exchange, form: string): void {
    const { request, path, query } = exchange;
    const usage: Usage = {};
    let reply: Reply | Promise<Reply>;
    try {
      const route = this.#find(request.method ?? '', path);
      const shownKey = request.headers['x-mbx-apikey'];
      reply = this.#deps.desk.answer(
        {
          route,
          params: new RequestParameters(query, form),
          caller: {
            ip: ipOf(request),
            shownKey: typeof shownKey === 'string' ? shownKey : undefined,
            proof: () => signedTextOf({ query, body: form }),
          },
          named: { method: route.method, path },
        },
        usage,
      );
    } catch (thrown) {
      this.#refuse(exchange, thrown);
      return;
    }
    if (!(reply instanceof Promise)) this.#release(exchange, reply, usage);
    else {
      reply.then(
        (late) => this.#release(exchange, late, usage),
        (thrown: unknown) => this.#refuse(exchange, thrown),
      );
    }
  }

  #find(method: string, path: string): Route {
    const route = this.#deps.routes.find(method, path);
    if (route === 'unknown path') throw refuse.noSuchPath(path, method);
    if (route === 'wrong method') throw refuse.methodNotAllowed(path, method);
    return route;
  }

  #refuse(exchange: Exchange, thrown: unknown): void {
    const { request, path } = exchange;
    const usage: Usage = {};
    const asked = { ip: ipOf(request), method: request.method ?? '', path };
    this.#release(exchange, this.#deps.desk.unreadable(thrown, asked, usage), usage);
  }

  #release({ response }: Exchange, reply: Reply, usage: Usage): void {
    this.#deps.gate.release({
      send: () => {
        if ('status' in reply) this.#deps.countAnswer(reply.status);
        sendReply(response, reply, usageHeaders(usage));
      },
      cut: () => response.destroy(),
    });
  }
}

function usageHeaders({ weightIn1m, ordersIn10s, ordersIn1m, retryAfterSeconds }: Usage): readonly string[] {
  const headers: string[] = [];
  if (weightIn1m !== undefined) headers.push('X-MBX-USED-WEIGHT-1M', String(weightIn1m));
  if (ordersIn10s !== undefined) headers.push('X-MBX-ORDER-COUNT-10S', String(ordersIn10s));
  if (ordersIn1m !== undefined) headers.push('X-MBX-ORDER-COUNT-1M', String(ordersIn1m));
  if (retryAfterSeconds !== undefined) headers.push('Retry-After', String(retryAfterSeconds));
  return headers;
}
