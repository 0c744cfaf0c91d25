import { emptied, halved, replacementFor } from './broken-replies.ts';
import type { FaultBook, Strike } from './fault-book.ts';
import { FAULT_KINDS } from './fault-kinds.ts';
import type { OrderLag } from './order-lag.ts';
import type { Outages } from './outages.ts';
import type { Answer, Reply } from './reply.ts';
import { faultsFor, isOrderList, isOrderQuery, isPlacement, type RequestFacts, showsClock } from './request-kinds.ts';
import type { ServerClock } from './server-clock.ts';
import type { StaleReads } from './stale-reads.ts';

/** A request that has passed every check of the protocol and is about to be carried out. */
export interface AskedRequest extends RequestFacts {
  /** Empty on public endpoints. */
  readonly accountId: string;
  readonly clientOrderId: string | undefined;
  /** Carries the request out and returns the plain answer, a refusal too. Never throws. */
  readonly carryOut: () => Answer;
}

/** What stands in the ledger of a fault that has struck. */
interface StruckFault {
  readonly faultId: string;
  readonly kind: string;
}

interface FaultyAnswersDeps {
  readonly faults: FaultBook;
  readonly outages: Outages;
  readonly orderLag: OrderLag;
  readonly staleReads: StaleReads;
  readonly clock: ServerClock;
  /** Lets something happen so much market time from now. */
  readonly later: (delayMs: number, run: () => void) => void;
  readonly flushLedger: () => void;
  readonly recordFault: (fault: StruckFault, path: string, clientOrderId?: string) => void;
}

const DEFAULT_DELAY_MS = 1_000;

/** Carries requests out, or lets happen to them what the rules say. The one way from an admitted request to what its sender gets. */
export class FaultyAnswers {
  readonly #deps: FaultyAnswersDeps;

  constructor(deps: FaultyAnswersDeps) {
    this.#deps = deps;
  }

  /**
   * Returns how a request is refused before anything of it is looked at: a ban or maintenance. `accountId` is whose key it shows, without proof.
   */
  refuseAtGate({ accountId, path }: { accountId: string; path: string }): Answer | undefined {
    const refused = this.#deps.outages.refuse(accountId, path);
    if (refused === undefined) return undefined;
    this.#deps.recordFault(refused, path);
    return refused.answer;
  }

  /** Returns what the sender gets; a promise only where it comes later. */
  answer(asked: AskedRequest): Reply | Promise<Reply> {
    const { faults, recordFault } = this.#deps;
    if (faults.isEmpty) return this.#carryOut(asked);
    const { method, path, accountId, clientOrderId } = asked;
    const strike = faults.strike({ kinds: faultsFor(asked), method, path, accountIds: [accountId] });
    if (strike === undefined) return this.#carryOut(asked);
    recordFault(strike, path, clientOrderId);
    return this.#afterStrike(strike, asked);
  }

  #afterStrike(strike: Strike, asked: AskedRequest): Reply | Promise<Reply> {
    const { delayMs = DEFAULT_DELAY_MS } = strike;
    switch (strike.kind) {
      case 'delay_reply': {
        const answer = this.#carryOut(asked);
        // It is done now; only its answer waits.
        this.#deps.flushLedger();
        return new Promise((resolve) => setTimeout(() => resolve(answer), delayMs));
      }
      case 'late_execution':
        this.#deps.flushLedger();
        return new Promise((resolve) => this.#deps.later(delayMs, () => resolve(this.#carryOut(asked))));
      case 'reset_mid_body':
        return { kind: 'torn', answer: this.#carryOut(asked) };
      case 'malformed_json':
        return halved(this.#carryOut(asked));
      case 'empty_body':
        return emptied(this.#carryOut(asked));
      case 'error_429':
      case 'error_418':
        return this.#deps.outages.ban({
          ...strike,
          kind: strike.kind,
          accountId: strike.accountId,
          banMs: strike.banMs,
        });
      case 'stale_read':
        return this.#deps.staleReads.during(asked.accountId, strike.delayMs, () => asked.carryOut());
      case 'clock_skew':
        return shifted(this.#carryOut(asked), strike.skewMs ?? 0);
      default:
        return this.#replaced(strike, asked);
    }
  }

  #replaced(strike: Strike, asked: AskedRequest): Reply {
    const isCarriedOut = strike.executes ?? FAULT_KINDS[strike.kind].executes;
    const answer = isCarriedOut ? this.#carryOut(asked) : undefined;
    const struck = { path: asked.path, serverTimeMs: this.#deps.clock.nowMs() };
    return replacementFor(strike.kind, struck) ?? answer ?? this.#carryOut(asked);
  }

  #carryOut(asked: AskedRequest): Answer {
    const { clock, orderLag, staleReads } = this.#deps;
    const hidden = orderLag.isActive && isOrderQuery(asked) ? orderLag.answerQuery(asked) : undefined;
    if (hidden !== undefined) {
      this.#deps.recordFault({ faultId: hidden.faultId, kind: 'order_lag' }, asked.path, asked.clientOrderId);
      return hidden.answer;
    }
    let answer = asked.carryOut();
    staleReads.look();
    this.#lagBehind(asked, answer);
    if (orderLag.isActive && isOrderList(asked)) answer = orderLag.withoutHidden(asked.accountId, answer);
    if (clock.offsetMs !== 0 && showsClock(asked)) answer = shifted(answer, clock.offsetMs);
    return answer;
  }

  #lagBehind(asked: AskedRequest, answer: Answer): void {
    const { faults, orderLag, recordFault } = this.#deps;
    if (faults.isEmpty || answer.status !== 200 || !isPlacement(asked)) return;
    const { method, path, accountId, clientOrderId } = asked;
    const strike = faults.strike({ kinds: ['order_lag'], method, path, accountIds: [accountId] });
    if (strike === undefined) return;
    recordFault(strike, path, clientOrderId);
    const { faultId, delayMs, queries } = strike;
    orderLag.hide({ faultId, accountId, delayMs, queries }, answer);
  }
}

/** Returns the answer with its server time off. */
function shifted(answer: Answer, byMs: number): Answer {
  const { body } = answer;
  const shown = body as { readonly serverTime?: unknown } | null;
  if (typeof shown !== 'object' || typeof shown?.serverTime !== 'number') return answer;
  return { ...answer, body: { ...shown, serverTime: shown.serverTime + byMs } };
}
