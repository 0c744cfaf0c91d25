import type { FaultBook, Strike } from './fault-book.ts';
import type { Answer, Reply } from './reply.ts';

/** A request that has passed every check of the protocol and is about to be carried out. */
export interface AskedRequest {
  /** HTTP method, or `WS` for a method of the websocket API. */
  readonly method: string;
  /** `/fapi/v1/order`, or `order.place` on the websocket API. */
  readonly path: string;
  /** Empty on public endpoints. */
  readonly accountId: string;
  readonly clientOrderId: string | undefined;
  /** Carries the request out and returns the plain answer, a refusal too. Never throws. */
  readonly carryOut: () => Answer;
}

interface FaultyAnswersDeps {
  readonly faults: FaultBook;
  /** Market time. */
  readonly serverTimeMs: () => number;
  readonly recordFault: (strike: Strike, path: string, clientOrderId: string | undefined) => void;
}

const REQUEST_FAULTS = ['drop_reply', 'error_1007', 'error_503', 'delay_reply', 'reset'] as const;
const SECOND_MS = 1_000;
const UNKNOWN_ERROR = 'Unknown error, please check your request or try again later.';
const BACKEND_TIMEOUT =
  'Timeout waiting for response from backend server. Send status unknown; execution status unknown.';

const refusal = (status: number, code: number, msg: string): Answer => ({
  kind: 'answer',
  status,
  body: { code, msg },
});

/** Carries requests out, or lets happen to them what the fault book says. The one way from an admitted request to what its sender gets. */
export class FaultyAnswers {
  readonly #deps: FaultyAnswersDeps;

  constructor(deps: FaultyAnswersDeps) {
    this.#deps = deps;
  }

  /** Returns what the sender gets; a promise only where it comes later. */
  answer(asked: AskedRequest): Reply | Promise<Reply> {
    const { faults, recordFault } = this.#deps;
    const strike = faults.strike({ kinds: REQUEST_FAULTS, method: asked.method, path: asked.path });
    if (strike === undefined) return asked.carryOut();
    recordFault(strike, asked.path, asked.clientOrderId);
    return this.#afterStrike(strike, asked);
  }

  #afterStrike(strike: Strike, asked: AskedRequest): Reply | Promise<Reply> {
    switch (strike.kind) {
      case 'drop_reply':
        asked.carryOut();
        return { kind: 'cut' };
      case 'reset':
        if (strike.executes === true) asked.carryOut();
        return { kind: 'cut' };
      case 'error_1007':
        // Like the real one, it has mostly been done.
        if (strike.executes !== false) asked.carryOut();
        return refusal(408, -1007, BACKEND_TIMEOUT);
      case 'error_503':
        if (strike.executes === true) asked.carryOut();
        return {
          kind: 'answer',
          status: 503,
          body: { timestamp: this.#deps.serverTimeMs(), path: asked.path, msg: UNKNOWN_ERROR },
        };
      default: {
        const answer = asked.carryOut();
        const delayMs = strike.delayMs ?? SECOND_MS;
        return new Promise((resolve) => setTimeout(() => resolve(answer), delayMs));
      }
    }
  }
}
