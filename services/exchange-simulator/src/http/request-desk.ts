import type { FaultyAnswers } from '../faults/faulty-answers.ts';
import type { Answer, Reply } from '../faults/reply.ts';
import type { Admission, Caller } from './admission.ts';
import { EngineRefusal, ProtocolError } from './protocol-error.ts';
import type { Usage } from './rate-limits.ts';
import type { RequestParameters } from './request-parameters.ts';
import type { RequestContext, Route } from './route.ts';

interface RequestDeskDeps {
  readonly admission: Admission;
  readonly faultyAnswers: FaultyAnswers;
  readonly recordReject: (path: string, clientOrderId: string | undefined, error: ProtocolError) => void;
  /** Called with what is not a refusal but a defect of ours. */
  readonly reportDefect: (thrown: unknown) => void;
}

/** A request as it was read, over HTTP or over the websocket API. */
export interface ReadRequest {
  readonly route: Route;
  readonly params: RequestParameters;
  readonly caller: Caller;
  /** How fault rules name it: method and path, or `WS` and the method of the websocket API. */
  readonly named: { readonly method: string; readonly path: string };
}

/** What a refusal is about. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly params: RequestParameters | undefined;
}

/** Endpoints whose refusals stand in the ledger. */
const PLACEMENTS: ReadonlySet<string> = new Set(['/fapi/v1/order', '/fapi/v1/algoOrder']);
const isPlacement = ({ method, path }: Asked): boolean => method !== 'GET' && PLACEMENTS.has(path);

/** Longer texts are no ids: they are refused, and do not stand in the ledger. */
const LONGEST_CLIENT_ID = 36;

const clientOrderIdOf = (params: RequestParameters | undefined): string | undefined => {
  const id = params?.peek('newClientOrderId') ?? params?.peek('clientAlgoId') ?? params?.peek('origClientOrderId');
  return id === undefined || id.length > LONGEST_CLIENT_ID ? undefined : id;
};

/** Where every request ends up: it is admitted, faults may strike, it is carried out, and what is refused is answered in Binance's words. */
export class RequestDesk {
  readonly #deps: RequestDeskDeps;

  constructor(deps: RequestDeskDeps) {
    this.#deps = deps;
  }

  /** Returns what the sender gets; a promise only where it comes later. Never throws. Notes in `usage` what was used up. */
  answer(request: ReadRequest, usage: Usage): Reply | Promise<Reply> {
    const { route, params, named } = request;
    try {
      const accountId = this.#deps.admission.shownAccount(request.caller);
      const refused = this.#deps.faultyAnswers.refuseAtGate({ accountId, path: named.path });
      if (refused !== undefined) return refused;
      const context = this.#deps.admission.admit(request, usage);
      return this.#deps.faultyAnswers.answer({
        ...named,
        param: (name) => params.peek(name),
        accountId: context.accountId,
        clientOrderId: clientOrderIdOf(params),
        carryOut: () => this.#carryOut(route, context),
      });
    } catch (thrown) {
      return this.#refusal(thrown, { method: route.method, path: route.path, params });
    }
  }

  /** Returns the answer to a request that could not be read. It weighs 1 all the same. */
  unreadable(thrown: unknown, { ip, ...named }: { ip: string; method: string; path: string }, usage: Usage): Answer {
    const asked = { ...named, params: undefined };
    try {
      this.#deps.admission.weigh(1, ip, usage);
      return this.#refusal(thrown, asked);
    } catch (refused) {
      return this.#refusal(refused, asked);
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

  #carryOut(route: Route, context: RequestContext): Answer {
    try {
      return { kind: 'answer', status: 200, body: route.answer(context) };
    } catch (thrown) {
      return this.#refusal(thrown, { method: route.method, path: route.path, params: context.params });
    }
  }
}
